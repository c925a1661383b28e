"""The review queue as SQL, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from excudit.domain.publication import Publication
from excudit.store import migrate, publications, queue
from excudit.store.database import Database
from excudit.store.queue import Wanted

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
OPEN = ("submitted", "in_review", "changes_requested")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    migrate.upgrade(found)
    yield found
    found.close()


def put(database: Database, *wanted: dict[str, object]) -> list[str]:
    """Publications that wait since one day after the other; returns their ids."""
    keys = []
    with database.write() as connection:
        for number, values in enumerate(wanted):
            key, moment = publications.new_id(), BEGAN + timedelta(days=number)
            fresh = Publication(
                id=key,
                slug=publications.new_slug(),
                route="to-doi",
                owner="ada",
                title=f"Station {number}",
                state="in_review",
                health="idle",
                concept=key,
                version=1,
                created_at=moment,
                updated_at=moment,
                waiting_since=moment,
            )
            publications.add(connection, replace(fresh, **values))  # type: ignore[arg-type]
            keys.append(key)
    return keys


def found(database: Database, wanted: Wanted) -> list[str]:
    with database.read() as connection:
        rows = [p.id for p in queue.page(connection, wanted)]
        assert queue.keys(connection, wanted, limit=50) == rows
        assert queue.count(connection, wanted) == len(rows)
        return rows


def test_all_states_and_reviewers_come_as_one_list_oldest_first(database: Database) -> None:
    states = ["in_review", "submitted", "published", "changes_requested", "in_review", "draft"]
    reviewers = ["", "rita", "", "rita", "bob", ""]
    keys = put(
        database, *({"state": s, "reviewer": r} for s, r in zip(states, reviewers, strict=True))
    )
    assert found(database, Wanted(OPEN)) == [keys[0], keys[1], keys[3], keys[4]]
    assert found(database, Wanted(OPEN, ("", "rita"))) == [keys[0], keys[1], keys[3]]
    assert found(database, Wanted(OPEN, ("bob",))) == [keys[4]]
    assert found(database, Wanted(())) == []
    with database.read() as connection:
        assert queue.oldest(connection, Wanted(("in_review",), ("bob",))) == BEGAN + timedelta(4)


def test_pages_follow_each_other_without_gap_or_repetition(database: Database) -> None:
    same = BEGAN + timedelta(days=40)
    keys = put(database, *({} for _ in range(5)), *({"waiting_since": same} for _ in range(6)))
    read: list[str] = []
    after = None
    with database.read() as connection:
        while page := queue.page(connection, Wanted(OPEN, ("", "me")), after=after, limit=4):
            read += [p.id for p in page]
            assert page[-1].waiting_since is not None
            after = (page[-1].waiting_since, page[-1].id)
    assert read == keys[:5] + sorted(keys[5:])


def test_every_filter_narrows(database: Database) -> None:
    keys = put(
        database,
        {"label": "late", "title": "100% of_the sea"},
        {"route": "mirror", "health": "needs_attention"},
        {"label": "late", "route": "mirror"},
    )
    assert found(database, Wanted(OPEN, label="late")) == [keys[0], keys[2]]
    assert found(database, Wanted(OPEN, label="")) == [keys[1]]
    assert found(database, Wanted(OPEN, routes=("mirror",))) == keys[1:]
    assert found(database, Wanted(OPEN, routes=("mirror",), label="late")) == [keys[2]]
    assert found(database, Wanted(OPEN, routes=())) == []
    assert found(database, Wanted(OPEN, routes=tuple(f"r{n}" for n in range(40)))) == []
    assert found(database, Wanted(OPEN, health="needs_attention")) == [keys[1]]
    assert found(database, Wanted(OPEN, before=BEGAN + timedelta(days=1))) == [keys[0]]
    assert found(database, Wanted(OPEN, title="100% OF_the SEA")) == [keys[0]]
    assert found(database, Wanted(OPEN, title="%")) == [keys[0]]


def test_what_was_there_before_the_queue_waits_since_its_last_change(database_url: str) -> None:
    old = Database(database_url)
    migrate.upgrade(old, "0001")
    with old.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO publications (id, slug, route, owner, title, state, record, concept,"
            " created_at, updated_at) VALUES ('a', 's', 'to-doi', 'ada', 'Old', 'in_review', '{}',"
            " 'a', '2026-01-02 03:04:05', '2026-01-02 03:04:05')"
        )
    migrate.upgrade(old)
    with old.read() as connection:
        (row,) = queue.page(connection, Wanted(OPEN))
    assert row.waiting_since == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    old.close()
