"""What the registry is known to change is no drift; everything else is, at its place."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from excudit.targets.datacite.drift import drift
from registries import RECORD

DOI = "10.14454/3mfp-6m52"
FOS = {
    "subjectScheme": "Fields of Science and Technology (FOS)",
    "schemeUri": "http://www.oecd.org/science/inno/38235147.pdf",
}
CC_BY = {
    "rights": "Creative Commons Attribution 4.0 International",
    "rightsUri": "https://creativecommons.org/licenses/by/4.0/legalcode",
    "rightsIdentifier": "cc-by-4.0",
    "rightsIdentifierScheme": "SPDX",
    "schemeUri": "https://spdx.org/licenses/",
}


def places(sent: dict[str, Any], shown: dict[str, Any]) -> list[str]:
    return [p.where for p in drift(sent, shown, doi=DOI)]


@pytest.mark.parametrize(
    ("name", "sent", "shown"),
    [
        ("publisher", {"name": "P"}, {"name": "P", "lang": None}),
        ("publisher", "P", {"name": "P"}),
        ("language", "eng", "en"),
        ("language", "en-GB", "en"),
        ("language", "ger", "de"),
        ("language", "gsw", "gsw"),
        ("language", None, None),
        ("rightsList", [{"rightsIdentifier": "CC-BY-4.0"}], [CC_BY]),
        ("rightsList", [{"rights": CC_BY["rights"]}], [CC_BY]),
        ("rightsList", [{"rightsUri": "http://creativecommons.org/licenses/by/4.0/"}], [CC_BY]),
        ("rightsList", [{"rightsUri": "https://spdx.org/licenses/CC-BY-4.0.html"}], [CC_BY]),
        (
            "rightsList",
            [{"rightsIdentifier": "CC-BY-4.0", "lang": "en"}, {"rights": "Ask us first"}],
            [{**CC_BY, "lang": "en"}, {"rights": "Ask us first"}],
        ),
        (
            "subjects",
            [{"subject": "Oceanography"}, {"subject": "<p>CO<sub>2</sub></p>"}],
            [
                {"subject": "Oceanography"},
                {"subject": "FOS: Earth and related environmental sciences", **FOS},
                {"subject": "CO<sub>2</sub>"},
            ],
        ),
        ("subjects", [{"subject": "x"}, {"subject": "x"}], [{"subject": "x"}]),
        (
            "identifiers",
            [
                {"identifier": "10.5072/x", "identifierType": "DOI"},
                {"identifier": DOI.upper(), "identifierType": "Local"},
                {"identifier": "abc", "identifierType": "Local"},
            ],
            [{"identifier": "abc", "identifierType": "Local"}],
        ),
        (
            "geoLocations",
            [{"geoLocationPlace": "7", "geoLocationPoint": {"pointLongitude": "1.50"}}],
            [{"geoLocationPlace": "7", "geoLocationPoint": {"pointLongitude": 1.5}}],
        ),
        (
            "types",
            {"resourceTypeGeneral": "Dataset"},
            {"resourceTypeGeneral": "Dataset", "schemaOrg": "Dataset", "ris": "DATA"},
        ),
        (
            "creators",
            [{"name": "A, B", "affiliation": [{"name": "X"}]}, {"name": "C"}],
            [
                {"name": "A, B", "affiliation": ["X"], "nameIdentifiers": []},
                {"name": "C", "affiliation": [], "nameIdentifiers": []},
            ],
        ),
        ("publicationYear", 2026, "2026"),
        ("relatedItems", [{"publicationYear": 2026}], [{"publicationYear": "2026"}]),
        ("sizes", [], []),
        ("sizes", [], None),
        ("version", None, ""),
    ],
)
def test_known_changes_are_no_drift(name: str, sent: Any, shown: Any) -> None:
    before = deepcopy((sent, shown))
    assert places({name: sent}, {name: shown}) == []
    assert (sent, shown) == before


@pytest.mark.parametrize(
    ("name", "sent", "shown", "where"),
    [
        ("titles", [{"title": "T"}], [{"title": "t"}], ["/titles/0/title"]),
        ("titles", [{"title": "T"}], [{"title": "T"}, {"title": "U"}], ["/titles/1"]),
        ("titles", [{"title": "T"}, {"title": "U"}], [{"title": "T"}], ["/titles/1"]),
        ("titles", [{"title": "T"}], [], ["/titles"]),
        ("language", "en", "fr", ["/language"]),
        ("language", "en", None, ["/language"]),
        ("language", "eng", "fr", ["/language"]),
        ("url", "https://example.org/a", "https://example.org/b", ["/url"]),
        ("rightsList", [{"rightsIdentifier": "MIT"}], [CC_BY], None),
        ("rightsList", [{"rightsIdentifier": "CC-BY-4.0", "lang": "en"}], [CC_BY], None),
        ("rightsList", [], [CC_BY], ["/rightsList"]),
        ("subjects", [{"subject": "x"}], [{"subject": "x"}, {"subject": "y"}], ["/subjects/1"]),
        ("subjects", [], [{"subject": "FOS: X", **FOS}], ["/subjects"]),
        (
            "creators",
            [{"name": "A", "affiliation": [{"name": "X"}]}],
            [{"name": "A", "affiliation": []}],
            ["/creators/0/affiliation"],
        ),
        ("types", {"resourceTypeGeneral": "Dataset"}, {"resourceTypeGeneral": "Text"}, None),
        ("publicationYear", 2026, 2025, ["/publicationYear"]),
        (
            "identifiers",
            [{"identifier": "k", "identifierType": "excudit"}],
            [],
            ["/identifiers"],
        ),
        ("publisher", {"name": "P"}, None, ["/publisher"]),
    ],
)
def test_everything_else_is_drift_at_its_place(
    name: str, sent: Any, shown: Any, where: list[str] | None
) -> None:
    found = places({name: sent}, {name: shown})
    assert found
    assert all(place.startswith(f"/{name}") for place in found)
    assert where is None or found == where


def test_only_what_was_sent_is_looked_at() -> None:
    assert places({"url": "u"}, {"url": "u", "titles": [{"title": "T"}], "container": {}}) == []


def test_a_long_value_is_cut_in_the_sentence() -> None:
    [problem] = drift({"version": "x" * 10_000}, {"version": "y" * 10_000}, doi=DOI)
    assert len(problem.message) < 600


@pytest.mark.parametrize("shape", [7, "x", [None], [7], {"a": 1}, [{"affiliation": 7}]])
@pytest.mark.parametrize("name", ["creators", "subjects", "identifiers", "rightsList", "types"])
def test_a_shape_that_no_record_has_is_drift_and_no_crash(name: str, shape: Any) -> None:
    sent = {"x": "y"} if name == "types" else [{"subject": "x", "name": "y"}]
    assert places({name: sent}, {name: shape})


def leaves(value: Any, where: str = "") -> Iterator[str]:
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for name, part in parts:
            yield from leaves(part, f"{where}/{name}")
    else:
        yield where


def changed(value: Any, where: str) -> Any:
    head, _, rest = where.lstrip("/").partition("/")
    if not head:
        return value + 1 if isinstance(value, int | float) else f"{value} changed"
    copy = deepcopy(value)
    key = int(head) if isinstance(copy, list) else head
    copy[key] = changed(copy[key], rest)
    return copy


@pytest.mark.parametrize("where", list(leaves(RECORD)))
def test_any_other_change_of_any_member_is_seen_where_it_is(where: str) -> None:
    told = places(dict(RECORD), changed(dict(RECORD), where))
    # An address of a licence may be any of those under which SPDX knows it.
    assert told == [where] or (told == [] and where == "/rightsList/0/rightsUri")
