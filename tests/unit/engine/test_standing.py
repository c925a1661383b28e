"""How queues, workers and targets stand, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from excudit.engine import standing
from excudit.engine.breakers import Breakers, Trip
from excudit.engine.client import EngineClient
from excudit.engine.plan import Plan
from excudit.engine.step import Step
from excudit.store import migrate
from excudit.store.database import Database

PLAN = Plan("publish", (Step("look", "Look", do="look", harmless="looking changes nothing"),))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    migrate.upgrade(database)
    EngineClient(database.engine).prepare({"target-a", "target-b"})
    yield database
    database.close()


def test_depths_tell_what_waits_in_each_queue_and_since_when(database: Database) -> None:
    client = EngineClient(database.engine)
    with database.write() as connection:
        for number in range(3):
            client.enqueue(connection, f"run:{number}", PLAN, subject="s", queue="target-a")
        client.enqueue(connection, "late", PLAN, subject="s", queue="target-b", delay_s=600)
    with database.read() as connection:
        first, second = standing.depths(connection)
    assert (first.queue, first.enqueued, first.working, first.delayed) == ("target-a", 3, 0, 0)
    assert first.oldest is not None
    assert abs(datetime.now(UTC) - first.oldest) < timedelta(minutes=1)
    assert (second.queue, second.enqueued, second.delayed) == ("target-b", 0, 1)
    assert second.oldest is None


def test_a_worker_is_alive_for_as_long_as_it_said(database: Database) -> None:
    with database.write() as connection:
        standing.beat(connection, "local", 60)
        standing.beat(connection, "local", 90)
    with database.read() as connection:
        (one,) = standing.workers(connection)
    assert one.worker == "local"
    assert 80 < one.lasts_s <= 90
    with database.write() as connection:
        standing.beat(connection, "local", 0)
    with database.read() as connection:
        assert standing.workers(connection)[0].lasts_s <= 0


def test_a_paused_target_stays_paused_whatever_it_answers(database: Database) -> None:
    breakers = Breakers(database.engine, Trip(failures=1, open_s=0.0, longest_s=0.0))
    breakers.failed("a")
    breakers.pause("a")
    breakers.pause("a")
    breakers.worked("a")
    breakers.failed("a")
    held = breakers.admit("a")
    assert held is not None
    assert held.paused
    assert held.wait_s > 86_400
    assert not any(b.paused for name, b in breakers.seen().items() if name != "a")
    assert breakers.resume("a")
    assert not breakers.resume("a")
    assert breakers.admit("a") is None


def test_resuming_leaves_a_breaker_that_tripped_by_itself(database: Database) -> None:
    breakers = Breakers(database.engine, Trip(failures=1, open_s=60.0))
    breakers.failed("a")
    assert not breakers.resume("a")
    assert breakers.seen()["a"].open
