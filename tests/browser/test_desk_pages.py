"""The desk as people meet it: what waits first, one button per row, with the keyboard alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from judging import HEAVIEST_BYTES, weight
from playwright.sync_api import Page, expect

from excudit.service import verbs


def block(page: Page, heading: str) -> Any:
    """The rows below a heading."""
    return page.get_by_role("region", name=heading).locator("li")


def row(page: Page, title: str) -> Any:
    return page.locator(".ledger > li", has=page.get_by_role("link", name=title, exact=True))


def test_the_first_stop_is_the_skip_link_and_it_leads_to_the_content(owner: Page) -> None:
    owner.goto("/desk")
    owner.keyboard.press("Tab")
    link = owner.locator(":focus")
    expect(link).to_have_text("Skip to content")
    expect(link).to_be_in_viewport()
    owner.keyboard.press("Enter")
    expect(owner.locator("main")).to_be_focused()


def test_the_first_visit_is_three_sentences_and_one_way_on(
    house: Any, browse: Any, judged: Any
) -> None:
    house.person("newcomer")
    page = browse("newcomer")
    page.goto("/desk")
    assert page.locator(".lead").inner_text().count(".") == 3
    expect(page.get_by_role("link", name="Choose datasets")).to_have_attribute(
        "href", "/publications/new"
    )
    judged(page)


def test_each_state_has_its_place_its_words_and_one_button(
    house: Any, browse: Any, judged: Any
) -> None:
    house.person("dora")
    asked = {
        "A refused one": (house.stuck, "See what is needed"),
        "An approved one": (house.approved, "Publish…"),
        "A drafted one": (house.draft, "Continue"),
        "One in review": (house.in_review, None),
        "A published one": (house.published, None),
    }
    for title, (made, _) in asked.items():
        made(title, owner="dora")
    page = browse("dora")
    page.goto("/desk")
    for title, (_, button) in asked.items():
        expect(row(page, title)).to_be_visible()
        names = row(page, title).locator(".do a").all_inner_texts()
        assert names == ([button] if button else [])
    waiting = block(page, "Waiting for you")
    assert waiting.locator(".title").all_inner_texts() == [
        "A refused one",
        "An approved one",
        "A drafted one",
    ]
    expect(row(page, "A refused one")).to_contain_text("Needs attention")
    expect(row(page, "A refused one")).to_contain_text("step 4 of 5")
    expect(block(page, "Under way").locator(".title")).to_have_text("One in review")
    expect(block(page, "Published and closed").locator(".title")).to_have_text("A published one")
    judged(page)


def test_what_was_returned_says_so_and_leads_to_its_form(house: Any, owner: Page) -> None:
    made = house.returned("A returned one")
    owner.goto("/desk")
    button = row(owner, "A returned one").get_by_role("link", name="Make the changes")
    assert button.get_attribute("href") == f"/publications/{made.id}/edit"
    expect(row(owner, "A returned one")).to_contain_text("Waiting for author")


def test_reviewers_see_how_much_waits_and_since_when(
    house: Any, reviewer: Page, judged: Any
) -> None:
    made = house.in_review("Waits for Rita")
    reviewer.goto("/desk")
    expect(reviewer.locator("main")).to_contain_text("In the queue, nobody’s yet")
    expect(reviewer.locator("main")).to_contain_text("Oldest waits for")
    button = row(reviewer, "Waits for Rita").get_by_role("link", name="Take the review")
    assert button.get_attribute("href") == f"/publications/{made.id}/review"
    judged(reviewer)


def test_operators_see_what_stands_still_whoever_owns_it(house: Any, admin: Page) -> None:
    house.stuck("Stands still for Adam")
    admin.goto("/desk")
    expect(row(admin, "Stands still for Adam")).to_contain_text("Owner: Ada Lovelace")


def test_the_first_thing_that_waits_is_opened_with_enter(house: Any, browse: Any) -> None:
    house.person("erin")
    made = house.draft("Opened with Enter", owner="erin")
    page = browse("erin")
    page.goto("/desk")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator(":focus").inner_text() == "Continue":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/publications/{made.id}/edit$"))


def test_publications_are_found_by_words_and_state_and_no_match_can_be_cleared(
    house: Any, owner: Page, judged: Any
) -> None:
    house.draft("Chlorophyll in spring")
    owner.goto("/desk/mine")
    owner.get_by_label("Words in the title").fill("CHLORO")
    owner.get_by_label("State").select_option("Draft")
    owner.get_by_role("button", name="Show").click()
    expect(owner).to_have_url(re.compile(r"title=CHLORO&state=draft"))
    expect(row(owner, "Chlorophyll in spring")).to_be_visible()
    judged(owner)
    owner.goto("/desk/mine?title=no+such+words&state=withdrawn")
    expect(owner.locator("main")).to_contain_text("State: Withdrawn")
    judged(owner)
    owner.get_by_role("link", name="Clear filters").click()
    expect(owner).to_have_url(re.compile("/desk/mine$"))


def test_a_draft_that_was_hidden_never_was(house: Any, browse: Any) -> None:
    """A deleted draft is closed; nothing else vanishes from the desk."""
    made = house.draft("Deleted on the desk", owner="bea")
    verbs.step_back(house.parts, house.actor("bea"), made.id, "delete")
    page = browse("bea")
    page.goto("/desk")
    expect(row(page, "Deleted on the desk")).to_contain_text("Cancelled")


@pytest.mark.parametrize("path", ["/desk", "/desk/mine", "/help", "/nowhere"])
def test_pages_work_without_javascript_on_a_phone(path: str, house: Any, browse: Any) -> None:
    house.draft("Without a script")
    page = browse("ada", javascript=False, width=360)
    page.goto(path)
    expect(page.get_by_role("link", name="Your desk").first).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.mark.parametrize("path", ["/desk", "/desk/mine", "/help", "/accessibility", "/nowhere"])
def test_a_page_with_all_that_it_loads_weighs_little(path: str, owner: Page) -> None:
    loaded = weight(owner, path)
    assert sum(loaded.values()) < HEAVIEST_BYTES, loaded
