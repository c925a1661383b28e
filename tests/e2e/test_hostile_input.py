"""What people and programs send by mistake or on purpose: a clear answer, nothing lost or leaked.

Every page that takes a text is tried with every hostile text; the metadata form's own cases stand
in test_form_pages, the API's in test_api_failures and test_schemathesis.
"""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from excudit.store.database import Database, sqlite_url
from excudit.web import create_app
from permission_calls import ACCOUNT_CALLS, API_ACTIONS, EVERY, PAGE_ACTIONS, SITE_CALLS, Call
from permission_house import NOBODY, Person, Place, Watch, one_row
from permission_trying import Trying
from web_house import RECORD, furnished, prepare

ADAM = Person("adam", "owner")
LEAKS = re.compile(
    r"Traceback|sqlalchemy|sqlite3|psycopg|SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|site-packages"
    r"|/src/excudit|\.py\b|excudit\.db|jinja2",
    re.IGNORECASE,
)
"""Words of the inside, which no answer may say."""
TEXTS = {
    "right to left": "\u202eשלום\u202c עולם مرحبا",
    "emoji": "👩‍🔬🧪 Ωμέγα 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "control": "a\x01b\x1b[31mc\x7f",
    "nul": "a\x00b",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg/onload=alert(3)>",
    "template": "{{ 7777*77777 }}${7777*77777}{% include '/etc/passwd' %}{{ config.items() }}",
    "sql": "'; DROP TABLE publications; --",
    "path": "../../../../etc/passwd",
    "percent": "%(n)s %s %d {0} {actor} %",
    "lines": "one\r\nSet-Cookie: excudit=evil\r\n\r\n<h1>two",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    database = Database(sqlite_url(tmp_path_factory.mktemp("hostile") / "excudit.db"))
    prepare(database)
    yield Place(furnished(database))
    database.close()


@pytest.fixture(scope="module")
def trying(place: Place) -> Iterator[Trying]:
    with TestClient(
        create_app(place.parts), base_url="https://data.example.org", raise_server_exceptions=False
    ) as web:
        yield Trying(place, web)


@pytest.fixture
def watch(place: Place) -> Iterator[Watch]:
    made = Watch(place)
    yield made
    made.close()


def clean(answer: Any, *, but: str = "") -> None:
    """An answer that is a sentence, not a fault, and tells nothing of the inside."""
    assert answer.status_code < 500, answer.text[:2000]
    told = answer.text.replace(html.escape(but), "").replace(but, "") if but else answer.text
    found = LEAKS.search(told)
    assert not found, (found, answer.text[:2000])
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert "<script>alert" not in answer.text
        assert "<svg/onload" not in answer.text
        assert "604871729" not in answer.text
    assert "root:x:" not in answer.text
    assert "evil" not in answer.headers.get("set-cookie", "")


WRITING = tuple(
    c
    for c in (*PAGE_ACTIONS, *SITE_CALLS, *ACCOUNT_CALLS)
    if c.method == "POST" and not c.is_api and "session" not in c.fills
)


SLOW = frozenset({"emoji", "control", "path", "lines", "sql"})
"""Texts that the long run tries as well; the others come upon the same ways."""
TRIED = [
    pytest.param(text, id=name, marks=pytest.mark.slow if name in SLOW else ())
    for name, text in TEXTS.items()
]


@pytest.mark.parametrize("text", TRIED)
def test_every_form_takes_or_refuses_every_text_in_words(
    trying: Trying, place: Place, text: str
) -> None:
    states = {"amend": "published", "withdraw": "published", "archive": "published"}
    states |= {"edit": "draft", "submit": "draft", "delete": "draft"}
    for call in WRITING:
        found = place.placed(states.get(call.needs, "in_review"), Person("adam", "stranger"))
        fields = {**(call.sent or {}), **dict.fromkeys(FIELDS, text)}
        fields = {k: text if k in HOLDS_TEXT or k in FIELDS else v for k, v in fields.items()}
        answer = trying.call(
            Call(call.method, call.path, "", fields, fills=call.fills), "adam", found
        )
        if answer.status_code not in call.statuses:
            clean(answer, but=text)
        page = trying.call(Call("GET", "/publications/{publication}", ""), "adam", found)
        clean(page, but=text)


HOLDS_TEXT = ("text", "reason", "title", "record", "name", "meaning", "label", "reviewer", "who")
FIELDS = ("comment", "note", "description", "full_name", "affiliation", "further", "field", "date")


@pytest.mark.parametrize("text", TRIED)
def test_every_address_takes_any_text_for_what_stands_in_it(trying: Trying, text: str) -> None:
    said = quote(text, safe="")
    for call in EVERY:
        fills = dict.fromkeys(call.fills, said)
        for query in (
            "",
            f"?after={said}&before={said}&q={said}&words={said}&field={said}&next={said}",
        ):
            tried = Call(call.method, call.path, "", None, fills=fills, query=query)
            answer = trying.web.request(
                call.method,
                tried.address(said),
                headers=trying.place.browsers["adam"][0] | trying.place.house.token("adam"),
                follow_redirects=False,
            )
            clean(answer, but=text)


def test_ten_megabytes_in_a_field_are_refused_in_words_and_change_nothing(
    trying: Trying, place: Place, watch: Watch
) -> None:
    found = place.placed("in_review", ADAM)
    huge = "x" * 10_000_000
    before = watch.now()
    for call in (c for c in EVERY if c.method in ("POST", "PUT", "PATCH")):
        # One of each room is enough for what stands before all of them.
        if call.needs not in ("comment", "edit", "return", "withdraw", "account", "site:people"):
            continue
        sent = {**(call.sent or {}), "text": huge, "reason": huge}
        answer = trying.call(
            Call(call.method, call.path, "", sent, fills=call.fills), "adam", found
        )
        assert answer.status_code == 413, call
        assert "longer than" in answer.text
        clean(answer)
    assert watch.now() == before


@pytest.mark.parametrize("length", [10_001, 1_500_000])
def test_a_text_that_is_too_long_is_shown_again_and_not_kept(
    trying: Trying, place: Place, watch: Watch, length: int
) -> None:
    found = place.placed("in_review", Person("adam", "stranger"))
    long = "ä" * length
    before = watch.now()
    for path, field in (("comments", "text"), ("review", "text"), ("return", "reason")):
        call = Call("POST", f"/publications/{{publication}}/{path}", "", {field: long})
        answer = trying.call(call, "adam", found)
        assert answer.status_code in (413, 422), (path, answer.text[:500])
        if answer.status_code == 422:
            assert long in answer.text, path
        clean(answer)
    assert watch.now() == before


def test_ten_thousand_creators_can_be_kept_read_and_reviewed(trying: Trying, place: Place) -> None:
    found = place.placed("draft", ADAM)
    many = {**RECORD, "creators": [{"name": f"Person {n}, Ω"} for n in range(10_000)]}
    put = Call("PUT", "/api/v1/publications/{publication}/record", "", many)
    assert trying.call(put, "adam", found).status_code == 200
    for path in ("", "/metadata", "/edit/people", "/review", "/history", "/changes", "/suggest"):
        answer = trying.call(Call("GET", f"/publications/{{publication}}{path}", ""), "adam", found)
        assert answer.status_code == 200, path
        clean(answer)
        assert len(answer.content) < 1_500_000, path
    submit = Call("POST", "/publications/{publication}/submit", "")
    assert trying.call(submit, "adam", found).status_code == 303


@pytest.mark.parametrize("tag", ['"1.0"', '"0.ffff"', "1", 'W/"1"', '"nonsense"', '"999999999.a"'])
def test_a_stale_tag_overwrites_nothing(
    trying: Trying, place: Place, watch: Watch, tag: str
) -> None:
    found = place.placed("draft", ADAM)
    headers = place.house.token("adam")
    here = f"/api/v1/publications/{found}/record"
    assert trying.web.put(here, json=RECORD | {"version": "2"}, headers=headers).status_code == 200
    before = watch.now()
    answer = trying.web.put(here, json={"titles": []}, headers=headers | {"If-Match": tag})
    assert answer.status_code == 412, answer.text
    assert "edition" in answer.json()["detail"]
    assert watch.now() == before


def test_a_form_with_an_ended_mark_keeps_what_was_typed(
    trying: Trying, place: Place, watch: Watch
) -> None:
    found = place.placed("in_review", ADAM)
    before = watch.now()
    say = Call("POST", "/publications/{publication}/comments", "", {"text": "Long thought, ω"})
    answer = trying.call(say, "adam", found, csrf="old")
    assert answer.status_code == 403
    assert "Long thought, ω" in answer.text
    assert watch.now() == before


def test_publishing_again_and_again_begins_one_run(trying: Trying, place: Place) -> None:
    found = place.placed("approved", ADAM)
    page = next(c for c in PAGE_ACTIONS if c.needs == "publish" and c.method == "POST")
    api = next(c for c in API_ACTIONS if c.needs == "publish")
    assert trying.call(page, "adam", found).status_code == 303
    for _ in range(3):
        assert trying.call(page, "adam", found).status_code == 303
        again = trying.call(api, "adam", found)
        assert again.status_code == 409
        assert "Publishing" in again.json()["detail"]
    count = one_row(place, "SELECT count(*) AS n FROM runs WHERE publication = :key", key=found)
    assert count["n"] == 1


def test_parts_of_others_are_not_there(trying: Trying, place: Place, watch: Watch) -> None:
    mine, theirs = place.placed("draft", Person("nora", "owner")), place.placed("draft", ADAM)
    offered = one_row(place, "SELECT id FROM suggestions WHERE publication = :key", key=theirs)
    made = trying.call(
        Call("POST", "/api/v1/publications/{publication}/previews", "", {"days": 3}), "adam", theirs
    )
    before = watch.now()
    for path, fills in (
        ("suggestions/{s}/accept", {"s": offered["id"]}),
        ("suggestions/{s}/decline", {"s": offered["id"]}),
    ):
        call = Call("POST", f"/api/v1/publications/{{publication}}/{path}", "", fills=fills)
        assert trying.call(call, "nora", mine).status_code == 404
    link = Call(
        "DELETE",
        "/api/v1/publications/{publication}/previews/{p}",
        "",
        fills={"p": made.json()["id"]},
    )
    assert trying.call(link, "nora", mine).status_code == 404
    known = trying.web.get("/api/v1/account/tokens", headers=place.house.token("adam")).json()
    stolen = Call("DELETE", "/api/v1/account/tokens/{t}", "", fills={"t": known["tokens"][0]["id"]})
    assert trying.call(stolen, "nora").status_code == 404
    assert watch.now() == before


def test_a_fault_is_a_number_here_and_a_trace_in_the_log(
    trying: Trying, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    found = place.placed("published", ADAM)
    secret = "hunter2-at-the-registry"

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"password={secret} SELECT * FROM users /srv/excudit/secret.py")

    place.house.registry.check, kept = broken, place.house.registry.check  # type: ignore[method-assign]
    try:
        amend = next(c for c in PAGE_ACTIONS if c.needs == "amend" and c.method == "POST")
        with caplog.at_level(logging.ERROR, logger="excudit.web"):
            page = trying.call(amend, "adam", found)
            program = trying.call(next(c for c in API_ACTIONS if c.needs == "amend"), "adam", found)
    finally:
        place.house.registry.check = kept  # type: ignore[method-assign]
    number = re.search(r"\b[0-9a-f]{12}\b", program.json()["hint"])
    assert number
    assert number[0] in caplog.text
    for answer in (page, program):
        assert answer.status_code == 500
        assert secret not in answer.text
        assert not LEAKS.search(answer.text)
    assert NOBODY not in json.dumps(program.json())
