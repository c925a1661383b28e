"""Older editions of a draft by the API."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from excudit.domain.model import Actor
from excudit.service import drafts, verbs
from excudit.store import publications
from web_house import RECORD, House

ADA = Actor("ada", frozenset(), "ada@example.org")


@pytest.fixture
def draft(house: House) -> str:
    made = verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD)
    for version in ("2", "3"):
        drafts.replace(house.parts, ADA, made.id, {**RECORD, "version": version}, note="Typed")
    return f"/api/v1/publications/{made.id}"


def test_the_editions_are_listed_newest_first_and_read_one_by_one(
    house: House, web: TestClient, draft: str
) -> None:
    ada = house.token("ada")
    found = web.get(f"{draft}/editions", headers=ada).json()
    assert [e["note"] for e in found["editions"]] == ["Typed", "Typed", "As it was prefilled"]
    assert found["next"] is None
    first = found["editions"][-1]["edition"]
    assert web.get(f"{draft}/editions/{first}", headers=ada).json()["record"]["version"] == "1.0"
    page = web.get(f"{draft}/editions", headers=ada, params={"limit": 2}).json()
    rest = web.get(f"{draft}/editions", headers=ada, params={"before": page["next"]}).json()
    assert [e["edition"] for e in rest["editions"]] == [first]


def test_an_older_edition_is_restored_as_a_new_one(
    house: House, web: TestClient, draft: str
) -> None:
    ada = house.token("ada")
    first = web.get(f"{draft}/editions", headers=ada).json()["editions"][-1]["edition"]
    answer = web.post(f"{draft}/editions/{first}/restore", headers=ada)
    assert answer.status_code == 200
    assert answer.json()["record"]["version"] == "1.0"
    newest = web.get(f"{draft}/editions", headers=ada).json()["editions"][0]
    assert newest["note"] == f"Edition {first} restored"


def test_a_stale_tag_restores_and_undoes_nothing(house: House, web: TestClient, draft: str) -> None:
    ada = house.token("ada")
    stale = {**ada, "If-Match": '"1.0"'}
    assert web.post(f"{draft}/undo", headers=stale).status_code == 412
    assert web.post(f"{draft}/editions/1/restore", headers=stale).status_code == 412
    fresh = {**ada, "If-Match": web.get(draft, headers=ada).headers["etag"]}
    assert web.post(f"{draft}/undo", headers=fresh).json()["record"]["version"] == "2"


def test_what_is_not_there_or_not_yours_is_not_found(
    house: House, web: TestClient, draft: str
) -> None:
    ada, eve = house.token("ada"), house.token("eve")
    assert web.get(f"{draft}/editions/999", headers=ada).status_code == 404
    assert web.post(f"{draft}/editions/999/restore", headers=ada).status_code == 404
    for path in ("editions", "editions/1"):
        assert web.get(f"{draft}/{path}", headers=eve).status_code == 404
    for path in ("editions/1/restore", "undo", "reserve-doi"):
        assert web.post(f"{draft}/{path}", headers=eve).status_code == 404


def test_a_draft_that_left_the_desk_is_not_changed(
    house: House, web: TestClient, draft: str
) -> None:
    key = draft.rpartition("/")[2]
    with house.parts.database.write() as connection:
        publications.change(connection, key, state="published")
    for path in ("editions/1/restore", "undo", "reserve-doi"):
        assert web.post(f"{draft}/{path}", headers=house.token("ada")).status_code == 409


def test_a_doi_is_reserved_once(house: House, web: TestClient, draft: str) -> None:
    ada = house.token("ada")
    for _ in range(2):
        answer = web.post(f"{draft}/reserve-doi", headers=ada)
        assert answer.json() == {"doi": "10.5072/alpha"}
    events = web.get(f"{draft}/events", headers=ada).json()
    assert str(events).count("'reserve_doi'") == 1
