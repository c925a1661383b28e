"""Local accounts: the form, its limits, sessions, and what is typed too late."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import APIRouter, Request
from fastapi.testclient import TestClient
from starlette.responses import JSONResponse, Response

from excudit.service import people, profile
from excudit.settings import SignIn
from excudit.store import sessions, site_events, tables_people, throttle, users
from excudit.web import create_app
from excudit.web.visitors import Posted, SignedIn
from web_house import House

PASSWORD = "four words nobody guesses"
BASE = "https://data.example.org"
ROUTER = APIRouter()
Open = Callable[[], TestClient]


@ROUTER.post("/typed")
def typed(request: Request, person: SignedIn, form: Posted) -> Response:
    """A page of any room that takes a form."""
    return JSONResponse({"by": person.actor.name, "form": form.multi_items()})


@pytest.fixture
def browser(house: House) -> Open:
    """Makes browsers of a site where ada has a password."""
    signin = SignIn(tries=3, session_minutes=30)
    settings = house.parts.settings.model_copy(update={"signin": signin})
    house.parts = replace(house.parts, settings=settings)
    house.token("ada", "reviewer")
    profile.set_password(house.parts, "ada", PASSWORD, by="test")
    app = create_app(house.parts)
    app.include_router(ROUTER)
    return lambda: TestClient(
        app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False
    )


def _mark(page: Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)  # type: ignore[attr-defined]
    assert found
    return found[1]


def _sign_in(client: TestClient, name: str = "ada", password: str = PASSWORD, **more: str):
    mark = _mark(client.get("/sign-in", params={"next": more.get("next", "")}))
    form = {"csrf": mark, "name": name, "password": password, **more}
    return client.post("/sign-in", data=form)


def test_a_visitor_lands_on_the_page_first_asked_for(browser: Open) -> None:
    client = browser()
    to = client.get("/account?a=b%20c").headers["location"]
    page = client.get(to)
    assert 'autocomplete="current-password"' in page.text
    assert 'autocomplete="username"' in page.text
    asked = re.search(r'name="next" value="([^"]+)"', page.text)
    assert asked
    answer = _sign_in(client, next=asked[1])
    assert answer.status_code == 303
    assert answer.headers["location"] == "/account?a=b%20c"
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("asked", ["//evil.example/", "https://evil.example", "/\\evil", "\t//e"])
def test_nobody_is_led_to_another_site(browser: Open, asked: str) -> None:
    assert _sign_in(browser(), next=asked).headers["location"] == "/desk"


def test_what_was_wrong_is_not_told(browser: Open, house: House) -> None:
    house.token("eve")
    house.token("old")
    profile.set_password(house.parts, "old", PASSWORD, by="test")
    admin = users.Actor("adele", frozenset({"admin"}))
    people.disable(house.parts, admin, "old", reason="left")
    answers = []
    for name, password in (("ada", "wrong"), ("nobody", "x"), ("eve", ""), ("old", PASSWORD)):
        answers.append(_sign_in(browser(), name, password))
        with house.parts.database.write() as connection:
            throttle.sweep(connection, timedelta(0))
    assert {a.status_code for a in answers} == {422}
    said = [re.findall(r"<li>.*?</li>", a.text) for a in answers]
    assert said[1:] == said[:-1]
    assert "<title>Error: Sign in" in answers[0].text


def test_wrong_passwords_have_to_wait(browser: Open, house: House) -> None:
    for _ in range(3):
        assert _sign_in(browser(), password="wrong").status_code == 422
    late = _sign_in(browser())
    assert late.status_code == 429
    assert re.search(r"Try again at \d\d:\d\d UTC, in \d+ minutes?\.", late.text)
    assert 0 < int(late.headers["Retry-After"]) <= 900
    with house.parts.database.read() as connection:
        told = [e["action"] for e in site_events.listing(connection, about="ada")]
    assert told.count("sign_in_refused") == 3


def test_only_wrong_passwords_count(browser: Open) -> None:
    for _ in range(2):
        _sign_in(browser(), password="wrong")
    assert [_sign_in(browser()).status_code for _ in range(4)] == [303] * 4


def test_one_address_cannot_try_many_accounts(browser: Open) -> None:
    for number in range(3):
        _sign_in(browser(), f"user-{number}", "wrong")
    assert _sign_in(browser()).status_code == 429


def test_addresses_behind_a_proxy_are_told_apart(browser: Open, house: House) -> None:
    client = browser()
    mark = _mark(client.get("/sign-in"))
    form = {"csrf": mark, "name": "nobody", "password": "wrong"}

    def tries(forwarded: str) -> int:
        return client.post(
            "/sign-in", data=form, headers={"X-Forwarded-For": forwarded}
        ).status_code

    # The test's own client has no address of a proxy, so what it tells of others is not believed.
    assert [tries(f"192.0.2.{n}") for n in range(4)] == [422, 422, 422, 429]


def test_the_session_gets_a_new_name_at_the_sign_in(browser: Open) -> None:
    client = browser()
    client.get("/sign-in")
    planted = client.cookies["excudit"]
    assert _sign_in(client).status_code == 303
    assert client.cookies["excudit"] != planted
    thief = browser()
    thief.cookies.set("excudit", planted)
    assert thief.get("/desk").status_code == 303


def test_the_form_needs_the_mark_of_its_own_session(browser: Open) -> None:
    mine, theirs = browser(), browser()
    mark = _mark(theirs.get("/sign-in"))
    mine.get("/sign-in")
    for sent in (mark, "", "x" * 43):
        form = {"csrf": sent, "name": "ada", "password": PASSWORD}
        assert mine.post("/sign-in", data=form).headers["location"].startswith("/sign-in")
    assert mine.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_form_of_another_site_is_refused_and_not_kept(
    browser: Open, house: House, headers: dict[str, str]
) -> None:
    client = browser()
    _sign_in(client)
    mark = client.get("/sign-in/session").json()["csrf"]
    answer = client.post("/typed", data={"csrf": mark, "a": "1"}, headers=headers)
    assert answer.status_code == 403
    assert "nothing was done" in answer.text
    with house.parts.database.read() as connection:
        kept = connection.execute(tables_people.sessions.select()).mappings().all()
    assert not any("aside" in row["kept"] for row in kept)


def test_what_is_sent_after_the_session_ended_waits_for_the_next(browser: Open) -> None:
    client = browser()
    _sign_in(client)
    old = client.get("/sign-in/session").json()["csrf"]
    client.cookies.clear()
    words = "Grüße 🌊\r\n<script>alert(1)</script>\r\n" + "x" * 5000
    form = {"csrf": old, "title": words, "many": ["one", "two"]}
    answer = client.post("/typed?tab=2", data=form, headers={"Referer": f"{BASE}/account"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    page = client.get(answer.headers["location"])
    assert "What you typed is kept" in page.text
    to = _sign_in(client).headers["location"]
    assert to == "/sign-in/held"
    held = client.get(to)
    assert "You were about to send this" in held.text
    assert "<script>alert" not in held.text
    assert 'action="/typed?tab=2"' in held.text
    fields = [
        (name, html.unescape(value))
        for name, value in re.findall(
            r'type="hidden" name="([^"]+)" value="([^"]*)"', held.text.partition('class="held"')[2]
        )
    ]
    sent = client.post("/typed?tab=2", data=_grouped(fields[: _end(fields)])).json()
    assert sent["by"] == "ada"
    assert ["title", words] in sent["form"]
    assert [value for name, value in sent["form"] if name == "many"] == ["one", "two"]
    assert client.get("/sign-in/held").headers["location"] == "/desk", "it was sent"


def _grouped(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    return {name: [v for n, v in fields if n == name] for name, _ in fields}


def _end(fields: list[tuple[str, str]]) -> int:
    """Where the fields of the second form begin: each form has one mark."""
    return [n for n, (name, _) in enumerate(fields) if name == "csrf"][1]


def test_an_old_mark_shows_what_was_typed_and_sends_nothing(browser: Open) -> None:
    client = browser()
    _sign_in(client)
    answer = client.post("/typed", data={"csrf": "old", "title": "Ocean"})
    assert answer.status_code == 403
    assert "You were about to send this" in answer.text
    assert "Ocean" in answer.text
    mark = _mark(answer)
    assert client.post("/sign-in/held/forget", data={"csrf": mark}).status_code == 303
    assert client.get("/sign-in/held").headers["location"] == "/desk"


def test_passwords_and_floods_are_never_kept(browser: Open, house: House) -> None:
    client = browser()
    _sign_in(client)
    for path, form in (
        ("/typed", {"new_password": "secret secret"}),
        ("/account/password", {"x": "y"}),
        ("/typed", {"big": ["x" * (1024 * 1024)] * 2}),
        ("/typed", {"zero": "a\x00b"}),
    ):
        answer = client.post(path, data={**form, "csrf": "old"})
        assert answer.status_code == 403
        assert "too old" in answer.text
    known = browser()
    known.get("/sign-in")
    strangers = [browser().post("/typed", data={"a": "b"}) for _ in range(11)]
    strangers += [known.post("/typed", data={"a": "b"}) for _ in range(11)]
    assert {a.status_code for a in strangers} == {303}
    with house.parts.database.read() as connection:
        kept = connection.execute(tables_people.sessions.select()).mappings().all()
    assert sum("aside" in row["kept"] for row in kept) == 12, "one for each browser"


def test_a_script_hears_that_the_session_ended(browser: Open) -> None:
    answer = browser().post("/typed", data={"a": "b"}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["Excudit-Session"] == "ended"
    assert answer.headers["HX-Reswap"] == "none"
    client = browser()
    _sign_in(client)
    stale = client.post("/typed", data={}, headers={"X-CSRF-Token": "old"})
    assert (stale.status_code, stale.headers["Excudit-Session"]) == (401, "stale")


def test_a_session_is_extended_by_use_but_not_for_ever(browser: Open, house: House) -> None:
    client = browser()
    _sign_in(client)
    told = client.get("/sign-in/session").json()
    assert told["person"] == "ada"
    assert 1790 <= told["ends_in"] <= 1800
    table = tables_people.sessions
    with house.parts.database.write() as connection:
        row = connection.execute(table.select().where(table.c.user == "ada")).mappings().one()
        begun = row["created_at"] - sessions.LONGEST + timedelta(minutes=5)
        connection.execute(table.update().values(created_at=begun))
    mark = {"X-CSRF-Token": told["csrf"]}
    assert client.post("/sign-in/extend", headers=mark).json()["ends_in"] <= 300
    with house.parts.database.write() as connection:
        moment = row["created_at"] - timedelta(seconds=1)
        connection.execute(table.update().values(expires_at=moment))
    assert client.get("/sign-in/session").json() == {"ends_in": 0, "person": "", "csrf": ""}
    assert client.get("/desk").status_code == 303


def test_signing_out_ends_one_session_or_all(browser: Open) -> None:
    clients = [browser() for _ in range(3)]
    for client in clients:
        _sign_in(client)
    first, second, third = clients
    mark = first.get("/sign-in/session").json()["csrf"]
    assert "You are signed out" in first.post("/sign-out", data={"csrf": mark}).text
    assert [c.get("/desk").status_code for c in clients] == [303, 200, 200]
    mark = second.get("/sign-in/session").json()["csrf"]
    second.post("/sign-out", data={"csrf": mark, "everywhere": "yes"})
    assert third.get("/desk").status_code == 303


def test_sample_users_need_the_demo_and_this_machine(house: House) -> None:
    house.token("ada")
    service = house.parts.settings.service

    def offered(base: str, client: str, names: tuple[str, ...], host: str = service.host) -> bool:
        settings = house.parts.settings.model_copy(
            update={
                "service": service.model_copy(update={"host": host}),
                "site": house.parts.settings.site.model_copy(update={"base_url": base}),
            }
        )
        app = create_app(replace(house.parts, settings=settings), sample_users=names)
        browser = TestClient(app, base_url=base, client=(client, 50000), follow_redirects=False)
        page = browser.get("/sign-in")
        form = {"csrf": _mark(page), "name": "ada"}
        done = browser.post("/sign-in/sample", data=form)
        shown = "Sign in as ada (Author)" in page.text
        assert done.status_code == (303 if shown else 404)
        return shown

    here = "http://127.0.0.1:8080"
    assert offered(here, "127.0.0.1", ("ada",))
    assert not offered(here, "127.0.0.1", ())
    assert not offered(here, "192.0.2.1", ("ada",))
    assert not offered("http://rebound.example:8080", "127.0.0.1", ("ada",))
    assert not offered(here, "127.0.0.1", ("ada",), host="0.0.0.0")
