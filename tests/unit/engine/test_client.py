"""Enqueueing in the caller's transaction, and looking after runs, without any worker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from engine_toy import QUEUE, Toy, app_engine
from excudit.domain.errors import Conflict, Unsupported
from excudit.engine.client import EngineClient
from excudit.engine.plan import Plan
from excudit.engine.step import Step

PLAN = Plan(
    "p", (Step("a", "A", do="make", undo="unmake"), Step("b", "B", do="look", harmless="x"))
)


@pytest.fixture
def toy(database_url: str, tmp_path: Path) -> Iterator[Toy]:
    toy = Toy(database_url, tmp_path / "world")
    yield toy
    toy.close()


def test_a_rollback_leaves_no_run_and_a_commit_leaves_both(toy: Toy) -> None:
    events = sa.Table("events", sa.MetaData(), sa.Column("name", sa.Text))
    events.create(toy.engine)
    for run in ("rolled-back", "committed"):
        with toy.engine.connect() as c, c.begin() as transaction:
            c.execute(sa.insert(events).values(name=run))
            toy.client.enqueue(c, run, PLAN, subject="s", queue=QUEUE)
            if run == "rolled-back":
                transaction.rollback()
    with toy.engine.begin() as c:
        assert list(c.execute(sa.select(events.c.name)).scalars()) == ["committed"]
    assert toy.client.describe("rolled-back") is None
    part = toy.client.describe("committed")
    assert part is not None
    assert (part.status, part.number, part.queue) == ("enqueued", 1, QUEUE)


def test_the_same_run_is_enqueued_once_and_the_transaction_goes_on(toy: Toy) -> None:
    toy.enqueue("twice", PLAN)
    with toy.engine.begin() as c:
        with pytest.raises(Conflict, match="twice exists already"):
            toy.client.enqueue(c, "twice", PLAN, subject="s", queue=QUEUE)
        toy.client.enqueue(c, "other", PLAN, subject="s", queue=QUEUE)
    assert toy.client.describe("other") is not None


def test_an_unknown_queue_is_refused_before_anything_is_written(toy: Toy) -> None:
    with pytest.raises(Unsupported, match="queue 'nowhere'"):
        toy.enqueue("r", PLAN, queue="nowhere")
    assert toy.client.describe("r") is None


def test_an_unknown_version_is_refused_before_anything_is_written(toy: Toy) -> None:
    schema = None if toy.url.startswith("sqlite") else "dbos"
    with toy.engine.begin() as c:
        c.execute(sa.delete(sa.table("application_versions", schema=schema)))
    with pytest.raises(Unsupported, match="version"):
        toy.enqueue("r", PLAN)
    assert toy.client.describe("r") is None


@pytest.mark.parametrize(
    ("run", "options", "words"),
    [
        ("", {}, "run id"),
        ("a~b", {}, "run id"),
        ("x" * 201, {}, "run id"),
        ("r", {"start": 3}, "no position 3"),
        ("r", {"mode": "undo"}, "cannot undo nothing"),
        ("r", {"mode": "undo", "steps": ["b"]}, "cannot undo b"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    toy: Toy, run: str, options: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        toy.enqueue(run, PLAN, **options)


def test_a_run_begins_after_its_delay_or_when_told(toy: Toy) -> None:
    toy.enqueue("later", PLAN, delay_s=3600)
    part = toy.client.describe("later")
    assert part is not None
    assert part.status == "delayed"
    assert part.wakes_at is not None
    assert toy.client.try_now("later")
    with toy.working():
        assert toy.ending("later").kind == "done"
    assert not toy.client.try_now("later")


def test_runs_with_similar_names_are_not_mixed_up(toy: Toy) -> None:
    for run in ("a_b", "axb", "a_b:1"):
        toy.enqueue(run, PLAN)
    assert toy.client.cancel("a_b")
    statuses = {run: toy.client.describe(run).status for run in ("a_b", "axb", "a_b:1")}
    assert statuses == {"a_b": "cancelled", "axb": "enqueued", "a_b:1": "enqueued"}


def test_only_old_rows_of_ended_runs_are_deleted(toy: Toy) -> None:
    for run in ("done", "cancelled", "lost", "waiting"):
        toy.enqueue(run, PLAN, delay_s=3600 if run == "waiting" else 0)
    toy.client.cancel("cancelled")
    with toy.engine.begin() as c:
        _become_lost(c, toy.url, "lost~1")
    with toy.working():
        toy.ending("done")
    assert toy.client.prune(timedelta(days=1)) == 0
    assert toy.client.prune(timedelta(seconds=-5)) == 2
    left = [run for run in ("done", "cancelled", "lost", "waiting") if toy.client.describe(run)]
    assert left == ["lost", "waiting"]


def test_a_run_that_the_engine_gave_up_is_told_and_forgotten_when_solved(toy: Toy) -> None:
    toy.enqueue("lost", PLAN)
    with toy.engine.begin() as c:
        _become_lost(c, toy.url, "lost~1")
    assert [(p.run, p.status) for p in toy.client.lost()] == [("lost", "lost")]
    toy.client.forget("lost")
    assert toy.client.lost() == []


def _become_lost(c: sa.Connection, url: str, workflow_id: str) -> None:
    schema = "" if url.startswith("sqlite") else "dbos."
    c.execute(
        sa.text(
            f"UPDATE {schema}workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' "
            "WHERE workflow_uuid = :id"
        ),
        {"id": workflow_id},
    )


def test_a_process_that_only_enqueues_runs_nothing(toy: Toy) -> None:
    code = f"""
import threading, sys
sys.path[:] = {sys.path!r}
import sqlalchemy as sa
from engine_toy import Toy
from test_client import PLAN
from pathlib import Path
toy = Toy({toy.url!r}, Path({str(toy.world.folder)!r}))
toy.enqueue("from-web", PLAN)
toy.client.describe("from-web")
from dbos import _dbos
assert _dbos._dbos_global_instance is None
assert threading.active_count() == 1, threading.enumerate()
"""
    path = Path(__file__).parent
    subprocess.run([sys.executable, "-c", code], check=True, cwd=path, timeout=60)
    assert toy.client.describe("from-web").status == "enqueued"


def test_a_database_that_is_away_is_an_error_at_once(postgresql_url: str) -> None:
    engine = app_engine(postgresql_url.replace("/excudit-pg-", "/gone-"))
    client = EngineClient(engine)
    with pytest.raises(DBAPIError):
        client.describe("r")
    with pytest.raises(DBAPIError), engine.begin() as c:
        client.enqueue(c, "r", PLAN, subject="s", queue=QUEUE)
    engine.dispose()
