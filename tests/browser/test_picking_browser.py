"""Choosing datasets as people meet it: by keyboard, with errors, without scripts."""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from excudit.service import basket


def emptied(house: Any, name: str = "ada") -> None:
    basket.empty(house.parts, house.actor(name))


def test_datasets_are_chosen_by_keyboard_and_focus_lands_on_the_next_row(
    house: Any, owner: Page
) -> None:
    emptied(house)
    for letter in "abc":
        house.dataset(f"Keyboard walk {letter}")
    owner.goto("/publications/new/reviewed")
    owner.get_by_label("Name or title").focus()
    owner.keyboard.type("Keyboard walk")
    owner.keyboard.press("Enter")
    expect(owner.get_by_role("heading", name="3 datasets")).to_be_visible()
    for letter in "abc":
        owner.get_by_label(f"Keyboard walk {letter}").focus()
        owner.keyboard.press("Space")
    owner.get_by_role("button", name="Put the ticked ones into the basket").focus()
    owner.keyboard.press("Enter")
    expect(owner.get_by_role("status").first).to_contain_text("3 datasets are now in your basket")
    owner.get_by_role("link", name="Open the basket").focus()
    owner.keyboard.press("Enter")
    out = owner.get_by_role("button", name="Take out: Keyboard walk b")
    out.focus()
    owner.keyboard.press("Enter")
    expect(out).to_have_count(0)
    expect(owner.get_by_role("button", name="Take out: Keyboard walk c")).to_be_focused()


def test_a_selection_becomes_a_draft_without_scripts(house: Any, browse: Any) -> None:
    emptied(house, "bea")
    house.dataset("Scriptless one")
    house.dataset("Scriptless two")
    page = browse("bea", javascript=False)
    page.goto("/publications/new")
    page.get_by_role("link", name="A folder to DataCite, with review", exact=True).click()
    page.get_by_label("Name or title").fill("Scriptless")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Put all 2 of this page into the basket").click()
    page.get_by_role("link", name="Open the basket").click()
    page.get_by_role("link", name="with review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What will become public")
    expect(page.locator("main")).to_contain_text("Scriptless one and 1 more")
    page.get_by_role("button", name="Make the draft").click()
    expect(page).to_have_url(re.compile("/publications/.+/edit$"))
    assert basket.contents(house.parts, house.actor("bea")).datasets == 0


@pytest.mark.slow
def test_the_pages_of_choosing_are_accessible_full_empty_and_in_error(
    house: Any, browse: Any, judged: Any
) -> None:
    emptied(house)
    page = browse("ada", failing=True)
    for path in ("/publications/new", "/basket", "/publications/new/reviewed/summary"):
        page.goto(path)
        judged(page)
    page.goto("/publications/new/reviewed?q=nothing-has-this-name")
    judged(page)
    gone = house.dataset("Gone soon <b>🌊</b> سطح البحر")
    place = house.dataset("Here to stay")
    basket.add(house.parts, house.actor("ada"), "folders", [str(gone), str(place)])
    page.goto("/publications/new/reviewed?q=stay")
    judged(page)
    page.goto("/basket")
    judged(page)
    page.goto("/basket/empty")
    judged(page)
    shutil.rmtree(gone)
    page.goto("/publications/new/reviewed/summary")
    page.get_by_role("button", name="Make the draft").click()
    expect(page).to_have_title("Error: What will become public – excudit")
    expect(page.locator("#summary")).to_be_focused()
    judged(page)
    hidden = house.roots.with_name("away")
    house.roots.rename(hidden)
    try:
        page.goto("/publications/new/reviewed")
        expect(page.get_by_text("The source does not answer")).to_be_visible()
        judged(page)
    finally:
        hidden.rename(house.roots)
    emptied(house)
