"""The desk: whose turn it is, in which block, by a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from excudit.domain.lifecycle import STATES
from excudit.domain.model import Actor
from excudit.service import desk, verbs
from excudit.store import collaborators, publications, users
from excudit.store import tables as t
from excudit.store.database import Database
from web_house import House, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@example.org")
BEA = Actor("bea", frozenset())
RITA = Actor("rita", frozenset({"reviewer"}))
ADAM = Actor("adam", frozenset({"admin"}))
MORNING = datetime(2026, 3, 14, 8, tzinfo=UTC)


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    """A house with its people."""
    yield from peopled(sqlite_url)


@pytest.fixture
def either(database_url: str) -> Iterator[House]:
    """The same on both databases, for what the databases may do differently."""
    yield from peopled(database_url)


def peopled(url: str) -> Iterator[House]:
    database = Database(url)
    prepare(database)
    with database.write() as connection:
        for who in (ADA, BEA, RITA, ADAM):
            users.put(connection, who.name, email="", roles=sorted(who.roles))
    yield furnished(database)
    database.close()


def put(house: House, owner: Actor = ADA, *, minutes: int = 0, **values: Any) -> str:
    """A publication as it stands after `values`, changed so many minutes after the first."""
    made = verbs.create(house.parts, owner, "to-doi", "alpha")
    moment = MORNING + timedelta(minutes=minutes)
    row = {"updated_at": moment, "waiting_since": moment, **values}
    if "title" in values:
        row["title_sought"] = publications.sought(values["title"])
    with house.parts.database.write() as connection:
        connection.execute(
            update(t.publications).where(t.publications.c.id == made.id).values(**row)
        )
    return made.id


def ids(rows: list[desk.Row]) -> list[str]:
    return [row.publication.id for row in rows]


def test_what_waits_comes_in_the_order_of_its_urgency(either: House) -> None:
    draft = put(either, state="draft")
    ready = put(either, state="approved")
    returned = put(either, state="changes_requested")
    stuck = put(either, state="publishing", health="needs_attention")
    moving = put(either, state="in_review")
    public = put(either, state="published")
    put(either, BEA, state="changes_requested")
    found = desk.of(either.parts, ADA)
    assert ids(found.waiting) == [stuck, returned, ready, draft]
    assert [r.action for r in found.waiting] == [
        "See what is needed",
        "Make the changes",
        "Publish…",
        "Continue",
    ]
    assert ids(found.under_way) == [moving]
    assert ids(found.finished) == [public]
    assert found.queue is None
    assert not found.first_visit


def test_what_has_a_publish_date_waits_for_nobody(house: House) -> None:
    waits = put(house, state="approved", publish_at=publications.now() + timedelta(days=3))
    found = desk.of(house.parts, ADA)
    assert found.waiting == []
    assert ids(found.under_way) == [waits]


def test_out_of_sync_is_the_operators_business(house: House) -> None:
    apart = put(house, state="published", health="out_of_sync")
    assert desk.of(house.parts, ADA).waiting == []
    told = desk.of(house.parts, ADAM).waiting
    assert ids(told) == [apart]
    assert told[0].owner == "ada"


def test_reviewers_find_nobodys_and_theirs_but_not_others_nor_their_own(house: House) -> None:
    free = put(house, state="in_review", minutes=1)
    taken = put(house, state="in_review", reviewer="rita", minutes=2)
    put(house, state="in_review", reviewer="carl")
    put(house, RITA, state="in_review")
    found = desk.of(house.parts, RITA)
    assert ids(found.waiting) == [free, taken]
    assert [r.action for r in found.waiting] == ["Take the review", "Review"]
    assert found.queue is not None
    assert found.queue["mine"] == 1


def test_the_first_visit_is_one_without_anything(house: House) -> None:
    assert desk.of(house.parts, BEA).first_visit
    put(house, BEA, state="published", archived=True)
    assert not desk.of(house.parts, BEA).first_visit


def test_who_works_on_it_with_the_owner_finds_it_too(house: House) -> None:
    shared = put(house, state="draft")
    with house.parts.database.write() as connection:
        collaborators.add(connection, shared, "bea", by="ada")
    found = desk.of(house.parts, BEA)
    assert ids(found.waiting) == [shared]
    assert found.waiting[0].owner == "ada"


def test_more_than_a_block_shows_is_said(house: House) -> None:
    for n in range(desk.SHOWN + 1):
        put(house, state="published", minutes=n)
    found = desk.of(house.parts, ADA)
    assert len(found.finished) == desk.SHOWN
    assert found.more == {"finished"}


def test_pages_follow_each_other_without_gap_or_twin(either: House) -> None:
    made = {put(either, state=STATES[n % 10], minutes=n // 3) for n in range(25)}
    seen: list[str] = []
    place = None
    for _ in range(4):
        rows, more = desk.mine(either.parts, ADA, after=place, limit=7)
        seen += ids(rows)
        last = rows[-1].publication
        place = (last.updated_at, last.id)
    assert not more
    assert len(seen) == 25
    assert set(seen) == made
    with either.parts.database.read() as connection:
        moments = [publications.get(connection, key).updated_at for key in seen]
    assert moments == sorted(moments, reverse=True)


def test_hidden_ones_are_shown_only_when_they_are_asked_for(house: House) -> None:
    hidden = put(house, state="published", archived=True)
    shown = put(house, state="published")
    assert ids(desk.mine(house.parts, ADA)[0]) == [shown]
    assert ids(desk.mine(house.parts, ADA, archived=True)[0]) == [hidden]


def test_titles_are_found_by_their_words_and_signs_are_only_signs(either: House) -> None:
    found = put(either, title="100 % of the Baltic_Sea")
    put(either, title="1000 of the Baltic Sea")
    assert ids(desk.mine(either.parts, ADA, title=" 100 % OF ")[0]) == [found]
    assert ids(desk.mine(either.parts, ADA, title="baltic_")[0]) == [found]
    assert desk.mine(either.parts, ADA, title="%%")[0] == []


def test_a_longer_desk_asks_the_database_no_more_often(house: House) -> None:
    asked: list[str] = []
    event.listen(
        house.parts.database._reader,
        "before_cursor_execute",
        lambda c, cursor, statement, *rest: asked.append(statement),
    )
    for state in ("changes_requested", "draft", "submitted", "published"):
        put(house, state=state)
    for _ in range(desk.DRAFTS_WAITING):
        put(house, state="draft")
    asked.clear()
    desk.of(house.parts, ADA)
    before = len(asked)
    for n in range(30):
        put(house, state=STATES[n % 10], minutes=n)
    asked.clear()
    desk.of(house.parts, ADA)
    assert len(asked) == before <= 18
