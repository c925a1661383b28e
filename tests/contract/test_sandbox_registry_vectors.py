"""The sandbox registry takes and refuses DataCite's own records as documented."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from excudit.sandbox.datacite import Registry

# Written for a Python package of 2017: `creatorName` for `name`, `resourceType` for `types`.
# To the REST API these are unknown keys, dropped silently, so the mandatory ones are missing.
OLD_DIALECT = {"datacite-v4.0-full-example.json", "datacite-v4.1-full-example.json"}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with (
        Registry(mode="thread") as registry,
        httpx2.Client(base_url=registry.api_url, auth=("DEMO.REPO", "sandbox")) as client,
    ):
        yield client


def vectors(shared: Path, suffix: str) -> list[tuple[dict[str, Any], Path]]:
    folder = shared / "data" / "datacite"
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    return [(e, folder / e["path"]) for e in manifest if e["path"].endswith(suffix)]


def publish(client: httpx2.Client, number: int, **attributes: Any) -> httpx2.Response:
    known = {"doi": f"10.14454/v{number}", "event": "publish", "url": "https://example.org/x"}
    return client.post("/dois", json={"data": {"attributes": attributes | known}})


def test_each_xml_vector_is_taken_or_refused_as_the_schema_says(
    client: httpx2.Client, shared: Path, subtests: pytest.Subtests
) -> None:
    client.post("/_sandbox/reset")
    known = vectors(shared, ".xml")
    assert len(known) == 144
    for number, (entry, path) in enumerate(known):
        with subtests.test(entry["path"]):
            encoded = base64.b64encode(path.read_bytes()).decode()
            answer = publish(client, number, xml=encoded)
            valid = entry["kernel47Xsd"] == "valid"
            assert answer.status_code == (201 if valid else 422), answer.text
            if valid:
                assert answer.json()["data"]["attributes"]["state"] == "findable"
            if entry["class"] == "xsd-invalid":
                told = entry["errors"][0]
                text = told["message"].partition("': ")[2]
                found = [error["title"] for error in answer.json()["errors"]]
                assert any(text in title and f"line {told['line']}," in title for title in found)


def test_a_record_in_xml_comes_back_as_attributes_that_give_valid_xml_again(
    client: httpx2.Client, shared: Path, subtests: pytest.Subtests
) -> None:
    client.post("/_sandbox/reset")
    for number, (entry, path) in enumerate(vectors(shared, ".xml")):
        if entry["kernel47Xsd"] != "valid":
            continue
        with subtests.test(entry["path"]):
            encoded = base64.b64encode(path.read_bytes()).decode()
            flags = "?publisher=true&affiliation=true"
            publish(client, number, xml=encoded)
            shown = client.get(f"/dois/10.14454/v{number}{flags}").json()["data"]["attributes"]
            again = {**shown, "doi": f"10.14454/again{number}", "xml": None, "event": "publish"}
            answer = client.post(f"/dois{flags}", json={"data": {"attributes": again}})
            assert answer.status_code == 201, answer.text
            kept = answer.json()["data"]["attributes"]
            for name in ("creators", "titles", "publisher", "relatedItems", "geoLocations"):
                assert kept[name] == shown[name]


def test_each_json_vector_is_taken_or_refused_as_the_registry_does(
    client: httpx2.Client, shared: Path, subtests: pytest.Subtests
) -> None:
    client.post("/_sandbox/reset")
    for number, (entry, path) in enumerate(vectors(shared, ".json")):
        if entry["class"] in ("malformed-json", "duplicate-keys"):
            continue
        with subtests.test(entry["path"]):
            read = json.loads(path.read_text())
            answer = publish(client, number, **read.get("data", {}).get("attributes", read))
            if path.name in OLD_DIALECT:
                errors = answer.json()["errors"]
                assert [error["source"] for error in errors] == ["metadata"]
            else:
                assert answer.status_code == 201, answer.text


def test_broken_json_is_refused_with_the_parser_message(
    client: httpx2.Client, shared: Path
) -> None:
    broken = shared / "data/datacite/invalid/malformed-json/citeproc_malformed.json"
    headers = {"Content-Type": "application/vnd.api+json"}
    answer = client.post("/dois", content=broken.read_bytes(), headers=headers)
    assert answer.status_code == 400
    assert "payload" in answer.json()["errors"][0]["title"]


def test_name_identifiers_of_the_wrong_shape_are_dropped_without_an_error(
    client: httpx2.Client, shared: Path
) -> None:
    client.post("/_sandbox/reset")
    wrong = shared / "data/datacite/invalid/wrong-shape/datacite_wrong_nameIdentifiers.json"
    sent = json.loads(wrong.read_text())["data"]["attributes"]
    shown = publish(client, 1, **sent).json()["data"]["attributes"]
    assert [len(one["nameIdentifiers"]) for one in shown["creators"]] == [1, 0]
