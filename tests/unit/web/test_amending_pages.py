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
    record = json.dumps({**RECORD, "titles": [{"title": title}]})
    return {"reason": "A typo.", "record": record, **more}


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


def fields(page: str) -> dict[str, str]:
    """What the editor's form holds: hidden values, what is typed, and what is chosen."""
    form = page[page.index('id="sheet"') : page.index("</form>", page.index('id="sheet"'))]
    found = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.S))
    for name, options in re.findall(
        r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', form, re.S
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found.pop("csrf")
    return {name: html.unescape(text) for name, text in found.items()}


def test_the_form_of_drafts_edits_the_public_record_section_by_section(
    house: House, browser: Any
) -> None:
    found = house.opened()
    carl = browser("carl", "curator")
    here = f"/publications/{found.id}/amend"
    basics = fields(carl.get(here).text)
    assert basics["titles.0.title"] == RECORD["titles"][0]["title"]
    basics |= {"titles.0.title": "A better title", "reason": "Two typos."}
    people = fields(carl.post(here, do="go:people", **basics).text)
    assert people["creators.0.givenName"] == "Josiah"
    assert people["reason"] == "Two typos."
    people |= {"creators.0.givenName": "Joseph", "creators.0.name": "Carberry, Joseph"}
    more = carl.post(here, do="add:creators", **people)
    assert 'name="creators.1.name"' in more.text
    added = {**fields(more.text), "creators.1.name": "Strand, Bea"}
    seen = carl.post(here, step="look", **added)
    assert seen.status_code == 200
    for words in ("A better title", "Joseph", "Strand, Bea", "Two typos."):
        assert words in seen.text
    assert count_runs(house, found, "amend") == 0
    base = re.search(r'name="base"[^>]*>\s*([0-9a-f]{64})', seen.text)
    record = re.search(r'name="record"[^>]*>\n(.*?)</textarea>', seen.text, re.S)
    assert base
    assert record
    back = {"record": html.unescape(record[1]), "reason": "Two typos.", "base": base[1]}
    assert fields(carl.post(here, step="edit", **back).text)["titles.0.title"] == "A better title"
    assert carl.post(here, step="send", **back).status_code == 303
    with house.parts.database.read() as connection:
        after = publications.get(connection, found.id).record
    assert [c["name"] for c in after["creators"]] == ["Carberry, Joseph", "Strand, Bea"]
    assert {k: v for k, v in after.items() if k not in ("creators", "titles")} == {
        k: v for k, v in RECORD.items() if k not in ("creators", "titles")
    }


def test_what_must_be_mended_stands_beside_its_field_and_at_its_section(
    house: House, browser: Any
) -> None:
    found = house.opened()
    carl = browser("carl", "curator")
    here = f"/publications/{found.id}/amend"
    basics = {**fields(carl.get(here).text), "titles.0.title": "", "reason": "Gone."}
    wrong = carl.post(here, step="look", **basics)
    assert wrong.status_code == 422
    assert "1 to mend" in wrong.text
    assert 'href="#titles-0-title"' in wrong.text
    control = {**basics, "titles.0.title": "A\x01B"}
    refused = carl.post(here, step="look", **control)
    assert refused.status_code == 422
    assert "control character" in refused.text
    assert carl.post(here, step="look", **{**basics, "shown": "junk"}).status_code == 422
    assert carl.post(here, do="go:targets", **basics).status_code == 404
    assert count_runs(house, found, "amend") == 0
