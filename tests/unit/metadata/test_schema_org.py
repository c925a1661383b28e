"""JSON-LD for public pages: what harvesters ask for, and nothing empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from excudit.domain.record import NameIdentifier, Record
from excudit.metadata import datacite_json
from excudit.metadata.schema_org import PublicPlace, document
from excudit.metadata.web_links import name_url, web_url, work_url

PLACE = PublicPlace(
    url="https://x.example/d/7f3a",
    site_name="Example Repository",
    site_url="https://x.example/",
    published=date(2024, 6, 1),
)
FULL: dict[str, Any] = {
    "doi": "10.5072/x7f3a",
    "creators": [
        {
            "name": "Carberry, Josiah",
            "nameType": "Personal",
            "nameIdentifiers": [
                {"nameIdentifier": "0000-0002-1825-0097", "nameIdentifierScheme": "ORCID"}
            ],
            "affiliation": [
                {
                    "name": "Example Institute",
                    "affiliationIdentifier": "01hhn8329",
                    "affiliationIdentifierScheme": "ROR",
                }
            ],
        },
        {"name": "CERN", "nameType": "Organizational"},
    ],
    "titles": [{"title": "Sea"}, {"title": "Meer", "titleType": "TranslatedTitle"}],
    "publisher": {"name": "Example Repository"},
    "publicationYear": 2024,
    "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Time series"},
    "contributors": [{"name": "Ed, Itor", "contributorType": "Editor"}],
    "dates": [
        {"date": "2024-01-01/2024-12-31", "dateType": "Collected"},
        {"date": "2024-02-01", "dateType": "Created"},
    ],
    "subjects": [
        {"subject": "tide"},
        {
            "subject": "Sea surface temperature",
            "schemeUri": "http://vocab.nerc.ac.uk/collection/P07/current/",
            "valueUri": "http://vocab.nerc.ac.uk/collection/P07/current/CFSN0381/",
        },
    ],
    "relatedIdentifiers": [
        {
            "relatedIdentifier": "10.5072/Source-1",
            "relatedIdentifierType": "DOI",
            "relationType": "IsDerivedFrom",
        },
        {
            "relatedIdentifier": "1234-5679",
            "relatedIdentifierType": "ISSN",
            "relationType": "IsPartOf",
        },
    ],
    "rightsList": [
        {"rights": "CC BY", "rightsUri": "https://creativecommons.org/licenses/by/4.0/"}
    ],
    "geoLocations": [
        {
            "geoLocationPlace": "North Sea",
            "geoLocationBox": {
                "westBoundLongitude": -4.0,
                "eastBoundLongitude": 0.0,
                "southBoundLatitude": 51.5,
                "northBoundLatitude": 60.0,
            },
        },
        {"geoLocationPoint": {"pointLongitude": 0.0, "pointLatitude": 0.0}},
    ],
    "fundingReferences": [
        {
            "funderName": "European Commission",
            "funderIdentifier": "https://ror.org/00k4n6c32",
            "funderIdentifierType": "ROR",
            "awardNumber": "101057264",
        }
    ],
}


def shown(place: PublicPlace = PLACE, **changes: Any) -> dict[str, Any]:
    return document(Record.model_validate({**FULL, **changes}), place)


def leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict | list):
        assert tree
        for entry in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(entry)
    else:
        yield tree


def test_says_what_harvesters_ask_for() -> None:
    found = shown()
    assert found["@context"] == {"@vocab": "http://schema.org/"}
    assert found["@id"] == "https://doi.org/10.5072/x7f3a"
    assert found["identifier"]["value"] == "doi:10.5072/x7f3a"
    assert found["alternateName"] == "Meer"
    assert found["datePublished"] == "2024-06-01"
    assert found["dateCreated"] == "2024-02-01"
    assert found["temporalCoverage"] == "2024-01-01/2024-12-31"
    assert found["isBasedOn"] == "https://doi.org/10.5072/Source-1"
    assert found["isPartOf"] == {"@type": "Periodical", "issn": "1234-5679"}
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["editor"]["familyName"] == "Ed"
    assert found["conditionsOfAccess"] == "http://purl.org/coar/access_right/c_14cb"
    assert found["funding"]["funder"]["@id"] == "https://ror.org/00k4n6c32"


def test_people_and_organisations_are_told_apart() -> None:
    person, organisation = shown()["creator"]
    assert person["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert (person["@type"], person["givenName"]) == ("Person", "Josiah")
    assert person["affiliation"]["@id"] == "https://ror.org/01hhn8329"
    assert organisation == {"@type": "Organization", "name": "CERN"}


def test_places_keep_a_zero_and_the_order_of_the_box() -> None:
    box, point = shown()["spatialCoverage"]
    assert box["geo"]["box"] == "51.5 -4.0 60.0 0.0"
    assert (point["geo"]["latitude"], point["geo"]["longitude"]) == (0.0, 0.0)


def test_terms_of_a_vocabulary_are_links() -> None:
    plain, term = shown()["keywords"]
    assert plain == "tide"
    assert term["url"].endswith("/CFSN0381/")
    assert term["inDefinedTermSet"].endswith("/P07/current/")


def test_a_doi_that_does_not_resolve_yet_is_not_the_name_of_the_page() -> None:
    found = shown(PublicPlace("https://x.example/d/7f3a", "X", "https://x.example/", False))
    assert found["@id"] == "https://x.example/d/7f3a"


def test_a_withdrawn_dataset_says_so() -> None:
    withdrawn = PublicPlace("https://x.example/d/1", "X", "https://x.example/", withdrawn=True)
    assert shown(withdrawn)["creativeWorkStatus"] == "Withdrawn"
    assert "creativeWorkStatus" not in shown()


def test_nothing_is_empty_in_any_record_of_the_reference_data(shared: Path) -> None:
    seen = 0
    for path in sorted((shared / "data" / "datacite" / "json").rglob("*.json")):
        record, _ = datacite_json.parse(path.read_bytes())
        if record is None:
            continue
        seen += 1
        found = document(record, PLACE)
        assert all(leaf not in (None, "") for leaf in leaves(found))
        assert {"@type", "@id", "name", "creator", "publisher", "datePublished"} <= set(found)
    assert seen > 20


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        ("10.5072/A b", "DOI", "https://doi.org/10.5072/A%20b"),
        ("https://dx.doi.org/10.5072/a", "DOI", "https://doi.org/10.5072/a"),
        ("doi:10.5072/a", "DOI", "https://doi.org/10.5072/a"),
        ("garbage", "DOI", ""),
        ("11676/abc", "Handle", "https://hdl.handle.net/11676/abc"),
        ("arXiv:1001.0001", "arXiv", "https://arxiv.org/abs/1001.0001"),
        ("ark:/13030/x", "ARK", "https://n2t.net/ark:/13030/x"),
        ("https://a.example/x?y=1", "URL", "https://a.example/x?y=1"),
        ("javascript:alert(1)", "URL", ""),
        ("JavaScript:alert(1)", "DOI", ""),
        ("data:text/html,x", "PURL", ""),
        ("https://a.example/\x00", "URL", ""),
        ('https://a.example/"onload=x', "URL", ""),
        ("http://[broken", "URL", ""),
        ("978-3-16-148410-0", "ISBN", ""),
    ],
)
def test_identifiers_lead_where_they_should_or_nowhere(text: str, kind: str, url: str) -> None:
    assert work_url(text, kind) == url


def test_names_lead_to_their_registries() -> None:
    def at(scheme: str, text: str) -> str:
        identifier = NameIdentifier(name_identifier=text, name_identifier_scheme=scheme)
        return name_url(identifier)

    assert at("ORCID", "0000-0001-5109-370x") == "https://orcid.org/0000-0001-5109-370X"
    assert at("ROR", "https://ror.org/01HHN8329/") == "https://ror.org/01hhn8329"
    assert at("ISNI", "0000 0001 2103 4996") == "https://isni.org/isni/0000000121034996"
    assert at("Other", "javascript:x") == ""
    assert at("ORCID", "nonsense") == ""
    assert web_url("https://") == ""
