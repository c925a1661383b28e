"""The API describes itself completely. All other tests of the API hold every answer against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from described import PROBLEM, Description
from excudit.domain.lifecycle import TRANSITIONS
from web_house import House

OPEN = ("/health", "/api/v1/gates/{token}")
"""Calls without a token of a person: the address of a question is its own secret."""


def operations(description: Description) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description.document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_is_served_as_openapi_3_1(web: TestClient, description: Description) -> None:
    document = web.get("/api/v1/openapi.json").json()
    assert document == description.document
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "https://data.example.org"}]


def test_every_call_needs_a_token_and_tells_how_it_fails(description: Description) -> None:
    for path, _, operation in operations(description):
        if path in OPEN:
            continue
        assert operation["security"] == [{"bearer": []}]
        failures = {s: r for s, r in operation["responses"].items() if s >= "4"}
        assert {"401", "500", "503"} <= set(failures)
        for status, failure in failures.items():
            assert list(failure["content"]) == [PROBLEM], (path, status)
        if "{publication}" in path:
            assert "404" in failures
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= set(failures)


def test_every_call_is_named_and_explained_once(description: Description) -> None:
    names = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(names) == len(set(names))
    for path, method, operation in operations(description):
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        assert operation["tags"], (path, method)


def test_every_action_of_people_has_its_call(description: Description) -> None:
    calls = {(m, p) for p, m, _ in operations(description)}
    here = "/api/v1/publications/{publication}"
    for row in TRANSITIONS:
        if row.roles == {"service"}:
            continue
        call = {"edit": ("put", f"{here}/record"), "delete": ("delete", here)}.get(
            row.action, ("post", f"{here}/{row.action.replace('_', '-')}")
        )
        assert call in calls


def test_links_lead_to_described_calls(
    house: House, web: TestClient, description: Description
) -> None:
    page = house.opened()
    calls = {(m.upper(), p) for p, m, _ in operations(description)}
    everybody = house.token("root", "admin", "curator", "reviewer")
    shown = web.get(f"/api/v1/publications/{page.id}", headers=everybody).json()
    assert {"amend", "withdraw", "events", "page"} <= set(shown["links"])
    for name, link in shown["links"].items():
        path = link["href"].removeprefix("https://data.example.org")
        if name == "page":
            assert path == f"/d/{page.slug}"
        else:
            assert (link["method"], path.replace(page.id, "{publication}")) in calls


def test_the_judge_sees_what_is_not_described(web: TestClient, description: Description) -> None:
    answer = web.get("/health")
    answer._content = b'{"status": "splendid"}'
    with pytest.raises(Exception, match="InvalidData"):
        description.judge(answer)
