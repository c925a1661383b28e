"""Names and mail preferences for programs; the fixture holds each answer against the API's own
description."""

from __future__ import annotations

from fastapi.testclient import TestClient

from excudit.metadata.datacite_json import from_rest
from excudit.service import names
from web_house import RECORD, House


def test_programs_find_the_same_names(house: House, web: TestClient) -> None:
    with house.parts.database.write() as connection:
        names.learn(connection, from_rest(RECORD))
    headers = house.token("ada")
    for kind, text, value in (
        ("people", "carb", "Carberry, Josiah"),
        ("organisations", "01hhn8329", "Example Institute"),
        ("licences", "cc0", "Creative Commons Zero v1.0 Universal"),
        ("languages", "deutsch", "de"),
        ("subjects", "sea", "sea temperature"),
    ):
        answer = web.get(f"/api/v1/names/{kind}", params={"text": text}, headers=headers)
        assert answer.json()["picks"][0]["value"] == value
    assert web.get("/api/v1/names/people").status_code == 401
    assert web.get("/api/v1/names/passwords", headers=headers).status_code == 422


def test_programs_choose_mails(house: House, web: TestClient) -> None:
    headers = house.token("ada")
    shown = web.get("/api/v1/mail-preferences", headers=headers).json()["mails"]
    assert set(shown.values()) == {"now"}
    wanted = {"mails": {"published": "digest", "approved": "off"}}
    after = web.patch("/api/v1/mail-preferences", json=wanted, headers=headers).json()["mails"]
    assert (after["published"], after["approved"], after["returned"]) == ("digest", "off", "now")
    wrong = {"mails": {"returned": "off", "nothing": "off"}}
    refused = web.patch("/api/v1/mail-preferences", json=wrong, headers=headers)
    assert refused.status_code == 422
    assert {p["where"] for p in refused.json()["problems"]} == {"returned", "nothing"}
