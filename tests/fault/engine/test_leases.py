"""Several workers on PostgreSQL: killed, frozen and thawed, and a database that restarts."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from plans import check, repeated, step

from databases import postgresql_server
from engine_toy import Toy, until
from excudit.engine.database import leases, placed
from excudit.engine.leases import LOST_EXIT_CODE
from excudit.engine.plan import Plan

SIX = Plan("six", tuple(step(f"s{n}", "nap") for n in range(6)))
RUNS = [f"r{n}" for n in range(40)]
# A short lease; the pool's idle-in-transaction limit follows it.
CROWD = {"lease_s": 5.0, "concurrency": 10}


@pytest.fixture
def toy(postgresql_url: str, tmp_path: Path) -> Iterator[Toy]:
    toy = Toy(postgresql_url, tmp_path / "world")
    yield toy
    toy.close()


def begin(toy: Toy, workers: list[subprocess.Popen[bytes]]) -> None:
    """Enqueue all runs, and wait until every worker is in the middle of some."""
    for run in RUNS:
        toy.enqueue(run, SIX)
    pids = {worker.pid for worker in workers}
    until(lambda: pids <= {e["pid"] for run in RUNS for e in toy.world.entries(run)})


def check_all(toy: Toy) -> None:
    for run in RUNS:
        check(toy, run, SIX)
        assert toy.ledger.ending(run).kind == "done"
        assert all(n == 2 for n in repeated(toy, run).values()), "a step ran three times"


def test_the_runs_of_a_killed_worker_move_to_a_live_one(toy: Toy) -> None:
    with toy.processes(2, **CROWD) as (one, other):
        begin(toy, [one, other])
        one.kill()
        until(lambda: toy.all_ended(RUNS))
        assert other.poll() is None
    check_all(toy)


def test_a_frozen_worker_loses_its_runs_and_ends_when_it_thaws(toy: Toy) -> None:
    with toy.processes(2, **CROWD) as (one, other):
        begin(toy, [one, other])
        one.send_signal(signal.SIGSTOP)
        frozen = time.monotonic()
        until(lambda: time.monotonic() > frozen + 8)
        assert other.poll() is None, "the healthy worker stopped too"
        one.send_signal(signal.SIGCONT)
        assert one.wait(timeout=30) == LOST_EXIT_CODE
        until(lambda: toy.all_ended(RUNS))
        assert other.poll() is None
    check_all(toy)


def test_a_worker_that_is_stopped_gives_its_runs_back_at_once(toy: Toy) -> None:
    with toy.processes(2, **CROWD) as (one, other):
        begin(toy, [one, other])
        one.terminate()
        assert one.wait(timeout=30) == 0
        with placed(toy.engine).begin() as c:
            assert len(c.execute(sa.select(leases)).all()) == 1
        until(lambda: toy.all_ended(RUNS))
        assert other.poll() is None
    check_all(toy)


@pytest.mark.slow
def test_freezing_one_worker_again_and_again_loses_nothing(toy: Toy) -> None:
    with toy.processes(2, **{**CROWD, "lease_s": 8.0}) as (one, other):
        begin(toy, [one, other])
        for _ in range(3):
            one.send_signal(signal.SIGSTOP)
            frozen = time.monotonic()
            until(lambda since=frozen: time.monotonic() > since + 1.5)
            one.send_signal(signal.SIGCONT)
        until(lambda: toy.all_ended(RUNS))
        assert (one.poll(), other.poll()) == (None, None), "shorter than the lease: both live on"
    check_all(toy)
    assert not any(repeated(toy, run) for run in RUNS)


@pytest.mark.slow
def test_a_database_that_restarts_delays_the_runs_and_loses_none(tmp_path: Path) -> None:
    with postgresql_server() as server, server.fresh() as url:
        toy = Toy(url, tmp_path / "world")
        with toy.processes(2, lease_s=20.0, concurrency=10) as (one, other):
            begin(toy, [one, other])
            toy.engine.dispose()
            server.restart()
            until(lambda: toy.all_ended(RUNS))
            assert (one.poll(), other.poll()) == (None, None)
        check_all(toy)
        toy.close()
