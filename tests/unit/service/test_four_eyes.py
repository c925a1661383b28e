"""Nobody decides on what they have written themselves, whatever they do before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from excudit.domain.errors import Conflict, Rejected
from excudit.service import assigning, drafts, talk, verbs
from excudit.store import publications
from excudit.store.database import Database, sqlite_url
from reviewing_house import person, waiting
from web_house import RECORD, House, furnished, prepare


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    database = Database(sqlite_url(tmp_path / "eyes.db"))
    prepare(database)
    yield furnished(database)
    database.close()


def _back_in_review(house: House, key: str) -> None:
    with house.parts.database.write() as connection:
        publications.change(connection, key, state="in_review")


def test_who_wrote_in_it_and_left_does_not_approve_it(house: House) -> None:
    ada, bob = person(house, "ada"), person(house, "bob", "curator")
    found = waiting(house, state="draft")
    talk.collaborate(house.parts, ada, found.id, "bob")
    drafts.replace(house.parts, bob, found.id, {**RECORD, "version": "2.0"})
    talk.leave_out(house.parts, bob, found.id, "bob")
    _back_in_review(house, found.id)
    with pytest.raises(Conflict, match="nobody decides on their own"):
        verbs.approve(house.parts, bob, found.id)
    with pytest.raises(Rejected, match="works on it"):
        assigning.assign(house.parts, person(house, "root", "admin"), found.id, "bob")


def test_who_was_named_but_wrote_nothing_may_still_review(house: House) -> None:
    ada, bob = person(house, "ada"), person(house, "bob", "reviewer")
    found = waiting(house)
    talk.collaborate(house.parts, ada, found.id, "bob")
    talk.leave_out(house.parts, ada, found.id, "bob")
    assert verbs.approve(house.parts, bob, found.id).approved_by == "bob"
