"""The route `assessment-zenodo` has a word for all that can be, and CAT's for what it knows."""

from __future__ import annotations

from itertools import product

import pytest

from excudit.domain.lifecycle import HEALTHS, STATES
from excudit.domain.words import VOCABULARIES

WORDS = VOCABULARIES["assessment-zenodo"]
CAT = {
    "PROCESS INIT",
    "DEPOSIT CREATED",
    "FILE UPLOADED TO DEPOSIT",
    "DEPOSIT PUBLISHED",
    "PROCESS COMPLETED",
    "PROCESS FAILED",
}
STEPS = ("", "freeze", "compare", "reserve.zenodo", "files.zenodo", "page", "publish.zenodo",
         "confirm.zenodo", "notify")  # fmt: skip


@pytest.mark.parametrize(("state", "health"), list(product(STATES, HEALTHS)))
def test_every_state_in_every_health_at_every_step_has_a_word(state, health):
    for step in STEPS:
        status = WORDS.status(state, health, step=step, plan="publish")
        assert status is not None
        assert status.word in CAT | {"DRAFT", "WITHDRAWN"}
        assert status.meaning.endswith(".")


@pytest.mark.parametrize(
    ("state", "health", "step", "word"),
    [
        ("submitted", "running", "freeze", "PROCESS INIT"),
        ("publishing", "running", "reserve.zenodo", "PROCESS INIT"),
        ("publishing", "running", "files.zenodo", "DEPOSIT CREATED"),
        ("publishing", "waiting", "page", "DEPOSIT CREATED"),
        ("publishing", "running", "publish.zenodo", "FILE UPLOADED TO DEPOSIT"),
        ("publishing", "needs_attention", "publish.zenodo", "FILE UPLOADED TO DEPOSIT"),
        ("publishing", "out_of_sync", "publish.zenodo", "DEPOSIT PUBLISHED"),
        ("published", "running", "confirm.zenodo", "DEPOSIT PUBLISHED"),
        ("published", "out_of_sync", "confirm.zenodo", "DEPOSIT PUBLISHED"),
        ("published", "running", "notify", "PROCESS COMPLETED"),
        ("published", "idle", "notify", "PROCESS COMPLETED"),
        ("approved", "needs_attention", "files.zenodo", "PROCESS FAILED"),
        ("approved", "cleanup_pending", "files.zenodo", "PROCESS FAILED"),
        ("changes_requested", "needs_attention", "check", "PROCESS FAILED"),
        ("publishing", "needs_attention", "files.zenodo", "PROCESS FAILED"),
    ],
)
def test_a_process_is_called_as_cat_calls_it(state, health, step, word):
    status = WORDS.status(state, health, step=step, plan="publish")
    assert status is not None
    assert status.word == word


def test_stages_are_counted_by_their_names():
    assert WORDS.stage("Upload PDF") == "2 of 6"
    assert WORDS.stage("Compare with what was asked for") == ""
    assert [WORDS.stage(title)[0] for title in WORDS.stages] == list("123456")
