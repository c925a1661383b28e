"""What the pickers are answered while somebody types."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from excudit.metadata.datacite_json import from_rest
from excudit.service import names
from excudit.store import users
from web_house import RECORD, House


def test_a_pick_fills_the_row_beside_it(house: House, web: TestClient) -> None:
    with house.parts.database.write() as connection:
        names.learn(connection, from_rest(RECORD))
    headers, _ = house.signed_in("ada")
    answer = web.get("/pick/people", params={"text": "carb"}, headers=headers)
    assert answer.headers["cache-control"] == "private, no-cache"
    (pick,) = answer.json()["picks"]
    assert pick["value"] == "Carberry, Josiah"
    assert pick["id"] == "https://orcid.org/0000-0002-1825-0097"
    assert pick["fills"] == {
        "given": "Josiah",
        "family": "Carberry",
        "identifier": "https://orcid.org/0000-0002-1825-0097",
        "identifier-scheme": "ORCID",
        "affiliation": "Example Institute",
        "affiliation-identifier": "https://ror.org/01hhn8329",
    }
    assert answer.json()["said"] == "1 match. Use the arrow keys to choose."


def test_nothing_of_other_accounts_can_be_picked(house: House, web: TestClient) -> None:
    headers, _ = house.signed_in("ada")
    house.token("bea")
    with house.parts.database.write() as connection:
        users.put(connection, "bea", email="bea@private.example", roles=[])
    for kind in names.FINDERS:
        for text in ("bea", "bea@private.example", "private"):
            answer = web.get(f"/pick/{kind}", params={"text": text}, headers=headers)
            assert answer.status_code == 200
            assert "private.example" not in answer.text


def test_strangers_are_led_to_the_sign_in_page(web: TestClient) -> None:
    answer = web.get("/pick/people", params={"text": "a"}, follow_redirects=False)
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["location"]


@pytest.mark.parametrize("text", ["", " ", "%" * 50, "a" * 5000, "\x00", "🌊", "'\"<script>"])
def test_any_text_is_answered(house: House, web: TestClient, text: str) -> None:
    headers, _ = house.signed_in("ada")
    for kind in names.FINDERS:
        answer = web.get(f"/pick/{kind}", params={"text": text}, headers=headers)
        assert answer.status_code == 200
        assert len(answer.json()["picks"]) <= names.LIMIT


def test_there_is_no_other_kind(house: House, web: TestClient) -> None:
    headers, _ = house.signed_in("ada")
    assert web.get("/pick/passwords", headers=headers).status_code == 404
