"""One's own account and everybody's: by page and by API."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from excudit.service import profile
from excudit.store import site_events, tables_people, users
from excudit.store.publications import now
from web_house import House


def _token(web: TestClient, house: House, scopes: list[str], *roles: str) -> dict[str, str]:
    """Headers with a token of these scopes of grace, who has the roles."""
    made = web.post(
        "/api/v1/account/tokens",
        headers=house.token("grace", *roles),
        json={"label": "narrow", "scopes": scopes, "days": 1},
    )
    assert made.status_code == 201
    return {"Authorization": f"Bearer {made.json()['token']}"}


def test_a_token_counts_only_for_its_scopes(web: TestClient, house: House) -> None:
    roles = ("reviewer", "curator:to-doi", "admin")
    for scopes, counting, may_write in (
        (["read"], [], False),
        (["read", "write"], [], True),
        (["read", "review"], ["curator:to-doi", "reviewer"], False),
        (["read", "write", "operate"], ["admin"], True),
    ):
        headers = _token(web, house, scopes, *roles)
        assert web.get("/api/v1/account", headers=headers).json()["roles"] == counting
        made = web.post(
            "/api/v1/publications", headers=headers, json={"route": "to-doi", "ref": "alpha"}
        )
        assert made.status_code == (201 if may_write else 403)
        people = web.get("/api/v1/people", headers=headers)
        assert people.status_code == (200 if "admin" in counting else 403)


def test_a_token_passes_on_no_more_than_it_has(web: TestClient, house: House) -> None:
    headers = _token(web, house, ["write"], "admin")
    asked = {"label": "more", "scopes": ["write", "operate"]}
    refused = web.post("/api/v1/account/tokens", headers=headers, json=asked)
    assert refused.status_code == 403
    assert "operate" in refused.json()["detail"]


def test_a_token_tells_when_it_was_used_at_most_once_a_minute(
    web: TestClient, house: House
) -> None:
    headers = house.token("grace")
    table = tables_people.tokens

    def used() -> object:
        with house.parts.database.read() as connection:
            return connection.execute(table.select()).mappings().one()["used_at"]

    assert used() is None
    web.get("/api/v1/account", headers=headers)
    first = used()
    web.get("/api/v1/account", headers=headers)
    assert used() == first
    with house.parts.database.write() as connection:
        connection.execute(table.update().values(used_at=now() - timedelta(minutes=2)))
    web.get("/api/v1/account", headers=headers)
    assert used() > first  # type: ignore[operator]


def test_a_token_of_the_page_is_shown_once_and_revoked_at_once(
    web: TestClient, house: House
) -> None:
    cookie, mark = house.signed_in("ada")
    form = {"csrf": mark, "label": "nightly", "scopes": ["read"], "days": "30"}
    page = web.post("/account/tokens", headers=cookie, data=form)
    shown = re.search(r"exc_[\w-]{40,}", page.text)
    assert shown
    assert page.headers["Cache-Control"] == "no-store"
    listed = web.get("/account", headers=cookie).text
    assert "nightly" in listed
    assert shown[0] not in listed
    holder = {"Authorization": f"Bearer {shown[0]}"}
    assert web.get("/api/v1/account", headers=holder).status_code == 200
    place = re.search(r'action="(/account/tokens/[^"]+/revoke)"', listed.partition("nightly")[2])
    assert place
    eve, other = house.signed_in("eve")
    assert web.post(place[1], headers=eve, data={"csrf": other}).status_code == 404
    web.post(place[1], headers=cookie, data={"csrf": mark})
    assert web.get("/api/v1/account", headers=holder).status_code == 401


def test_all_that_is_wrong_with_a_token_is_said_at_once(web: TestClient, house: House) -> None:
    cookie, mark = house.signed_in("ada")
    form = {"csrf": mark, "label": " ", "days": "367", "scopes": ["fly"]}
    page = web.post("/account/tokens", headers=cookie, data=form)
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    for words in ("needs a name", "no scope fly", "has to end some day"):
        assert words in page.text


def test_a_profile_keeps_what_was_typed_until_it_is_right(web: TestClient, house: House) -> None:
    cookie, mark = house.signed_in("ada")
    form = {"csrf": mark, "full_name": "Ada 👩‍💻 L.", "email": "nope", "affiliation": "A"}
    page = web.post("/account", headers=cookie, data={**form, "orcid": "0000-0002-1825-0098"})
    assert page.status_code == 422
    assert "This is not an ORCID iD" in page.text
    assert "This is not an e-mail address" in page.text
    assert 'value="nope"' in page.text
    right = {**form, "orcid": "https://orcid.org/0000-0002-1825-0097", "email": "a@example.org"}
    web.post("/account", headers=cookie, data=right)
    with house.parts.database.read() as connection:
        known = users.profile(connection, "ada")
    assert known is not None
    assert (known["orcid"], known["full_name"]) == ("0000-0002-1825-0097", "Ada 👩‍💻 L.")


@pytest.mark.parametrize("field", ["full_name", "affiliation", "orcid", "email"])
def test_what_no_database_keeps_is_refused(web: TestClient, house: House, field: str) -> None:
    cookie, mark = house.signed_in("ada")
    form = {"full_name": "", "affiliation": "", "orcid": "", "email": "a@example.org"}
    page = web.post("/account", headers=cookie, data={"csrf": mark, **form, field: "a\x00b"})
    assert page.status_code == 422
    assert "NUL" in page.text


def test_a_new_password_needs_the_current_and_ends_other_sessions(
    web: TestClient, house: House
) -> None:
    here, mark = house.signed_in("ada")
    profile.set_password(house.parts, "ada", "four words nobody guesses", by="test")
    here, mark = house.signed_in("ada")
    elsewhere, _ = house.signed_in("ada")

    def change(current: str, new: str) -> object:
        form = {"csrf": mark, "current_password": current, "new_password": new}
        return web.post("/account/password", headers=here, data=form, follow_redirects=False)

    assert change("wrong", "another four words here").status_code == 422  # type: ignore[attr-defined]
    assert change("four words nobody guesses", "short").status_code == 422  # type: ignore[attr-defined]
    done = change("four words nobody guesses", "another four words here")
    assert done.status_code == 303  # type: ignore[attr-defined]
    assert web.get("/account", headers=here, follow_redirects=False).status_code == 200
    assert web.get("/account", headers=elsewhere, follow_redirects=False).status_code == 303


def test_only_admins_see_people(web: TestClient, house: House) -> None:
    for role in ("reviewer", "curator"):
        cookie, mark = house.signed_in(f"a-{role}", role)
        assert web.get("/people", headers=cookie).status_code == 403
        form = {"csrf": mark, "roles": "admin", "reason": "me"}
        assert web.post(f"/people/a-{role}/roles", headers=cookie, data=form).status_code == 403
        unknown = web.get("/people/nobody", headers=cookie)
        assert unknown.status_code == 403, "who exists is not told"


def test_people_are_found_and_paged(web: TestClient, house: House) -> None:
    headers = house.token("adele", "admin")
    for number in range(4):
        house.token(f"user-{number}")
    first = web.get("/api/v1/people", headers=headers, params={"words": "USER-", "limit": 3}).json()
    assert [p["name"] for p in first["people"]] == ["user-0", "user-1", "user-2"]
    rest = web.get(first["next"], headers=headers).json()
    assert [p["name"] for p in rest["people"]] == ["user-3"]
    assert rest["next"] == ""
    cookie, _ = house.signed_in("adele", "admin")
    assert "Nobody matches" in web.get("/people?words=%25", headers=cookie).text


def test_roles_are_changed_with_a_reason_that_is_written_down(
    web: TestClient, house: House
) -> None:
    house.token("ada", "reviewer")
    cookie, mark = house.signed_in("adele", "admin")
    wrong = {"csrf": mark, "roles": ["curator"], "further": "curator:nowhere owner", "reason": " "}
    page = web.post("/people/ada/roles", headers=cookie, data=wrong)
    assert page.status_code == 422
    for words in ("no route &#39;nowhere&#39;", "A reason is needed"):
        assert words in page.text
    right = {"csrf": mark, "further": "curator:to-doi", "reason": "new in the team"}
    web.post("/people/ada/roles", headers=cookie, data=right)
    with house.parts.database.read() as connection:
        assert users.get(connection, "ada").roles == {"curator:to-doi"}  # type: ignore[union-attr]
        told = site_events.listing(connection, about="ada")[0]
    assert (told["actor"], told["action"], told["reason"]) == ("adele", "roles", "new in the team")
    assert told["details"] == {"before": ["reviewer"], "after": ["curator:to-doi"]}


def test_nobody_locks_themselves_out(web: TestClient, house: House) -> None:
    headers = house.token("adele", "admin")
    own = {"roles": ["curator"], "reason": "tired"}
    assert web.put("/api/v1/people/adele/roles", headers=headers, json=own).status_code == 409
    closing = {"reason": "tired"}
    answer = web.post("/api/v1/people/adele/disable", headers=headers, json=closing)
    assert answer.status_code == 409


def test_a_disabled_account_is_out_at_once_and_can_be_opened(web: TestClient, house: House) -> None:
    headers, token = house.token("adele", "admin"), house.token("ada")
    cookie, _ = house.signed_in("ada")
    because = {"reason": "left the institute"}
    closed = web.post("/api/v1/people/ada/disable", headers=headers, json=because)
    assert closed.json()["disabled_at"]
    assert web.get("/api/v1/account", headers=token).status_code == 401
    assert web.get("/account", headers=cookie, follow_redirects=False).status_code == 303
    web.post("/api/v1/people/ada/enable", headers=headers, json=because)
    assert web.get("/api/v1/account", headers=token).status_code == 200
    still = web.get("/account", headers=cookie, follow_redirects=False).status_code
    assert still == 303, "the session has ended for good"
