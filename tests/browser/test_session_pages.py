"""Signing in, one's account, people, and a session that ends while somebody types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from browser_house import BrowserHouse
from playwright.sync_api import Page, expect
from sqlalchemy import update

from excudit.service import profile
from excudit.store import sessions
from excudit.store import tables_people as t
from excudit.store.publications import now

PASSWORD = "four words nobody guesses"
LASTS_MS = 60 * 60 * 1000
Browse = Callable[..., Page]
Judge = Callable[[Page], None]


@pytest.fixture
def sasha(house: BrowserHouse) -> str:
    """Somebody with a password, of whom no other test knows."""
    house.person("sasha")
    profile.set_password(house.parts, "sasha", PASSWORD, by="test")
    return "sasha"


def _ends(house: BrowserHouse, name: str, within: timedelta) -> None:
    table = t.sessions
    with house.parts.database.write() as connection:
        connection.execute(
            update(table).where(table.c.user == name).values(expires_at=now() + within)
        )


def _sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name of the account").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_label("Password").press("Enter")


def test_the_sign_in_page_in_every_state(browse: Browse, judged: Judge, sasha: str) -> None:
    page = browse()
    page.goto("/account")
    judged(page)
    _sign_in(page, sasha, "wrong")
    expect(page.locator("#summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    judged(page)
    _sign_in(page, sasha)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    judged(page)


def test_the_account_page_in_every_state(browse: Browse, judged: Judge, sasha: str) -> None:
    page = browse(sasha)
    page.goto("/account")
    judged(page)
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#summary")).to_be_focused()
    judged(page)
    page.get_by_label("What it is for").fill("nightly import")
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#token")).to_contain_text("exc_")
    judged(page)
    page.get_by_role("link", name="I have kept it").click()
    page.get_by_role("button", name="Revoke nightly import").click()
    expect(page.locator(".said")).to_contain_text("revoked")
    judged(page)


def test_the_people_pages_in_every_state(
    admin: Page, house: BrowserHouse, judged: Judge, sasha: str
) -> None:
    admin.goto("/people")
    judged(admin)
    admin.goto("/people?words=nobody-at-all")
    judged(admin)
    admin.goto("/people/sasha")
    judged(admin)
    admin.get_by_role("button", name="Save the roles").click()
    expect(admin.locator("#summary")).to_be_focused()
    judged(admin)
    admin.get_by_label("Why").last.fill("On leave.")
    admin.get_by_role("button", name="Disable the account").click()
    expect(admin.locator(".said")).to_contain_text("disabled")
    judged(admin)
    admin.get_by_label("Why").last.fill("Back again.")
    admin.get_by_role("button", name="Open the account").click()
    expect(admin.locator(".said")).to_contain_text("open")


@pytest.mark.parametrize("javascript", [True, False])
def test_typing_outlives_the_session(
    browse: Browse, house: BrowserHouse, judged: Judge, sasha: str, javascript: bool
) -> None:
    page = browse(sasha, javascript=javascript)
    page.goto("/account")
    page.get_by_label("Full name").fill("Sasha 👩‍🔬 Ocean")
    _ends(house, sasha, timedelta(0))
    page.get_by_role("button", name="Save the profile").click()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    _sign_in(page, sasha)
    expect(page.get_by_role("heading", level=1)).to_have_text("You were about to send this")
    expect(page.locator("dl")).to_contain_text("Sasha 👩‍🔬 Ocean")
    if javascript:
        judged(page)
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator(".said")).to_contain_text("saved")
    expect(page.get_by_label("Full name")).to_have_value("Sasha 👩‍🔬 Ocean")


def test_the_end_is_told_two_minutes_before_and_any_key_puts_it_off(
    browse: Browse, house: BrowserHouse, sasha: str
) -> None:
    page = browse(sasha)
    page.clock.install()
    page.goto("/account")
    bar = page.locator("#lasting")
    expect(bar).to_be_empty()
    page.get_by_label("Affiliation").fill("Institute")
    _ends(house, sasha, timedelta(seconds=110))
    page.clock.fast_forward(LASTS_MS - 110_000)
    expect(bar).to_contain_text("Your session ends at")
    assert bar.get_attribute("role") == "status"
    with page.expect_response("**/sign-in/extend"):
        page.keyboard.press("Shift")
    expect(bar).to_be_empty()
    expect(page.get_by_label("Affiliation")).to_have_value("Institute")


def test_an_ended_session_is_told_and_another_tab_brings_it_back(
    browse: Browse, house: BrowserHouse, sasha: str
) -> None:
    page = browse(sasha)
    page.clock.install()
    page.goto("/account")
    bar = page.locator("#lasting")
    page.get_by_label("Affiliation").fill("Institute of the Sea")
    with house.parts.database.write() as connection:
        sessions.end_all(connection, user=sasha)
    page.clock.fast_forward(LASTS_MS)
    expect(bar).to_contain_text("Your session has ended")
    with page.context.expect_page() as opened:
        bar.get_by_role("link").click()
    tab: Any = opened.value
    _sign_in(tab, sasha)
    expect(tab.get_by_role("heading", level=1)).to_have_text("Your account")
    tab.close()
    page.bring_to_front()
    page.evaluate("() => dispatchEvent(new Event('focus'))")
    expect(bar).to_contain_text("You are signed in again")
    page.get_by_role("button", name="Save the profile").click()
    expect(page.locator(".said")).to_contain_text("saved")
    expect(page.get_by_label("Affiliation")).to_have_value("Institute of the Sea")
