"""Signing in at a real OpenID Provider: roles from its groups, and the end of the session here,
there, and by its back channel."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest
from openid_provider import RealProvider

from excudit.settings import OpenID, Secret, SignIn
from excudit.store import site_events, users
from excudit.store.database import Database, sqlite_url
from excudit.web import create_app, serve_in_thread
from web_house import SETTINGS, House, furnished, prepare

SECRET = "a secret with: signs/of all+kinds %"
ACCOUNTS = {
    "rhea-7": {
        "name": "Rhea Reviewer",
        "email": "rhea@example.org",
        "orcid": "https://orcid.org/0000-0002-1825-0097",
        "groups": ["staff", "judges"],
    },
    "nomail": {"name": "No Mail", "groups": ["staff"]},
    "stranger": {"name": "Strange", "email": "s@example.org", "groups": ["visitors"]},
}


@dataclass
class Site:
    """excudit and the provider, both on loopback."""

    house: House
    url: str
    provider: RealProvider

    def browser(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, follow_redirects=False)

    def sign_in(
        self, browser: httpx2.Client, account: str, asked: str = "/desk"
    ) -> httpx2.Response:
        begun = browser.get("/sign-in/openid", params={"next": asked})
        assert begun.status_code == 303, begun.text
        return browser.get(self.provider.allow(browser, begun.headers["location"], account))


def _client(name: str, base: str, *, public: bool) -> dict[str, object]:
    secret = {} if public else {"client_secret": SECRET}
    return {
        "client_id": name,
        **secret,
        "token_endpoint_auth_method": "none" if public else "client_secret_basic",
        "redirect_uris": [f"{base}/sign-in/openid/back"],
        "post_logout_redirect_uris": [f"{base}/sign-in/openid/ended"],
        "backchannel_logout_uri": f"{base}/sign-in/openid/logout",
        "backchannel_logout_session_required": True,
    }


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    public = getattr(request, "param", "") == "public"
    database = Database(sqlite_url(tmp_path / "excudit.db"))
    prepare(database)
    house = furnished(database)
    (tmp_path / "secret").write_text(SECRET + "\n")
    with RealProvider([_client("excudit", base, public=public)], ACCOUNTS) as provider:
        openid = OpenID(
            issuer=provider.issuer,
            client_id="excudit",
            client_secret=None if public else Secret(file=str(tmp_path / "secret")),
            scopes=["openid", "profile", "email", "groups"],
            roles_claim="groups",
            roles={"staff": [], "judges": ["reviewer", "curator:to-doi"]},
        )
        settings = SETTINGS.model_copy(
            update={
                "site": SETTINGS.site.model_copy(update={"base_url": base}),
                "signin": SignIn(local=False, openid=openid),
            }
        )
        house.parts = replace(house.parts, settings=settings)
        running = serve_in_thread(create_app(house.parts), "127.0.0.1", port)
        try:
            yield Site(house, base, provider)
        finally:
            running.stop()
            database.close()


@pytest.mark.parametrize("site", ["confidential", "public"], indirect=True)
def test_groups_become_roles_and_the_person_lands_where_they_wanted(site: Site) -> None:
    with site.browser() as browser:
        answer = site.sign_in(browser, "rhea-7", "/account")
        assert answer.headers["location"] == "/account"
        page = browser.get("/account").text
    assert "Rhea Reviewer" in page
    with site.house.parts.database.read() as connection:
        known = users.profile(connection, "rhea-7")
    assert known is not None
    assert known["roles"] == ["curator:to-doi", "reviewer"]
    assert (known["email"], known["orcid"]) == ("rhea@example.org", "0000-0002-1825-0097")
    assert not known["local"]


def test_a_code_counts_once(site: Site) -> None:
    with site.browser() as browser:
        begun = browser.get("/sign-in/openid").headers["location"]
        back = site.provider.allow(browser, begun, "rhea-7")
        assert browser.get(back).status_code == 303
        again = browser.get(back)
    assert again.status_code == 403
    assert "not begun in this browser, or it is over" in again.text


@pytest.mark.parametrize(
    ("account", "why"),
    [("nomail", "did not tell an e-mail address"), ("stranger", "None of your groups")],
)
def test_a_refusal_says_why_and_whom_to_ask(site: Site, account: str, why: str) -> None:
    with site.browser() as browser:
        answer = site.sign_in(browser, account)
        assert answer.status_code == 403
        assert why in answer.text
        assert "help@example.org" in answer.text
        assert browser.get("/desk").status_code == 303
    with site.house.parts.database.read() as connection:
        assert users.profile(connection, account) is None
        told = site_events.listing(connection)
    assert [e["action"] for e in told] == ["sign_in_refused"]


def test_signing_out_here_signs_out_there(site: Site) -> None:
    with site.browser() as browser:
        site.sign_in(browser, "rhea-7")
        mark = re.search(r'data-csrf="([^"]+)"', browser.get("/desk").text)
        assert mark
        page = browser.post("/sign-out", data={"csrf": mark[1]})
        assert "/sign-in/openid/end" in page.text
        assert browser.get("/desk").status_code == 303
        there = browser.get("/sign-in/openid/end").headers["location"]
        assert there.startswith(site.provider.issuer)
        back = site.provider.end(browser, there)
        assert back.startswith(f"{site.url}/sign-in/openid/ended")
        assert "signed out" in browser.get(back).text
        begun = browser.get("/sign-in/openid").headers["location"]
        # The provider asks again who it is: its own session has ended.
        assert "/interaction/" in browser.get(begun).headers["location"]


def test_signing_out_there_ends_the_session_here(site: Site) -> None:
    with site.browser() as browser, site.browser() as other:
        site.sign_in(browser, "rhea-7")
        site.sign_in(other, "rhea-7")
        assert browser.get("/desk").status_code == 200
        site.provider.end(browser, f"{site.provider.issuer}/session/end")
        assert browser.get("/desk").status_code == 303
        assert other.get("/desk").status_code == 200


def test_who_loses_the_group_loses_the_role_at_the_next_sign_in(site: Site) -> None:
    with site.house.parts.database.write() as connection:
        users.put(connection, "rhea-7", email="", roles=["admin"])
        users.change(
            connection, "rhea-7", issuer=site.provider.issuer, subject="rhea-7", full_name="R."
        )
    with site.browser() as browser:
        site.sign_in(browser, "rhea-7")
    with site.house.parts.database.read() as connection:
        known = users.profile(connection, "rhea-7")
    assert known is not None
    assert known["roles"] == ["curator:to-doi", "reviewer"]
    assert known["full_name"] == "R."
