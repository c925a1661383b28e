"""Rules on dates, years and places."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import pairwise

from excudit.domain import edtf
from excudit.domain.problem import Problem
from excudit.domain.record import GeoLocation, Point, Polygon, Record
from excudit.metadata.rules import broken

FIRST_YEAR = 1400


def judge(record: Record, today: datetime.date) -> Iterator[Problem]:
    """All that is wrong with when and where a record says that it is."""
    years: list[int] = []
    for index, one in enumerate(record.dates):
        try:
            meant = edtf.span(one.date)
        except ValueError as reason:
            message = f"{one.date!r} is not a date: {reason}."
            mend = "Write YYYY, YYYY-MM, YYYY-MM-DD, a time with zone, or a range a/b."
            yield broken("date", f"/dates/{index}/date", message, mend)
            continue
        if one.date_type in ("Issued", "Available") and meant.earliest:
            years.append(meant.earliest[0])
    yield from _year(record.publication_year, years, today)
    for index, place in enumerate(record.geo_locations):
        yield from _place(place, f"/geoLocations/{index}")


def _year(year: int, dated: list[int], today: datetime.date) -> Iterator[Problem]:
    if not FIRST_YEAR <= year <= today.year + 1:
        message = f"{year} is not a year from {FIRST_YEAR} to {today.year + 1}."
        mend = "Give the year in which the data become public."
        yield broken("year-range", "/publicationYear", message, mend)
    elif dated and year not in dated:
        named = ", ".join(map(str, dated))
        message = (
            f"The publication year {year} is not that of the date Issued or Available ({named})."
        )
        yield broken("year-agrees", "/publicationYear", message, "Bring them together.")


def _place(place: GeoLocation, where: str) -> Iterator[Problem]:
    box = place.geo_location_box
    if box and box.south_bound_latitude > box.north_bound_latitude:
        message = f"South {box.south_bound_latitude} is north of {box.north_bound_latitude}."
        mend = "Exchange southBoundLatitude and northBoundLatitude."
        yield broken("box", f"{where}/geoLocationBox", message, mend)
    polygons = place.geo_location_polygon
    for index, polygon in enumerate(polygons):
        here = f"{where}/geoLocationPolygon"
        yield from _polygon(polygon, here if len(polygons) == 1 else f"{here}/{index}")


def _polygon(polygon: Polygon, where: str) -> Iterator[Problem]:
    points = polygon.points
    if points[0] != points[-1]:
        message = "The polygon is open: its last point is not its first."
        yield broken("polygon-closed", where, message, "Repeat the first point at the end.")
    elif _flat(points):
        message = "All points of the polygon lie on one line."
        yield broken("polygon-flat", where, message, "Give the corners of an area.")
    elif polygon.inside and not _surrounded(polygon.inside, points):
        message = "inPolygonPoint is outside the polygon."
        mend = "Give a point inside, or leave it out."
        yield broken("polygon-inside", f"{where}/{len(points)}/inPolygonPoint", message, mend)


def _flat(points: tuple[Point, ...]) -> bool:
    first = points[0]
    far = max(
        points,
        key=lambda p: (
            abs(p.point_longitude - first.point_longitude)
            + abs(p.point_latitude - first.point_latitude)
        ),
    )
    dx = far.point_longitude - first.point_longitude
    dy = far.point_latitude - first.point_latitude
    areas = (
        dx * (p.point_latitude - first.point_latitude)
        - dy * (p.point_longitude - first.point_longitude)
        for p in points
    )
    # Degrees have noise up to 1e-13: as a share of the extent, centimetres still are an area.
    return all(abs(area) <= 1e-12 * (abs(dx) + abs(dy)) for area in areas)


def _surrounded(point: Point, line: tuple[Point, ...]) -> bool:
    """Whether the line runs around the point, also where it crosses the antimeridian."""
    if _inside(point, line):
        return True
    east = tuple(map(_eastward, line))
    crosses = any(abs(a.point_longitude - b.point_longitude) > 180 for a, b in pairwise(line))
    return crosses and _inside(_eastward(point), east)


def _eastward(point: Point) -> Point:
    """The same place with its longitude counted from 0 to 360."""
    return point.model_copy(update={"point_longitude": point.point_longitude % 360})


def _inside(point: Point, line: tuple[Point, ...]) -> bool:
    """Even-odd rule on the plane of longitude and latitude; a corner counts as inside."""
    x, y = point.point_longitude, point.point_latitude
    inside = point in line
    for a, b in pairwise(line):
        if (a.point_latitude > y) != (b.point_latitude > y):
            share = (y - a.point_latitude) / (b.point_latitude - a.point_latitude)
            if x <= a.point_longitude + share * (b.point_longitude - a.point_longitude):
                inside = not inside
    return inside
