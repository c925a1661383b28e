"""Content negotiation of the sandbox registry: each format, checked by a reader of it."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from lxml import etree

from excudit.sandbox.datacite import formats
from excudit.sandbox.datacite.call import NOTE, Call, Refused
from excudit.sandbox.datacite.normalise import normalise
from excudit.sandbox.datacite.schema import compiled
from excudit.sandbox.datacite.store import Doi
from excudit.sandbox.datacite.xml_writer import write

METADATA = normalise(
    {
        "creators": [
            {
                "name": "Doe, Ann",
                "nameType": "Personal",
                "givenName": "Ann",
                "familyName": "Doe",
                "nameIdentifiers": [
                    {
                        "nameIdentifier": "https://orcid.org/0000-0002-1825-0097",
                        "nameIdentifierScheme": "ORCID",
                    }
                ],
                "affiliation": [{"name": "X & Y"}],
            },
            {"name": "Sea Institute", "nameType": "Organizational"},
        ],
        "titles": [{"title": "Sub", "titleType": "Subtitle"}, {"title": "100 % CO_2 & salt"}],
        "publisher": {"name": "Pool"},
        "publicationYear": 2026,
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Raw"},
        "dates": [{"date": "2026-03-04", "dateType": "Issued"}],
        "subjects": [{"subject": "carbon"}, {"subject": "sea"}],
        "version": "1.0",
        "rightsList": [{"rightsIdentifier": "CC-BY-4.0"}],
        "descriptions": [{"description": "Two\nlines", "descriptionType": "Abstract"}],
        "geoLocations": [{"geoLocationPoint": {"pointLongitude": "1.5", "pointLatitude": "2"}}],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": "10.1/x",
                "relatedIdentifierType": "DOI",
                "relationType": "IsPartOf",
            }
        ],
    }
)
DOI = Doi(
    "10.14454/f",
    "DEMO.REPO",
    "findable",
    "https://example.org/x",
    METADATA,
    write("10.14454/f", METADATA).decode(),
    "http://datacite.org/schema/kernel-4",
    registered="2026-03-04T00:00:00.000Z",
)


def shown(mime: str, **query: str) -> str:
    reply = formats.render(mime, DOI, Call("GET", "/", query))
    assert reply.headers["Content-Type"].startswith(mime)
    return reply.body.decode()


def test_xml_is_valid() -> None:
    document = etree.fromstring(shown("application/vnd.datacite.datacite+xml").encode())
    assert compiled().validate(document)


def test_datacite_json_has_camel_and_crosscite_has_snake_keys() -> None:
    camel = json.loads(shown("application/vnd.datacite.datacite+json"))
    snake = json.loads(shown("application/vnd.crosscite.crosscite+json"))
    assert camel["publicationYear"] == snake["publication_year"] == 2026
    assert (camel["clientId"], camel["agency"]) == ("demo.repo", "datacite")
    assert len(camel) == len(snake)


def test_schema_org_tells_who_what_and_where() -> None:
    node = json.loads(shown("application/vnd.schemaorg.ld+json"))
    assert (node["@type"], node["@id"]) == ("Dataset", "https://doi.org/10.14454/f")
    assert node["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert node["author"][1]["@type"] == "Organization"
    assert node["keywords"] == "carbon, sea"
    assert node["spatialCoverage"]["geo"]["latitude"] == 2
    assert node["isPartOf"]["@id"] == "https://doi.org/10.1/x"


def test_codemeta_and_jats_name_the_doi() -> None:
    assert json.loads(shown("application/vnd.codemeta.ld+json"))["name"] == "100 % CO_2 & salt"
    jats = etree.fromstring(shown("application/vnd.jats+xml").encode())
    assert jats.findtext("pub-id") == "10.14454/f"


def test_csl_names_people_and_organisations() -> None:
    entry = json.loads(shown("application/vnd.citationstyles.csl+json"))
    assert entry["author"] == [{"given": "Ann", "family": "Doe"}, {"literal": "Sea Institute"}]
    assert entry["issued"] == {"date-parts": [[2026, 3, 4]]}


def test_bibtex_escapes_what_is_special() -> None:
    entry = shown("application/x-bibtex")
    assert r"title = {100 \% CO\_2 \& salt}" in entry
    assert "author = {Doe, Ann and {Sea Institute}}" in entry
    assert entry.startswith("@misc{")


def test_ris_has_one_line_each() -> None:
    lines = shown("application/x-research-info-systems").split("\r\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-2:] == ["ER  - ", ""]
    assert "AB  - Two lines" in lines
    assert all(re.match(r"^[A-Z][A-Z0-9]  - ", line) for line in lines[:-1])


def test_csv_has_the_documented_columns() -> None:
    (row,) = csv.DictReader(io.StringIO(shown("text/csv")))
    assert (row["doi"], row["author"]) == ("10.14454/f", "Doe, Ann; Sea Institute")
    assert row["state"] == "findable"


def test_a_citation_is_apa_whatever_style_is_asked_for() -> None:
    text = shown("text/x-bibliography")
    expected = "Doe, A., & Sea Institute (2026). 100 % CO_2 & salt (Version 1.0) [Data set]. Pool."
    assert text == f"{expected} https://doi.org/10.14454/f"
    reply = formats.render("text/x-bibliography", DOI, Call("GET", "/", {"style": "mla"}))
    assert reply.body.decode() == text
    assert "apa" in reply.headers[NOTE]


@pytest.mark.parametrize(
    ("accept", "mime"),
    [
        ("", ""),
        ("*/*", ""),
        ("application/vnd.api+json", ""),
        ("text/csv", "text/csv"),
        ("text/turtle, application/x-bibtex;q=0.5", "application/x-bibtex"),
        ("text/csv;q=0.1, application/ld+json", "application/ld+json"),
        ("text/x-bibliography; style=apa; locale=en-US", "text/x-bibliography"),
    ],
)
def test_accept_chooses_the_format(accept: str, mime: str) -> None:
    assert formats.accepted(accept) == mime


@pytest.mark.parametrize("ask", [formats.accepted, formats.known])
def test_an_unknown_format_is_not_acceptable(ask: Any) -> None:
    with pytest.raises(Refused) as caught:
        ask("text/turtle")
    assert caught.value.reply.status == 406
