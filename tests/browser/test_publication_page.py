"""The page of a publication in a browser: it follows a run, and nobody is lost on it."""

from __future__ import annotations

from typing import Any

import pytest
from browser_house import BrowserHouse
from playwright.sync_api import Page, expect

from excudit.engine.breakers import Breakers
from excudit.service import queries, talk, verbs

TABS = ("", "/files", "/metadata", "/changes", "/discussion", "/history", "/mails")


def test_the_page_follows_a_run_without_being_loaded_again(
    house: BrowserHouse, owner: Page
) -> None:
    made = house.approved("Followed by its page")
    house.desk.fault("slow", count=2, when="before", delay_s=3)
    verbs.publish(house.parts, house.actor("ada"), made.id)
    owner.goto(f"/publications/{made.id}")
    loads: list[str] = []
    owner.on("load", lambda: loads.append(owner.url))
    status = owner.locator("#headline-words")
    expect(status).to_contain_text("Nothing for you to do.")
    owner.locator("#why-not summary").click()
    expect(status).to_contain_text("Published. Nothing more to do.", timeout=30_000)
    expect(owner.locator("a.doi")).to_have_text(doi(house, made.id))
    assert owner.locator("#why-not").get_attribute("open") is not None
    assert owner.locator("#progress").get_attribute("hx-trigger") is None
    assert loads == []


def test_an_outage_is_waited_for_and_retried(house: BrowserHouse, owner: Page) -> None:
    made = house.waiting("Waits and goes on")
    owner.goto(f"/publications/{made.id}")
    expect(owner.locator("[aria-current=step]")).to_contain_text("Next try:")
    house.desk.mend()
    breakers = Breakers(house.parts.database.engine)
    breakers.pause("datacite")
    breakers.resume("datacite")
    owner.get_by_role("button", name="Retry now").click()
    expect(owner.locator("#headline-words")).to_contain_text("Published.", timeout=30_000)


def doi(house: BrowserHouse, key: str) -> str:

    return str(queries.detail(house.parts, key, house.actor("ada"))["doi"])


def test_a_target_that_is_down_is_told_with_its_words(house: BrowserHouse, owner: Page) -> None:
    made = house.waiting("Waits for the registry")
    owner.goto(f"/publications/{made.id}")
    here = owner.locator("[aria-current=step]")
    expect(here).to_contain_text("Open a draft at datacite")
    expect(here.locator(".trouble").first).to_contain_text("did not answer")
    expect(owner.get_by_text("Reserved – does not resolve yet")).to_be_visible()
    assert owner.locator("a.doi").count() == 0


def test_retry_by_keyboard_is_announced_and_keeps_the_focus(
    house: BrowserHouse, owner: Page
) -> None:
    made = house.stuck("Retried by keyboard")
    owner.goto(f"/publications/{made.id}")
    status = owner.locator("#headline-words")
    assert status.get_attribute("role") == "status"
    expect(status).to_contain_text("stands still")
    for _ in range(60):
        owner.keyboard.press("Tab")
        if owner.evaluate("document.activeElement.id") == "retry":
            break
    assert owner.evaluate("document.activeElement.id") == "retry"
    heard = owner.evaluate_handle(
        """() => {
          const heard = [];
          const watch = new MutationObserver(() => heard.push(
            document.getElementById("headline-words").textContent));
          watch.observe(document.getElementById("headline-words"),
            { childList: true, characterData: true, subtree: true });
          return heard;
        }"""
    )
    owner.keyboard.press("Enter")
    owner.wait_for_function("(heard) => heard.length > 0", arg=heard)
    assert owner.evaluate("document.activeElement.id") == "retry"
    expect(status).to_contain_text("stands still")
    expect(owner.locator("#retry")).to_have_attribute("type", "submit")
    assert owner.evaluate("document.activeElement.id") == "retry"


def test_without_scripts_everything_is_there(house: BrowserHouse, browse: Any) -> None:
    made = house.stuck("Without scripts")
    page = browse("ada", javascript=False)
    page.goto(f"/publications/{made.id}")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("h1")).to_contain_text("Without scripts")
    page.goto(f"/publications/{made.id}/discussion")
    page.get_by_role("textbox", name="Comment").fill("It stands still.\nWhy?")
    page.get_by_role("button", name="Send comment").click()
    expect(page.locator(".talk .read")).to_contain_text("It stands still.")


@pytest.mark.slow
@pytest.mark.parametrize("state", ["draft", "returned", "published", "stuck"])
def test_every_tab_is_judged_well(
    house: BrowserHouse, owner: Page, reviewer: Page, judged: Any, state: str
) -> None:
    made = getattr(house, state)(f"Judged as {state}")
    talk.comment(house.parts, house.actor("rita"), made.id, "Which sensor?", field="/titles")
    talk.comment(house.parts, house.actor("rita"), made.id, "Hm.", internal=True)
    talk.collaborate(house.parts, house.actor("ada"), made.id, "bea")
    for tab in TABS if state == "returned" else ("",):
        owner.goto(f"/publications/{made.id}{tab}")
        for details in owner.locator("main details").all():
            details.evaluate("(e) => { e.open = true; }")
        judged(owner)
    reviewer.goto(f"/publications/{made.id}/discussion")
    judged(reviewer)


def test_an_error_in_a_form_has_the_focus(house: BrowserHouse, owner: Page, judged: Any) -> None:
    made = house.draft("With a wrong collaborator")
    owner.goto(f"/publications/{made.id}")
    owner.get_by_label("Add somebody").fill("nobody@example.org")
    owner.get_by_role("button", name="Add", exact=True).click()
    expect(owner.locator("#summary")).to_be_focused()
    assert owner.title().startswith("Error: ")
    judged(owner)
    assert verbs.visible(house.parts, house.actor("ada"), made.id).title
