"""The record accepts what DataCite 4.7 allows, in every way in which JSON writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic import ValidationError

from excudit.domain.record import Record
from excudit.domain.vocabularies import SINCE, UNKNOWN_VALUES, VOCABULARIES, since

LEAST: dict[str, Any] = {
    "creators": [{"name": "Low, Ebb"}],
    "titles": [{"title": "Tides"}],
    "publisher": "Tidal Press",
    "publicationYear": 2024,
    "types": {"resourceTypeGeneral": "Dataset"},
}


def test_needs_no_more_than_the_mandatory_properties() -> None:
    record = Record.model_validate(LEAST)
    assert record.main_title == "Tides"
    assert record.publisher.name == "Tidal Press"
    assert record.doi == record.url == ""


@pytest.mark.parametrize("name", sorted(LEAST))
def test_refuses_to_be_built_without_a_mandatory_property(name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Record.model_validate({k: v for k, v in LEAST.items() if k != name})
    assert [error["loc"] for error in caught.value.errors()] == [(name,)]


@pytest.mark.parametrize("year", [2024, "2024"])
def test_takes_the_year_as_number_or_text(year: object) -> None:
    assert Record.model_validate({**LEAST, "publicationYear": year}).publication_year == 2024


def test_takes_affiliations_as_names_or_objects() -> None:
    places = ["Shore", {"name": "Shore"}]
    record = Record.model_validate(
        {**LEAST, "creators": [{"name": "Low, Ebb", "affiliation": [one]} for one in places]}
    )
    assert record.creators[0] == record.creators[1]


def test_takes_coordinates_as_numbers_or_texts() -> None:
    points = [
        {"geoLocationPoint": {"pointLongitude": "3.25", "pointLatitude": "-54"}},
        {"geoLocationPoint": {"pointLongitude": 3.25, "pointLatitude": -54}},
    ]
    first, second = Record.model_validate({**LEAST, "geoLocations": points}).geo_locations
    assert first == second


def test_takes_one_polygon_flat_and_several_as_lists() -> None:
    corners = [(0, 0), (1, 0), (1, 1), (0, 0)]
    flat = [{"polygonPoint": {"pointLongitude": x, "pointLatitude": y}} for x, y in corners]
    places = [{"geoLocationPolygon": flat}, {"geoLocationPolygon": [flat, flat]}]
    one, two = Record.model_validate({**LEAST, "geoLocations": places}).geo_locations
    assert len(one.geo_location_polygon) == 1
    assert len(two.geo_location_polygon) == 2
    assert [place.model_dump(exclude_defaults=True) for place in (one, two)] == places


@pytest.mark.parametrize(
    "entry",
    [
        3,
        [],
        {"polygonPoint": {"pointLongitude": 2, "pointLatitude": 2}, "altitude": 5},
        {
            "polygonPoint": {"pointLongitude": 2, "pointLatitude": 2},
            "inPolygonPoint": {"pointLongitude": 0.5, "pointLatitude": 0.2},
        },
    ],
)
def test_an_entry_of_a_polygon_is_one_point_and_nothing_else_is_dropped(entry: object) -> None:
    corners = [(0, 0), (1, 0), (1, 1), (0, 0)]
    flat = [{"polygonPoint": {"pointLongitude": x, "pointLatitude": y}} for x, y in corners]
    places = [{"geoLocationPolygon": [[*flat, entry]]}]
    with pytest.raises(ValidationError, match="polygon"):
        Record.model_validate({**LEAST, "geoLocations": places})


def test_forgets_places_and_rights_that_say_nothing() -> None:
    record = Record.model_validate({**LEAST, "geoLocations": [{}], "rightsList": [{}]})
    assert record.geo_locations == record.rights_list == ()


def test_cannot_be_changed_and_can_be_compared() -> None:
    record = Record.model_validate(LEAST)
    assert record == Record.model_validate(LEAST)
    assert hash(record) == hash(Record.model_validate(LEAST))
    with pytest.raises(ValidationError, match="frozen"):
        record.version = "2"


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_refuses_characters_that_no_xml_can_hold(bad: str) -> None:
    with pytest.raises(ValidationError):
        Record.model_validate({**LEAST, "version": f"1{bad}"})


def test_a_funder_identifier_needs_its_type() -> None:
    funder = {"funderName": "Fund", "funderIdentifier": "https://ror.org/04wxnsj81"}
    with pytest.raises(ValidationError, match="funderIdentifierType"):
        Record.model_validate({**LEAST, "fundingReferences": [funder]})


def test_never_repeats_a_value_in_an_error() -> None:
    with pytest.raises(ValidationError) as caught:
        Record.model_validate({**LEAST, "language": "secret value"})
    assert "secret value" not in str(caught.value)


@pytest.mark.parametrize("vocabulary", sorted(VOCABULARIES))
def test_vocabularies_are_those_of_the_official_schema(vocabulary: str, shared: Path) -> None:
    folder = shared / "contracts" / "datacite-kernel-4.7" / "include"
    file = vocabulary.replace("resourceTypeGeneral", "resourceType")
    tree = ElementTree.parse(folder / f"datacite-{file}-v4.xsd")
    terms = [e.get("value") for e in tree.iter("{http://www.w3.org/2001/XMLSchema}enumeration")]
    assert sorted(VOCABULARIES[vocabulary]) == sorted(str(term) for term in terms)


def test_every_added_term_is_in_its_vocabulary() -> None:
    for added in SINCE.values():
        for vocabulary, terms in added.items():
            assert set(terms) <= set(VOCABULARIES[vocabulary])
    assert since("resourceTypeGeneral", "Poster") == "4.7"
    assert since("resourceTypeGeneral", "Dataset") == "4.0"
    assert len(UNKNOWN_VALUES) == 10
