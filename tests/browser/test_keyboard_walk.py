"""The keyboard walk (WCAG 2.1.1, 2.1.2, 2.4.3, 2.4.7, 2.4.11): no mouse on any of these ways."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browser_house import BrowserHouse
from playwright.sync_api import Locator, Page, expect

import excudit.web
from excudit.metadata.datacite_json import from_rest
from excudit.service import basket, names
from web_house import RECORD

FARTHEST = 150
"""Stops after which a walk is lost."""
SEEN = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "";
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  if (style.outlineStyle === "none" && style.boxShadow === "none") return "shows no focus";
  if (box.bottom <= 0 || box.top >= innerHeight) return "is outside of the window";
  const x = Math.min(Math.max((box.left + box.right) / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max((box.top + box.bottom) / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  return !top || e.contains(top) || top.contains(e) ? "" : "is covered by " + top.outerHTML;
}"""


class Keys:
    """Nothing but a keyboard, in front of one page."""

    def __init__(self, page: Page, path: str) -> None:
        self.page = page
        self.page.goto(path)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def to(self, there: Locator, key: str = "Tab") -> None:
        """Tab there; each stop on the way can be seen, and none holds on to the focus."""
        expect(there).to_be_visible()
        for _ in range(FARTHEST):
            if there.evaluate("(e) => e === document.activeElement"):
                return
            before = self.page.evaluate_handle("document.activeElement")
            self.press(key)
            stop = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            trouble = self.page.evaluate(SEEN)
            assert not trouble, f"{trouble}: {stop}"
            moved = self.page.evaluate("(e) => e !== document.activeElement", before)
            assert moved, f"the focus is held by {stop}"
        raise AssertionError(f"Tab never comes to {there}")

    def enter(self, there: Locator) -> None:
        self.to(there)
        self.press("Enter")

    def button(self, name: str, *, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)


def test_first_comes_the_skip_link_and_the_walk_ends_where_it_began(owner: Page) -> None:
    keys = Keys(owner, "/desk")
    keys.press("Tab")
    expect(owner.locator(":focus")).to_have_text("Skip to content")
    expect(owner.locator(":focus")).to_be_in_viewport()
    keys.press("Enter")
    expect(owner.locator("main")).to_be_focused()
    keys.to(owner.get_by_role("link", name="Accessibility"))
    keys.to(owner.locator("a.skip"))
    keys.to(owner.get_by_role("link", name="Accessibility"), "Shift+Tab")


def test_the_first_thing_that_waits_is_opened(house: BrowserHouse, browse: Any) -> None:
    house.person("kim")
    made = house.draft("Opened by keys", owner="kim")
    page = browse("kim")
    keys = Keys(page, "/desk")
    keys.enter(keys.link("Continue"))
    expect(page).to_have_url(re.compile(f"/publications/{made.id}/edit$"))


def test_datasets_are_picked_and_taken_out(house: BrowserHouse, browse: Any) -> None:
    house.person("kit")
    for letter in "abc":
        house.dataset(f"Walked to {letter}")
    page = browse("kit")
    keys = Keys(page, "/publications/new/reviewed")
    keys.to(page.get_by_label("Name or title"))
    keys.write("Walked to")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="3 datasets")).to_be_visible()
    for letter in "ab":
        keys.to(page.get_by_label(f"Walked to {letter}"))
        keys.press("Space")
    keys.enter(keys.button("Put the ticked ones into the basket"))
    expect(page.get_by_text("2 datasets are now in your basket")).to_be_visible()
    keys.enter(keys.link("Open the basket"))
    out = keys.button("Take out: Walked to a")
    keys.enter(out)
    expect(out).to_have_count(0)
    expect(keys.button("Take out: Walked to b")).to_be_focused()
    assert basket.contents(house.parts, house.actor("kit")).datasets == 1


def test_the_form_is_filled_in_moved_about_and_submitted(house: BrowserHouse, owner: Page) -> None:
    with house.parts.database.write() as connection:
        names.learn(connection, from_rest(RECORD))
    made = house.draft("Filled in by keys")
    keys = Keys(owner, f"/publications/{made.id}/edit/people")
    keys.enter(keys.button("Add creator"))
    name = owner.locator("#creators-1-name")
    expect(name).to_be_focused()
    keys.write("josi")
    options = owner.get_by_role("option").filter(has_text="Carberry")
    expect(options).to_have_count(1)
    keys.press("Escape")
    expect(options).to_have_count(0)
    expect(name).to_have_value("josi")
    expect(name).to_be_focused()
    keys.write("a")
    expect(options).to_have_count(1)
    keys.press("ArrowDown", "Enter")
    expect(name).to_have_value("Carberry, Josiah")
    expect(name).to_be_focused()
    expect(owner.locator("#creators-1-givenName")).to_have_value("Josiah")
    keys.enter(keys.button("Move up: Creator 2"))
    expect(owner.locator("#creators-0-name")).to_have_value("Carberry, Josiah")
    expect(owner.locator("#creators-0-down")).to_be_focused()

    keys = Keys(owner, f"/publications/{made.id}/edit/basics")
    title = owner.locator("#titles-0-title")
    keys.to(title)
    keys.press("Control+a", "Delete")
    keys.enter(owner.locator(".sheet-do").get_by_role("button", name="Submit"))
    expect(owner.locator("#summary")).to_be_focused()
    expect(owner).to_have_title(re.compile("^Error: "))
    keys.enter(owner.locator("#summary a").first)
    expect(title).to_be_focused()
    assert house.get(made.id).state == "draft"


def test_a_request_is_commented_and_returned(house: BrowserHouse, reviewer: Page) -> None:
    made = house.in_review("Returned by keys")
    keys = Keys(reviewer, "/queue?title=Returned+by+keys")
    keys.enter(keys.link("Returned by keys"))
    expect(reviewer.get_by_role("heading", level=1)).to_have_text("Returned by keys")
    keys.to(reviewer.get_by_label("Your comment"))
    keys.write("Please say which units.")
    keys.enter(keys.button("Add the comment"))
    expect(reviewer.locator(".talk")).to_contain_text("Please say which units.")
    keys.enter(keys.link("Return…"))
    keys.enter(keys.button("Return"))
    expect(reviewer.locator("#summary")).to_be_focused()
    keys.enter(reviewer.locator("#summary a").first)
    expect(reviewer.get_by_label("Reason")).to_be_focused()
    keys.write("The units are missing.")
    keys.enter(keys.button("Return"))
    expect(reviewer.locator(".said")).to_be_focused()
    expect(reviewer.locator(".said")).to_contain_text("Returned to Ada Lovelace")
    assert house.get(made.id).state == "changes_requested"


def test_retry_is_reached_announced_and_keeps_the_focus(house: BrowserHouse, owner: Page) -> None:
    made = house.stuck("Retried by keys")
    keys = Keys(owner, f"/publications/{made.id}")
    status = owner.locator("#headline-words")
    expect(status).to_have_role("status")
    retry = owner.locator("#retry")
    keys.to(retry)
    with owner.expect_response("**/retry"):
        keys.press("Enter")
    expect(status).to_contain_text("stands still")
    expect(retry).to_be_focused()
    expect(retry).to_have_attribute("type", "submit")


@pytest.mark.parametrize("kind", ["templates", "static/script"])
def test_no_dialog_can_hold_the_focus_because_there_is_none(kind: str) -> None:
    room = Path(str(excudit.web.__file__)).parent / kind
    every = "".join(file.read_text() for file in sorted(room.rglob("*.*")))
    assert every
    assert not re.findall(r"<dialog|showModal|\balert\(|\bconfirm\(|aria-modal", every)
