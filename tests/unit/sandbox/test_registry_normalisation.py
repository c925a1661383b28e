"""Sent is not returned: what the sandbox registry changes before it keeps metadata."""

from __future__ import annotations

from typing import Any

import pytest

from excudit.sandbox.datacite import fields_of_science, languages, licences, resource_types
from excudit.sandbox.datacite.attributes import permit
from excudit.sandbox.datacite.normalise import container, normalise
from excudit.sandbox.datacite.suffix import ALPHABET, encode, random_doi

CC_BY = {
    "rights": "Creative Commons Attribution 4.0 International",
    "rightsUri": "https://creativecommons.org/licenses/by/4.0/legalcode",
    "rightsIdentifier": "cc-by-4.0",
    "rightsIdentifierScheme": "SPDX",
    "schemeUri": "https://spdx.org/licenses/",
}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("en", "en"),
        ("eng", "en"),
        ("English", "en"),
        ("en-US", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("Norwegian Bokmål", "nb"),
        ("tlh", "tlh"),
        ("x-klingon", "x-klingon"),
        ("en_US", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_a_language_becomes_two_letters_or_stays_or_goes(sent: Any, kept: str | None) -> None:
    assert languages.normalise(sent) == kept


def test_there_are_as_many_languages_as_iso_639_1_has() -> None:
    assert len(set(languages.KNOWN.values())) == 183


@pytest.mark.parametrize(
    "sent",
    [
        {"rightsIdentifier": "CC-BY-4.0"},
        {"rightsIdentifier": "cc-by-4.0"},
        {"rights": "Creative Commons Attribution 4.0 International"},
        {"rightsUri": "https://creativecommons.org/licenses/by/4.0/"},
        {"rightsUri": "http://creativecommons.org/licenses/by/4.0/legalcode"},
        {"rights": "free", "rightsUri": "https://spdx.org/licenses/CC-BY-4.0"},
    ],
)
def test_rights_are_found_by_identifier_name_or_address(sent: dict[str, Any]) -> None:
    assert licences.normalise(sent) == CC_BY
    assert licences.normalise({**sent, "lang": "en"}) == {**CC_BY, "lang": "en"}


def test_rights_that_spdx_does_not_know_stay_as_sent() -> None:
    sent = {"rights": "Ask us", "rightsUri": "https://example.org/terms"}
    assert licences.normalise(sent) == sent


@pytest.mark.parametrize(
    ("licence", "address"),
    [
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/legalcode"),
        ("CC-BY-NC-ND-3.0-DE", "https://creativecommons.org/licenses/by-nc-nd/3.0/de/legalcode"),
        ("CC-BY-NC-SA-4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/legalcode"),
        ("Zlib", "https://spdx.org/licenses/Zlib.html"),
    ],
)
def test_a_licence_has_an_address(licence: str, address: str) -> None:
    assert licences.address(licence) == address


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ("Mathematics", "Mathematics"),
        ("FOS: Mathematics", "Mathematics"),
        ("Oceanography", "Earth and related environmental sciences"),
        ("Nanotechnology", "Nano-technology"),
    ],
)
def test_a_field_of_science_is_named_a_second_time(sent: str, field: str) -> None:
    first, second = fields_of_science.normalise([{"subject": sent, "lang": "en"}])
    assert first == {"subject": sent, "lang": "en"}
    assert second == {
        "subject": f"FOS: {field}",
        "subjectScheme": "Fields of Science and Technology (FOS)",
        "schemeUri": "http://www.oecd.org/science/inno/38235147.pdf",
    }


def test_each_mapped_field_is_on_the_oecd_list() -> None:
    assert set(fields_of_science.ANZSRC.values()) <= fields_of_science.OECD
    assert len(fields_of_science.OECD) == 48


def test_subjects_lose_duplicates_and_foreign_markup() -> None:
    sent = [{"subject": "CO<sub>2</sub>"}, {"subject": "CO<sub>2</sub>"}]
    sent += [{"subject": '<a href="x">salt</a> <b>water</b>'}]
    kept = [one["subject"] for one in fields_of_science.normalise(sent)]
    assert kept == ["CO<sub>2</sub>", "salt <b>water</b>"]


@pytest.mark.parametrize(
    ("types", "derived"),
    [
        ({"resourceTypeGeneral": "Dataset"}, ("Dataset", "dataset", "misc", "DATA")),
        ({"resourceTypeGeneral": "Report"}, ("Report", "report", "misc", "RRPT")),
        ({"resourceTypeGeneral": "Poster"}, ("CreativeWork", "article", "misc", "GEN")),
        (
            {"resourceTypeGeneral": "Text", "resourceType": "Dissertation"},
            ("Thesis", "thesis", "phdthesis", "THES"),
        ),
        (
            {"resourceTypeGeneral": "Text", "resourceType": "Journal Article"},
            ("ScholarlyArticle", "article-journal", "article", "JOUR"),
        ),
    ],
)
def test_types_are_derived(types: dict[str, Any], derived: tuple[str, ...]) -> None:
    found = resource_types.derive(types)
    assert tuple(found[key] for key in resource_types.KEYS) == derived
    assert resource_types.derive({**types, "ris": "BOOK"})["ris"] == "BOOK"
    assert resource_types.derive({}) == {}


def test_a_container_comes_from_the_related_item_first() -> None:
    related = {
        "relatedItemType": "Journal",
        "relationType": "IsPublishedIn",
        "relatedItemIdentifier": {
            "relatedItemIdentifier": "1234-5679",
            "relatedItemIdentifierType": "ISSN",
        },
        "titles": [{"title": "J"}],
        "volume": "1",
    }
    series = {"descriptionType": "SeriesInformation", "description": "Sea Notes, 12(3), 4-5"}
    both = {"relatedItems": [related], "descriptions": [series]}
    assert container(both) == {
        "type": "Journal",
        "identifier": "1234-5679",
        "identifierType": "ISSN",
        "title": "J",
        "volume": "1",
    }
    assert container({"descriptions": [series]}) == {
        "type": "Series",
        "title": "Sea Notes",
        "volume": "12",
        "issue": "3",
        "firstPage": "4",
        "lastPage": "5",
    }
    assert container({}) == {}


def test_numbers_in_places_are_numbers_but_names_are_not() -> None:
    sent = {
        "geoLocationPlace": "42",
        "geoLocationPolygon": [{"polygonPoint": {"pointLatitude": "1.50", "pointLongitude": "x"}}],
    }
    kept = normalise({"geoLocations": [sent]})["geoLocations"][0]
    assert kept["geoLocationPlace"] == "42"
    point = kept["geoLocationPolygon"][0]["polygonPoint"]
    assert point == {"pointLatitude": 1.5, "pointLongitude": "x"}


def test_unknown_keys_are_dropped_on_every_level() -> None:
    person = {"name": "A", "type": "Person", "nameIdentifiers": [{"nameIdentifier": "1", "x": 2}]}
    kept = permit({"creators": [person], "tittles": [], "geoLocations": [{"elevation": 3}]})
    assert kept == {
        "creators": [{"name": "A", "nameIdentifiers": [{"nameIdentifier": "1"}]}],
        "geoLocations": [{}],
    }


def test_null_and_wrong_shapes_clear_lists_and_objects() -> None:
    sent = {"subjects": None, "creators": {"name": "A"}, "publisher": None, "version": None}
    assert permit(sent) == {"subjects": [], "creators": [], "publisher": {}, "version": None}


def test_identifiers_win_over_their_alias() -> None:
    alias = [{"alternateIdentifier": "a", "alternateIdentifierType": "Local"}]
    assert permit({"alternateIdentifiers": alias})["identifiers"] == [
        {"identifier": "a", "identifierType": "Local"}
    ]
    both = {"alternateIdentifiers": alias, "identifiers": []}
    assert permit(both)["identifiers"] == []


def test_a_random_suffix_carries_its_check_digits() -> None:
    assert encode(122149076) == "3mfp-6m52"
    assert len(encode(0)) == 9
    for _ in range(100):
        shown = random_doi("10.14454/fk2").removeprefix("10.14454/fk2-").replace("-", "")
        number = 0
        for digit in shown[:6]:
            number = number * 32 + ALPHABET.index(digit)
        assert int(shown[6:]) == 98 - (number * 100) % 97
