"""The metadata form over HTTP: shown, saved, merged, undone, refused, submitted."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from excudit.service import drafts, verbs
from excudit.store import editions, publications
from form_visitor import ADA, Browser, at, hidden
from web_house import RECORD, House


@pytest.fixture
def ada(house: House, web: TestClient) -> Browser:
    return Browser(house, web, "ada")


@pytest.fixture
def draft(house: House, ada: Browser) -> str:
    return verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD).id


@pytest.fixture
def record(house: House, draft: str) -> Callable[[], dict[str, Any]]:
    def read() -> dict[str, Any]:
        with house.parts.database.read() as connection:
            return dict(publications.get(connection, draft).record)

    return read


Record = Callable[[], dict[str, Any]]


SECTIONS = ("basics", "people", "rights", "subjects", "related", "funding", "files", "targets")


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_shown_with_a_heading_and_its_neighbours(
    ada: Browser, draft: str, section: str
) -> None:
    page = ada.get(at(draft, section))
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert all(at(draft, other) in page.text for other in SECTIONS)


def test_a_saved_field_is_found_again_and_nothing_else_changes(
    ada: Browser, draft: str, record: Record
) -> None:
    before = record()
    answer = ada.post(at(draft), {**ada.open(at(draft)), "version": "2.0", "do": "save"})
    assert (answer.status_code, answer.headers["location"]) == (303, at(draft))
    assert record() == {**before, "version": "2.0"}
    assert 'value="2.0"' in ada.get(at(draft)).text


def test_the_form_says_the_state_in_the_words_of_all_pages(
    house: House, ada: Browser, draft: str
) -> None:
    with house.parts.database.write() as connection:
        publications.change(connection, draft, state="changes_requested")
    page = ada.get(at(draft)).text
    assert "Waiting for author" in page
    assert "Changes requested" not in page


def test_a_prefilled_value_names_its_dataset_shortly_and_in_full_once(
    house: House, ada: Browser
) -> None:
    house.shelf.titles["/srv/data/cruise-7"] = "Cruise 7"
    made = verbs.create(house.parts, ADA, "to-doi", "/srv/data/cruise-7")
    page = ada.get(at(made.id)).text
    assert "From cruise-7" in page
    assert page.count("/srv/data/cruise-7") == 1


def test_an_empty_draft_can_be_saved_and_says_all_that_is_missing(
    house: House, ada: Browser, draft: str
) -> None:
    drafts.replace(house.parts, ADA, draft, {"version": "0"})
    page = ada.get(at(draft)).text
    assert "This is missing. Required by DataCite." in page
    assert "4 to mend" in page
    assert "/titles" not in page.replace("edit/titles", "")
    assert ada.post(at(draft), {**hidden(page), "version": "1"}).status_code == 303


def test_problems_stand_beside_their_field_in_words(house: House, ada: Browser, draft: str) -> None:
    bad = {**RECORD, "dates": [{"date": "2024-13", "dateType": "Collected"}]}
    drafts.replace(house.parts, ADA, draft, bad)
    page = ada.get(at(draft)).text
    assert 'href="#dates-0-date"' in page
    assert 'aria-describedby="dates-0-date-error dates-0-date-hint"' in page
    assert "&#39;2024-13&#39; is not a date: there is no month 13." in page


def test_a_fresh_draft_is_not_scolded_before_its_first_save(ada: Browser, house: House) -> None:
    made = verbs.create(house.parts, ADA, "to-doi", "beta")
    assert 'id="problems"' not in ada.get(at(made.id, "targets")).text
    assert ada.get(at(made.id, "basics") + "?checked=1").status_code == 200


def test_rows_are_added_moved_and_removed_by_buttons(
    ada: Browser, draft: str, record: Record
) -> None:
    first = ada.open(at(draft, "people"))
    added = ada.post(at(draft, "people"), {**first, "do": "add:creators"})
    page = ada.get(added.headers["location"])
    assert 'id="creators-1-name"' in page.text
    assert re.search(r'id="creators-1-name"[^>]*autofocus', page.text)
    typed = {"creators.1.familyName": "Curie", "creators.1.givenName": "Marie", "do": "save"}
    ada.post(at(draft, "people"), {**hidden(page.text), **typed})
    assert [c["name"] for c in record()["creators"]] == ["Carberry, Josiah", "Curie, Marie"]
    moved = ada.post(at(draft, "people"), {**ada.open(at(draft, "people")), "do": "up:creators.1"})
    assert [c["name"] for c in record()["creators"]] == ["Curie, Marie", "Carberry, Josiah"]
    landed = ada.get(moved.headers["location"]).text
    assert re.search(r'id="creators-0-down"[^>]*autofocus', landed)
    ada.post(at(draft, "people"), {**hidden(landed), "do": "remove:creators.0"})
    assert [c["name"] for c in record()["creators"]] == ["Carberry, Josiah"]


def test_a_button_of_a_row_saves_what_was_typed_too(
    ada: Browser, draft: str, record: Record
) -> None:
    form = ada.open(at(draft, "people"))
    typed = {"creators.0.affiliation.0.name": "Elsewhere", "do": "add:creators.0.affiliation"}
    answer = ada.post(at(draft, "people"), {**form, **typed})
    assert record()["creators"][0]["affiliation"][0]["name"] == "Elsewhere"
    assert 'id="creators-0-affiliation-1-name"' in ada.get(answer.headers["location"]).text


def test_a_blank_row_leaves_nothing_behind(ada: Browser, draft: str, record: Record) -> None:
    before = record()
    page = ada.get(at(draft, "funding") + "?add=fundingReferences").text
    blank = {"fundingReferences.0.funderName": "  ", "fundingReferences.0.awardTitle": ""}
    ada.post(at(draft, "funding"), {**hidden(page), **blank})
    assert record() == before


def test_add_me_names_the_one_who_is_signed_in(
    house: House, ada: Browser, draft: str, record: Record
) -> None:
    ada.post(at(draft, "people"), {**ada.open(at(draft, "people")), "do": "me:creators"})
    assert record()["creators"][-1]["name"] == "ada"


def test_undo_goes_back_step_by_step_and_can_be_written_over(
    house: House, ada: Browser, draft: str, record: Record
) -> None:
    for text in ("2", "3"):
        ada.post(at(draft), {**ada.open(at(draft)), "version": text})
    undo = f"/publications/{draft}/edit/undo"
    ada.post(undo, {"section": "basics"})
    assert record()["version"] == "2"
    ada.post(undo, {"section": "basics"})
    assert record()["version"] == "1.0"
    assert ada.post(undo, {}).status_code == 409
    assert "Undo last change" not in ada.get(at(draft)).text
    first = drafts.history(house.parts, draft)[2].edition
    drafts.restore(house.parts, ADA, draft, first)
    assert record()["version"] == "3"


@pytest.mark.parametrize("text", ["{{7*7}}", "<script>alert(1)</script>", "ليلى 🌊", "a & b"])
def test_any_text_is_shown_as_it_was_typed(ada: Browser, draft: str, text: str) -> None:
    ada.post(at(draft), {**ada.open(at(draft)), "titles.0.title": text})
    page = ada.get(at(draft)).text
    assert f'value="{html.escape(text, quote=False)}"' in page
    assert "<script>alert" not in page


def test_a_control_character_is_refused_and_all_that_was_typed_is_kept(
    ada: Browser, draft: str, record: Record
) -> None:
    before = record()
    typed = {"titles.0.title": "bad\x07title", "version": "typed too"}
    answer = ada.post(at(draft), {**ada.open(at(draft)), **typed})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'href="#titles-0-title"' in answer.text
    assert 'value="typed too"' in answer.text
    assert record() == before


def test_a_form_of_ten_megabytes_is_refused_in_words(
    ada: Browser, draft: str, record: Record
) -> None:
    before = record()
    answer = ada.post(at(draft), {**ada.open(at(draft)), "version": "x" * 10_000_000})
    assert answer.status_code == 413
    assert "longer than" in answer.text
    assert record() == before


def test_a_form_without_its_base_is_refused(ada: Browser, draft: str, record: Record) -> None:
    before = record()
    for base in ("", "junk", "eA=="):
        answer = ada.post(at(draft), {"base": base, "version": "x"})
        assert answer.status_code == 422
    assert record() == before


def test_ten_thousand_creators_can_be_worked_on(
    house: House, ada: Browser, draft: str, record: Record
) -> None:
    person = RECORD["creators"][0]
    people = [{**person, "name": f"Carberry, {n}", "givenName": str(n)} for n in range(10_000)]
    drafts.replace(house.parts, ADA, draft, {**RECORD, "creators": people})
    page = ada.get(at(draft, "people") + "?creators=9980")
    assert len(page.content) < 150_000
    assert "9,981 to 10,000 of 10,000" in page.text
    form = {**hidden(page.text), "creators.9999.familyName": "Last"}
    assert ada.post(at(draft, "people"), form).status_code == 303
    after = record()["creators"]
    assert len(after) == 10_000
    assert after[9999]["familyName"] == "Last"
    assert after[:9999] == people[:9999]


def test_a_stranger_learns_nothing_and_a_reviewer_may_not_write(
    house: House, web: TestClient, draft: str, record: Record
) -> None:
    stranger = Browser(house, web, "eve")
    assert stranger.get(at(draft)).status_code == 404
    assert stranger.post(at(draft), {}).status_code == 404
    reviewer = Browser(house, web, "rita", "reviewer")
    assert reviewer.get(at(draft)).status_code == 403
    assert reviewer.post(f"/publications/{draft}/edit/undo", {}).status_code == 403


def test_nobody_saves_without_the_mark_of_the_session(ada: Browser, draft: str) -> None:
    form = {**ada.open(at(draft)), "csrf": "forged", "version": "x"}
    assert ada.post(at(draft), form).status_code in (303, 403)


def test_submitting_with_problems_lists_them_all_and_sends_nothing(
    house: House, ada: Browser, draft: str
) -> None:
    drafts.replace(house.parts, ADA, draft, {"version": "0", "dates": [{"date": "x"}]})
    answer = ada.post(f"/publications/{draft}/submit", {})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert f"{at(draft)}?checked=1#titles-0-title" in html.unescape(answer.text)
    assert f"{at(draft, 'people')}?checked=1#creators-0-name" in html.unescape(answer.text)
    assert verbs.visible(house.parts, ADA, draft).state == "draft"


def test_a_complete_draft_is_submitted_once(house: House, ada: Browser, draft: str) -> None:
    answer = ada.post(f"/publications/{draft}/submit", {})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/publications/{draft}")
    assert verbs.visible(house.parts, ADA, draft).state == "submitted"
    assert ada.post(f"/publications/{draft}/submit", {}).status_code == 409


def test_a_reserved_doi_is_shown_without_a_link_and_stays(
    house: House, ada: Browser, draft: str
) -> None:
    for _ in range(2):
        ada.post(f"/publications/{draft}/edit/reserve", {})
    assert drafts.reserved(house.parts, draft) == "10.5072/alpha"
    page = ada.get(at(draft, "targets")).text
    assert "Reserved – does not resolve yet" in page
    assert 'href="https://doi.org/10.5072/alpha"' not in page


def test_a_member_that_datacite_does_not_have_can_be_removed(
    house: House, ada: Browser, draft: str, record: Record
) -> None:
    drafts.replace(house.parts, ADA, draft, {**RECORD, "foo": 1})
    page = ada.get(at(draft, "targets")).text
    assert "“foo” is not part of DataCite 4.7" in page
    base = re.search(r'name="base" value="([^"]+)"', page)
    assert base is not None
    ada.post(at(draft, "targets"), {"base": base[1], "do": "drop:foo"})
    assert "foo" not in record()


def test_the_preview_shows_the_draft_as_it_is_now(house: House, ada: Browser, draft: str) -> None:
    preview = f"/publications/{draft}/edit/preview"
    assert "Sea surface temperature, station Alpha, 2024" in ada.get(preview).text
    assert ada.get(preview + ".json").json()["version"] == "1.0"
    assert ada.get(preview + ".xml").text.startswith("<?xml")
    drafts.replace(house.parts, ADA, draft, {"version": "0"})
    assert "[Title]" in ada.get(preview).text
    assert ada.get(preview + ".json").json() == {"version": "0"}
    assert ada.get(preview + ".xml").status_code == 422


def test_a_deleted_draft_keeps_no_history_of_typing(house: House, ada: Browser, draft: str) -> None:
    ada.post(at(draft), {**ada.open(at(draft)), "version": "2"})
    verbs.step_back(house.parts, ADA, draft, "delete")
    with house.parts.database.read() as connection:
        assert editions.of(connection, draft) == []


@pytest.mark.parametrize(
    "query",
    [
        "?at=x.y.z.9.up",
        "?at=titles.0.title.1.up",
        "?add=zzz.9",
        "?creators=-1&titles=99999999999",
        "?at=%00",
    ],
)
def test_strange_addresses_of_the_form_show_it_all_the_same(
    ada: Browser, draft: str, query: str
) -> None:
    assert ada.get(at(draft) + query).status_code == 200
    assert ada.get(at(draft, "people") + query).status_code == 200
