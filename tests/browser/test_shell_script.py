"""The small script of all pages: focus, unsaved words, what is said aloud."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

FORM = """() => {
  const main = document.querySelector("main");
  main.insertAdjacentHTML("beforeend", `
    <form data-guard id="guarded" action="/desk" method="get"><div class="field">
    <label for="words">Words</label><input id="words" name="words"></div>
    <button>Save</button></form>
    <details id="closed"><summary>More</summary><div class="field"><label for="deep">Deep</label>
    <input id="deep"></div></details>
    <div class="summary" id="summary" tabindex="-1"><h2>There is a problem</h2>
    <ul><li><a href="#deep">Deep is missing</a></li></ul></div>`);
}"""


@pytest.fixture
def page(owner: Page) -> Page:
    """Ada's desk with a guarded form and an error summary in it."""
    owner.goto("/desk")
    owner.evaluate(FORM)
    return owner


def asked(page: Page) -> list[str]:
    """The dialogs that leaving the page brings."""
    found: list[str] = []

    def answer(dialog: Dialog) -> None:
        found.append(dialog.type)
        dialog.accept()

    page.once("dialog", answer)
    page.goto("/help")
    return found


def test_leaving_asks_when_something_typed_is_not_saved(page: Page) -> None:
    page.get_by_label("Words").press_sequentially("abc")
    assert asked(page) == ["beforeunload"]


def test_leaving_asks_nothing_when_nothing_was_typed(page: Page) -> None:
    page.get_by_label("Words").focus()
    assert asked(page) == []


def test_leaving_asks_nothing_once_it_was_saved(page: Page) -> None:
    page.get_by_label("Words").press_sequentially("abc")
    page.evaluate(
        "document.getElementById('guarded')"
        ".dispatchEvent(new Event('excudit:saved', {bubbles: true}))"
    )
    assert asked(page) == []


def test_sending_a_form_asks_nothing(page: Page) -> None:
    page.get_by_label("Words").press_sequentially("abc")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(page.url.split("?")[0] + "?words=abc")


def test_a_link_of_the_error_summary_leads_into_its_field(page: Page) -> None:
    page.locator("#summary a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#deep")).to_be_focused()
    expect(page.locator("#closed")).to_have_attribute("open", "")


def test_words_are_said_politely_and_can_be_said_twice(page: Page) -> None:
    for _ in range(2):
        page.evaluate("excudit.say('Saved 14:02')")
        expect(page.locator("#live")).to_have_text("Saved 14:02")
    expect(page.locator("#live")).to_have_attribute("role", "status")


def test_a_failed_sign_in_has_its_summary_in_focus(browse: Any) -> None:
    page = browse()
    page.goto("/sign-in")
    page.get_by_label("Password").fill("wrong")
    page.get_by_label("Password").press("Enter")
    expect(page.locator("#summary")).to_be_focused()
    assert page.title().startswith("Error: ")


def test_htmx_runs_under_the_policy_and_sends_the_sessions_mark(page: Page) -> None:
    page.evaluate(
        """() => {
          document.querySelector("main").insertAdjacentHTML("beforeend",
            '<button id="ask" hx-post="/fails/409" hx-target="#answer">Ask</button>'
            + '<div id="answer"></div>');
          htmx.process(document.querySelector("main"));
        }"""
    )
    with page.expect_request(lambda r: r.method == "POST") as sent:
        page.get_by_role("button", name="Ask").click()
    assert sent.value.headers["x-csrf-token"] == page.evaluate("document.body.dataset.csrf")
    expect(page.locator("#ask")).to_be_focused()
