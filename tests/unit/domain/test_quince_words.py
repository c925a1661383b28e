"""The words of QuinCe's people for every way in which a publication can stand."""

from __future__ import annotations

import itertools

import pytest

from excudit.domain.lifecycle import ACTIONS, HEALTHS, STATES
from excudit.domain.permissions import PERMISSIONS
from excudit.domain.words import VOCABULARIES, Vocabulary

NAMES = ("quince-export", "quince-export-direct")
SEED = {
    "Waiting": [],
    "Data extraction": [],
    "Data reduction": [],
    "Automatic QC": [],
    "Ready for QC": ["Manual QC"],
    "QC Complete": ["Manual QC", "Manual export", "Submit for checking"],
    "Expert check": ["Manual QC", "Manual export", "Expert check"],
    "Ready for export": ["Manual QC", "Manual export"],
    "Exporting": [],
    "Exported": ["Manual QC", "Manual export", "Archive"],
    "ERROR": [],
}
"""QuinCe's own table of statuses and the actions available in each."""
CODES = {
    "ERROR": "-1",
    "Waiting": "0",
    "Data extraction": "10",
    "Automatic QC": "20",
    "Data reduction": "30",
    "Ready for QC": "50",
    "QC Complete": "100",
    "Expert check": "110",
    "Ready for export": "120",
    "Exporting": "130",
    "Exported": "140",
}


@pytest.fixture(params=NAMES)
def words(request: pytest.FixtureRequest) -> Vocabulary:
    return VOCABULARIES[request.param]


def test_every_state_and_health_has_a_word_with_a_meaning_and_a_code(words: Vocabulary) -> None:
    for state, health in itertools.product(STATES, HEALTHS):
        status = words.status(state, health)
        assert status is not None, (state, health)
        assert status.meaning
        assert status.code == CODES[status.word]


def test_the_eleven_statuses_offer_what_the_table_of_quince_says() -> None:
    words = VOCABULARIES["quince-export"]
    offered = {s.word: [o.label for o in words.offered(s)] for s in words.statuses}
    assert offered == SEED


def test_stations_outside_the_network_export_by_their_own_action() -> None:
    words = VOCABULARIES["quince-export-direct"]
    complete = words.status("draft", "idle")
    assert complete is not None
    labels = [o.label for o in words.offered(complete)]
    assert labels == ["Manual QC", "Manual export", "Automatic export"]


@pytest.mark.parametrize(
    ("step", "word"),
    [
        ("", "Waiting"),
        ("freeze", "Data extraction"),
        ("look", "Data reduction"),
        ("check", "Automatic QC"),
    ],
)
def test_a_submitted_dataset_goes_through_the_statuses_of_machines(step: str, word: str) -> None:
    status = VOCABULARIES["quince-export"].status("submitted", "running", step=step)
    assert status is not None
    assert (status.word, status.offers) == (word, ())


@pytest.mark.parametrize(
    ("action", "state", "possible"),
    [
        ("archive", "published", True),
        ("archive", "cancelled", False),
        ("export", "draft", True),
        ("export", "in_review", True),
        ("export", "approved", True),
        ("export", "changes_requested", False),
        ("export", "submitted", False),
        ("export", "publishing", False),
        ("approve", "in_review", True),
        ("return", "in_review", True),
        ("return", "approved", False),
        ("submit", "changes_requested", True),
        ("reject", "in_review", False),
        ("comment", "publishing", True),
    ],
)
def test_actions_are_possible_where_a_status_offers_them(
    action: str, state: str, possible: bool
) -> None:
    words = VOCABULARIES["quince-export"]
    sentence = words.refusal(action, words.status(state, "idle"))  # type: ignore[arg-type]
    assert (sentence is None) is possible
    if sentence and action == "archive":
        assert sentence == "Archive is possible in Exported; this is Ready for QC."


def test_the_table_names_only_actions_that_there_are(words: Vocabulary) -> None:
    known = {*ACTIONS, *(p.action for p in PERMISSIONS)}
    assert {a for offer in words.offers for a in offer.actions} <= known
    assert set(words.actions) <= known
    assert words.without <= known
