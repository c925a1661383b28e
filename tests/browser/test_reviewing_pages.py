"""Reviewing as people do it: by keyboard, without JavaScript, and for everybody's eyes and ears."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from excudit.service import labels, suggestions, talk, verbs

SHOTS = os.environ.get("EXCUDIT_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """A picture for whoever asked for some by EXCUDIT_SHOTS."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.fixture
def reviewed(house: Any) -> Any:
    """A request with everything on its page: comments, a suggestion, a label."""
    made = house.in_review("Carbon dioxide at the mooring, 2019 to 2024")
    rita, ada = house.actor("rita"), house.actor("ada")
    carl = house.actor("carl")
    if not any(la["name"] == "Asks the data officer" for la in labels.every(house.parts)):
        labels.define(house.parts, carl, "Asks the data officer", "She knows the embargoes.")
    labels.put(house.parts, carl, made.id, "Asks the data officer", "Embargo until spring?")
    suggestions.suggest(house.parts, rita, made.id, "/version", "2.0", "It is the second one.")
    talk.comment(house.parts, rita, made.id, "Which calibration is this?", field="/descriptions")
    talk.comment(house.parts, ada, made.id, "The one of 2023; I shall say so.")
    talk.comment(house.parts, carl, made.id, "Look at the units, too.", internal=True)
    return made


def test_the_keyboard_alone_reviews_comments_and_returns(house: Any, reviewer: Page) -> None:
    house.in_review("Returned by keyboard")
    page = reviewer
    page.goto("/queue")
    opened = page.get_by_role("link", name="Returned by keyboard")
    opened.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Returned by keyboard")
    page.get_by_label("Your comment").focus()
    page.keyboard.type("Please say which units.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Internal: only reviewers see it")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Add the comment")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Please say which units.")).to_be_visible()
    page.get_by_role("link", name="Return…").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()
    page.get_by_role("button", name="Return").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#summary")).to_be_focused()
    assert page.title().startswith("Error:")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("The units are missing.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    confirmed = page.locator(".said")
    expect(confirmed).to_contain_text("Returned to Ada Lovelace: Returned by keyboard")
    expect(confirmed).to_be_focused()


def test_claiming_and_returning_several_needs_no_javascript(house: Any, browse: Any) -> None:
    made = [house.in_review(f"Several {n}") for n in range(2)]
    page = browse("rita", javascript=False)
    page.goto("/queue?title=Several")
    page.get_by_role("row", name="Several 0").get_by_role("button", name="Claim").click()
    expect(page.get_by_text("You review it now.")).to_be_visible()
    page.goto("/queue?title=Several")
    for n in range(2):
        page.get_by_role("checkbox", name=f"Several {n}").check()
    page.get_by_label("With the selected ones").select_option("return")
    page.get_by_role("button", name="Look before doing it").click()
    page.get_by_label("Reason").fill("Both lack units.")
    page.get_by_label("Type 2 to confirm").fill("2")
    page.get_by_role("button", name="Return 2 requests").click()
    expect(page.get_by_text("Done: 2.")).to_be_visible()
    assert {house.get(p.id).state for p in made} == {"changes_requested"}


def test_the_queue_says_how_many_are_selected(house: Any, reviewer: Page) -> None:
    house.in_review("To be counted")
    reviewer.goto("/queue?title=To+be+counted")
    reviewer.get_by_role("checkbox", name="To be counted").check()
    expect(reviewer.get_by_text("1 selected")).to_be_visible()


@pytest.mark.slow
def test_every_page_of_the_review_is_accessible(
    house: Any, reviewer: Page, judged: Any, reviewed: Any
) -> None:
    here = f"/publications/{reviewed.id}"
    pages = {
        "queue": "/queue",
        "queue-empty": "/queue?title=nothing+like+it",
        "review": f"{here}/review",
        "approve": f"{here}/approve",
        "return": f"{here}/return",
        "reject": f"{here}/reject",
        "assign": f"{here}/assign",
        "label": f"{here}/label",
        "suggest": f"{here}/suggest?field=/titles/0/title",
        "suggest-parts": f"{here}/suggest?field=/creators/0",
        "suggestions": f"{here}/suggestions",
        "labels": "/labels",
    }
    for name, address in pages.items():
        reviewer.goto(address)
        shot(reviewer, name)
        judged(reviewer)
    reviewer.goto(f"{here}/reject")
    reviewer.get_by_role("button", name="Reject").click()
    expect(reviewer.locator("#summary")).to_be_focused()
    judged(reviewer)


@pytest.mark.slow
def test_decisions_on_many_and_labels_are_accessible(
    house: Any, curator: Page, judged: Any, reviewed: Any
) -> None:
    page = curator
    page.goto("/labels")
    shot(page, "labels-curator")
    judged(page)
    page.get_by_label("Label", exact=False).last.fill("published")
    page.get_by_role("button", name="Define").click()
    expect(page.locator("#summary")).to_be_focused()
    judged(page)
    page.goto("/queue?title=mooring")
    page.get_by_role("button", name="Look before doing it").click()
    expect(page.locator("#summary")).to_be_focused()
    judged(page)
    page.get_by_role("checkbox", name="mooring").first.check()
    page.get_by_label("With the selected ones").select_option("label")
    page.get_by_role("button", name="Look before doing it").click()
    shot(page, "bulk")
    judged(page)
    page.get_by_role("button", name="Label 1 request").click()
    judged(page)
    page.get_by_label("to confirm").fill("1")
    page.get_by_role("button", name="Label 1 request").click()
    expect(page.get_by_text("Done: 1.")).to_be_visible()
    shot(page, "bulk-result")
    judged(page)


def test_the_author_decides_on_suggestions(
    house: Any, owner: Page, judged: Any, reviewed: Any
) -> None:
    rita = house.actor("rita")
    verbs.turn_down(house.parts, rita, reviewed.id, "return", "See my suggestion.")
    owner.goto(f"/publications/{reviewed.id}/suggestions")
    shot(owner, "suggestions-author")
    judged(owner)
    owner.goto(f"/publications/{reviewed.id}/edit")
    shot(owner, "form-with-suggestions")
    judged(owner)
    owner.get_by_role("button", name="Accept").click()
    expect(owner.locator(".said")).to_have_text("Accepted.")
    assert house.get(reviewed.id).record["version"] == "2.0"


@pytest.mark.skipif(not SHOTS, reason="pictures are taken when EXCUDIT_SHOTS names a folder")
def test_pictures_of_the_review_are_taken(house: Any, browse: Any, reviewed: Any) -> None:
    here = f"/publications/{reviewed.id}"
    pages = {"queue": "/queue", "review": f"{here}/review", "return": f"{here}/return"}
    for width in (360, 1280):
        page = browse("carl", width=width)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for name, address in pages.items():
                page.goto(address)
                shot(page, f"{name}-{scheme}-{width}")
