"""Two people, or two windows, at one draft: nothing of either is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from excudit.service import drafts, verbs
from excudit.store import collaborators, publications
from form_visitor import ADA, Browser, at, hidden
from web_house import RECORD, House

Record = Callable[[], dict[str, Any]]


@pytest.fixture
def ada(house: House, web: TestClient) -> Browser:
    return Browser(house, web, "ada")


@pytest.fixture
def draft(house: House, ada: Browser) -> str:
    return verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD).id


@pytest.fixture
def record(house: House, draft: str) -> Callable[[], dict[str, Any]]:
    def read() -> dict[str, Any]:
        with house.parts.database.read() as connection:
            return dict(publications.get(connection, draft).record)

    return read


def test_two_people_who_change_different_fields_lose_nothing(
    house: House, web: TestClient, ada: Browser, draft: str, record: Record
) -> None:
    bea = invited(house, web, draft)
    mine, theirs = ada.open(at(draft)), bea.open(at(draft))
    assert bea.post(at(draft), {**theirs, "version": "9"}).status_code == 303
    answer = ada.post(at(draft), {**mine, "titles.0.title": "Better", "version": "1.0"})
    assert answer.status_code == 303
    assert (record()["version"], record()["titles"][0]["title"]) == ("9", "Better")
    assert "bea changed other fields meanwhile. Both changes are kept." in ada.get(at(draft)).text


def invited(house: House, web: TestClient, draft: str) -> Browser:
    bea = Browser(house, web, "bea")
    with house.parts.database.write() as connection:
        collaborators.add(connection, draft, "bea", by="ada")
    return bea


def test_two_people_who_change_the_same_field_are_asked(
    house: House, web: TestClient, ada: Browser, draft: str, record: Record
) -> None:
    bea = invited(house, web, draft)
    mine = {**ada.open(at(draft)), "version": "mine", "titles.0.title": "Also mine"}
    bea.post(at(draft), {**bea.open(at(draft)), "version": "theirs"})
    asked = ada.post(at(draft), mine)
    assert asked.status_code == 409
    assert all(words in asked.text for words in ("mine", "theirs", "bea", "<title>Error: "))
    assert record()["version"] == "theirs"
    again = ada.post(at(draft), {**hidden(asked.text), "take:version": "mine"})
    assert again.status_code == 303
    assert (record()["version"], record()["titles"][0]["title"]) == ("mine", "Also mine")


def test_a_choice_counts_only_for_what_was_seen(
    house: House, web: TestClient, ada: Browser, draft: str, record: Record
) -> None:
    bea = invited(house, web, draft)
    mine = {**ada.open(at(draft)), "version": "mine"}
    bea.post(at(draft), {**bea.open(at(draft)), "version": "theirs"})
    asked = hidden(ada.post(at(draft), mine).text)
    bea.post(at(draft), {**bea.open(at(draft)), "version": "theirs, later"})
    again = ada.post(at(draft), {**asked, "take:version": "mine"})
    assert again.status_code == 409
    assert "theirs, later" in again.text
    assert record()["version"] == "theirs, later"


def test_two_windows_of_one_person_are_two_sides_too(
    ada: Browser, draft: str, record: Record
) -> None:
    one, other = ada.open(at(draft)), ada.open(at(draft))
    ada.post(at(draft), {**one, "version": "one"})
    asked = ada.post(at(draft), {**other, "version": "other"})
    assert asked.status_code == 409
    assert "You saved another version in another window" in asked.text


def test_a_row_that_another_removed_is_not_lost_silently(
    house: House, web: TestClient, ada: Browser, draft: str, record: Record
) -> None:
    bea = invited(house, web, draft)
    mine = {**ada.open(at(draft, "people")), "creators.0.name": "Changed"}
    bea.post(at(draft, "people"), {**bea.open(at(draft, "people")), "do": "remove:creators.0"})
    asked = ada.post(at(draft, "people"), mine)
    assert asked.status_code == 409
    ada.post(at(draft, "people"), {**hidden(asked.text), "take:creators.0": "mine"})
    assert record()["creators"][0]["name"] == "Changed"


def test_rows_find_their_places_after_another_inserted_some(
    house: House, ada: Browser, draft: str, record: Record
) -> None:
    people = [{"name": f"Person {n}"} for n in range(60)]
    drafts.replace(house.parts, ADA, draft, {**RECORD, "creators": people})
    mine = ada.open(at(draft, "people") + "?creators=20")
    first = [{"name": "New"}, *people]
    drafts.replace(house.parts, ADA, draft, {**RECORD, "creators": first})
    ada.post(at(draft, "people"), {**mine, "creators.25.name": "Renamed"})
    names = [c["name"] for c in record()["creators"]]
    assert len(names) == 61
    assert names[25:28] == ["Person 24", "Renamed", "Person 26"]


def autosave(browser: Browser, path: str, fields: dict[str, str]) -> Response:
    return browser.post(path, fields, Accept="application/json")


def test_an_automatic_save_says_when_and_gives_the_page_its_new_base(
    ada: Browser, draft: str, record: Record
) -> None:
    form = ada.open(at(draft))
    one = autosave(ada, at(draft), {**form, "version": "a"})
    assert one.status_code == 200
    said = one.json()
    assert re.fullmatch(r"Saved \d\d:\d\d UTC\.", said["words"])
    form |= {"base": said["base"], "edition": str(said["edition"])}
    two = autosave(ada, at(draft), {**form, "version": "ab"})
    assert two.status_code == 200, two.text
    assert record()["version"] == "ab"


def test_automatic_saves_are_one_edition_and_one_event(
    house: House, ada: Browser, draft: str
) -> None:
    form = ada.open(at(draft))
    for text in ("a", "ab", "abc"):
        said = autosave(ada, at(draft), {**form, "version": text}).json()
        form |= {"base": said["base"]}
    history = drafts.history(house.parts, draft)
    assert [e.note for e in history] == ["", "As it was prefilled"]
    ada.post(at(draft), {**form, "version": "abcd"})
    assert len(drafts.history(house.parts, draft)) == 3


def test_an_automatic_save_tells_what_it_completed(ada: Browser, draft: str) -> None:
    page = ada.get(at(draft, "people") + "?add=creators").text
    typed = {"creators.1.familyName": "Curie", "creators.1.givenName": "Marie"}
    typed |= {"creators.1.name": "", "creators.1.nameType": ""}
    orcid = "creators.1.nameIdentifiers.0.nameIdentifier"
    typed |= {orcid: "0000-0002-1825-0097", orcid + "Scheme": ""}
    said = autosave(ada, at(draft, "people"), {**hidden(page), **typed}).json()
    assert said["filled"]["creators.1.name"] == "Curie, Marie"
    assert said["filled"][orcid + "Scheme"] == "ORCID"
    assert said["filled"][orcid] == "https://orcid.org/0000-0002-1825-0097"


def test_an_automatic_save_in_conflict_saves_nothing_and_says_so(
    ada: Browser, draft: str, record: Record
) -> None:
    one, other = ada.open(at(draft)), ada.open(at(draft))
    ada.post(at(draft), {**one, "version": "one"})
    answer = autosave(ada, at(draft), {**other, "version": "other"})
    assert answer.status_code == 409
    assert "Press Save to see both" in answer.json()["words"]
    assert record()["version"] == "one"


def test_an_automatic_save_never_touches_what_is_published(
    house: House, ada: Browser, draft: str, record: Record
) -> None:
    form = ada.open(at(draft))
    with house.parts.database.write() as connection:
        publications.change(connection, draft, state="published")
    assert autosave(ada, at(draft), {**form, "version": "x"}).status_code == 409
    assert ada.get(at(draft)).status_code == 409
    assert record()["version"] == "1.0"
