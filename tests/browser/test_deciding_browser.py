"""Decisions, previews, operations and the audit in a browser: each page as people meet it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from browser_house import BrowserHouse
from playwright.sync_api import Page, expect

from excudit.service import schedule
from excudit.store import runs


def test_publishing_is_one_page_and_one_press(
    house: BrowserHouse, owner: Page, judged: Any
) -> None:
    made = house.approved("Pressed once in a browser")
    owner.goto(f"/publications/{made.id}/publish")
    expect(owner.locator("main")).to_contain_text("findable DOI is never deleted")
    judged(owner)
    owner.get_by_role("button", name="Publish and register the DOI").click()
    expect(owner.locator(".said")).to_have_text("Publishing has begun.")
    owner.go_back()
    again = owner.get_by_role("button", name="Publish and register the DOI")
    if again.count():
        again.click()
    house.reaches(made.id, "published")


def test_the_publish_page_works_without_scripts(house: BrowserHouse, browse: Any) -> None:
    made = house.approved("Pressed without scripts")
    page = browse("ada", javascript=False)
    page.goto(f"/publications/{made.id}/publish")
    page.get_by_role("button", name="Publish and register the DOI").click()
    house.reaches(made.id, "published")


def test_a_date_is_set_moved_and_lifted(house: BrowserHouse, owner: Page, judged: Any) -> None:
    made = house.in_review("Under embargo")
    owner.goto(f"/publications/{made.id}/schedule")
    judged(owner)
    owner.get_by_label("Date (required)").fill("2020-01-01")
    owner.get_by_role("button", name="Set the date").click()
    expect(owner).to_have_title(re.compile("^Error: "))
    expect(owner.locator("#summary")).to_be_focused()
    judged(owner)
    day = f"{datetime.now(UTC) + timedelta(days=40):%Y-%m-%d}"
    owner.get_by_label("Date (required)").fill(day)
    owner.get_by_role("button", name="Set the date").click()
    expect(owner.locator(".said")).to_contain_text(f"not be published before {day}")
    owner.goto(f"/publications/{made.id}/schedule")
    owner.get_by_role("button", name="Lift the date").click()
    expect(owner.locator(".said")).to_have_text("The publish date is lifted.")


def test_the_time_is_shown_with_its_zone(house: BrowserHouse, owner: Page) -> None:
    made = house.in_review("Due in two hours")
    at = datetime.now(UTC) + timedelta(hours=2)
    schedule.settle(house.parts, house.actor("ada"), made.id, at)
    owner.goto(f"/publications/{made.id}/schedule")
    expect(owner.locator("main")).to_contain_text(f"{at:%H:%M} UTC")


@pytest.mark.slow
def test_every_page_of_what_is_approved_is_sound(
    house: BrowserHouse, owner: Page, judged: Any
) -> None:
    made = house.approved("Judged on every page")
    for action in ("cancel", "recall", "schedule", "previews"):
        owner.goto(f"/publications/{made.id}/{action}")
        judged(owner)


def test_withdrawing_shows_the_tombstone_first(
    house: BrowserHouse, curator: Page, judged: Any
) -> None:
    made = house.published("Withdrawn in a browser")
    curator.goto(f"/publications/{made.id}/withdraw")
    judged(curator)
    curator.get_by_role("button", name="Withdraw and leave a tombstone").click()
    expect(curator.locator("#summary")).to_be_focused()
    judged(curator)
    curator.get_by_label("Reason (required)").fill("The sensor was broken.")
    curator.get_by_role("button", name="Show the tombstone with this reason").click()
    expect(curator.locator(".sample")).to_contain_text("The sensor was broken.")
    curator.get_by_role("button", name="Withdraw and leave a tombstone").click()
    house.reaches(made.id, "withdrawn")


def test_amending_compares_before_it_sends(house: BrowserHouse, curator: Page, judged: Any) -> None:
    made = house.published("Amended in a browser")
    curator.goto(f"/publications/{made.id}/amend")
    judged(curator)
    curator.get_by_role("button", name="Check and compare").click()
    expect(curator.locator("#summary")).to_be_focused()
    judged(curator)
    curator.get_by_label("Reason (required)").fill("A typo in the title.")
    curator.get_by_label("Title (required)").fill("Amended in a browser, rightly")
    curator.get_by_role("button", name="Check and compare").click()
    expect(curator.locator("ins")).to_contain_text("rightly")
    judged(curator)
    curator.get_by_role("button", name="Back to the form").click()
    expect(curator.get_by_label("Title (required)")).to_have_value("Amended in a browser, rightly")
    curator.get_by_role("button", name="Check and compare").click()
    curator.get_by_role("button", name="Amend the public record").click()
    expect(curator.locator(".said")).to_have_text("The public record is being changed.")
    house.reaches(made.id, "published")


def test_a_preview_link_is_read_by_a_stranger_until_it_is_revoked(
    house: BrowserHouse, owner: Page, stranger: Page, judged: Any
) -> None:
    made = house.in_review("Seen by a stranger")
    owner.goto(f"/publications/{made.id}/previews")
    judged(owner)
    owner.get_by_label(re.compile("^Anonymous")).check()
    owner.get_by_role("button", name="Make the link").click()
    address = owner.locator("code.made").inner_text()
    judged(owner)
    path = address[address.index("/preview/") :]
    stranger.goto(path)
    expect(stranger.locator("h1")).to_contain_text("Seen by a stranger")
    judged(stranger)
    owner.get_by_role("button", name="Revoke").click()
    expect(owner.locator(".said")).to_contain_text("revoked")
    answer = stranger.request.get(path)
    assert answer.status == 404


@pytest.mark.slow
def test_every_page_about_what_stands_still_is_sound(
    house: BrowserHouse, admin: Page, judged: Any
) -> None:
    made = house.stuck("Stuck on every page")
    for path in (
        f"/publications/{made.id}/stop",
        f"/publications/{made.id}/retry",
        "/operations",
        "/operations/runs/needs_attention",
        "/operations/runs/out_of_sync",
        "/operations/mails",
        "/operations/routes",
        "/audit",
        "/audit?who=nobody",
        "/audit?from=never",
    ):
        admin.goto(path)
        judged(admin)


def test_an_operator_retries_what_was_chosen(house: BrowserHouse, admin: Page, judged: Any) -> None:
    made = house.stuck("Chosen by its operator")
    with house.parts.database.read() as connection:
        before = len(runs.of(connection, made.id))
    admin.goto("/operations/runs/needs_attention")
    admin.get_by_label("Choose Chosen by its operator").check()
    admin.get_by_role("button", name="Retry …").click()
    judged(admin)
    admin.get_by_role("button", name="Retry 1 publication").click()
    expect(admin.locator("main")).to_contain_text("1 of 1 go on now.")
    judged(admin)
    with house.parts.database.read() as connection:
        assert len(runs.of(connection, made.id)) > before


def test_an_operator_pauses_and_resumes_a_target(
    house: BrowserHouse, admin: Page, judged: Any
) -> None:
    admin.goto("/operations")
    target = next(iter(house.parts.targets))
    admin.locator("summary", has_text=target).first.click()
    admin.get_by_role("button", name=f"Pause {target}").click()
    expect(admin.locator("#summary")).to_be_focused()
    judged(admin)
    admin.locator(f"#reason-{target}").fill("Maintenance at the registry.")
    admin.get_by_role("button", name=f"Pause {target}").click()
    expect(admin.locator(".said")).to_contain_text("No call is made")
    judged(admin)
    admin.get_by_role("button", name=f"Resume {target}").click()
    expect(admin.locator(".said")).to_contain_text("Calls go to")
