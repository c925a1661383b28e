"""What an RO-Crate says of itself becomes members of a record; nothing is invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from excudit.metadata import ro_crate
from excudit.metadata.check import CRATE_FILE, check_path

CRATE: dict[str, Any] = {
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "Tides at twelve gauges",
            "description": "Hourly sea level.",
            "datePublished": "2024-05-06",
            "author": [{"@id": "https://orcid.org/0000-0002-1825-0097"}, {"@id": "#crew"}],
            "contributor": {"@id": "#crew"},
            "publisher": {"@id": "https://ror.org/04wxnsj81"},
            "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
            "keywords": "tides, sea level",
            "identifier": ["https://doi.org/10.14454/TIDES", "TG-7"],
            "funder": {"@id": "https://doi.org/10.13039/501100000780"},
            "citation": {"@id": "https://doi.org/10.1234/abc"},
            "spatialCoverage": {"@id": "#sea"},
            "inLanguage": "en",
            "version": 2,
            "hasPart": [{"@id": "gauges.csv"}],
        },
        {
            "@id": "https://orcid.org/0000-0002-1825-0097",
            "@type": "Person",
            "name": "Ingrid Halvorsen",
            "familyName": "Halvorsen",
            "givenName": "Ingrid",
            "affiliation": {"@id": "https://ror.org/04wxnsj81"},
        },
        {"@id": "#crew", "@type": "Organization", "name": "Gauge crew"},
        {"@id": "https://ror.org/04wxnsj81", "@type": "Organization", "name": "Coastal Centre"},
        {
            "@id": "https://creativecommons.org/licenses/by/4.0/",
            "@type": "CreativeWork",
            "name": "Attribution 4.0",
        },
        {"@id": "https://doi.org/10.13039/501100000780", "@type": "Organization", "name": "Fund"},
        {"@id": "#sea", "@type": "Place", "name": "North Sea", "geo": {"@id": "#point"}},
        {"@id": "#point", "@type": "GeoCoordinates", "latitude": "54.5", "longitude": "3.25"},
    ],
}


def test_a_crate_becomes_a_record_without_problems(tmp_path: Path) -> None:
    (tmp_path / CRATE_FILE).write_text(json.dumps(CRATE), encoding="utf-8")
    checked = check_path(tmp_path)
    assert [str(p) for p in checked.problems] == []
    record = checked.record
    assert record is not None
    assert record.doi == "10.14454/tides"
    assert record.main_title == "Tides at twelve gauges"
    assert record.publication_year == 2024
    assert record.version == "2"
    first, second = record.creators
    assert first.name == "Halvorsen, Ingrid"
    assert first.name_identifiers[0].name_identifier_scheme == "ORCID"
    assert first.affiliation[0].affiliation_identifier == "https://ror.org/04wxnsj81"
    assert second.name_type == "Organizational"
    assert record.publisher.publisher_identifier_scheme == "ROR"
    assert record.rights_list[0].rights_identifier == "CC-BY-4.0"
    assert [s.subject for s in record.subjects] == ["tides", "sea level"]
    assert record.identifiers[0].identifier == "TG-7"
    assert record.funding_references[0].funder_identifier_type == "Crossref Funder ID"
    assert record.related_identifiers[0].related_identifier == "10.1234/abc"
    assert record.geo_locations[0].geo_location_point is not None


def test_what_a_crate_does_not_say_is_missing_not_invented() -> None:
    graph = [CRATE["@graph"][0], {"@id": "./", "@type": "Dataset", "name": "Tides"}]
    members = ro_crate.to_record_json({"@graph": graph})
    assert members == {
        "titles": [{"title": "Tides"}],
        "types": {"resourceTypeGeneral": "Dataset"},
    }
    record, problems = ro_crate.parse(json.dumps({"@graph": graph}).encode())
    assert record is None
    assert {p.where for p in problems} == {"/creators", "/publisher", "/publicationYear"}


def test_strange_crates_never_break_the_mapping() -> None:
    odd: list[Any] = [None, 1, "x", [], {}, [[1]], {"@id": 5}, {"@value": ["x"]}, {"@id": "./"}]
    for value in odd:
        root = dict.fromkeys(CRATE["@graph"][1], value)
        graph = [CRATE["@graph"][0], {**root, "@id": "./", "funding": value, "geo": value}]
        assert isinstance(ro_crate.to_record_json({"@graph": graph}), dict)
    for text in (b"", b"[]", b"{}", b'{"@graph": 1}', b"[" * 100_000):
        record, problems = ro_crate.parse(text)
        assert record is None
        assert problems
