"""Signing in at an OpenID Provider when somebody in between is up to no good, or it is down."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from openid_stub import CLIENT, Stub, _base64
from sqlalchemy import func, select

from excudit.settings import OpenID, SignIn
from excudit.store import tables_people, users
from excudit.web import create_app
from excudit.web.auth.provider import Provider
from excudit.web.auth.tokens import LOGOUT
from excudit.web.pages.signing import elsewhere
from web_house import House

BASE = "https://data.example.org"


class Hall:
    """excudit with its provider; `browser` makes a browser of its own."""

    def __init__(self, house: House, stub: Stub, **openid: Any) -> None:
        self.house, self.stub = house, stub
        settings = house.parts.settings
        given = OpenID(issuer=stub.issuer, client_id=CLIENT, **openid)
        signin = SignIn(openid=given, tries=3)
        house.parts = replace(house.parts, settings=settings.model_copy(update={"signin": signin}))
        self.app = create_app(house.parts)
        self.clock = [0.0]
        self.app.state.provider = Provider(given, settings.site, clock=lambda: self.clock[0])

    def browser(self) -> TestClient:
        return TestClient(
            self.app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False
        )

    def begin(self, browser: TestClient, asked: str = "/desk") -> dict[str, str]:
        """Begin; what the provider was told."""
        answer = browser.get("/sign-in/openid", params={"next": asked})
        assert answer.status_code == 303, answer.text
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        told = {k: v[0] for k, v in query.items()}
        self.stub.nonce = told["nonce"]
        return told

    def back(self, browser: TestClient, state: str, **more: str) -> Any:
        return browser.get("/sign-in/openid/back", params={"state": state, "code": "good", **more})


@pytest.fixture
def stub() -> Iterator[Stub]:
    running = Stub()
    yield running
    running.stop()


@pytest.fixture
def hall(house: House, stub: Stub) -> Hall:
    return Hall(house, stub)


def _nobody(hall: Hall) -> bool:
    with hall.house.parts.database.read() as connection:
        return users.by_subject(connection, hall.stub.issuer, "ada-1") is None


def test_the_code_goes_with_a_proof_that_only_this_browser_could_have(hall: Hall) -> None:
    browser = hall.browser()
    told = hall.begin(browser)
    assert told["code_challenge_method"] == "S256"
    assert hall.back(browser, told["state"]).headers["location"] == "/desk"
    form = next(f for path, f, _ in hall.stub.asked if path == "/token")
    made = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert _base64(made) == told["code_challenge"]
    assert form["redirect_uri"] == f"{BASE}/sign-in/openid/back"
    assert form["client_id"] == CLIENT


def test_a_state_of_another_browser_is_refused(hall: Hall) -> None:
    mine, theirs = hall.browser(), hall.browser()
    hall.begin(mine)
    state = hall.begin(theirs)["state"]
    answer = hall.back(mine, state)
    assert answer.status_code == 403
    assert "not begun in this browser" in answer.text
    assert _nobody(hall)
    assert hall.back(hall.browser(), state).status_code == 403


def test_a_sign_in_counts_once(hall: Hall) -> None:
    browser = hall.browser()
    state = hall.begin(browser)["state"]
    assert hall.back(browser, state).status_code == 303
    hall.stub.codes = {"good"}
    assert hall.back(browser, state).status_code == 403


def test_the_session_gets_a_new_name_at_the_sign_in(hall: Hall) -> None:
    browser = hall.browser()
    state = hall.begin(browser)["state"]
    planted = browser.cookies["excudit"]
    hall.back(browser, state)
    assert browser.cookies["excudit"] != planted
    old = hall.browser()
    old.cookies.set("excudit", planted)
    assert old.get("/desk").status_code == 303


MOMENT = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"exp": MOMENT - 3600},
        {"exp": None},
        {"iat": None},
        {"nbf": MOMENT + 3600},
        {"sub": ""},
        {"sub": None},
        {"sub": "x" * 256},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=" ".join,
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    hall: Hall, claims: dict[str, Any]
) -> None:
    browser = hall.browser()
    state = hall.begin(browser)["state"]
    hall.stub.claims = claims
    answer = hall.back(browser, state)
    assert answer.status_code == 403
    assert "cannot be trusted" in answer.text
    assert _nobody(hall)


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256", "kid": "first"}])
def test_a_signature_that_anybody_could_make_is_refused(hall: Hall, header: dict[str, Any]) -> None:
    browser = hall.browser()
    state = hall.begin(browser)["state"]
    stub = hall.stub
    if header["alg"] == "HS256":
        # The classic mistake: the public key taken for a shared secret.
        head = _base64(json.dumps(header).encode())
        body = _base64(json.dumps(stub.usual()).encode())
        made = hmac.new(stub.key.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
        stub.id_token = f"{head}.{body}.{_base64(made.digest())}"
    else:
        stub.header = header
    stub.published = {"id_token_signing_alg_values_supported": ["none", "HS256", "ES256"]}
    assert hall.back(browser, state).status_code == 403
    assert _nobody(hall)


def test_a_signature_of_another_key_is_refused(hall: Hall) -> None:
    browser = hall.browser()
    state = hall.begin(browser)["state"]
    published = hall.stub.key
    hall.stub.rotate("first")
    hall.stub.id_token = hall.stub.sign(hall.stub.usual())
    hall.stub.key = published
    assert hall.back(browser, state).status_code == 403
    assert _nobody(hall)


def test_a_new_key_of_the_provider_is_fetched(hall: Hall) -> None:
    first = hall.browser()
    assert hall.back(first, hall.begin(first)["state"]).status_code == 303
    hall.stub.rotate("second")
    hall.stub.codes = {"good"}
    hall.clock[0] = 60.0
    second = hall.browser()
    assert hall.back(second, hall.begin(second)["state"]).status_code == 303
    assert [path for path, _, _ in hall.stub.asked].count("/keys") == 2


def test_an_answer_of_another_provider_is_refused(hall: Hall) -> None:
    browser = hall.browser()
    state = hall.begin(browser)["state"]
    assert hall.back(browser, state, iss="https://evil.example").status_code == 403


def test_userinfo_of_somebody_else_is_refused(hall: Hall) -> None:
    browser = hall.browser()
    state = hall.begin(browser)["state"]
    hall.stub.userinfo = {"sub": "eve", "email": "eve@example.org"}
    assert hall.back(browser, state).status_code == 403


def test_a_refusal_of_the_provider_is_shown_as_text(hall: Hall) -> None:
    browser = hall.browser()
    state = hall.begin(browser)["state"]
    answer = hall.back(
        browser, state, code="", error="access_denied", error_description="<b>no</b>"
    )
    assert answer.status_code == 403
    assert "access_denied: &lt;b&gt;no&lt;/b&gt;" in answer.text


def test_a_provider_that_is_down_gives_a_page_with_a_way_back(hall: Hall) -> None:
    hall.stub.is_down = True
    browser = hall.browser()
    for _ in range(3):
        answer = browser.get("/sign-in/openid")
        assert answer.status_code == 503
        assert "does not answer as it should" in answer.text
    assert len(hall.stub.asked) == 1, "while it is down it is not asked again and again"
    hall.stub.is_down, hall.clock[0] = False, 60.0
    assert browser.get("/sign-in/openid").status_code == 303


@pytest.mark.parametrize(
    "asked",
    ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nb", "/sign-out"],
)
def test_nobody_is_led_away_after_signing_in(hall: Hall, asked: str) -> None:
    browser = hall.browser()
    state = hall.begin(browser, asked)["state"]
    assert hall.back(browser, state).headers["location"] == "/desk"


def test_an_account_of_that_name_is_never_merged(house: House, stub: Stub) -> None:
    house.token("ada", "admin")
    hall = Hall(house, stub, name_claim="preferred_username")
    stub.userinfo["preferred_username"] = "ada"
    browser = hall.browser()
    answer = hall.back(browser, hall.begin(browser)["state"])
    assert answer.status_code == 403
    assert "another account of the name ada" in answer.text
    assert _nobody(hall)


def test_only_known_people_come_in_where_the_settings_say_so(house: House, stub: Stub) -> None:
    hall = Hall(house, stub, new_accounts=False)
    browser = hall.browser()
    assert (
        "There is no account for you here" in hall.back(browser, hall.begin(browser)["state"]).text
    )
    with house.parts.database.write() as connection:
        users.put(connection, "ada", email="", roles=["curator"])
        users.change(connection, "ada", issuer=stub.issuer, subject="ada-1")
    stub.codes = {"good"}
    assert hall.back(browser, hall.begin(browser)["state"]).status_code == 303
    with house.parts.database.write() as connection:
        known = users.get(connection, "ada")
        users.change(connection, "ada", disabled_at=datetime.now(UTC))
    assert known is not None
    assert known.roles == {"curator"}, "without roles_claim the roles are kept here"
    assert browser.get("/desk").status_code == 303
    stub.codes = {"good"}
    assert "Your account is disabled" in hall.back(browser, hall.begin(browser)["state"]).text


def _logout(hall: Hall, **claims: Any) -> Any:
    usual = hall.stub.usual() | {"jti": "j1", "events": {LOGOUT: {}}, "nonce": None, **claims}
    token = hall.stub.sign({k: v for k, v in usual.items() if v is not None})
    return hall.browser().post("/sign-in/openid/logout", data={"logout_token": token})


@pytest.mark.parametrize("claims", [{}, {"sub": None}, {"sid": None}], ids=str)
def test_the_back_channel_ends_the_session(hall: Hall, claims: dict[str, Any]) -> None:
    browser = hall.browser()
    hall.back(browser, hall.begin(browser)["state"])
    assert _logout(hall, **claims).status_code == 200
    assert browser.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"events": None},
        {"events": {}},
        {"nonce": "n"},
        {"sub": None, "sid": None},
        {"sub": 7},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": MOMENT - 3600},
        {"jti": None},
    ],
    ids=" ".join,
)
def test_a_logout_token_that_is_not_right_ends_nothing(hall: Hall, claims: dict[str, Any]) -> None:
    browser = hall.browser()
    hall.back(browser, hall.begin(browser)["state"])
    assert _logout(hall, **claims).status_code == 400
    assert browser.get("/desk").status_code == 200


def test_a_logout_token_counts_once(hall: Hall) -> None:
    assert _logout(hall).status_code == 200
    browser = hall.browser()
    hall.back(browser, hall.begin(browser)["state"])
    assert _logout(hall).status_code == 400
    assert browser.get("/desk").status_code == 200


def test_new_browsers_of_one_address_begin_only_so_many_sign_ins(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "BY_STRANGERS", 3)
    answers = [hall.browser().get("/sign-in/openid") for _ in range(5)]
    assert [a.status_code for a in answers] == [303, 303, 303, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    with hall.house.parts.database.read() as connection:
        rows = connection.execute(select(func.count()).select_from(tables_people.sessions))
        assert rows.scalar_one() == 3
