"""Dates are EDTF level 0 and 1, with days that exist; the `edtf` package is the oracle."""

from __future__ import annotations

import pytest
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from hypothesis import example, given
from hypothesis import strategies as st

from excudit.domain.edtf import span

LEVEL_0_AND_1 = [
    "1985",
    "0000",
    "-0044",
    "2004-02",
    "2024-02-29",
    "2001-02-03T09:30:01",
    "2001-02-03T09:30:01Z",
    "2001-02-03T09:30:01+05:00",
    "1964/2008",
    "2004-06/2006-08",
    "2004-02-01/2005-02-08",
    "2005/2006-02",
    "Y170000002",
    "Y-170000002",
    "2001-21",
    "1984?",
    "2004-06~",
    "2004-06-11%",
    "201X",
    "20XX",
    "2004-XX",
    "1985-04-XX",
    "1985-XX-XX",
    "1985-04-12/..",
    "1985-04/",
    "../1985-04-12",
    "/1985",
    "1984~/2004-06",
]
NOT_LEVEL_1 = [
    "",
    "yesterday",
    "321 BCE",
    "198",
    "19850412",
    "2004-13",
    "2004-00",
    "2004-01-00",
    "2004-01-32",
    "2000-1-1",
    "Y1700",
    "2001-02-03T25:30:01Z",
    "2001-02-03T23:30:01+15:00",
    "open",
    "unknown/open",
    "2020-13-45",
    "2021-01-01/2021/12-31",
    "../..",
]
ONLY_OURS_REFUSES = ["2023-02-29", "1900-02-29", "-0001-02-30", "2005/2004", "2004-02/2004-01-31"]


@pytest.mark.parametrize("text", LEVEL_0_AND_1)
def test_understands_what_the_oracle_understands(text: str) -> None:
    parse_edtf(text)
    span(text)


@pytest.mark.parametrize("text", NOT_LEVEL_1)
def test_refuses_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        span(text)


@pytest.mark.parametrize("text", ONLY_OURS_REFUSES)
def test_refuses_days_and_ranges_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"has no day|ends before"):
        span(text)


@pytest.mark.parametrize("text", ["1985-XX-12", "201X-05", "{1985,1986}", "?1985", "2004-25"])
def test_leaves_level_2_to_others(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        span(text)


@pytest.mark.parametrize("text", ["1997-07-16T19:20+01:00", "1997-07-16T19:20:30.45Z"])
def test_understands_w3cdtf_times_too(text: str) -> None:
    assert span(text).earliest is not None


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T00:30:00+02:00/2024-01-01T00:00:00Z",
        "2024-01-01T00:30+14:00/2023-12-31T23:00-10:00",
        "0000-01-01T00:00:00+01:00/0000-01-01T00:00:00Z",
        "2024-12-31T23:30:00-05/2025-01-01T04:30:00Z",
        "2024-01-01/2024-01-01T05:00:00+14:00",
    ],
)
def test_times_of_a_range_are_compared_in_their_zones(text: str) -> None:
    assert span(text).earliest is not None


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T00:00:00Z/2024-01-01T01:00:00+05:00",
        "2023-12-31T23:00:00-10:00/2024-01-01T08:59:00Z",
        "2024-03-01T00:00:00.5Z/2024-03-01T00:00:00.4Z",
    ],
)
def test_a_range_that_ends_before_it_starts_in_another_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ends before"):
        span(text)


@given(st.dates(), st.dates())
def test_a_range_of_real_days_is_right_when_it_runs_forward(start: object, end: object) -> None:
    text = f"{start}/{end}"
    parse_edtf(text)
    if str(start) <= str(end):
        assert span(text).earliest is not None
    else:
        with pytest.raises(ValueError, match="ends before"):
            span(text)


@example("2001-21?")
@given(st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}(/[0-9]{4}(-[0-9]{2})?)?[?~%]?", fullmatch=True))
def test_never_accepts_what_the_oracle_refuses(text: str) -> None:
    try:
        span(text)
    except ValueError:
        return
    try:
        parse_edtf(text)
    except EDTFParseException as error:  # pragma: no cover
        raise AssertionError(text) from error


def test_knows_the_earliest_and_latest_instant() -> None:
    meant = span("201X")
    assert meant.earliest is not None
    assert meant.latest is not None
    assert (meant.earliest[0], meant.latest[0]) == (2010, 2019)
    assert span("2004-06/..").latest is None
