"""Editions of drafts on both databases: what is gathered, what is kept, what is undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from excudit.domain.errors import Conflict, Denied, NotFound
from excudit.domain.model import Actor
from excudit.service import drafts, verbs
from excudit.store import collaborators, deposits, publications, users
from excudit.store import tables_review as t
from excudit.store.database import Database
from web_house import RECORD, House, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@example.org")
BEA = Actor("bea", frozenset(), "bea@example.org")


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    prepare(database)
    yield furnished(database)
    database.close()


@pytest.fixture
def draft(house: House) -> str:
    with house.parts.database.write() as connection:
        for name in ("ada", "bea"):
            users.put(connection, name, email=f"{name}@example.org", roles=[])
    made = verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD).id
    with house.parts.database.write() as connection:
        collaborators.add(connection, made, "bea", by="ada")
    return made


def saved(house: House, draft: str, version: str, actor: Actor = ADA, **how: Any) -> int:
    """Save another version word; returns the edition."""
    return drafts.save(
        house.parts, actor, draft, lambda p: {**p.record, "version": version}, **how
    ).edition


def authors(house: House, draft: str) -> list[str]:
    return [e.author for e in drafts.history(house.parts, draft)]


def test_automatic_saves_are_gathered_by_author_and_by_time(house: House, draft: str) -> None:
    saved(house, draft, "a", gather=True)
    last = saved(house, draft, "ab", gather=True)
    assert authors(house, draft) == ["ada", "ada"]
    with house.parts.database.write() as connection:
        long_ago = publications.now() - timedelta(minutes=11)
        mine = (t.editions.c.publication == draft) & (t.editions.c.edition == last)
        connection.execute(update(t.editions).where(mine).values(since=long_ago))
    saved(house, draft, "abc", gather=True)
    assert authors(house, draft) == ["ada"] * 3
    saved(house, draft, "bea", BEA, gather=True)
    saved(house, draft, "ada again", gather=True)
    assert authors(house, draft) == ["ada", "bea", "ada", "ada", "ada"]


def test_a_save_by_hand_is_never_swallowed_by_an_automatic_one(house: House, draft: str) -> None:
    by_hand = saved(house, draft, "by hand")
    saved(house, draft, "by itself", gather=True)
    saved(house, draft, "by itself, later", gather=True)
    numbers = [e.edition for e in drafts.history(house.parts, draft)]
    assert len(numbers) == 3
    assert by_hand in numbers
    assert drafts.edition(house.parts, draft, by_hand)[1]["version"] == "by hand"


def test_a_save_that_changes_nothing_leaves_no_trace(house: House, draft: str) -> None:
    first = saved(house, draft, "2")
    assert saved(house, draft, "2") == first
    assert len(drafts.history(house.parts, draft)) == 2


def test_what_the_service_wrote_between_two_saves_is_kept_too(house: House, draft: str) -> None:
    saved(house, draft, "2")
    with house.parts.database.write() as connection:
        publications.change(connection, draft, record={**RECORD, "version": "of the service"})
    saved(house, draft, "3")
    notes = [e.note for e in drafts.history(house.parts, draft)]
    assert notes == ["", "As the service left it", "", "As it was prefilled"]


def test_a_failed_change_leaves_everything_as_it_was(house: House, draft: str) -> None:
    def breaks(_: Any) -> dict[str, Any]:
        raise Conflict("No.")

    with pytest.raises(Conflict, match="No"):
        drafts.save(house.parts, ADA, draft, breaks)
    assert drafts.history(house.parts, draft) == []


def test_a_replacement_meets_the_edition_that_it_was_made_from(house: House, draft: str) -> None:
    now = saved(house, draft, "2")
    after = drafts.replace(house.parts, ADA, draft, {"version": "3"}, edition=now, note="From X")
    assert drafts.history(house.parts, draft)[0].note == "From X"
    with pytest.raises(Conflict, match="changed meanwhile"):
        drafts.replace(house.parts, ADA, draft, {"version": "4"}, edition=now)
    assert after.record == {"version": "3"}
    assert after.edited


def test_only_those_who_may_edit_change_or_restore(house: House, draft: str) -> None:
    first = saved(house, draft, "2")
    stranger = Actor("eve", frozenset(), "")
    for change in (
        lambda: saved(house, draft, "x", stranger),
        lambda: drafts.restore(house.parts, stranger, draft, first),
        lambda: drafts.undo(house.parts, stranger, draft),
        lambda: drafts.reserve_doi(house.parts, stranger, draft),
    ):
        with pytest.raises(Denied):
            change()


def test_an_edition_that_was_not_kept_cannot_be_restored(house: House, draft: str) -> None:
    with pytest.raises(NotFound, match="no edition 99"):
        drafts.restore(house.parts, ADA, draft, 99)


def test_the_reserved_name_is_the_one_that_the_run_will_use(house: House, draft: str) -> None:
    chosen = drafts.reserve_doi(house.parts, ADA, draft)
    from_run = house.parts.target("registry").name_doi()
    with house.parts.database.write() as connection:
        assert deposits.choose_doi(connection, draft, "registry", f"{from_run}-other") == chosen
        assert deposits.first_ask(connection, draft, "registry")
