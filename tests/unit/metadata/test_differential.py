"""On no document do our structure and the official schema disagree, but where we say so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree
from tests.unit.metadata.mutations import near_valid
from tests.unit.metadata.vectors import official_schema

from excudit.domain.problem import Problem
from excudit.metadata import datacite_xml
from record_strategies import BOUNDED

# The schema declares these two with `xsi:type` instead of `type`, so that it does not check them.
_UNCHECKED_BY_XSD = re.compile(r".*/(nameIdentifiers|affiliation)/\d+(/.*)?")


def test_structure_and_official_schema_agree(shared: Path) -> None:
    schema = official_schema(shared)
    verdicts = {True: 0, False: 0}

    @settings(BOUNDED, max_examples=300)
    @given(near_valid())
    def agree(xml: bytes) -> None:
        record, problems = datacite_xml.parse(xml)
        errors = [p for p in problems if p.severity == "error"]
        valid = schema.validate(etree.fromstring(xml))
        verdicts[valid] += 1
        if valid:
            assert [p for p in errors if not _documented(p)] == []
            assert record is not None or errors
        else:
            assert errors, schema.error_log

    agree()
    assert min(verdicts.values()) > 30, "the changes must give both kinds of documents"


def _documented(problem: Problem) -> bool:
    """Where we are stricter than the schema, by a rule that says so."""
    return problem.rule == "identifier-type" or bool(_UNCHECKED_BY_XSD.fullmatch(problem.where))


YEARS = ["2024", " 2024 ", "0000", "20 24", "123", "+2024", "", "20240"]
NUMBERS = ["1", "-180", "180", " 5 ", "+5", ".5", "5.", "1e2", "1E-40", "180.01", "NaN", "INF", ""]
LANGUAGES = ["en", "", "  ", "en-US", "en_US", "123", "i-klingon", "en-", "x" * 9, " en "]
ADDRESSES = ["", "a b", "%41", "%zz", ":unkn", "1a:b", "a:b", "//x:y", "http://[::1]/", "http://["]


@pytest.mark.parametrize("year", YEARS)
def test_years_are_judged_as_by_the_schema(year: str, shared: Path) -> None:
    _same_verdict(_document(year=year), shared)


@pytest.mark.parametrize("number", NUMBERS)
def test_coordinates_are_judged_as_by_the_schema(number: str, shared: Path) -> None:
    point = f"<pointLatitude>1</pointLatitude><pointLongitude>{number}</pointLongitude>"
    place = f"<geoLocation><geoLocationPoint>{point}</geoLocationPoint></geoLocation>"
    _same_verdict(_document(more=f"<geoLocations>{place}</geoLocations>"), shared)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_languages_are_judged_as_by_the_schema(tag: str, shared: Path) -> None:
    _same_verdict(_document(more=f"<language>{tag}</language>"), shared)
    _same_verdict(_document(publisher=f' xml:lang="{tag}"'), shared)


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_are_judged_as_by_the_schema(address: str, shared: Path) -> None:
    _same_verdict(_document(publisher=f' schemeURI="{address}"'), shared)


@pytest.mark.parametrize("doubtful", ["180.0000001", "1e"])
def test_numbers_that_the_schema_misreads_are_refused(doubtful: str, shared: Path) -> None:
    point = f"<pointLatitude>1</pointLatitude><pointLongitude>{doubtful}</pointLongitude>"
    place = f"<geoLocation><geoLocationPoint>{point}</geoLocationPoint></geoLocation>"
    xml = _document(more=f"<geoLocations>{place}</geoLocations>")
    assert official_schema(shared).validate(etree.fromstring(xml))
    assert any(p.severity == "error" for p in datacite_xml.parse(xml)[1])


def _document(*, year: str = "2024", publisher: str = "", more: str = "") -> bytes:
    return (
        '<resource xmlns="http://datacite.org/schema/kernel-4">'
        '<identifier identifierType="DOI">10.14454/x</identifier>'
        "<creators><creator><creatorName>A</creatorName></creator></creators>"
        f"<titles><title>T</title></titles><publisher{publisher}>P</publisher>"
        f"<publicationYear>{year}</publicationYear>"
        f'<resourceType resourceTypeGeneral="Dataset"/>{more}</resource>'
    ).encode()


def _same_verdict(xml: bytes, shared: Path) -> None:
    _, problems = datacite_xml.parse(xml)
    valid = official_schema(shared).validate(etree.fromstring(xml))
    assert valid is not any(p.severity == "error" for p in problems), [str(p) for p in problems]
