"""The lifecycle table, walked at random."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excudit.domain import lifecycle
from excudit.domain.errors import Conflict, Denied
from excudit.domain.lifecycle import ACTIONS, STATES, TRANSITIONS, Situation

ROLES = ("owner", "collaborator", "reviewer", "curator", "admin", "service")
situations = st.builds(
    Situation,
    state=st.sampled_from(STATES),
    run_active=st.booleans(),
    run_parked=st.booleans(),
    past_final=st.booleans(),
    is_author=st.booleans(),
    four_eyes=st.booleans(),
    reason=st.sampled_from(["", " ", "wrong units"]),
)
roles = st.frozensets(st.sampled_from(ROLES))


@given(situations, roles, st.sampled_from(ACTIONS))
def test_an_action_is_either_possible_or_refused_with_a_sentence(situation, who, action):
    sentence = lifecycle.refusal(action, situation, who)
    if sentence is None:
        assert lifecycle.step(action, situation, who) in STATES
    else:
        assert sentence.endswith(".")
        with pytest.raises((Conflict, Denied), match=r"."):
            lifecycle.step(action, situation, who)


@given(situations, roles)
def test_every_button_leads_somewhere_once_its_reason_is_given(situation, who):
    for row in lifecycle.allowed(situation, who):
        if "reason" in row.guards and not situation.reason.strip():
            with pytest.raises(Conflict, match="reason"):
                lifecycle.step(row.action, situation, who)
        else:
            lifecycle.step(row.action, situation, who)


@given(st.lists(st.sampled_from(ACTIONS), max_size=30))
def test_what_was_published_stays_known_for_ever(actions):
    state, was_public = "draft", False
    for action in actions:
        situation = Situation(state, reason="a reason", four_eyes=False)
        if lifecycle.refusal(action, situation, ROLES) is None:
            state = lifecycle.step(action, situation, ROLES)
        was_public = was_public or state == "published"
        assert not was_public or state in ("published", "withdrawn")


def test_every_state_can_be_reached_from_a_draft():
    reached, grown = {"draft"}, True
    while grown:
        more = {t.after for t in TRANSITIONS if reached & set(t.before)} - {"same"}
        grown = not more <= reached
        reached |= more
    assert reached == set(STATES)


def test_nobody_but_the_service_says_that_something_is_published():
    (settle,) = (t for t in TRANSITIONS if t.after == "published")
    assert settle.roles == {"service"}


def test_nobody_approves_their_own_publication_where_four_eyes_are_asked_for():
    situation = Situation("in_review", is_author=True, four_eyes=True)
    assert "own publication" in (lifecycle.refusal("approve", situation, {"curator"}) or "")
    assert lifecycle.refusal("approve", Situation("in_review"), {"curator"}) is None


def test_a_missing_role_is_denied_and_a_wrong_state_is_a_conflict():
    with pytest.raises(Denied, match="needs the role"):
        lifecycle.step("approve", Situation("in_review"), {"owner"})
    with pytest.raises(Conflict, match="possible in In review"):
        lifecycle.step("approve", Situation("draft"), {"curator"})
