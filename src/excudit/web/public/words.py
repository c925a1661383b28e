"""Figures, dates and places of a record in words that people read."""

from __future__ import annotations

import re
from datetime import date, datetime

from excudit.domain.record import Box, Date, GeoLocation, Point, RelatedIdentifier, RelatedItem

_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DATE_WORDS = {"Issued": "Published", "Coverage": "Time covered"}


def day(when: date | datetime) -> str:
    """ "14 March 2026"."""
    return f"{when.day} {when:%B %Y}"


def span(text: str) -> str:
    """A W3CDTF date or a range "a/b" in words; what is neither stays as it is."""
    start, slash, end = text.partition("/")
    if not slash:
        return _one_day(start)
    begin, finish = _one_day(start.strip()), _one_day(end.strip())
    if begin and finish:
        return begin if begin == finish else f"{begin} – {finish}"
    return f"since {begin}" if begin else f"until {finish}"


def _one_day(text: str) -> str:
    found = _ISO_DAY.fullmatch(text)
    if not found:
        return text
    try:
        return day(date(*map(int, found.groups())))
    except ValueError:
        return text


def date_label(one: Date) -> str:
    """What a date means: "Collected", "Time covered"."""
    return _DATE_WORDS.get(one.date_type, one.date_type)


def relation(one: RelatedIdentifier | RelatedItem) -> str:
    """How this work relates to another: "Is derived from"."""
    if one.relation_type == "Other":
        return one.relation_type_information or "Is related to"
    return _CAMEL.sub(" ", one.relation_type).capitalize()


def point(one: Point) -> str:
    """ "54.1° N, 7.9° E"."""
    return f"{_latitude(one.point_latitude)}, {_longitude(one.point_longitude)}"


def box(one: Box) -> str:
    """ "50° N to 60° N, 5° W to 10° E"."""
    south, north = _latitude(one.south_bound_latitude), _latitude(one.north_bound_latitude)
    west, east = _longitude(one.west_bound_longitude), _longitude(one.east_bound_longitude)
    return f"{south} to {north}, {west} to {east}"


def place(location: GeoLocation) -> list[str]:
    """All that a geolocation says, name first."""
    said = [location.geo_location_place]
    if location.geo_location_point:
        said.append(point(location.geo_location_point))
    if location.geo_location_box:
        said.append(box(location.geo_location_box))
    said += [f"Area with {len(p.points) - 1} corners" for p in location.geo_location_polygon]
    return [words for words in said if words]


def _latitude(degrees: float) -> str:
    return f"{abs(degrees):g}° {'S' if degrees < 0 else 'N'}"


def _longitude(degrees: float) -> str:
    return f"{abs(degrees):g}° {'W' if degrees < 0 else 'E'}"
