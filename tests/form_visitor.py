"""A browser without JavaScript, as the tests of the metadata form use it."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

from fastapi.testclient import TestClient
from httpx2 import Response

from excudit.domain.model import Actor
from web_house import House

ADA = Actor("ada", frozenset(), "ada@example.org")


def at(draft: str, section: str = "basics") -> str:
    """The address of a section of the form."""
    return f"/publications/{draft}/edit/{section}"


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the section's form."""
    form = page[page.index('id="sheet"') :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


class Browser:
    """One person's browser without JavaScript."""

    def __init__(self, house: House, web: TestClient, name: str, *roles: str) -> None:
        self.headers, self.csrf = house.signed_in(name, *roles)
        self.web = web

    def get(self, path: str) -> Response:
        return self.web.get(path, headers=self.headers, follow_redirects=False)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Response:
        sent = urlencode({"csrf": self.csrf, **fields})
        return self.web.post(
            path,
            content=sent,
            headers={
                **self.headers,
                "Content-Type": "application/x-www-form-urlencoded",
                **headers,
            },
            follow_redirects=False,
        )

    def open(self, path: str) -> dict[str, str]:
        page = self.get(path)
        assert page.status_code == 200, page.text
        return hidden(page.text)
