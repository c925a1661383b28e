"""The sandbox registry's success answers keep to DataCite's OpenAPI file.

Three things of the file are not held against an answer, because DataCite's own answers break
them too: it knows no null, it has `media` as an object where DataCite sends a list, and it
requires `prefix` beside, not inside, the attributes of a prefix.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.response.exceptions import InvalidData

from excudit.sandbox.datacite import Registry

SERVER = "https://api.datacite.org"
FLAGS = "?publisher=true&affiliation=true"
FULL: dict[str, Any] = {
    "doi": "10.14454/open-api",
    "event": "publish",
    "url": "https://example.org/x",
    "schemaVersion": "http://datacite.org/schema/kernel-4",
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
                    "schemeUri": "https://orcid.org",
                }
            ],
            "affiliation": [{"name": "X", "affiliationIdentifier": "https://ror.org/04wxnsj81"}],
        }
    ],
    "titles": [{"title": "T", "lang": "en"}, {"title": "S", "titleType": "Subtitle"}],
    "publisher": {"name": "P", "publisherIdentifierScheme": "ROR"},
    "publicationYear": 2026,
    "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Raw data"},
    "subjects": [{"subject": "Oceanography"}, {"subject": "carbon"}],
    "contributors": [{"name": "N", "contributorType": "Researcher"}],
    "dates": [{"date": "2024-01-01/2024-02-01", "dateType": "Collected"}],
    "language": "en",
    "identifiers": [{"identifier": "abc", "identifierType": "Local"}],
    "relatedIdentifiers": [
        {"relatedIdentifier": "10.1/x", "relatedIdentifierType": "DOI", "relationType": "Cites"}
    ],
    "relatedItems": [
        {
            "relatedItemType": "Journal",
            "relationType": "IsPublishedIn",
            "relatedItemIdentifier": {
                "relatedItemIdentifier": "1234-5679",
                "relatedItemIdentifierType": "ISSN",
            },
            "titles": [{"title": "J"}],
            "volume": "1",
        }
    ],
    "sizes": ["1 GB"],
    "formats": ["text/csv"],
    "version": "1.0",
    "rightsList": [{"rightsIdentifier": "CC-BY-4.0", "lang": "en"}],
    "descriptions": [{"description": "d", "descriptionType": "Abstract"}],
    "geoLocations": [
        {
            "geoLocationPlace": "p",
            "geoLocationPoint": {"pointLongitude": 1.5, "pointLatitude": 2.5},
        }
    ],
    "fundingReferences": [{"funderName": "F", "awardNumber": "1"}],
    "contentUrl": ["https://example.org/file"],
}

Judge = Callable[[httpx2.Response], Any]


def written(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "dois", "attributes": attributes}}


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None and k != "media"}
    if isinstance(value, list):
        return [without_nulls(v) for v in value]
    return value


@pytest.fixture(scope="module")
def judge(shared: Path) -> Judge:
    contract = yaml.safe_load((shared / "contracts" / "datacite-openapi.yaml").read_text())
    del contract["components"]["schemas"]["Prefix"]["required"]
    openapi = OpenAPI.from_dict(contract)

    def judged(answer: httpx2.Response) -> Any:
        assert answer.is_success, answer.text
        request = answer.request
        body = without_nulls(answer.json()) if answer.content else None
        path = request.url.raw_path.decode().partition("?")[0]
        asked = MockRequest(SERVER, request.method.lower(), path)
        content = json.dumps(body).encode() if answer.content else b""
        told = MockResponse(
            content, answer.status_code, headers={}, content_type="application/vnd.api+json"
        )
        openapi.validate_response(asked, told)
        return body

    return judged


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with (
        Registry(mode="thread", index_lag_s=0) as registry,
        httpx2.Client(base_url=registry.api_url, auth=("DEMO.REPO", "sandbox")) as client,
    ):
        yield client


def test_writes_answer_as_the_contract_says(client: httpx2.Client, judge: Judge) -> None:
    created = judge(client.post("/dois" + FLAGS, json=written(**FULL)))
    assert created["data"]["attributes"]["types"]["schemaOrg"] == "Dataset"
    changed = client.put("/dois/10.14454%2Fopen-api" + FLAGS, json=written(version="2.0"))
    assert judge(changed)["data"]["attributes"]["version"] == "2.0"
    client.post("/dois", json=written(doi="10.14454/gone"))
    judge(client.delete("/dois/10.14454%2Fgone"))


def test_reads_answer_as_the_contract_says(client: httpx2.Client, judge: Judge) -> None:
    client.post("/dois", json=written(**FULL))
    judge(client.get("/dois/10.14454%2Fopen-api" + FLAGS))
    activities = judge(client.get("/dois/10.14454%2Fopen-api/activities"))
    assert activities["data"][0]["attributes"]["action"] == "create"
    judge(client.get("/activities"))
    judge(client.get(f"/activities/{activities['data'][0]['id']}"))
    judge(client.get("/prefixes"))
    judge(client.get("/prefixes/10.14454"))


def test_lists_answer_as_the_contract_says(client: httpx2.Client, judge: Judge) -> None:
    client.post("/dois", json=written(**FULL))
    for query in (FLAGS, FLAGS + "&page[cursor]=1", FLAGS + "&detail=true"):
        assert judge(client.get("/dois" + query))["meta"]["total"] == 1


def test_the_contract_refuses_what_breaks_it(client: httpx2.Client, judge: Judge) -> None:
    answer = client.post("/dois" + FLAGS, json=written(**FULL))
    broken = answer.json()
    broken["data"]["attributes"]["publicationYear"] = "2026"
    forged = httpx2.Response(201, json=broken, request=answer.request)
    with pytest.raises(InvalidData):
        judge(forged)
