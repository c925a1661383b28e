"""A token counts for its scopes and nothing else, at every call that the API describes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from described import Description
from excudit.store import users
from web_house import House

ROLES = ["reviewer", "curator", "admin"]
NOBODY = "01a1f966-0000-7000-8000-000000000000"


def calls(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Method and address of every call that needs a token."""
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation.get("security"):
                found.append((method.upper(), re.sub(r"\{.*?\}", NOBODY, path)))
    return found


def bearing(house: House, *scopes: str) -> dict[str, str]:
    """Headers with a token of these scopes, straight from the store."""
    with house.parts.database.write() as connection:
        users.put(connection, "grace", email="grace@example.org", roles=ROLES)
        _, token = users.issue_token(connection, "grace", "test", None, scopes)
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("scopes", "refused"),
    [
        (("read",), {"write"}),
        (("write",), {"read"}),
        (("review", "operate"), {"read", "write"}),
        (("read", "review", "operate"), {"write"}),
        (("write", "review", "operate"), {"read"}),
    ],
    ids=lambda words: "+".join(sorted(words)),
)
def test_every_call_needs_its_scope(
    house: House,
    web: TestClient,
    description: Description,
    scopes: tuple[str, ...],
    refused: set[str],
) -> None:
    headers = bearing(house, *scopes)
    every = calls(description.document)
    assert len(every) > 80
    for method, path in every:
        needed = "read" if method == "GET" else "write"
        if needed not in refused:
            continue
        answer = web.request(method, path, headers=headers)
        assert answer.status_code == 403, (method, path, answer.text)
        assert f"the scope {needed}" in answer.json()["hint"], (method, path)


def test_what_its_scope_allows_is_not_refused_for_the_scope(
    house: House, web: TestClient, description: Description
) -> None:
    headers = bearing(house, "read", "write")
    for method, path in calls(description.document):
        answer = web.request(method, path, headers=headers)
        assert "Make one with the scope" not in answer.text, path


@pytest.mark.parametrize("scopes", [[], ["review"], ["review", "operate"]], ids=str)
def test_a_token_that_could_do_nothing_is_not_made(
    house: House, web: TestClient, scopes: list[str]
) -> None:
    asked = {"label": "x", "scopes": scopes, "days": 1}
    answer = web.post("/api/v1/account/tokens", headers=house.token("ada"), json=asked)
    assert answer.status_code == 422


def test_a_token_has_exactly_the_scopes_that_were_asked_for(house: House, web: TestClient) -> None:
    asked = {"label": "x", "scopes": ["write"], "days": 1}
    made = web.post("/api/v1/account/tokens", headers=house.token("ada"), json=asked)
    assert made.json()["scopes"] == ["write"]
