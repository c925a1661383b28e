"""Errors are pages: what happened, what to do, and nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from failing import FAILURES

MISSING = "/publications/019a0000-0000-7000-8000-000000000000"
SOME_FIRST = [s if s in (422, 500) else pytest.param(s, marks=pytest.mark.slow) for s in FAILURES]
"""One failure of the sender and one of ours; the pages of the others differ in their words."""


@pytest.mark.parametrize("who", ["", "ada"])
def test_what_is_not_there_is_said_to_everybody(who: str, browse: Any, judged: Any) -> None:
    page = browse(who)
    assert page.goto("/nowhere").status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    assert page.title().startswith("Error: ")
    judged(page)


def test_a_stranger_is_led_to_the_page_after_signing_in(stranger: Page) -> None:
    stranger.goto("/nowhere?a=1")
    link = stranger.locator("main").get_by_role("link", name="Sign in")
    assert link.get_attribute("href") == "/sign-in?next=%2Fnowhere%3Fa%3D1"


def test_somebody_without_the_role_reads_which_one_is_needed(owner: Page, judged: Any) -> None:
    assert owner.goto("/queue").status == 403
    expect(owner.locator("main")).to_contain_text("reviewer")
    expect(owner.locator("main")).to_contain_text("You are signed in as Ada Lovelace (Author)")
    expect(owner.locator("main").get_by_role("link", name="Contact")).to_be_visible()
    judged(owner)


def test_a_search_for_ones_own_publications_starts_where_one_is_missing(
    house: Any, owner: Page
) -> None:
    house.draft("Salinity lost and found")
    assert owner.goto(MISSING).status == 404
    owner.get_by_label("Search your publications").fill("lost and")
    owner.get_by_role("button", name="Search").click()
    expect(owner.get_by_role("link", name="Salinity lost and found")).to_be_visible()


SEND = """(path) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  const fields = {csrf: document.body.dataset.csrf, note: "Dear <i>reader</i>,\\n\\nten words"};
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}"""


def send(page: Page, path: str) -> None:
    """Send a form from the desk, and wait for the answer."""
    page.goto("/desk")
    with page.expect_navigation():
        page.evaluate(SEND, path)


@pytest.mark.parametrize("status", SOME_FIRST)
def test_every_failure_of_a_form_gives_back_what_was_typed(
    status: int, browse: Any, judged: Any
) -> None:
    page = browse("ada", failing=True)
    send(page, f"/fails/{status}")
    main = page.locator("main")
    expect(main).to_contain_text("Nothing you typed is lost")
    judged(page)
    main.get_by_text("Show what you typed").click()
    assert main.locator("dd").all_inner_texts() == ["Dear <i>reader</i>,\n\nten words"]
    judged(page)
    main.get_by_role("link", name="Back to where you were").click()
    expect(page).to_have_url(re.compile("/desk$"))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_can_be_sent_again_as_it_was(status: int, browse: Any) -> None:
    page = browse("ada", failing=True)
    send(page, f"/fails/{status}")
    with page.expect_request(lambda r: r.method == "POST") as sent:
        page.get_by_role("button", name="Send it again").click()
    fields = parse_qs(sent.value.post_data)
    assert fields["note"] == ["Dear <i>reader</i>,\r\n\r\nten words"]
    expect(page.get_by_role("button", name="Send it again")).to_be_visible()


def test_an_incident_has_a_number_and_tells_nothing_else(browse: Any, judged: Any) -> None:
    page = browse(failing=True)
    assert page.goto("/fails/500").status == 500
    main = page.locator("main").inner_text()
    assert re.search(r"\b[0-9a-f]{12}\b", main)
    assert "hunter2" not in page.content()
    assert "Traceback" not in page.content()
    judged(page)


def test_when_to_try_again_is_said(browse: Any) -> None:
    page = browse(failing=True)
    page.goto("/fails/429")
    expect(page.locator("main")).to_contain_text("When to try again:")


def test_too_much_at_once_is_said_on_a_page(house: Any, browse: Any, judged: Any) -> None:
    page = browse("ada", failing=True)
    page.goto("/desk")
    with page.expect_navigation(wait_until="commit"):
        page.evaluate(SEND.replace('"Dear', '"a".repeat(6e6) + "Dear'), "/fails/409")
    expect(page.get_by_role("heading", level=1)).to_have_text("Too much was sent at once")
    judged(page)
