"""A route with its own table of statuses and actions: pages and API offer and refuse by it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import pytest
from fastapi.testclient import TestClient

from excudit.domain.model import FileEntry
from excudit.web import create_app
from web_house import SETTINGS, House

ABC = FileEntry("dataset/SOCAT/a.tsv", 3, "", "text/csv")
DIGEST = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def own(house: House) -> Iterator[tuple[House, TestClient]]:
    route = SETTINGS.routes["to-doi"].model_copy(update={"words": "quince-export"})
    settings = SETTINGS.model_copy(update={"routes": {"to-doi": route}})
    made = replace(house, parts=replace(house.parts, settings=settings))
    with TestClient(create_app(made.parts)) as web:
        yield made, web


def _shown(house: House, web: TestClient, key: str, name: str, *roles: str) -> Any:
    headers = house.token(name, *roles)
    return web.get(f"/api/v1/publications/{key}", headers=headers).json()


def test_the_api_tells_status_code_and_offers(own: tuple[House, TestClient]) -> None:
    house, web = own
    made = house.opened(state="in_review")
    shown = _shown(house, web, made.id, "rita", "reviewer")
    assert (shown["status"], shown["status_code"]) == ("Expert check", "110")
    assert [o["label"] for o in shown["offers"]] == ["Manual QC", "Manual export", "Expert check"]
    assert shown["links"]["return"]["label"] == "Reject"
    assert shown["links"]["export"]["label"] == "Manual export"
    assert "reject" in shown["refused"]


@pytest.mark.parametrize(
    ("state", "call", "words"),
    [
        ("in_review", "reject", "This route has no"),
        ("cancelled", "archive", "Archive is possible in Exported; this is Ready for QC."),
        ("approved", "return", "Expert check is possible in Expert check"),
    ],
)
def test_what_a_status_does_not_offer_is_refused(
    own: tuple[House, TestClient], state: str, call: str, words: str
) -> None:
    house, web = own
    made = house.opened(state=state)
    name, roles = ("ada", ()) if call == "archive" else ("rita", ("reviewer",))
    body = {} if call == "archive" else {"json": {"reason": "Because."}}
    answer = web.post(
        f"/api/v1/publications/{made.id}/{call}", headers=house.token(name, *roles), **body
    )
    assert answer.status_code == 409
    assert words in answer.text


@pytest.mark.parametrize(
    ("state", "status"),
    [("in_review", 200), ("published", 200), ("publishing", 409), ("changes_requested", 409)],
)
def test_a_copy_is_downloaded_where_the_status_offers_it(
    own: tuple[House, TestClient], state: str, status: int
) -> None:
    house, web = own
    made = house.opened(state=state, files=(replace(ABC, sha256=DIGEST),))
    here = f"/api/v1/publications/{made.id}/export"
    answer = web.get(here, headers=house.token("ada"))
    assert answer.status_code == status
    if status == 200:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as held:
            assert held.namelist() == [f"alpha/{ABC.path}"]
            assert held.read(f"alpha/{ABC.path}") == b"abc"
        one = web.get(f"{here}/file", params={"path": ABC.path}, headers=house.token("ada"))
        assert (one.content, one.headers["content-length"]) == (b"abc", "3")
        assert 'filename="a.tsv"' in one.headers["content-disposition"]
        none = web.get(f"{here}/file", params={"path": "../x"}, headers=house.token("ada"))
        assert none.status_code == 404
    assert web.get(here, headers=house.token("bea")).status_code == 404


def test_the_page_shows_what_can_be_done_in_the_words_of_the_route(
    own: tuple[House, TestClient],
) -> None:
    house, web = own
    made = house.opened(state="in_review")
    browser, _ = house.signed_in("rita", "reviewer")
    page = web.get(f"/publications/{made.id}", headers=browser).text
    assert "Expert check (110)" in page
    assert "Manual export" in page
    review = web.get(f"/publications/{made.id}/review", headers=browser).text
    assert "Approve for export" in review
    assert "/reject" not in review
    assert web.get(f"/publications/{made.id}/reject", headers=browser).status_code == 409


def test_nothing_is_shown_of_a_source_that_shows_nothing(
    own: tuple[House, TestClient],
) -> None:
    house, web = own
    made = house.opened(state="in_review")
    browser, _ = house.signed_in("ada")
    page = web.get(f"/publications/{made.id}", headers=browser).text
    assert f"/publications/{made.id}/data" not in page
    answer = web.get(f"/api/v1/publications/{made.id}/looks", headers=house.token("ada"))
    assert answer.json() == {"about": "", "plots": [], "tables": [], "notes": []}


def test_bytes_that_changed_since_are_never_downloaded_whole(
    own: tuple[House, TestClient],
) -> None:
    house, web = own

    class Changed:
        def __getattr__(self, name: str) -> Any:
            return getattr(house.shelf, name)

        def open(self, ref: str, file: FileEntry, *, offset: int = 0) -> BinaryIO:
            return io.BytesIO(b"abd")

    made = house.opened(state="in_review", files=(replace(ABC, sha256=DIGEST),))
    house.parts.sources["shelf"] = Changed()  # type: ignore[index]
    here = f"/api/v1/publications/{made.id}/export"
    # What breaks at its first piece is told in words; later the answer is cut off.
    answer = web.get(here, headers=house.token("ada"))
    assert answer.status_code == 422, answer.text
    assert b"abd" not in answer.content
