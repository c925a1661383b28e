"""Browsers that two people share, and proxies that add lines of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from excudit.settings import SignIn
from excudit.store import sessions
from excudit.web import create_app
from excudit.web.auth import browser
from excudit.web.visitors import COOKIE
from web_house import House

BASE = "https://data.example.org"


@pytest.fixture
def client(house: House) -> TestClient:
    return TestClient(create_app(house.parts), base_url=BASE, follow_redirects=False)


def _typed_too_late(house: House, client: TestClient, name: str) -> None:
    """The session of this person ends, then their form comes."""
    house.token(name)
    with house.parts.database.write() as connection:
        cookie, digest = sessions.begin(connection, user=name, lasts=timedelta(hours=1))
        sessions.end(connection, digest)
    answer = client.post(
        "/account",
        data={"csrf": "old", "full_name": "My secret draft"},
        headers={"Cookie": f"{COOKIE}={cookie}"},
    )
    assert answer.status_code == 303


def _signs_in(house: House, client: TestClient, name: str) -> Any:
    """The same browser, now this person's; what it is led to."""
    house.token(name)
    with house.parts.database.write() as connection:
        before = sessions.find(connection, client.cookies[COOKIE])
        assert before is not None
        kept = {k: before.kept[k] for k in ("held",)}
        cookie, _ = sessions.begin(connection, user=name, lasts=timedelta(hours=1), kept=kept)
    client.cookies.clear()
    client.cookies.set(COOKIE, cookie)
    return client.get("/sign-in/held")


def test_what_one_person_typed_is_not_shown_to_the_next_in_the_same_browser(
    house: House, client: TestClient
) -> None:
    _typed_too_late(house, client, "ada")
    other = _signs_in(house, client, "bob")
    assert other.status_code == 303
    assert "secret" not in other.text
    again = _signs_in(house, client, "ada")
    assert "My secret draft" in again.text, "nothing typed is lost"


def test_not_sending_leads_back_to_the_page_below_the_prefix_once(house: House) -> None:
    site = house.parts.settings.site.model_copy(update={"base_url": f"{BASE}/data"})
    settings = house.parts.settings.model_copy(update={"site": site})
    house.parts = replace(house.parts, settings=settings)
    headers, mark = house.signed_in("ada")
    client = TestClient(create_app(house.parts), base_url=BASE, follow_redirects=False)
    late = {**headers, "Referer": f"{BASE}/data/account"}
    assert client.post("/account", data={"csrf": "old", "x": "y"}, headers=late).status_code == 403
    answer = client.post("/sign-in/held/forget", data={"csrf": mark}, headers=headers)
    assert answer.headers["location"] == "/data/account"


def _request(house: House, *told: str) -> Request:
    lines = [(b"x-forwarded-for", line.encode()) for line in told]
    app: Any = type("App", (), {"state": type("State", (), {"parts": house.parts})})
    return Request({"type": "http", "headers": lines, "client": ("127.0.0.1", 4711), "app": app})


@pytest.mark.parametrize("told", [("6.6.6.6, 192.0.2.7",), ("6.6.6.6", "192.0.2.7")])
def test_the_address_is_the_one_that_the_proxy_itself_added(
    house: House, told: tuple[str, ...]
) -> None:
    signin = SignIn(proxies=("127.0.0.1",))
    settings = house.parts.settings.model_copy(update={"signin": signin})
    house.parts = replace(house.parts, settings=settings)
    seen: Callable[..., str] = browser.address_of
    assert seen(_request(house, *told)) == "192.0.2.7"
