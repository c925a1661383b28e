"""People who sign in by the page, and the mails that reach them."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from browser_house import BrowserHouse
from playwright.sync_api import Page, expect

from excudit.service import profile
from house import until

PASSWORD = "four words nobody guesses"
LINK = re.compile(r"https?://\S+")
Browse = Callable[..., Page]


def settle_in(house: BrowserHouse, name: str, *roles: str) -> str:
    """Give somebody an account with a password; the address of their mails."""
    house.person(name, *roles)
    profile.set_password(house.parts, name, PASSWORD, by="test")
    return f"{name}@example.org"


def sign_in(page: Page, name: str) -> None:
    """Fill in the page that asks who one is."""
    page.get_by_label("Name of the account").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def arrives(browse: Browse, name: str, path: str) -> Page:
    """Open a page in a browser that nobody is signed in in, and end on it as `name`."""
    page = browse()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_in(page, name)
    expect(page).to_have_url(re.compile(re.escape(path) + "$"))
    return page


def mail(house: BrowserHouse, to: str, subject: str, also: str = "") -> EmailMessage:
    """Wait for a mail to exactly this address; its subject begins with `subject`, and with `also`
    in its text."""

    def found() -> EmailMessage | None:
        for one in house.mailbox.messages():
            if one["To"] == to and one["Subject"].startswith(subject) and also in words_of(one):
                return one
        return None

    got: EmailMessage = until(found, f"no mail “{subject}” came for {to}")
    return got


def words_of(message: EmailMessage) -> str:
    """The plain text of a mail."""
    part: Any = message.get_body(("plain",))
    return str(part.get_content())


def link_of(message: EmailMessage, path: str) -> str:
    """The link of a mail that ends so; it acts by nothing but being read."""
    found = [link.rstrip(".,)") for link in LINK.findall(words_of(message))]
    fitting = [link for link in found if link.endswith(path)]
    assert fitting, f"no link to {path} in {found}"
    return fitting[0]


def told(house: BrowserHouse, subject: str) -> set[str]:
    """Who got mails with such a subject up to now."""
    every = house.mailbox.messages()
    return {str(m["To"]) for m in every if str(m["Subject"]).startswith(subject)}
