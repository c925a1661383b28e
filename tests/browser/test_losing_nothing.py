"""What people type is not lost, and what they press is not done twice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browser_house import BrowserHouse
from lives import Browse, settle_in, sign_in
from playwright.sync_api import Page, expect

from excudit.domain.publication import Publication
from excudit.service import queries, talk
from excudit.store import events, sessions

SAVED = re.compile(r"Saved \d\d:\d\d UTC")
PUBLISH = "Publish and register the DOI"


@pytest.fixture
def shared(house: BrowserHouse) -> Publication:
    """A draft that Ada and Bea write together."""
    made = house.draft("Written by two")
    talk.collaborate(house.parts, house.actor("ada"), made.id, "bea")
    return made


def basics(page: Page, made: Publication) -> Page:
    page.goto(f"/publications/{made.id}/edit/basics")
    return page


def save(page: Page) -> None:
    page.locator(".sheet-do").get_by_role("button", name="Save", exact=True).click()


@pytest.mark.parametrize("lost", ["in the browser", "on the server"])
def test_a_session_that_ends_in_mid_edit_loses_nothing(
    lost: str, house: BrowserHouse, browse: Browse
) -> None:
    settle_in(house, "lena")
    made = house.draft("Typed over the end of a session", owner="lena")
    page = basics(browse("lena"), made)
    if lost == "in the browser":
        page.context.clear_cookies()
    else:
        with house.parts.database.write() as connection:
            sessions.end_all(connection, user="lena")
    page.get_by_label("Version").fill("7.5")
    page.locator("#descriptions-0-description").fill("Größe 👩‍🔬 <b>“5 m”</b>\nand a second line")
    expect(page.locator("#saved")).to_contain_text("Your sign-in has ended")
    save(page)
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    sign_in(page, "lena")
    expect(page.get_by_role("heading", level=1)).to_have_text("You were about to send this")
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_label("Version")).to_have_value("7.5")
    expect(page.locator("#saved")).to_have_text(SAVED)
    record = house.get(made.id).record
    assert record["version"] == "7.5"
    assert record["descriptions"][0]["description"] == (
        "Größe 👩‍🔬 <b>“5 m”</b>\nand a second line"
    )


def test_two_people_in_one_field_see_both_values_and_choose(
    house: BrowserHouse, browse: Browse, judged: Any, shared: Publication
) -> None:
    ada, bea = basics(browse("ada"), shared), basics(browse("bea"), shared)
    ada.get_by_label("Version").fill("ada’s")
    expect(ada.locator("#saved")).to_have_text(SAVED)
    bea.get_by_label("Version").fill("bea’s")
    save(bea)
    expect(bea.locator("h1")).to_have_text("Two people changed the same field")
    expect(bea.locator("#summary")).to_contain_text("saved another version")
    expect(bea.get_by_label("Yours bea’s")).to_be_checked()
    judged(bea)
    assert house.get(shared.id).record["version"] == "ada’s"
    bea.get_by_label("Theirs ada’s").check()
    bea.get_by_role("button", name="Save this choice").click()
    expect(bea.get_by_label("Version")).to_have_value("ada’s")
    assert house.get(shared.id).record["version"] == "ada’s"


def test_two_people_in_different_fields_both_keep_theirs(
    house: BrowserHouse, browse: Browse, shared: Publication
) -> None:
    ada, bea = basics(browse("ada"), shared), basics(browse("bea"), shared)
    ada.get_by_label("Version").fill("3.0")
    expect(ada.locator("#saved")).to_have_text(SAVED)
    bea.get_by_label("Type in your own words").fill("Time series")
    expect(bea.locator("#saved")).to_contain_text("Both changes are kept.")
    record = house.get(shared.id).record
    assert (record["version"], record["types"]["resourceType"]) == ("3.0", "Time series")


def published_once(house: BrowserHouse, made: Publication) -> None:
    """One run, one DOI, registered by one call."""
    house.reaches(made.id, "published")
    doi = str(queries.detail(house.parts, made.id, house.actor("ada"))["doi"])
    calls = [event for _, event, _ in house.desk.writes(doi)]
    assert calls.count("publish") == 1
    with house.parts.database.read() as connection:
        told = [e.action for e in events.of(connection, made.id)]
    assert (told.count("publish"), told.count("published")) == (1, 1)
    slugged = [e for e in house.desk.log() if made.slug in str(e) and e.get("doi") not in (doi, "")]
    assert slugged == []


def test_pressing_publish_in_two_tabs_makes_one_doi_and_a_friendly_page(
    house: BrowserHouse, owner: Page, judged: Any
) -> None:
    made = house.approved("Pressed in two tabs")
    other = owner.context.new_page()
    for page in (owner, other):
        page.goto(f"/publications/{made.id}/publish")
    owner.get_by_role("button", name=PUBLISH).click()
    expect(owner.locator(".said")).to_have_text("Publishing has begun.")
    other.get_by_role("button", name=PUBLISH).click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Pressed in two tabs")
    expect(other.locator(".said")).to_be_visible()
    assert not other.title().startswith("Error: ")
    published_once(house, made)
    other.goto(f"/publications/{made.id}")
    expect(other.locator("#headline-words")).to_contain_text("Published.")
    judged(other)


def test_going_back_after_publishing_publishes_nothing_again(
    house: BrowserHouse, owner: Page
) -> None:
    made = house.approved("Gone back to")
    owner.goto(f"/publications/{made.id}/publish")
    owner.get_by_role("button", name=PUBLISH).click()
    expect(owner.locator(".said")).to_have_text("Publishing has begun.")
    house.reaches(made.id, "published")
    owner.go_back()
    again = owner.get_by_role("button", name=PUBLISH)
    if again.count():  # kept by the browser as it was
        again.click()
        expect(owner.locator(".said")).to_be_visible()
    else:
        expect(owner.locator("main")).to_contain_text("Published")
    published_once(house, made)
