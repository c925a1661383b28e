"""Random plans with random troubles, undisturbed and with workers killed at random instants."""

from __future__ import annotations

import itertools
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plans import check, repeated, step

from engine_toy import Toy, until
from excudit.engine.plan import Plan

# The worker in this process uses chance (jitter) while Hypothesis draws; its plans do not.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")

GOOD = ("ok", "unavailable", "uncertain", "limited", "retryable")
BAD = ("refused", "half", "person", "bug", "stop")
UNDO = ("ok", "unavailable", "uncertain", "limited", "refused")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Up to six steps; the first final one, if any, ends the ways back."""
    final_from = draw(st.integers(1, 7))
    steps = []
    for n in range(draw(st.integers(1, 6))):
        script = [*draw(st.lists(st.sampled_from(GOOD), max_size=2)), "ok"]
        if draw(st.integers(0, 5)) == 0:
            script[-1] = draw(st.sampled_from(BAD))
        undo = (*draw(st.lists(st.sampled_from(UNDO), max_size=2)), "ok")
        way = {"harmless": "it only looks"}
        if n >= final_from and draw(st.booleans()):
            way = {"final": "for ever"}
        elif not any(s.final for s in steps) and draw(st.integers(0, 3)):
            way = {}
        steps.append(step(f"s{n}", *script, undo=undo, **way))
    return Plan("any", tuple(steps))


_numbers = itertools.count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def working(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Toy]:
    """The toy application with a worker in this process."""
    folder = tmp_path_factory.mktemp("any")
    if request.param == "sqlite":
        yield from _working(f"sqlite:///{folder / 'excudit.db'}", folder)
    else:
        with request.getfixturevalue("postgresql").fresh() as url:
            yield from _working(url, folder)


def _working(url: str, folder: Path) -> Iterator[Toy]:
    toy = Toy(url, folder)
    with toy.working(concurrency=20):
        yield toy
    toy.close()


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(crowd=st.lists(plans(), min_size=8, max_size=12))
def test_whatever_happens_a_run_ends_whole_or_taken_back(working: Toy, crowd: list[Plan]) -> None:
    named = {f"any:{next(_numbers)}": plan for plan in crowd}
    for run, plan in named.items():
        working.enqueue(run, plan)
    until(lambda: working.all_ended(named) or _hurry(working, named))
    for run, plan in named.items():
        check(working, run, plan)
        assert repeated(working, run) == {}
        assert working.ledger.told(run) == 1


def _hurry(toy: Toy, runs: dict[str, Plan]) -> None:
    for run in runs:
        toy.client.try_now(run)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_killed_a_run_ends_whole_or_taken_back(
    database_url: str, tmp_path: Path, seed: int
) -> None:
    toy = Toy(database_url, tmp_path / "world")
    chance = random.Random(seed)
    named: dict[str, Plan] = {}

    @settings(max_examples=60, deadline=None, database=None)
    @given(plan=plans())
    def collect(plan: Plan) -> None:
        named[f"any:{len(named)}"] = plan

    collect()
    for run, plan in named.items():
        toy.enqueue(run, plan)
    deaths = 0
    while not toy.all_ended(named):
        with toy.processes(concurrency=6) as (process,):
            seen = _diary(toy)
            calls = chance.randint(1, 25)
            until(lambda n=seen + calls: _diary(toy) >= n or toy.all_ended(named))
            if deaths < 12:
                process.send_signal(signal.SIGKILL)
                process.wait()
                deaths += 1
            else:
                until(lambda: toy.all_ended(named))
    assert deaths >= 3
    for run, plan in named.items():
        check(toy, run, plan)
        assert all(n <= deaths + 1 for n in repeated(toy, run).values())
    extra = sum(n - 1 for run in named for n in repeated(toy, run).values())
    assert extra <= deaths * 6, "more was repeated than was under way at each death"
    toy.close()


def _diary(toy: Toy) -> int:
    return toy.world.diary.read_bytes().count(b"\n") if toy.world.diary.exists() else 0
