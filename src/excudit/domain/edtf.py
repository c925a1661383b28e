"""Dates as records write them: EDTF level 0 and 1 (ISO 8601-2:2019), and W3CDTF times.

Beyond EDTF, as DataCite documents them: times without seconds or with fractions (W3CDTF), and
times at both ends of a range (RKMS-ISO8601).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

Instant = tuple[int, int, int, int, int, float]

_DATE = re.compile(
    r"(-?\d{4}|\d{3}X|\d{2}XX)(?:-(\d\d|XX)(?:-(\d\d|XX))?)?(?P<doubt>[?~%])?", re.ASCII
)
_LONG_YEAR = re.compile(r"Y(-?\d{5,})", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(Z|[+-]\d\d(?::\d\d)?)?", re.ASCII
)
_OPEN = ("", "..")
_SEASONS = range(21, 25)


@dataclass(frozen=True, slots=True)
class Span:
    """The earliest and the latest instant that a date may mean; None is an open end."""

    earliest: Instant | None
    latest: Instant | None


def span(text: str) -> Span:
    """What `text` means. Raises ValueError with a reason when it is not a date of level 0 or 1,
    names a day that no calendar has, or a range that ends before it starts."""
    start, slash, end = text.partition("/")
    if not slash:
        return _single(text)
    if start in _OPEN and end in _OPEN:
        raise ValueError("a range needs a start or an end")
    first = None if start in _OPEN else _single(start).earliest
    last = None if end in _OPEN else _single(end).latest
    if first and last and _later(first, start, last, end):
        raise ValueError("the range ends before it starts")
    return Span(first, last)


def _later(first: Instant, start: str, last: Instant, end: str) -> bool:
    """Whether `first` is after `last`: in UTC where both say their zone, else as written."""
    zones = [found[5] for text in (start, end) if (found := _TIME.fullmatch(text)) and found[5]]
    if len(zones) < 2:
        return first > last
    return _minutes(first, zones[0]) > _minutes(last, zones[1])


def _minutes(at: Instant, zone: str) -> tuple[int, float]:
    """Minutes in UTC since some day, and seconds; zones are whole minutes away."""
    year, month, day, hour, minute, second = at
    # The Gregorian calendar repeats every 400 years, of 146,097 days; a date knows no year 0.
    days = date(year % 400 + 400, month, day).toordinal() + year // 400 * 146_097
    hours, _, rest = ("0" if zone == "Z" else zone[1:]).partition(":")
    away = int(hours) * 60 + int(rest or 0)
    return (days * 24 + hour) * 60 + minute - (-away if zone[0] == "-" else away), second


def _single(text: str) -> Span:
    found = _DATE.fullmatch(text)
    if found:
        if found["doubt"] and found[2] and found[2].isdigit() and int(found[2]) in _SEASONS:
            raise ValueError("a season takes no ?, ~ or % in EDTF level 1")
        return _date(found[1], found[2], found[3])
    found = _LONG_YEAR.fullmatch(text)
    if found:
        return _whole_years(int(found[1]), int(found[1]))
    found = _TIME.fullmatch(text)
    if found:
        return _time(found)
    raise ValueError("it is not a date as EDTF writes it")


def _date(year_text: str, month_text: str | None, day_text: str | None) -> Span:
    if year_text == "-0000":
        raise ValueError("the year 0000 has no sign")
    first_year = int(year_text.replace("X", "0"))
    last_year = int(year_text.replace("X", "9"))
    if month_text in (None, "XX"):
        if day_text not in (None, "XX"):
            raise ValueError("a day without a month is not EDTF level 1")
        return _whole_years(first_year, last_year)
    month = int(month_text or 0)
    if first_year != last_year:
        raise ValueError("a month in an unspecified year is not EDTF level 1")
    if month in _SEASONS and day_text is None:
        return _whole_years(first_year, last_year)
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month_text}")
    # The Gregorian calendar repeats every 400 years, and monthrange knows no year 0.
    days = monthrange(first_year % 400 + 400, month)[1]
    if day_text in (None, "XX"):
        return Span((first_year, month, 1, 0, 0, 0.0), (first_year, month, days, 23, 59, 60.0))
    day = int(day_text or 0)
    if not 1 <= day <= days:
        raise ValueError(f"{year_text}-{month_text} has no day {day_text}")
    return Span((first_year, month, day, 0, 0, 0.0), (first_year, month, day, 23, 59, 60.0))


def _whole_years(first: int, last: int) -> Span:
    return Span((first, 1, 1, 0, 0, 0.0), (last, 12, 31, 23, 59, 60.0))


def _time(found: re.Match[str]) -> Span:
    year, month, day = found[1].split("-")
    begun = _date(year, month, day).earliest
    hour, minute, second = int(found[2]), int(found[3]), float(found[4] or 0)
    if hour > 23 or minute > 59 or second >= 60:
        raise ValueError(f"there is no time {found[2]}:{found[3]}:{found[4] or '00'}")
    zone = found[5] or "Z"
    if zone != "Z" and (int(zone[1:3]) > 14 or int(zone[4:6] or 0) > 59):
        raise ValueError(f"there is no time zone {zone}")
    assert begun is not None
    instant = (*begun[:3], hour, minute, second)
    return Span(instant, instant)
