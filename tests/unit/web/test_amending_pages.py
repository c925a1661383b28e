"""Withdrawing and amending what is public, on their pages."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from deciding_house import Browser, count_runs, state
from excudit.store import publications
from web_house import RECORD, House


@pytest.fixture
def browser(house: House, web: TestClient) -> Any:
    def open_for(name: str, *roles: str) -> Browser:
        return Browser(web, *house.signed_in(name, *roles))

    return open_for


def test_withdrawing_needs_a_reason_and_shows_the_tombstone_first(
    house: House, browser: Any
) -> None:
    found = house.opened()
    carl = browser("carl", "curator")
    here = f"/publications/{found.id}/withdraw"
    empty = carl.post(here, step="send", reason="  ")
    assert empty.status_code == 422
    assert "<title>Error:" in empty.text
    seen = carl.post(here, step="look", reason="The sensor <b>was</b> wrong.")
    assert "The sensor &lt;b&gt;was&lt;/b&gt; wrong." in seen.text
    assert state(house, found) == "published"
    assert count_runs(house, found, "withdraw") == 0
    assert carl.post(here, step="send", reason="The sensor was wrong.").status_code == 303
    assert carl.post(here, step="send", reason="The sensor was wrong.").status_code == 303
    assert count_runs(house, found, "withdraw") == 1


@pytest.mark.parametrize("reason", ["x" * 10_001, "a\x00b"])
def test_a_reason_that_cannot_be_kept_is_explained(house: House, browser: Any, reason: str) -> None:
    found = house.opened()
    answer = browser("carl", "curator").post(
        f"/publications/{found.id}/withdraw", step="send", reason=reason
    )
    assert answer.status_code == 422
    assert count_runs(house, found, "withdraw") == 0


def test_an_owner_does_not_withdraw(house: House, browser: Any) -> None:
    found = house.opened()
    assert browser("ada").get(f"/publications/{found.id}/withdraw").status_code == 403


def amended(title: str = "A better title", **more: str) -> dict[str, str]:
    abstract = RECORD["descriptions"][0]["description"]
    return {"title": title, "description": abstract, "reason": "A typo.", "record": "", **more}


def test_an_amendment_is_compared_field_by_field_before_it_is_sent(
    house: House, browser: Any
) -> None:
    found = house.opened()
    carl = browser("carl", "curator")
    here = f"/publications/{found.id}/amend"
    shown = carl.get(here).text
    assert "Sea surface temperature, station Alpha, 2024" in shown
    seen = carl.post(here, step="look", **amended())
    assert seen.status_code == 200
    assert "1 field changes" in seen.text
    assert "A better title" in seen.text
    assert count_runs(house, found, "amend") == 0
    base = re.search(r'name="base"[^>]*>\s*([0-9a-f]{64})', seen.text)
    record = re.search(r'name="record"[^>]*>\n(.*?)</textarea>', seen.text, re.S)
    assert base
    assert record
    sent = amended(record=html.unescape(record[1]), base=base[1])
    assert carl.post(here, step="send", **sent).status_code == 303
    assert carl.post(here, step="send", **sent).status_code == 303
    assert count_runs(house, found, "amend") == 1
    with house.parts.database.read() as connection:
        assert publications.get(connection, found.id).title == "A better title"


def test_an_uploaded_record_goes_before_the_typed_one(house: House, browser: Any) -> None:
    found = house.opened()
    record = {**RECORD, "version": "2.0", "subjects": [{"subject": "salinity"}]}
    upload = {"file": ("datacite.json", json.dumps(record).encode(), "application/json")}
    title = RECORD["titles"][0]["title"]
    seen = browser("carl", "curator").post(
        f"/publications/{found.id}/amend", files=upload, step="look", **amended(title)
    )
    assert "salinity" in seen.text
    assert "2 fields change" in seen.text


@pytest.mark.parametrize(
    "record", ["{", '{"titles": 3}', "<resource", json.dumps({"titles": [{"title": "x"}]})]
)
def test_a_broken_record_changes_nothing_and_is_kept(
    house: House, browser: Any, record: str
) -> None:
    found = house.opened()
    answer = browser("carl", "curator").post(
        f"/publications/{found.id}/amend", step="send", **amended(record=record)
    )
    assert answer.status_code == 422
    assert "The new metadata have problems" in answer.text
    assert "A better title" in answer.text
    assert "A typo." in answer.text
    assert count_runs(house, found, "amend") == 0


def test_an_amendment_of_what_somebody_else_changed_is_not_sent(house: House, browser: Any) -> None:
    found = house.opened()
    answer = browser("carl", "curator").post(
        f"/publications/{found.id}/amend", step="send", **amended(base="0" * 64)
    )
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    assert "A better title" in answer.text
    assert count_runs(house, found, "amend") == 0
