"""How errors become outcomes, and what of them is written down."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excudit.domain.errors import (
    Conflict,
    ExcuditError,
    NeedsPerson,
    RateLimited,
    Rejected,
    Retryable,
    Unavailable,
    Uncertain,
)
from excudit.engine.outcome import Ending, Outcome, Patience, judge, redacted

CALM = Patience(base_s=1, cap_s=100, held_s=30)


def judged(error: ExcuditError, tries: int = 0, most: int | None = 5) -> Outcome:
    return judge(error, tries=tries, most=most, patience=CALM)


@pytest.mark.parametrize("error", [Unavailable("x"), Retryable("x"), Uncertain("x")])
def test_a_temporary_failure_is_tried_again_and_counts(error: ExcuditError) -> None:
    outcome = judged(error)
    assert (outcome.kind, outcome.counted) == ("later", True)
    assert outcome.error == error.as_data()


@pytest.mark.parametrize("error", [Rejected("x"), Conflict("x"), ExcuditError("x")])
def test_a_permanent_failure_is_refused_at_once(error: ExcuditError) -> None:
    outcome = judged(error)
    assert (outcome.kind, outcome.exhausted) == ("refused", False)


def test_a_question_goes_to_a_person() -> None:
    assert judged(NeedsPerson("which?")).kind == "person"


def test_the_last_try_is_refused_and_says_so() -> None:
    assert judged(Unavailable("x"), tries=3).kind == "later"
    last = judged(Unavailable("x"), tries=4)
    assert (last.kind, last.exhausted) == ("refused", True)


def test_a_rate_limit_waits_as_long_as_asked_and_never_counts() -> None:
    outcome = judged(RateLimited("x", delay_s=120), tries=4)
    assert (outcome.kind, outcome.counted, outcome.held) == ("later", False, False)
    assert 120 <= outcome.wait_s <= 132


def test_a_rate_limit_of_a_year_is_looked_at_again_after_a_day() -> None:
    assert judged(RateLimited("x", delay_s=3e7)).wait_s <= 1.1 * 86_400


def test_an_undo_run_tries_a_refusal_again_too() -> None:
    assert judged(Rejected("x"), tries=10_000, most=None).kind == "later"


@given(n=st.integers(0, 100_000))
def test_the_wait_grows_to_its_cap_and_no_further(n: int) -> None:
    assert 0 <= CALM.wait_s(n) <= min(100, 2 ** min(n, 20))


def test_waits_are_spread_over_the_whole_range() -> None:
    waits = [CALM.wait_s(20) for _ in range(400)]
    assert min(waits) < 20
    assert max(waits) > 80


def test_outcomes_and_endings_are_the_same_after_json() -> None:
    outcome = judged(Unavailable("x", hint="h", remote="r"))
    assert Outcome.from_data(json.loads(json.dumps(outcome.as_data()))) == outcome
    ending = Ending("undone", "a", {"kind": "Denied", "message": "m"}, cleanup=("b", "a"))
    assert Ending.from_data(json.loads(json.dumps(ending.as_data()))) == ending


@pytest.mark.parametrize(
    "text",
    [
        "GET https://me:hunter2@example.org/x failed",
        "Authorization: Bearer hunter2hunter2",
        "{'password': 'hunter2'}",
        "api_key=hunter2&x=1",
        "Authorization: Basic hunter2==",
        "access_token=hunter2",
    ],
)
def test_what_looks_like_a_secret_is_not_written_down(text: str) -> None:
    assert "hunter2" not in redacted(text)


def test_ordinary_words_are_written_down_as_they_are() -> None:
    text = "FileNotFoundError: [Errno 2] No such file: 'data/run-7.csv' at https://example.org/a"
    assert redacted(text) == text
