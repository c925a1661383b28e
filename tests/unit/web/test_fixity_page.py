"""What operators see of the files that are read again, and how they ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient

from deciding_house import Browser
from excudit.domain.model import SERVICE, Deposit, Snapshot
from excudit.domain.problem import Problem
from excudit.ports import Watch
from excudit.service import fixity
from excudit.store import site_events
from web_house import House, Registry


class Kept(Registry):
    """A registry that keeps files, too."""

    fixity_days = 30

    def fixity(self, deposit: Deposit, snapshot: Snapshot, watch: Watch) -> Sequence[Problem]:
        return ()


@pytest.fixture
def anna(house: House, web: TestClient) -> Browser:
    return Browser(web, *house.signed_in("anna", "admin"))


def report(house: House, **details: Any) -> None:
    """The end of a check."""
    told = {"publications": 1, "files": 12, "bytes": 34, "damaged": {}, "unread": {}, **details}
    with house.parts.database.write() as connection:
        site_events.append(
            connection, actor=SERVICE.name, action=fixity.CHECKED, about="registry", details=told
        )


def test_targets_that_keep_nothing_have_no_section(house: House, anna: Browser) -> None:
    assert "Fixity of published files" not in anna.get("/operations").text


def test_a_check_is_asked_for_by_a_button_and_its_report_shown(house: House, anna: Browser) -> None:
    house.parts.targets["registry"] = Kept()
    text = anna.get("/operations").text
    assert "Fixity of published files" in text
    assert "never" in text
    assert fixity.due(house.parts) == ["registry"]
    asked = anna.post("/operations/fixity/registry")
    assert asked.status_code in (200, 303)
    assert "waits for a worker" in anna.get("/operations").text
    report(house)
    shown = anna.get("/operations").text
    assert "as published" in shown
    assert "every 30 days" in shown
    assert fixity.due(house.parts) == []


def test_damage_leads_to_the_publication(house: House, anna: Browser) -> None:
    house.parts.targets["registry"] = Kept()
    report(house, damaged={"0190-a": 2}, unread={"0190-b": "There is no deposit any more."})
    shown = anna.get("/operations").text
    assert "1 damaged" in shown
    assert "/publications/0190-a/history" in shown
    assert "There is no deposit any more." in shown


def test_only_those_who_run_the_service_ask_for_it(house: House, web: TestClient) -> None:
    house.parts.targets["registry"] = Kept()
    carl = Browser(web, *house.signed_in("carl", "curator"))
    assert carl.post("/operations/fixity/registry").status_code == 403
    assert (
        Browser(web, *house.signed_in("anna", "admin"))
        .post("/operations/fixity/nothing")
        .status_code
        == 404
    )


def test_a_program_reads_the_report_and_asks_for_a_check(house: House, web: TestClient) -> None:
    house.parts.targets["registry"] = Kept()
    report(house, damaged={"0190-a": 2})
    headers = house.token("anna", "admin")
    (told,) = web.get("/api/v1/operations/fixity", headers=headers).json()
    assert (told["target"], told["files"], told["damaged"]) == ("registry", 12, {"0190-a": 2})
    asked = web.post("/api/v1/operations/targets/registry/fixity", headers=headers)
    assert asked.status_code == 204
    (told,) = web.get("/api/v1/operations/fixity", headers=headers).json()
    assert told["waiting"]
    carl = house.token("carl", "curator")
    assert web.get("/api/v1/operations/fixity", headers=carl).status_code == 403
