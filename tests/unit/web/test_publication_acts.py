"""What people do on the page of a publication: talk, invite, hide, restore, copy."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from excudit.domain.model import Actor
from excudit.service import drafts, talk, verbs
from excudit.store import publications
from web_house import RECORD, House

ADA = Actor("ada", frozenset(), "ada@example.org")
CURIE = Actor("curie", frozenset({"curator"}))
NOTE = "Among us: smells of a copy."


@pytest.fixture
def key(house: House) -> str:
    for name, *roles in (("ada",), ("bob",), ("curie", "curator"), ("eve",)):
        house.token(name, *roles)
    return verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD).id


def post(
    house: House, web: TestClient, name: str, path: str, form: dict[str, str], *roles: str
) -> Any:
    headers, csrf = house.signed_in(name, *roles)
    sent = {"csrf": csrf, **form}
    return web.post(path, headers=headers, data=sent, follow_redirects=False)


def test_a_comment_is_shown_as_typed_with_safe_links(
    house: House, web: TestClient, key: str
) -> None:
    text = "See https://example.org/a?b=1&c=2, <b>not</b> javascript:alert(1)\r\nSecond line"
    answer = post(
        house, web, "curie", f"/publications/{key}/comments", {"text": text, "field": "/titles"}
    )
    assert answer.status_code == 303
    assert "/discussion#comment-" in answer.headers["location"]
    headers, _ = house.signed_in("ada")
    html = web.get(f"/publications/{key}/discussion", headers=headers).text
    link = 'href="https://example.org/a?b=1&amp;c=2" rel="nofollow noreferrer"'
    assert link in html
    assert "&lt;b&gt;not&lt;/b&gt; javascript:alert(1)\nSecond line" in html
    assert f"/publications/{key}/edit" in html
    assert "Visible to author" in html
    assert 'value="internal"' not in html


def test_internal_notes_leave_by_no_door(house: House, web: TestClient, key: str) -> None:
    talk.collaborate(house.parts, ADA, key, "bob")
    form = {"text": NOTE, "who": "internal"}
    assert post(house, web, "curie", f"/publications/{key}/comments", form).status_code == 303
    doors = ("", "/progress", "/discussion", "/history", "/mails", "/changes", "/metadata")
    for name in ("ada", "bob"):
        headers, _ = house.signed_in(name)
        for door in doors:
            html = web.get(f"/publications/{key}{door}", headers=headers).text
            assert "smells" not in html, (name, door)
        for door in ("", "/events", "/comments", "/mails", "/runs"):
            told = web.get(f"/api/v1/publications/{key}{door}", headers=house.token(name))
            assert "smells" not in told.text, (name, door)
    headers, _ = house.signed_in("curie")
    for door in ("", "/discussion", "/history"):
        assert "smells" in web.get(f"/publications/{key}{door}", headers=headers).text
    assert (
        "smells" in web.get(f"/api/v1/publications/{key}/events", headers=house.token("curie")).text
    )


def test_an_empty_comment_comes_back_with_the_reason(
    house: House, web: TestClient, key: str
) -> None:
    answer = post(
        house, web, "ada", f"/publications/{key}/comments", {"text": " ", "field": "/titles"}
    )
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    assert 'href="#text"' in answer.text
    assert '<option value="/titles" selected>' in answer.text
    nul = post(house, web, "ada", f"/publications/{key}/comments", {"text": "a\x00b"})
    assert nul.status_code == 422
    assert "NUL" in nul.text


def test_owners_write_no_internal_notes(house: House, web: TestClient, key: str) -> None:
    form = {"text": "psst", "who": "internal"}
    assert post(house, web, "ada", f"/publications/{key}/comments", form).status_code == 403
    assert post(house, web, "eve", f"/publications/{key}/comments", form).status_code == 404


def test_collaborators_come_and_go(house: House, web: TestClient, key: str) -> None:
    here = f"/publications/{key}/collaborators"
    wrong = post(house, web, "ada", here, {"who": "nobody@example.org"})
    assert wrong.status_code == 422
    assert 'value="nobody@example.org"' in wrong.text
    assert "There is no account" in wrong.text
    assert post(house, web, "ada", here, {"who": "bob@example.org"}).status_code == 303
    headers, _ = house.signed_in("bob")
    assert web.get(f"/publications/{key}", headers=headers).status_code == 200
    assert post(house, web, "bob", here, {"who": "eve"}).status_code == 403
    left = post(house, web, "bob", f"{here}/remove", {"user": "bob"})
    assert left.headers["location"].endswith("/desk")
    assert web.get(f"/publications/{key}", headers=headers).status_code == 404


def test_forms_without_the_sessions_mark_do_nothing(
    house: House, web: TestClient, key: str
) -> None:
    headers, _ = house.signed_in("ada")
    for path in ("comments", "collaborators", "collaborators/remove", "archive", "unarchive",
                 "copy", "history/restore"):  # fmt: skip
        answer = web.post(f"/publications/{key}/{path}", headers=headers, data={"text": "a"})
        assert answer.status_code == 403, path


def test_what_is_over_can_be_hidden_and_shown(house: House, web: TestClient, key: str) -> None:
    assert post(house, web, "ada", f"/publications/{key}/archive", {}).status_code == 409
    with house.parts.database.write() as connection:
        publications.change(connection, key, state="cancelled")
    assert post(house, web, "curie", f"/publications/{key}/archive", {}).status_code == 403
    assert post(house, web, "ada", f"/publications/{key}/archive", {}).status_code == 303
    headers, _ = house.signed_in("ada")
    html = web.get(f"/publications/{key}", headers=headers).text
    assert "Show in your list again" in html
    assert post(house, web, "ada", f"/publications/{key}/unarchive", {}).status_code == 303


def test_an_older_edition_becomes_the_draft_again(house: House, web: TestClient, key: str) -> None:
    for version in ("2.0", "3.0"):
        drafts.save(house.parts, ADA, key, lambda _, v=version: {**RECORD, "version": v})
    headers, _ = house.signed_in("ada")
    html = web.get(f"/publications/{key}/history", headers=headers).text
    assert html.count(">Restore<") == 2
    edition = drafts.history(house.parts, key)[1].edition
    changed = web.get(f"/publications/{key}/history?edition={edition}", headers=headers).text
    assert "2.0" in changed
    oldest = drafts.history(house.parts, key)[-1].edition
    form = {"edition": str(oldest)}
    here = f"/publications/{key}/history/restore"
    assert post(house, web, "ada", here, form).status_code == 303
    assert verbs.visible(house.parts, ADA, key).record["version"] == "1.0"
    assert post(house, web, "ada", here, {"edition": "x"}).status_code == 404
    assert post(house, web, "curie", here, form).status_code in (303, 403)


def test_a_copy_is_a_draft_of_its_own(house: House, web: TestClient, key: str) -> None:
    headers, csrf = house.signed_in("ada")
    here = f"/publications/{key}/copy"
    answer = web.post(here, headers=headers, data={"csrf": csrf}, follow_redirects=False)
    assert answer.status_code == 303
    assert key not in answer.headers["location"]
    assert "This is the copy" in web.get(answer.headers["location"], headers=headers).text


def test_programs_talk_and_invite_too(house: House, web: TestClient, key: str) -> None:
    here, ada = f"/api/v1/publications/{key}", house.token("ada")
    for n in range(3):
        said = web.post(f"{here}/comments", headers=ada, json={"text": f"No. {n}"})
        assert said.status_code == 201
    note = {"text": NOTE, "internal": True}
    assert web.post(f"{here}/comments", headers=ada, json=note).status_code == 403
    curie = house.token("curie")
    assert web.post(f"{here}/comments", headers=curie, json=note).json()["internal"] is True
    first = web.get(f"{here}/comments?limit=2", headers=ada).json()
    rest = web.get(first["next"], headers=ada).json()
    texts = [c["text"] for c in (*first["comments"], *rest["comments"])]
    assert texts == ["No. 0", "No. 1", "No. 2"]
    assert rest["next"] is None
    assert web.post(f"{here}/comments", headers=ada, json={"text": "a\x00"}).status_code == 422
    bad = {"text": "a", "field": "/nowhere"}
    assert web.post(f"{here}/comments", headers=ada, json=bad).status_code == 422
    made = web.post(f"{here}/collaborators", headers=ada, json={"who": "bob"})
    assert [c["user"] for c in made.json()["collaborators"]] == ["bob"]
    assert web.get(here, headers=house.token("bob")).status_code == 200
    assert web.delete(f"{here}/collaborators/bob", headers=ada).status_code == 204
    assert web.get(f"{here}/collaborators", headers=ada).json() == {"collaborators": []}
    assert web.get(f"{here}/comments", headers=house.token("eve")).status_code == 404
    assert web.post(f"{here}/archive", headers=ada).status_code == 409


def test_programs_read_what_changed(house: House, web: TestClient, key: str) -> None:
    here, ada = f"/api/v1/publications/{key}/changes", house.token("ada")
    nothing = {"reviewed": None, "fields": [], "files": [], "next": None}
    assert web.get(here, headers=ada).json() == nothing


def test_programs_read_how_it_stands(house: House, web: TestClient, key: str) -> None:
    here = f"/api/v1/publications/{key}/standing"
    seen = web.get(here, headers=house.token("ada")).json()
    assert seen["sentence"] == "A draft: complete it and submit it."
    assert (seen["acts"]["who"], seen["acts"]["name"], seen["acts"]["you"]) == (
        "owner",
        "ada",
        True,
    )
    assert seen["locked"] == ""
    assert [p["fate"] for p in seen["places"]] == ["nothing", "nothing"]
    assert web.get(here, headers=house.token("eve")).status_code == 404
