"""Starting and stopping a worker, and what it relies on in the libraries below."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOS
from dbos._dbos import _get_dbos_instance

from engine_toy import QUEUE, Toy, app_engine, tables, until
from excudit.domain.errors import Conflict
from excudit.engine import database
from excudit.engine.breakers import Trip
from excudit.engine.outcome import Ending
from excudit.engine.plan import Plan
from excudit.engine.step import Step
from excudit.engine.worker import Worker, lock_file


@pytest.fixture
def toy(database_url: str, tmp_path: Path) -> Iterator[Toy]:
    toy = Toy(database_url, tmp_path / "world")
    yield toy
    toy.close()


def one(*script: str, **options: Any) -> Plan:
    args = {"make": list(script) or ["ok"]}
    return Plan("p", (Step("a", "A", do="make", undo="unmake", args=args, **options),))


def test_starting_and_stopping_twice_does_nothing_more(toy: Toy) -> None:
    worker = toy.worker()
    for run in ("first", "second"):
        worker.start()
        worker.start()
        toy.enqueue(run, one())
        assert toy.ending(run).kind == "done"
        worker.stop(0)
        worker.stop(0)


def test_a_second_worker_on_sqlite_refuses_to_start(sqlite_url: str, tmp_path: Path) -> None:
    toy = Toy(sqlite_url, tmp_path / "world")
    with toy.working():
        second = toy.worker()
        with pytest.raises(Conflict, match="Another worker") as raised:
            second.start()
        assert "PostgreSQL" in raised.value.hint
        script = "import sys; from excudit.engine.worker import lock_file; lock_file(sys.argv[1])"
        other = subprocess.run([sys.executable, "-c", script, sqlite_url], capture_output=True)
        assert b"Another worker" in other.stderr
    lock_file(sqlite_url).close()
    toy.close()


def test_a_second_worker_in_one_process_refuses_to_start_and_harms_nobody(
    database_url: str, tmp_path: Path
) -> None:
    toy = Toy(database_url, tmp_path / "world")
    other = Toy(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other")
    with toy.working():
        for _ in range(2):
            with pytest.raises(Conflict, match="Another worker is at work in this process"):
                other.worker().start()
        toy.enqueue("r", one())
        assert toy.ending("r").kind == "done"
    with other.working():
        other.enqueue("r", one())
        assert other.ending("r").kind == "done"
    toy.close()
    other.close()


def test_a_worker_stopped_in_an_attempt_leaves_the_database_to_nobody(
    sqlite_url: str, tmp_path: Path
) -> None:
    toy = Toy(sqlite_url, tmp_path / "world")
    (toy.world.folder / "hang").touch()
    worker = toy.worker()
    worker.start()
    toy.enqueue("r", one("hang"))
    until(lambda: toy.world.calls("r"))
    worker.stop(0)
    with pytest.raises(Conflict, match="Another worker"):
        toy.worker().start()
    assert toy.client.describe("r").status == "working"
    (toy.world.folder / "hang").unlink()
    until(lambda: toy.ledger.outcomes("r") == [("a", 1, "ok")])
    assert toy.client.describe("r").status == "working"
    assert toy.ledger.ending("r") is None
    toy.close()


def test_a_stop_waits_for_the_attempts_at_work_and_begins_no_other(toy: Toy) -> None:
    args = {"make": ["nap"]}
    steps = (Step(f"s{n}", "S", do="make", undo="unmake", args=args) for n in range(40))
    toy.enqueue("r", Plan("long", tuple(steps)))
    with toy.working():
        until(lambda: toy.world.calls("r", "made"))
    before = len(toy.world.calls("r"))
    with toy.working() as worker:
        until(lambda: len(toy.world.calls("r")) > before)
        worker.stop(30)
        before = len(toy.world.calls("r"))
    assert "" not in [kind for *_, kind in toy.ledger.outcomes("r")][:-1]
    assert before < 40
    assert len(toy.world.calls("r")) == before
    assert toy.client.describe("r").status == "working"


ASKED = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")


def pragmas(engine: sa.Engine) -> dict[str, Any]:
    with engine.connect() as c:
        return {name: c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ASKED}


def test_both_sqlite_engines_write_ahead_and_wait_for_each_other(sqlite_url: str) -> None:
    for engine in (database.dbos_engine(sqlite_url, 2), database.own_engine(sqlite_url)):
        assert list(pragmas(engine).values()) == ["wal", 2, 30000, 1]
        engine.dispose()


def test_dbos_is_given_the_engine_with_these_pragmas(sqlite_url: str, tmp_path: Path) -> None:
    toy = Toy(sqlite_url, tmp_path / "world")
    with toy.working():
        found = pragmas(_get_dbos_instance()._sys_db.engine)
    assert list(found.values()) == ["wal", 2, 30000, 1]
    toy.close()


def test_the_names_of_all_tables_made_here_are_known(toy: Toy) -> None:
    with toy.working():
        inspector = sa.inspect(toy.engine)
        schemas = [None] if toy.url.startswith("sqlite") else ["dbos", "excudit"]
        made = {name for schema in schemas for name in inspector.get_table_names(schema)}
    assert made - set(tables.tables) <= database.ENGINE_TABLES
    assert set(database.tables.tables) <= {f"own.{name}" for name in made}


def test_the_columns_that_the_lease_query_reads_exist(toy: Toy) -> None:
    schema = None if toy.url.startswith("sqlite") else "dbos"
    columns = {c["name"] for c in sa.inspect(toy.engine).get_columns("workflow_status", schema)}
    assert {"status", "executor_id", "application_version"} <= columns


def test_the_private_call_of_the_takeover_moves_only_runs_of_the_dead(toy: Toy) -> None:
    with toy.working():
        for run, worker, version in (
            ("of-dead", "dead", "run-1"),
            ("of-live", "live", "run-1"),
            ("of-old", "dead", "run-0"),
        ):
            toy.enqueue(run, one(), delay_s=3600)
            _pretend_pending(toy, run, worker, version)
        for _ in range(2):
            DBOS._recover_pending_workflows(["dead"])
        assert toy.ending("of-dead").kind == "done"
        assert toy.client.describe("of-live").worker == "live"
        assert toy.client.describe("of-old").worker == "dead"
    assert toy.world.calls("of-dead") == ["a"]


def _pretend_pending(toy: Toy, run: str, worker: str, version: str) -> None:
    schema = "" if toy.url.startswith("sqlite") else "dbos."
    with toy.engine.begin() as c:
        c.execute(
            sa.text(
                f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = :worker, "
                "application_version = :version WHERE workflow_uuid = :id"
            ),
            {"worker": worker, "version": version, "id": f"{run}~1"},
        )


def test_the_ledger_may_enqueue_the_next_run_when_one_has_finished(toy: Toy) -> None:
    class Chain:
        """The toy's ledger, with a next run in the same transaction as the ending."""

        def __getattr__(self, name: str) -> Any:
            return getattr(toy.ledger, name)

        def finished(self, run: str, ending: Ending) -> None:
            toy.ledger.finished(run, ending)
            if run == "first":
                toy.enqueue("second", one())

    worker = Worker(toy.url, toy.world.actions(), Chain(), [QUEUE], poll_s=0.05)
    worker.start()
    toy.enqueue("first", one())
    assert toy.ending("second").kind == "done"
    worker.stop(0)


def test_an_open_breaker_spares_the_target_and_costs_no_try(toy: Toy) -> None:
    with toy.working(trip=Trip(failures=2, open_s=0.4)) as worker:
        script = ["unavailable"] * 2 + ["ok"] * 100
        toy.enqueue("r", one(*script, target="t", tries=3))
        until(lambda: (b := worker.breakers.seen().get("t")) and b.open)
        assert toy.ending("r").kind == "done"
        assert worker.breakers.seen() == {}
    calls = [e for e in toy.world.entries("r") if e["what"] == "make"]
    assert len(calls) == 3
    assert calls[2]["at"] - calls[1]["at"] >= 0.35
    told = [e["message"] for e in toy.ledger.errors("r", "a")]
    assert any("t did not answer several times in a row" in message for message in told)


def test_our_own_database_being_away_is_not_the_targets_failure(toy: Toy) -> None:
    broken = sa.create_engine("sqlite:////nowhere/at/all.db")

    def lose_the_database(call: Any) -> None:
        if call.attempt == 1:
            broken.connect()

    worker = Worker(
        toy.url,
        {"make": lose_the_database},
        toy.ledger,
        [QUEUE],
        poll_s=0.05,
        trip=Trip(failures=1),
    )
    worker.start()
    toy.enqueue("r", Plan("p", (Step("a", "A", do="make", harmless="x", target="t"),)))
    assert toy.ending("r").kind == "done"
    assert worker.breakers.seen() == {}
    assert [o[2] for o in toy.ledger.outcomes("r")] == ["later", "ok"]
    worker.stop(0)


def test_a_ledger_without_its_database_is_asked_until_it_answers(toy: Toy) -> None:
    lost = app_engine("sqlite:////nowhere/at/all.db")

    class Shaky:
        """The toy's ledger, whose database is away for the first calls of each kind."""

        def __init__(self) -> None:
            self.away = {"begun": 2, "ended": 2, "finished": 2}

        def __getattr__(self, name: str) -> Any:
            def call(*args: Any, **kwargs: Any) -> Any:
                if self.away.get(name, 0):
                    self.away[name] -= 1
                    lost.connect()
                return getattr(toy.ledger, name)(*args, **kwargs)

            return call

    worker = Worker(toy.url, toy.world.actions(), Shaky(), [QUEUE], poll_s=0.05)
    worker.start()
    toy.enqueue("r", one())
    assert toy.ending("r").kind == "done"
    assert toy.world.calls("r") == ["a"]
    worker.stop(0)


def test_a_worker_deletes_old_rows_by_itself(toy: Toy) -> None:
    with toy.working():
        toy.enqueue("r", one())
        toy.ending("r")
        until(lambda: toy.client.describe("r").status == "ended")
    with toy.working(keep=timedelta(seconds=-5)):
        until(lambda: toy.client.describe("r") is None)


def test_a_run_begun_under_an_older_plan_finishes_under_it(toy: Toy) -> None:
    old = one("ok")
    toy.enqueue("old", old, delay_s=3600)
    data = json.dumps(old.as_data())
    new = Plan("p", (*one("ok").steps, Step("b", "B", do="make", undo="unmake")))
    with toy.working():
        toy.client.try_now("old")
        toy.enqueue("new", new)
        assert {toy.ending("old").kind, toy.ending("new").kind} == {"done"}
    assert toy.world.calls("old") == ["a"]
    assert toy.world.calls("new") == ["a", "b"]
    assert Plan.from_data(json.loads(data)).digest == old.digest != new.digest
