"""Workers that are killed at every point of a run. Nothing is mocked: SIGKILL, then a restart."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from plans import check, published, repeated, step

from engine_toy import Toy, until
from excudit.engine.plan import Plan


@pytest.fixture
def toy(database_url: str, tmp_path: Path) -> Iterator[Toy]:
    toy = Toy(database_url, tmp_path / "world")
    yield toy
    toy.close()


FORWARD = [
    (point, key)
    for key in ("a", "b", "c", "d", "e")
    for point in ("begun", "make:before", "make:after", "make:told")
    if (point, key) not in (("make:after", "b"), ("make:after", "e"))
]
# `begun` is a call of its own for a first step and for a final one only.
FORWARD = [(point, key) for point, key in FORWARD if point != "begun" or key in ("a", "d")]
BACKWARD = [
    (point, key) for key in ("c", "a") for point in ("unmake:before", "unmake:after", "unmake:told")
]
END = [("finished:before", ""), ("finished:after", "")]
SOME = [
    ("begun", "a"),
    ("make:after", "a"),
    ("make:told", "c"),
    ("make:before", "d"),
    ("make:after", "d"),
    ("finished:after", ""),
]


def die_at(toy: Toy, points: list[tuple[str, str]], plan: Plan, kind: str) -> None:
    """One run for each point, one at a time, each killed there once."""
    runs = {f"r{n}": point for n, point in enumerate(points)}
    for run, (point, key) in runs.items():
        toy.world.kill_at(point, run, key)
        toy.enqueue(run, plan)
    assert toy.through_deaths(*runs, concurrency=1) == len(points)
    for run, (point, key) in runs.items():
        check(toy, run, plan)
        assert toy.ledger.ending(run).kind == kind
        again = repeated(toy, run)
        assert all(step == key and n == 2 for (_, step, _), n in again.items()), (point, again)
        assert len(again) <= 1
        assert toy.ledger.told(run) <= 2
        assert "" not in [kind for *_, kind in toy.ledger.outcomes(run)]


def test_a_killed_worker_repeats_the_interrupted_attempt_only(toy: Toy) -> None:
    die_at(toy, SOME, published(), "done")


def test_a_worker_killed_while_it_takes_back_goes_on_taking_back(toy: Toy) -> None:
    die_at(toy, [BACKWARD[1], BACKWARD[5], END[0]], published("half"), "undone")


@pytest.mark.slow
def test_a_worker_killed_at_any_point_forward_repeats_one_attempt_only(toy: Toy) -> None:
    die_at(toy, [*FORWARD, *END], published(), "done")


@pytest.mark.slow
def test_a_worker_killed_at_any_point_back_repeats_one_attempt_only(toy: Toy) -> None:
    die_at(toy, [*BACKWARD, *END], published("half"), "undone")


def test_a_stop_request_after_a_final_step_has_begun_comes_too_late(toy: Toy) -> None:
    """The journal knows that the final step began, even when its worker died in it."""
    toy.world.kill_at("make:before", "r", "d")
    toy.enqueue("r", published())
    with toy.processes() as (process,):
        process.wait(timeout=30)
    toy.world.ask_to_stop("r")
    with toy.processes():
        assert toy.ending("r").kind == "done"
    check(toy, "r", published())


def test_a_stop_request_before_a_final_step_has_begun_is_in_time(toy: Toy) -> None:
    toy.world.kill_at("make:told", "r", "c")
    toy.enqueue("r", published())
    with toy.processes() as (process,):
        process.wait(timeout=30)
    toy.world.ask_to_stop("r")
    with toy.processes():
        assert toy.ending("r").kind == "stopped"
    check(toy, "r", published())
    assert toy.world.effects("r") == set()


def test_a_crash_in_a_wait_keeps_the_rest_of_it_and_the_count(toy: Toy) -> None:
    """One run sleeps with its worker (2 s), one waits as a delayed successor (4 s)."""
    plans = {
        "held": Plan("p", (step("a", "unavailable", "long", "unavailable", "ok"),)),
        "delayed": Plan("p", (step("a", "unavailable", "longer", "unavailable", "ok"),)),
    }
    patience = {"held_s": 3.0}
    with toy.processes(patience=patience) as (process,):
        for run, plan in plans.items():
            toy.enqueue(run, plan)
        begun = until(lambda: all(len(toy.world.calls(run)) == 2 for run in plans) and time.time())
        until(lambda: toy.client.describe("delayed").status == "delayed")
        until(lambda: time.time() > begun + 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    until(lambda: time.time() > begun + 2.5)
    toy.enqueue("fresh", Plan("p", (step("a"),)))
    with toy.processes(patience=patience):
        for run in plans:
            assert toy.ending(run).kind == "done"
    ready = toy.world.entries("fresh")[0]["at"]
    for run, wait in (("held", 2.0), ("delayed", 4.0)):
        calls = [e for e in toy.world.entries(run) if e["what"] == "make"]
        assert [e["attempt"] for e in calls] == [1, 2, 3, 4]
        assert calls[2]["at"] - calls[1]["at"] >= wait
        # By then the first wait was over, and of the second less than two seconds were left.
        begun_anew = ready + wait
        assert calls[2]["at"] < begun_anew - 0.2, run


def test_a_hard_killed_undo_run_goes_on_until_all_is_undone(toy: Toy) -> None:
    plan = Plan("p", (step("a"), step("b", undo=("refused", "unavailable", "ok"))))
    for key in ("a", "b"):
        toy.world.make("r", key)
    toy.world.kill_at("unmake:before", "r", "b")
    toy.world.kill_at("unmake:after", "r", "a")
    toy.enqueue("r", plan, mode="undo", steps=("a", "b"))
    assert toy.through_deaths("r") == 2
    assert toy.ledger.ending("r").kind == "cleaned"
    assert toy.world.effects("r") == set()
