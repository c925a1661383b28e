"""Plans and steps as data."""

from __future__ import annotations

import json

import pytest

from excudit.engine.plan import Plan
from excudit.engine.step import Gate, Step


def step(key: str, **way: str) -> Step:
    return Step(key, key.title(), do="act", **(way or {"harmless": "it only looks"}))


FULL = Plan(
    "publish",
    (
        step("claim", undo="give_back"),
        step("freeze"),
        step("deposit", undo="discard"),
        step("files", undone_by="deposit"),
        Gate("quality", "External quality check"),
        Step("go", "Go", do="act", final="never deleted", args={"n": 1}, target="t", tries=3),
        step("confirm"),
    ),
)


@pytest.mark.parametrize(
    "way", [{}, {"undo": "a", "final": "b"}, {"undo": ""}, {"harmless": "", "undo": None}]
)
def test_a_step_cannot_be_built_without_exactly_one_way(way: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="exactly one of"):
        Step("a", "A", do="act", **way)


@pytest.mark.parametrize("key", ["", "A", "a b", "ä", "1", "a~b", "a#1", "x" * 81])
def test_a_key_that_cannot_stand_in_a_journal_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="must match"):
        step(key)


def test_a_plan_is_the_same_after_json() -> None:
    again = Plan.from_data(json.loads(json.dumps(FULL.as_data())))
    assert again == FULL
    assert again.digest == FULL.digest


def test_a_plan_of_a_later_version_is_read_without_its_new_members() -> None:
    data = FULL.as_data()
    data["later"] = 1
    data["steps"][0]["later"] = 1
    assert Plan.from_data(data) == FULL


def test_the_digest_changes_with_any_change_of_a_step() -> None:
    steps = list(FULL.steps)
    steps[0] = step("claim", undo="give_back_otherwise")
    assert Plan("publish", tuple(steps)).digest != FULL.digest


def test_all_problems_of_a_plan_are_told_at_once() -> None:
    with pytest.raises(ValueError, match="used twice") as raised:
        Plan(
            "bad",
            (
                step("a", undone_by="b"),
                step("b", undo="x"),
                step("b", undone_by="freeze"),
                step("go", final="public"),
                step("late", undo="x"),
            ),
        )
    for part in (
        "'b' is used twice",
        "'a' is undone by 'b'",
        "'freeze'",
        "'late' names a way back",
    ):
        assert part in str(raised.value)


def test_a_plan_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="no steps"):
        Plan("empty", ())


def test_the_point_of_no_return_is_the_first_final_step() -> None:
    assert FULL.no_return == 5
    assert Plan("p", (step("a"),)).no_return is None


def test_the_ways_back_are_the_steps_with_an_undo_latest_first() -> None:
    assert FULL.ways_back(4) == ("deposit", "claim")
    assert FULL.ways_back(1) == ("claim",)
    assert FULL.ways_back(-1) == ()


def test_the_answer_to_a_gate_starts_after_it() -> None:
    assert FULL.after("quality") == 5
    with pytest.raises(KeyError, match="no step"):
        FULL.after("nowhere")
