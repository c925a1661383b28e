"""Every rule of the table finds its own slip, at its place, and nothing else does."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.metadata.check import check_record
from excudit.metadata.rules import RULES
from excudit.testing.records import full_record

TODAY = datetime.date(2026, 6, 1)
# Rules that the readers find; the tests of the readers show them.
FOUND_IN_READING = {
    "cardinality",
    "duplicate-key",
    "identifier-type",
    "mandatory",
    "metadata-file",
    "not-kept",
    "order",
    "shape",
    "syntax",
    "text-form",
    "unknown-element",
    "unknown-member",
    "unsupported-kernel",
    "vocabulary",
    "wrong-namespace",
    "xsd",
}

Tree = dict[str, Any]
Change = Callable[[Tree], object]


def _put(path: str, value: Any) -> Change:
    def change(tree: Any) -> None:
        *parents, last = path.split("/")
        for part in parents:
            tree = tree[int(part)] if part.isdigit() else tree[part]
        if last.isdigit():
            tree[int(last)] = value
        else:
            tree[last] = value

    return change


def _corners(*corners: tuple[float, float], inside: tuple[float, float] | None = None) -> Tree:
    entries = [{"polygonPoint": {"pointLongitude": x, "pointLatitude": y}} for x, y in corners]
    if inside:
        x, y = inside
        entries.append({"inPolygonPoint": {"pointLongitude": x, "pointLatitude": y}})
    return {"geoLocationPolygon": entries}


_SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0))
_RELATED = "relatedIdentifiers/0/relatedIdentifier"
_ORCID = "creators/0/nameIdentifiers/0/nameIdentifier"
_ROR = "creators/0/affiliation/0/affiliationIdentifier"

SLIPS: list[tuple[str, str, Change]] = [
    ("blank-text", "/titles/0/title", _put("titles/0/title", " \t")),
    ("blank-text", "/creators/2/name", _put("creators/2/name", "")),
    ("blank-text", "/publisher/name", _put("publisher/name", "\u00a0")),
    ("blank-text", "/subjects/1/subject", _put("subjects/1/subject", " ")),
    ("blank-text", "/descriptions/0/description", _put("descriptions/0/description", "\n")),
    ("blank-text", "/relatedItems/0/titles/0/title", _put("relatedItems/0/titles/0/title", "")),
    ("blank-text", "/fundingReferences/0/funderName", _put("fundingReferences/0/funderName", " ")),
    ("main-title", "/titles", _put("titles", [{"title": "A", "titleType": "Subtitle"}])),
    ("title-placeholder", "/titles/0/title", _put("titles/0/title", ":tba")),
    ("title-placeholder", "/titles/0/title", _put("titles/0/title", "run-17_raw.csv")),
    ("personal-name", "/creators/0/name", _put("creators/0/name", "Ingrid Halvorsen")),
    ("personal-name", "/contributors/1/name", _put("contributors/1/givenName", "")),
    ("html", "/descriptions/0/description", _put("descriptions/0/description", "<p>Words</p>")),
    ("language-tag", "/language", _put("language", "a")),
    ("language-tag", "/titles/2/lang", _put("titles/2/lang", "english-uk-x")),
    ("language-tag", "/relatedItems/0/titles/0/lang", _put("relatedItems/0/titles/0/lang", "e")),
    ("language-tag", "/relatedItems/0/creators/0/lang", _put(
        "relatedItems/0/creators", [{"name": "x", "lang": "a-b"}],
    )),
    ("doi-form", "/doi", _put("doi", "https://doi.org/10.14454/full-4711")),
    ("doi-case", "/doi", _put("doi", "10.14454/FULL")),
    ("orcid", f"/{_ORCID}", _put(_ORCID, "https://orcid.org/0000-0002-1825-0098")),
    ("ror", f"/{_ROR}", _put(_ROR, "https://ror.org/04wxnsj82")),
    ("isni", "/creators/2/nameIdentifiers/0/nameIdentifier", _put(
        "creators/2/nameIdentifiers/0",
        {"nameIdentifier": "0000000121032684", "nameIdentifierScheme": "ISNI"},
    )),
    ("identifier-address", f"/{_ORCID}", _put(_ORCID, "0000-0002-1825-0097")),
    ("scheme-pair", f"/{_ROR}", _put("creators/0/affiliation/0/affiliationIdentifierScheme", "")),
    ("scheme-pair", "/publisher/publisherIdentifier", _put("publisher/publisherIdentifier", "")),
    ("scheme-pair", "/identifiers/0", _put("identifiers/0/identifierType", "")),
    ("scheme-pair", "/rightsList/0/rightsIdentifier", _put("rightsList/0/rightsIdentifier", "")),
    ("scheme-pair", "/fundingReferences/0/funderIdentifierType", _put(
        "fundingReferences/0/funderIdentifier", "",
    )),
    ("funder-id", "/fundingReferences/0/funderIdentifier", _put(
        "fundingReferences/0/funderIdentifier", "https://doi.org/10.1234/5",
    )),
    ("issn", "/relatedIdentifiers/4/relatedIdentifier", _put(
        "relatedIdentifiers/4/relatedIdentifier", "1234-5678",
    )),
    ("isbn", "/relatedIdentifiers/5/relatedIdentifier", _put(
        "relatedIdentifiers/5/relatedIdentifier", "978-3-16-148410-1",
    )),
    ("ean13", f"/{_RELATED}", _put("relatedIdentifiers/0", {
        "relatedIdentifier": "9783468111243",
        "relatedIdentifierType": "EAN13",
        "relationType": "Cites",
    })),
    ("related-doi", f"/{_RELATED}", _put(_RELATED, "tides.2023.17")),
    ("related-doi-address", f"/{_RELATED}", _put(_RELATED, "https://doi.org/10.1234/tides")),
    ("own-doi", f"/{_RELATED}", _put(_RELATED, "10.14454/FULL-4711")),
    ("dropped-identifier", "/identifiers/0", _put("identifiers/0/identifierType", "DOI")),
    ("relation-other", "/relatedItems/0/relationTypeInformation", _put(
        "relatedItems/0/relationType", "Other",
    )),
    ("metadata-scheme", "/relatedIdentifiers/10", _put(
        "relatedIdentifiers/10/relationType", "Cites",
    )),
    ("metadata-scheme", "/relatedIdentifiers/0", _put("relatedIdentifiers/0/schemeType", "XSD")),
    ("metadata-scheme", "/relatedItems/0", _put(
        "relatedItems/0/relatedItemIdentifier/schemeType", "XSD",
    )),
    ("date", "/dates/1/date", _put("dates/1/date", "2024-02-30")),
    ("date", "/dates/0/date", _put("dates/0/date", "2023-12-31/2019-01-01")),
    ("year-range", "/publicationYear", _put("publicationYear", 2028)),
    ("year-range", "/publicationYear", _put("publicationYear", 1399)),
    ("year-agrees", "/publicationYear", _put("publicationYear", 2023)),
    ("rights-length", "/rightsList/0/rights", _put("rightsList/0/rights", "x" * 2001)),
    ("spdx", "/rightsList/0/rightsIdentifier", _put("rightsList/0/rightsIdentifier", "CC0 1.0")),
    ("box", "/geoLocations/0/geoLocationBox", _put(
        "geoLocations/0/geoLocationBox/southBoundLatitude", 56,
    )),
    ("polygon-closed", "/geoLocations/0/geoLocationPolygon", _put(
        "geoLocations/0", _corners((0, 0), (1, 0), (1, 1), (0, 1)),
    )),
    ("polygon-flat", "/geoLocations/0/geoLocationPolygon", _put(
        "geoLocations/0", _corners((0, 0), (1, 1), (2, 2), (0, 0)),
    )),
    ("polygon-inside", "/geoLocations/0/geoLocationPolygon/5/inPolygonPoint", _put(
        "geoLocations/0", _corners(*_SQUARE, inside=(3, 1)),
    )),
    ("url", "/url", _put("url", "data.example.org/4711")),
    ("url", "/url", _put("url", "https://data.example.org/47 11")),
    ("url-secure", "/url", _put("url", "http://data.example.org/4711")),
    ("url-host", "/url", _put("url", "https://elsewhere.example.com/4711")),
    ("duplicate", "/subjects/3", _put("subjects/3", {"subject": "Tides", "lang": "en"})),
    ("duplicate", "/relatedIdentifiers/1", lambda tree: _put(
        "relatedIdentifiers/1", tree["relatedIdentifiers"][0],
    )(tree)),
    ("duplicate", "/creators/1", lambda tree: _put("creators/1", tree["creators"][0])(tree)),
    ("dataset-abstract", "/descriptions", _put("descriptions", [])),
    ("dataset-licence", "/rightsList", _put("rightsList", [])),
    ("dataset-orcid", "/creators", lambda tree: [
        person.update(nameIdentifiers=[]) for person in tree["creators"] + tree["contributors"]
    ]),
    ("dataset-ror", "/creators", lambda tree: [
        *(p.update(affiliation=[]) for p in tree["creators"] + tree["contributors"]),
        _put("creators/2/nameIdentifiers", [])(tree),
        _put("publisher", "Coastal Data Centre")(tree),
    ]),
]  # fmt: skip


def _judge(tree: Tree) -> list[Problem]:
    domains = ("*.example.org", "localhost")
    return check_record(Record.model_validate(tree), domains=domains, today=TODAY)


def test_a_full_and_right_record_breaks_no_rule() -> None:
    assert _judge(full_record()) == []


@pytest.mark.parametrize(("rule", "where", "change"), SLIPS)
def test_a_slip_breaks_its_rule_at_its_place_and_no_other(
    rule: str, where: str, change: Change
) -> None:
    tree = full_record()
    change(tree)
    problems = _judge(tree)
    assert [(p.rule, p.where) for p in problems] == [(rule, where)], [str(p) for p in problems]
    (problem,) = problems
    assert problem.severity == RULES[rule].severity
    assert problem.message.endswith(".")
    assert problem.mend


def test_every_rule_of_the_table_has_a_slip_that_shows_it() -> None:
    assert {rule for rule, *_ in SLIPS} | FOUND_IN_READING == set(RULES)


def test_every_rule_is_told_in_a_sentence_with_its_source() -> None:
    for name, rule in RULES.items():
        assert rule.name == name
        assert rule.sentence.endswith(".")
        assert rule.source


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/x", "http://localhost/x"])
def test_the_own_machine_needs_no_https(url: str) -> None:
    tree = {**full_record(), "url": url}
    assert check_record(Record.model_validate(tree), today=TODAY) == []


@pytest.mark.parametrize(
    ("domain", "allowed"),
    [("*", True), ("data.example.org", True), ("*.example.org", True), ("example.org", False)],
)
def test_hosts_are_allowed_as_the_registry_allows_them(domain: str, allowed: bool) -> None:
    record = Record.model_validate(full_record())
    assert (check_record(record, domains=(domain,), today=TODAY) == []) is allowed


def test_a_box_may_cross_the_antimeridian() -> None:
    tree = full_record()
    tree["geoLocations"][0]["geoLocationBox"]["westBoundLongitude"] = 170
    tree["geoLocations"][0]["geoLocationBox"]["eastBoundLongitude"] = -170
    assert _judge(tree) == []


@pytest.mark.parametrize("metres", [111_000.0, 1.0, 0.01])
def test_an_area_is_one_however_small(metres: float) -> None:
    side = metres / 111_000
    square = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)]
    tree = full_record()
    tree["geoLocations"] = [_corners(*square, inside=(side / 2, side / 2))]
    assert _judge(tree) == []


def test_a_polygon_may_cross_the_antimeridian() -> None:
    fiji = ((177.0, -20.0), (-178.0, -20.0), (-178.0, -15.0), (177.0, -15.0), (177.0, -20.0))
    for inside, rules in (((179.5, -17.0), []), ((-179.0, -17.0), []), ((0.0, 50.0), [1])):
        tree = full_record()
        tree["geoLocations"] = [_corners(*fiji, inside=inside)]
        assert len(_judge(tree)) == len(rules)


def test_only_datasets_are_asked_for_what_makes_a_good_dataset() -> None:
    tree = {**full_record(), "rightsList": [], "types": {"resourceTypeGeneral": "Software"}}
    assert _judge(tree) == []
