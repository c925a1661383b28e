"""What the target sends keeps to DataCite's own description of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest

from excudit.domain.model import Tombstone
from excudit.targets.datacite.payload import first, managed, withdrawn
from registries import RECORD, snapshot_of, target_for

SERVER = "https://api.datacite.org"
NOWHERE = SimpleNamespace(api_url="http://127.0.0.1:9", resolver_url="http://127.0.0.1:9")
NEEDED = ("creators", "titles", "publisher", "publicationYear", "types")


@pytest.fixture(scope="module")
def api(shared: Path) -> OpenAPI:
    text = (shared / "contracts" / "datacite-openapi.yaml").read_text()
    return OpenAPI.from_dict(yaml.safe_load(text))


def faults(api: OpenAPI, method: str, path: str, attributes: dict[str, Any]) -> Iterator[str]:
    body = json.dumps({"data": {"type": "dois", "attributes": attributes}}).encode()
    login = {"Authorization": "Basic eDp5"}
    request = MockRequest(
        SERVER, method, path, data=body, headers=login, content_type="application/json"
    )
    for error in api.iter_request_errors(request):
        found = getattr(error.__cause__, "schema_errors", ())
        yield from (f"{e.path[-1]}: {e.message}" for e in found)
        if not found:
            yield str(error)


@pytest.mark.parametrize("kept", [tuple(RECORD), NEEDED], ids=["full record", "needed only"])
def test_every_body_is_as_the_registry_describes_it(api: OpenAPI, kept: tuple[str, ...]) -> None:
    empty = {name: type(RECORD[name])() for name in RECORD if name not in kept}
    snapshot = snapshot_of(target_for(NOWHERE), **empty)
    stone = Tombstone("Wrong.", date(2026, 1, 2), snapshot.landing_url)
    path = "/dois/10.14454%2Fabc"
    assert (
        list(faults(api, "post", "/dois", {"doi": snapshot.doi, **first(managed(snapshot))})) == []
    )
    assert list(faults(api, "put", path, {"event": "publish"})) == []
    assert list(faults(api, "put", path, {**withdrawn(snapshot, stone), "event": "hide"})) == []


def test_only_the_nulls_that_clear_a_value_are_unknown_to_it(api: OpenAPI) -> None:
    snapshot = snapshot_of(target_for(NOWHERE), version="", language="")
    told = set(faults(api, "put", "/dois/10.14454%2Fabc", managed(snapshot)))
    assert {fault.partition(":")[0] for fault in told} == {"language", "version"}
    assert all("None" in fault for fault in told)
