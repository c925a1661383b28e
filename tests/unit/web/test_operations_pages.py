"""The pages of those who run the service, and the same by the API."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from deciding_house import Browser, approved, parked
from excudit.engine import standing
from excudit.settings import Plugged
from web_house import House

PAGES = (
    "/operations",
    "/operations/runs/needs_attention",
    "/operations/runs/out_of_sync",
    "/operations/runs/cleanup_pending",
    "/operations/runs/waiting",
    "/operations/mails",
    "/operations/routes",
)


@pytest.fixture
def anna(house: House, web: TestClient) -> Browser:
    return Browser(web, *house.signed_in("anna", "admin"))


@pytest.mark.parametrize("path", PAGES)
def test_each_page_answers_empty_and_is_for_admins_only(
    house: House, web: TestClient, anna: Browser, path: str
) -> None:
    answer = anna.get(path)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    for roles in ((), ("reviewer",), ("curator",), ("curator:to-doi",)):
        headers, _ = house.signed_in("sam" + "".join(roles), *roles)
        assert web.get(path, headers=headers).status_code == 403


def test_what_stands_still_is_listed_with_its_reason(house: House, anna: Browser) -> None:
    found = approved(house)
    parked(house, found, position="reserve.registry")
    text = anna.get("/operations/runs/needs_attention").text
    for words in (
        "Sea surface temperature",
        "Open a draft at registry",
        "The registry refused us.",
        "401 go away",
        f"/publications/{found.id}/retry",
        f"/publications/{found.id}/stop",
    ):
        assert words in text


def test_retrying_all_shows_their_number_first_then_each_result(
    house: House, anna: Browser
) -> None:
    for _ in range(3):
        parked(house, approved(house), position="reserve.registry")
    asked = anna.post("/operations/retry", health="needs_attention")
    assert asked.status_code == 200
    assert "Retry 3 publications" in asked.text
    done = anna.post("/operations/retry", health="needs_attention", sure="yes")
    assert "3 of 3 go on now." in done.text
    again = anna.post("/operations/retry", health="needs_attention", sure="yes")
    assert "0 of 0" in again.text


def test_one_that_went_on_meanwhile_is_told_and_stops_no_other(house: House, anna: Browser) -> None:
    first, second = approved(house), approved(house)
    parked(house, first, position="reserve.registry")
    fields = {"health": "needs_attention", "sure": "yes"}
    both: Any = {**fields, "publication": [first.id, second.id]}
    answer = anna.post("/operations/retry", **both)
    assert "1 of 2 go on now." in answer.text
    assert "not done:" in answer.text


def test_pausing_needs_a_reason_and_is_shown(house: House, anna: Browser) -> None:
    here = "/operations/targets/registry"
    empty = anna.post(f"{here}/pause", reason=" ")
    assert empty.status_code == 422
    assert "Give a reason" in empty.text
    shown = anna.follow(anna.post(f"{here}/pause", reason="Their <maintenance>"))
    assert "No call is made to registry until it is resumed." in shown
    assert "paused by hand" in shown
    assert "Resume registry" in shown
    assert "Calls go to registry again" in anna.follow(anna.post(f"{here}/resume"))
    assert "Their &lt;maintenance&gt;" in anna.get("/audit?action=pause").text


def test_a_breaker_that_opened_by_itself_says_what_happened_and_not_that_it_is_paused(
    house: House, anna: Browser
) -> None:
    breakers = house.parts.client.breakers
    with house.parts.database.plainly():
        for _ in range(breakers.trip.failures):
            breakers.failed("registry")
    shown = anna.get("/operations").text
    assert "after 5 failures in a row" in shown
    assert "Nobody paused it" in shown
    assert "paused by hand" not in shown
    assert ">Call registry again now</button>" in shown
    assert "Calls go to registry again" in anna.follow(
        anna.post("/operations/targets/registry/resume")
    )
    assert "left alone" not in anna.get("/operations").text


def test_places_are_called_by_their_titles(house: House, web: TestClient, anna: Browser) -> None:
    data = house.parts.settings
    titled = {"registry": Plugged(kind="registry", title="DataCite Fabrica")}
    settings = data.model_copy(update={"targets": titled})
    web.app.state.parts = replace(house.parts, settings=settings)  # type: ignore[attr-defined]
    shown = anna.follow(anna.post("/operations/targets/registry/pause", reason="They asked."))
    assert "No call is made to DataCite Fabrica" in shown
    assert "Resume DataCite Fabrica" in shown
    assert "They asked." in shown
    assert "DataCite Fabrica" in anna.get("/operations/routes").text


def test_looking_at_all_shows_what_does_not_answer(house: House, anna: Browser) -> None:
    house.shelf.is_down = True
    shown = anna.follow(anna.post("/operations/probe"))
    assert "1 does not answer as they should." in shown
    assert "The shelf does not answer." in shown


def test_no_secret_of_the_settings_is_on_any_page(house: House, anna: Browser) -> None:
    text = "".join(anna.get(path).text for path in PAGES)
    assert "excudit.db" not in text
    assert "sqlite:///" not in text
    assert "To a DOI" in html.unescape(text)


@pytest.mark.parametrize(
    "path", ["/operations/runs/idle", "/operations/runs/%00", "/operations/targets/x/pause"]
)
def test_what_is_not_there_is_not_found(anna: Browser, path: str) -> None:
    answer = anna.post(path, reason="why") if "targets" in path else anna.get(path)
    assert answer.status_code == 404


def test_a_program_can_do_the_same(house: House, web: TestClient) -> None:
    found = approved(house)
    parked(house, found, position="reserve.registry")
    me = house.token("anna", "admin")
    api = "/api/v1/operations"
    seen = web.get(api, headers=me).json()
    assert seen["troubled"]["needs_attention"] == 1
    assert {p["name"]: p["well"] for p in seen["places"]}["registry"] is None
    rows = web.get(f"{api}/runs?health=needs_attention", headers=me).json()["publications"]
    assert rows[0]["error"]["message"] == "The registry refused us."
    assert web.post(f"{api}/probe", headers=me).json() == {"failing": 0}
    paused = web.post(f"{api}/targets/registry/pause", json={"reason": "why"}, headers=me)
    assert paused.status_code == 204
    calls = {p["name"]: p["calls"] for p in web.get(api, headers=me).json()["places"]}
    assert calls["registry"] == "paused"
    assert web.post(f"{api}/targets/registry/resume", json={}, headers=me).json() == {"runs": 0}
    both = {"publications": [found.id, "nothing"]}
    results = web.post(f"{api}/retry", json=both, headers=me).json()["results"]
    assert [bool(r["words"]) for r in results] == [False, True]
    assert web.get(f"{api}/mails", headers=me).json() == {"mails": [], "next": None}
    assert web.post(f"{api}/mails/resend", json={"mails": [1]}, headers=me).json() == {"mails": 0}
    first = web.get("/api/v1/audit?limit=2", headers=me).json()
    assert len(first["entries"]) == 2
    second = web.get(first["next"], headers=me).json()
    assert second["entries"][0]["id"] != first["entries"][0]["id"]


@pytest.mark.parametrize("path", ["/operations", "/operations/runs", "/operations/mails", "/audit"])
def test_programs_without_the_role_are_refused(house: House, web: TestClient, path: str) -> None:
    answer = web.get(f"/api/v1{path}", headers=house.token("carl", "curator"))
    assert answer.status_code == 403


def test_health_warns_when_no_worker_is_heard(house: House, web: TestClient) -> None:
    silent = web.get("/health")
    assert silent.status_code == 200
    assert silent.json()["checks"]["workers"]["status"] == "warning"
    with house.parts.database.write() as connection:
        standing.beat(connection, "local", 60)
    assert web.get("/health").json()["checks"]["workers"] == {"status": "ok", "detail": ""}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_no_clock_shows_is_refused(house: House, web: TestClient, moment: str) -> None:
    me = house.token("anna", "admin")
    assert web.get(f"/api/v1/audit?since={moment}", headers=me).status_code == 422
    found = approved(house, state="in_review")
    ask = {"publish_at": moment.replace("%2B", "+")}
    here = f"/api/v1/publications/{found.id}/publish-date"
    assert web.put(here, json=ask, headers=me).status_code == 422
