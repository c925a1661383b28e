"""Pickers by keyboard and by mouse, in rows that come after the page was loaded."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from excudit.metadata.datacite_json import from_rest
from excudit.service import names, verbs
from web_house import RECORD

ROW = """
<fieldset data-row><legend>Author</legend>
<div class="field"><label for="a-name">Name</label><input id="a-name" data-pick="people"></div>
<label for="a-given">Given name</label><input id="a-given" data-fill="given">
<label for="a-id">Identifier</label><input id="a-id" data-fill="identifier">
<div data-row><div class="field"><label for="a-aff">Affiliation</label>
<input id="a-aff" data-pick="organisations" data-fill="affiliation"></div>
<input id="a-ror" aria-label="ROR" data-fill="identifier"></div>
</fieldset>
<fieldset data-row><legend>Licence</legend>
<div class="field"><label for="l-name">Licence</label><input id="l-name" data-pick="licences"></div>
<div class="field"><label for="l-uri">Address</label><input id="l-uri" data-fill="rights-uri"></div>
</fieldset>
"""


@pytest.fixture
def page(house: Any, owner: Page) -> Page:
    with house.parts.database.write() as connection:
        names.learn(connection, from_rest(RECORD))
    owner.goto("/desk")
    owner.evaluate(
        """row => {
          const form = document.createElement("form");
          form.innerHTML = row;
          window.heard = [];
          form.addEventListener("change", (e) => window.heard.push(e.target.id));
          document.querySelector("main").append(form);
        }""",
        ROW,
    )
    expect(owner.locator("#a-name")).to_have_role("combobox")
    return owner


def options(page: Page) -> Any:
    return page.get_by_role("option")


def test_a_person_is_picked_by_arrow_keys_and_fills_the_row(page: Page) -> None:
    name = page.get_by_role("combobox", name="Name")
    name.press_sequentially("josi")
    expect(options(page)).to_have_count(1)
    expect(name).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status").filter(has_text="1 match")).to_be_attached()
    expect(options(page).first).to_contain_text("Example Institute")
    expect(options(page).first).to_contain_text("orcid.org/0000-0002-1825-0097")
    name.press("ArrowDown")
    active = name.get_attribute("aria-activedescendant")
    assert active == options(page).first.get_attribute("id")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    name.press("Enter")
    expect(name).to_have_value("Carberry, Josiah")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#a-given")).to_have_value("Josiah")
    expect(page.locator("#a-id")).to_have_value("https://orcid.org/0000-0002-1825-0097")
    expect(page.locator("#a-ror")).to_have_value("")
    assert set(page.evaluate("window.heard")) >= {"a-name", "a-given", "a-id"}


def test_escape_and_leaving_keep_what_was_typed(page: Page) -> None:
    name = page.get_by_role("combobox", name="Name")
    name.press_sequentially("josi")
    expect(options(page)).to_have_count(1)
    name.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(name).to_have_value("josi")
    name.press_sequentially("a")
    expect(options(page)).to_have_count(1)
    name.press("Tab")
    expect(options(page)).to_have_count(0)
    expect(name).to_have_value("josia")
    expect(page.locator("#a-given")).to_be_focused()


def test_home_and_end_walk_the_list_and_the_mouse_chooses(page: Page) -> None:
    licence = page.get_by_role("combobox", name="Licence")
    licence.press_sequentially("cc-by")
    expect(options(page)).to_have_count(20)
    licence.press("ArrowDown")
    licence.press("End")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    licence.press("Home")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    licence.press("ArrowUp")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    options(page).first.click()
    expect(licence).to_have_value("Creative Commons Attribution 4.0 International")
    expect(page.locator("#l-uri")).to_have_value("https://creativecommons.org/licenses/by/4.0/")


def test_no_match_says_so_and_keeps_the_text(page: Page) -> None:
    name = page.get_by_role("combobox", name="Name")
    name.press_sequentially("xyzzy")
    expect(page.get_by_role("status").filter(has_text="No match")).to_be_attached()
    expect(name).to_have_attribute("aria-expanded", "false")
    expect(name).to_have_value("xyzzy")


def test_an_answer_that_was_overtaken_is_not_shown(page: Page) -> None:
    held: list[Any] = []
    page.route("**/pick/people?text=j", lambda route: held.append(route))
    name = page.get_by_role("combobox", name="Name")
    name.fill("j")
    page.wait_for_function("document.querySelector('#a-name').value === 'j'")
    with page.expect_request("**/pick/people?text=j"):
        name.dispatch_event("keydown", {"key": "ArrowDown"})
    name.press_sequentially("osi")
    expect(options(page)).to_have_count(1)
    name.press("Escape")
    for route in held:
        route.abort()
    expect(options(page)).to_have_count(0)


def test_an_open_list_is_accessible(page: Page, judged: Any) -> None:
    page.evaluate("document.querySelectorAll('fieldset')[0].remove()")
    licence = page.get_by_role("combobox", name="Licence")
    licence.press_sequentially("mit")
    expect(options(page).first).to_be_visible()
    licence.press("ArrowDown")
    judged(page)


def test_import_pages_are_accessible_and_work_without_javascript(
    house: Any, browse: Any, judged: Any
) -> None:
    draft = house.draft("Import me")
    page = browse("ada")
    page.goto(f"/publications/{draft.id}/import")
    judged(page)
    page.get_by_label("DataCite XML or JSON").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": b"{\n]"}
    )
    page.get_by_role("button", name="Read the file").click()
    expect(page).to_have_title("Error: Import metadata – excudit")
    judged(page)
    plain = browse("ada", javascript=False)
    plain.goto(f"/publications/{draft.id}/import")
    plain.get_by_label("DataCite XML or JSON").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": _json(RECORD)}
    )
    plain.get_by_role("button", name="Read the file").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Import: what changes")
    page.get_by_label("DataCite XML or JSON").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": _json(RECORD)}
    )
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import: what changes")
    judged(page)


def _json(record: Any) -> bytes:
    import orjson

    return orjson.dumps({**record, "doi": "10.5072/other"})


def test_mail_preferences_are_chosen_by_keyboard(browse: Any, judged: Any) -> None:
    page = browse("bea")
    page.goto("/preferences")
    judged(page)
    published = page.get_by_role("combobox", name="Published", exact=True)
    published.focus()
    page.keyboard.type("Off")
    page.get_by_role("button", name="Keep these choices").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Your choices are kept")).to_be_visible()
    expect(published).to_have_value("off")


def test_names_of_what_was_published_are_offered_afterwards(house: Any) -> None:
    record = {**RECORD, "subjects": [{"subject": "Bathymetrics"}]}
    place = str(house.dataset("To learn from", record=record))
    made = verbs.create(house.parts, house.actor("ada"), "at-once", place, submitting=True)
    house.reaches(made.id, "published")
    found = names.find(house.parts, house.actor("bea"), "subjects", "bathym")
    assert [one.value for one in found] == ["Bathymetrics"]
