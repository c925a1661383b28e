"""Runs from begin to end, on both databases, with a worker in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from engine_toy import Toy, until
from excudit.engine.order import first_id
from excudit.engine.outcome import Ending
from excudit.engine.plan import Plan
from excudit.engine.step import Gate, Step


def step(key: str, *script: str, undo: tuple[str, ...] = ("ok",), **options: Any) -> Step:
    """A step that makes an effect and can take it back, unless the options say otherwise."""
    args = {"make": list(script) or ["ok"], "unmake": list(undo)}
    way = {k: options.pop(k) for k in ("final", "undone_by", "harmless") if k in options}
    return Step(
        key,
        key,
        do="look" if "harmless" in way else "make",
        args=args,
        **(way or {"undo": "unmake"}),
        **options,
    )


def final(key: str, *script: str, **options: Any) -> Step:
    return step(key, *script, final="for ever", **options)


def go(toy: Toy, run: str, *steps: Step | Gate, **options: Any) -> Ending:
    toy.enqueue(run, Plan("plan", steps), **options)
    return toy.ending(run)


def test_a_run_does_every_step_once_and_in_order(toy: Toy, run: str) -> None:
    ending = go(toy, run, step("a"), step("b", harmless="looks"), step("c"), final("d"), final("e"))
    assert ending == Ending("done", after_final=True)
    assert toy.world.calls(run) == ["a", "b", "c", "d", "e"]
    assert toy.world.effects(run) == {"a", "c", "d", "e"}
    assert toy.ledger.outcomes(run) == [(k, 1, "ok") for k in "abcde"]


def test_a_temporary_failure_is_tried_again(toy: Toy, run: str) -> None:
    ending = go(toy, run, step("a", "unavailable", "uncertain", "limited", "ok"), step("b"))
    assert ending.kind == "done"
    kinds = [kind for step, _, kind in toy.ledger.outcomes(run) if step == "a"]
    assert kinds == ["later", "later", "later", "ok"]
    assert toy.world.calls(run, "made") == ["a", "b"]


def test_a_refusal_takes_everything_back_latest_first(toy: Toy, run: str) -> None:
    ending = go(toy, run, step("a"), step("b"), step("c", undone_by="b"), step("d", "half"))
    assert (ending.kind, ending.step, ending.cleanup) == ("undone", "d", ())
    assert ending.error is not None
    assert ending.error["message"] == "half done, then refused"
    assert toy.world.calls(run, "unmake") == ["d", "b", "a"]
    assert toy.world.effects(run) == {"c"}


def test_tries_that_are_used_up_take_everything_back(toy: Toy, run: str) -> None:
    ending = go(toy, run, step("a"), step("b", "unavailable", tries=3))
    assert (ending.kind, ending.step) == ("undone", "b")
    assert ending.error["remote"] == "503"
    assert toy.world.calls(run).count("b") == 3
    assert toy.world.effects(run) == set()


def test_a_rate_limit_does_not_use_up_tries(toy: Toy, run: str) -> None:
    ending = go(toy, run, step("a", *["limited"] * 5, "ok", tries=1))
    assert ending.kind == "done"


def test_an_undo_that_fails_is_left_over_and_hides_nothing(toy: Toy, run: str) -> None:
    steps = (
        step("a"),
        step("b", undo=("refused",)),
        step("c", undo=("unavailable",)),
        step("d", undo=("unavailable", "ok")),
        step("e", "refused"),
    )
    ending = go(toy, run, *steps)
    assert (ending.kind, ending.step, ending.cleanup) == ("undone", "e", ("c", "b"))
    assert ending.error["remote"] == "the remote's own words"
    assert toy.world.effects(run) == {"b", "c"}
    assert toy.world.calls(run, "unmake").count("c") == 3


def test_what_was_left_over_is_undone_however_long_it_takes(toy: Toy, run: str) -> None:
    steps = (step("a", undo=("refused",) * 6 + ("ok",)), step("b", undo=("unavailable", "ok")))
    toy.world.make(run, "a")
    toy.world.make(run, "b")
    ending = go(toy, run, *steps, mode="undo", steps=("a", "b"))
    assert ending == Ending("cleaned")
    assert toy.world.effects(run) == set()
    assert toy.world.calls(run, "unmake")[:2] == ["b", "a"]


def test_an_undo_run_that_is_stopped_says_what_is_left(toy: Toy, run: str) -> None:
    toy.enqueue(run, Plan("p", (step("a", undo=("refused",)),)), mode="undo", steps=("a",))
    until(lambda: toy.world.calls(run, "unmake"))
    toy.world.ask_to_stop(run)
    until(lambda: toy.client.try_now(run) or toy.ledger.ending(run))
    assert toy.ending(run) == Ending("stopped", "a", cleanup=("a",))


@pytest.mark.parametrize("word", ["person", "bug"])
@pytest.mark.parametrize("mode", ["forward", "undo"])
def test_what_only_a_person_can_solve_parks(toy: Toy, run: str, word: str, mode: str) -> None:
    steps = (step("a", undo=(word,)), step("b", word))
    options: dict[str, Any] = {"mode": "undo", "steps": ("a",)} if mode == "undo" else {}
    ending = go(toy, run, *steps, **options)
    assert (ending.kind, ending.after_final) == ("parked", False)
    assert ending.step == ("a" if mode == "undo" else "b")
    assert ending.cleanup == (("a",) if mode == "undo" else ())
    if mode == "forward":
        assert toy.world.effects(run) == {"a"}
        assert toy.world.calls(run, "unmake") == []


def test_a_bug_is_logged_and_told_without_its_secrets(
    toy: Toy, run: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "excudit.engine"):
        ending = go(toy, run, step("a", "bug"))
    assert "ZeroDivisionError" in ending.error["message"]
    assert "Traceback" in caplog.text
    assert run in caplog.text
    assert "hunter2" not in caplog.text + str(ending) + str(toy.ledger.errors(run, "a"))


def test_a_failed_statement_is_told_without_the_values_in_it(
    toy: Toy, run: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "excudit.engine"):
        ending = go(toy, run, step("a", "sql"))
    assert ending.kind == "parked"
    assert "no such table" in caplog.text
    assert "private words" not in caplog.text + str(ending)


def test_an_action_that_this_version_does_not_have_parks(toy: Toy, run: str) -> None:
    ending = go(toy, run, Step("a", "A", do="gone", harmless="it does nothing"))
    assert ending.kind == "parked"
    assert "no action 'gone'" in ending.error["message"]


@pytest.mark.parametrize("word", ["refused", "unavailable", "person", "bug", "half", "stop"])
def test_once_a_final_step_has_begun_nothing_is_taken_back(toy: Toy, run: str, word: str) -> None:
    failing = final("b", word, word, "refused", tries=2)
    ending = go(toy, run, step("a"), failing, step("c", harmless="looks"))
    if word == "stop":
        assert ending == Ending("done", after_final=True)
    else:
        assert (ending.kind, ending.step, ending.after_final) == ("parked", "b", True)
    assert toy.world.calls(run, "unmake") == []
    assert "a" in toy.world.effects(run)


def test_after_a_final_step_a_refusal_parks(toy: Toy, run: str) -> None:
    ending = go(toy, run, step("a"), final("b"), step("c", "refused", harmless="looks"))
    assert (ending.kind, ending.step, ending.after_final) == ("parked", "c", True)
    assert toy.world.effects(run) == {"a", "b"}


def test_a_run_told_that_an_earlier_one_was_final_takes_nothing_back(toy: Toy, run: str) -> None:
    toy.world.ask_to_stop(run)
    ending = go(toy, run, step("a"), step("b", "refused"), final("c"), start=1, committed=True)
    assert (ending.kind, ending.step, ending.after_final) == ("parked", "b", True)
    assert toy.world.calls(run, "unmake") == []


@pytest.mark.parametrize("at", ["before", "a", "b", "before c", "c"])
def test_a_stop_request_takes_back_until_the_point_of_no_return(
    toy: Toy, run: str, at: str
) -> None:
    words = {"a": "ok", "b": "ok", "c": "ok"} | {at: "stop"}
    steps = [step("a", words["a"]), step("b", words["b"]), final("c", words["c"]), final("d")]
    if at == "before":
        toy.world.ask_to_stop(run)
    if at == "before c":
        steps.insert(2, step("x", "stop", harmless="the last one before"))
    ending = go(toy, run, *steps)
    if at == "c":
        assert ending == Ending("done", after_final=True)
        assert toy.world.effects(run) == {"a", "b", "c", "d"}
    else:
        assert (ending.kind, ending.error, ending.cleanup) == ("stopped", None, ())
        assert toy.world.effects(run) == set()
        assert "c" not in toy.world.calls(run)


def test_a_long_step_hears_a_stop_request_between_its_chunks(toy: Toy, run: str) -> None:
    (toy.world.folder / "hang").touch()
    toy.enqueue(run, Plan("p", (step("a"), step("b", "hang"), final("c"))))
    until(lambda: "b" in toy.world.calls(run))
    toy.world.ask_to_stop(run)
    assert (toy.ending(run).kind, toy.ending(run).step) == ("stopped", "b")
    assert toy.world.effects(run) == set()


def test_a_gate_ends_the_run_and_its_answer_starts_the_next(
    toy: Toy, name: Callable[[], str]
) -> None:
    plan = Plan("p", (step("a"), Gate("quality", "Quality check"), step("b"), final("c")))
    before, after = name(), name()
    toy.enqueue(before, plan)
    assert toy.ending(before) == Ending("waiting", "quality")
    toy.enqueue(after, plan, start=plan.after("quality"))
    assert toy.ending(after) == Ending("done", after_final=True)
    assert toy.world.calls(after) == ["b", "c"]


def test_a_failure_after_a_gate_takes_back_what_came_before_it(toy: Toy, run: str) -> None:
    toy.world.make(run, "a")
    steps = (step("a"), Gate("quality", "Quality check"), step("b", "refused"))
    ending = go(toy, run, *steps, start=2)
    assert ending.kind == "undone"
    assert toy.world.effects(run) == set()


def test_a_gate_after_the_point_of_no_return_says_so(toy: Toy, run: str) -> None:
    ending = go(toy, run, final("a"), Gate("submitted", "Submitted"), final("b"))
    assert ending == Ending("waiting", "submitted", after_final=True)


def test_a_long_wait_holds_no_worker_and_can_be_ended_by_hand(toy: Toy, run: str) -> None:
    toy.enqueue(run, Plan("p", (step("a"), step("b", "long", "ok"))))
    part = until(lambda: (p := toy.client.describe(run)) and p.status == "delayed" and p)
    assert part.number == 2
    assert part.wakes_at is not None
    assert toy.client.try_now(run)
    assert toy.ending(run).kind == "done"
    assert toy.world.calls(run) == ["a", "b", "b"]
    assert [n for s, n, _ in toy.ledger.outcomes(run) if s == "b"] == [1, 2]


def test_tries_are_counted_on_through_long_waits(toy: Toy, run: str) -> None:
    toy.enqueue(run, Plan("p", (step("a", "unavailable", "long", "unavailable", tries=2),)))
    until(lambda: toy.client.try_now(run) or toy.ledger.ending(run))
    assert toy.ending(run).kind == "undone"
    assert toy.world.calls(run) == ["a", "a", "a"]


def test_progress_of_a_slow_step_is_told_now_and_then_and_at_its_end(toy: Toy, run: str) -> None:
    go(toy, run, step("a"), step("b", "slow"))
    told = [e for e in toy.world.entries(run) if e["what"] == "progress"]
    assert {e["step"] for e in told} == {"b"}
    assert [(e["done"], e["total"], e["unit"]) for e in told] == [(1, 2, "files"), (2, 2, "files")]


def test_a_run_that_ends_leaves_nothing_but_json(toy: Toy, run: str) -> None:
    toy.enqueue(run, Plan("p", (step("a"), step("b", "long", "refused"))))
    until(lambda: toy.client.try_now(run) or toy.ledger.ending(run))
    toy.ending(run)
    schema = "" if toy.url.startswith("sqlite") else "dbos."
    with toy.engine.begin() as c:
        for table in ("workflow_status", "operation_outputs"):
            found = c.exec_driver_sql(f"SELECT DISTINCT serialization FROM {schema}{table}")
            assert set(found.scalars()) <= {"portable_json", None}


@pytest.mark.parametrize(("word", "kind"), [("tuple", "done"), ("object", "parked")])
def test_a_result_is_told_as_the_journal_keeps_it(toy: Toy, run: str, word: str, kind: str) -> None:
    ending = go(toy, run, step("a", word))
    assert ending.kind == kind
    assert toy.ledger.results(run) == ([{"pair": [1, 2]}] if kind == "done" else [{}])


def test_a_hard_cancel_leaves_what_an_undo_run_finds(
    toy: Toy, name: Callable[[], str], run: str
) -> None:
    (toy.world.folder / "hang").touch()
    plan = Plan("p", (step("a"), step("b", "hang"), step("c")))
    toy.enqueue(run, plan)
    until(lambda: "b" in toy.world.calls(run))
    assert toy.client.cancel(run)
    (toy.world.folder / "hang").unlink()
    until(lambda: "b" in toy.world.effects(run))
    assert toy.client.describe(run).status == "cancelled"
    assert toy.ledger.ending(run) is None
    assert toy.world.effects(run) == {"a", "b"}
    # The toys tell effects apart by run, so the undo run acts for the cancelled one.
    toy.client.forget(run)
    toy.enqueue(run, plan, mode="undo", steps=plan.ways_back(1))
    assert toy.ending(run) == Ending("cleaned")
    assert toy.world.effects(run) == set()
    assert first_id(run).endswith("~1")
