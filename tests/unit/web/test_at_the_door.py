"""Browsers that have not signed in: the database keeps nothing of them before there is a reason."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from excudit.service import profile
from excudit.store import sessions
from excudit.store import tables_people as t
from excudit.store.publications import now
from excudit.web.visitors import COOKIE
from web_house import House

PASSWORD = "four words nobody guesses"


def rows(house: House, table: object = t.sessions) -> int:
    with house.parts.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def mark(text: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found
    return found[1]


def test_looking_at_the_sign_in_page_writes_nothing(house: House, web: TestClient) -> None:
    for _ in range(5):
        web.cookies.clear()
        page = web.get("/sign-in")
        assert page.status_code == 200
        assert "httponly" in page.headers["set-cookie"].lower()
    assert rows(house) == rows(house, t.throttle) == 0


def test_two_tabs_of_one_browser_have_the_same_mark_and_two_browsers_have_not(
    web: TestClient,
) -> None:
    first = mark(web.get("/sign-in").text)
    second = web.get("/sign-in")
    assert "set-cookie" not in second.headers
    assert mark(second.text) == first
    web.cookies.clear()
    assert mark(web.get("/sign-in").text) != first


@pytest.mark.parametrize("name", ["x", "", "a" * 42, "ä" * 43, "a" * 44], ids=ascii)
def test_a_name_that_is_not_ours_is_replaced(web: TestClient, name: str) -> None:
    page = web.get("/sign-in", headers={"Cookie": f"{COOKIE}={name}".encode()})
    assert f"{COOKIE}=" in page.headers["set-cookie"]


@pytest.mark.parametrize("sent", ["", "f" * 64], ids=["none", "another"])
def test_the_form_of_the_door_needs_its_mark(house: House, web: TestClient, sent: str) -> None:
    house.token("ada")
    profile.set_password(house.parts, "ada", PASSWORD, by="test")
    form = {"name": "ada", "password": PASSWORD}
    right = mark(web.get("/sign-in").text)
    web.post("/sign-in", data={**form, "csrf": sent}, follow_redirects=False)
    assert web.get("/desk", follow_redirects=False).headers["location"].startswith("/sign-in")
    assert rows(house) == 0
    web.post("/sign-in", data={**form, "csrf": right}, follow_redirects=False)
    assert web.get("/desk", follow_redirects=False).status_code == 200
    assert rows(house) == 1


def test_a_mark_of_the_door_opens_nothing_else(house: House, web: TestClient) -> None:
    right = mark(web.get("/sign-in").text)
    answer = web.post("/account/tokens", data={"csrf": right}, follow_redirects=False)
    assert answer.headers["location"].startswith("/sign-in")


def test_sessions_of_nobody_go_as_soon_as_they_end(house: House) -> None:
    house.token("ada")
    with house.parts.database.write() as connection:
        for user in (None, "ada"):
            sessions.begin(connection, user=user, lasts=timedelta(hours=1))
        assert sessions.sweep(connection) == 0
        connection.execute(update(t.sessions).values(expires_at=now() - timedelta(seconds=1)))
        assert sessions.sweep(connection) == 1
        left = connection.execute(select(t.sessions.c.user)).scalars().all()
    assert left == ["ada"]
