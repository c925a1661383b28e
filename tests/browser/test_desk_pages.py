"""The desk as people meet it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect


def test_the_first_stop_is_the_skip_link_and_it_leads_to_the_content(owner: Page) -> None:
    owner.goto("/desk")
    owner.keyboard.press("Tab")
    link = owner.locator(":focus")
    expect(link).to_have_text("Skip to content")
    expect(link).to_be_in_viewport()
    owner.keyboard.press("Enter")
    expect(owner.locator("main")).to_be_focused()


def test_the_desk_is_accessible_empty_and_with_rows(house: Any, browse: Any, judged: Any) -> None:
    house.person("newcomer")
    first = browse("newcomer")
    first.goto("/desk")
    judged(first)
    house.draft("A draft for the desk")
    house.returned("A returned one for the desk")
    house.published("A published one for the desk")
    page = browse("ada")
    page.goto("/desk")
    expect(page.get_by_role("link", name="A draft for the desk")).to_be_visible()
    judged(page)
