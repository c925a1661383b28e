"""The life of a publication as one table.

From `TRANSITIONS` come the allowed actions (buttons and links, and why a missing one is missing),
the sentence of a 409 answer, the CHECK of the database, the diagram in the docs and the state
machine of the tests. Nothing else assigns a state.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from excudit.domain.errors import Conflict, Denied
from excudit.domain.sentence import Sentence

State = Literal[
    "draft",
    "submitted",
    "in_review",
    "changes_requested",
    "approved",
    "rejected",
    "cancelled",
    "publishing",
    "published",
    "withdrawn",
]
STATES: tuple[State, ...] = get_args(State)

Health = Literal["idle", "running", "waiting", "needs_attention", "out_of_sync", "cleanup_pending"]
HEALTHS: tuple[Health, ...] = get_args(Health)

Role = Literal["owner", "collaborator", "reviewer", "curator", "admin", "service"]

Guard = Literal["idle", "reason", "four_eyes", "reversible", "parked"]
"""Further conditions: no run is under way; a reason is given; the reviewer is none of its authors;
nothing has been made public yet; a run stands still and waits for somebody."""

GUARD_SENTENCES: dict[Guard, str] = {
    "idle": "a run is still under way",
    "reason": "a reason must be given",
    "four_eyes": "nobody decides on their own publication, nor on one that they work on",
    "reversible": "it is already past the point of no return",
    "parked": "no run stands still",
}

STATE_WORDS: dict[State, str] = {
    "draft": "Draft",
    "submitted": "Submitted",
    "in_review": "In review",
    "changes_requested": "Waiting for author",
    "approved": "Approved",
    "rejected": "Rejected",
    "cancelled": "Cancelled",
    "publishing": "Publishing",
    "published": "Published",
    "withdrawn": "Withdrawn",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from a state to a state. `label` is the words on the button."""

    action: str
    before: tuple[State, ...]
    after: State | Literal["same"]
    roles: frozenset[Role]
    guards: tuple[Guard, ...]
    label: str


def _row(
    action: str,
    before: str,
    after: State | Literal["same"],
    roles: str,
    label: str,
    *guards: Guard,
) -> Transition:
    states = tuple(s for s in STATES if s in before.split())
    return Transition(action, states, after, frozenset(roles.split()), guards, label)  # type: ignore[arg-type]


_ASKERS = "owner collaborator curator admin"
_JUDGES = "reviewer curator admin"

TRANSITIONS: tuple[Transition, ...] = (
    _row("edit", "draft changes_requested", "same", _ASKERS, "Edit"),
    _row("submit", "draft changes_requested", "submitted", "owner admin", "Submit", "idle"),
    _row("delete", "draft", "cancelled", "owner admin", "Delete draft", "idle"),
    # what the take-in run finds
    _row("take_in", "submitted", "in_review", "service", "Taken in for review"),
    _row("accept", "submitted", "approved", "service", "Approved by the route's rule"),
    _row("send_back", "submitted", "changes_requested", "service", "Sent back by the checks"),
    # what people decide
    _row("approve", "in_review", "approved", _JUDGES, "Approve", "idle", "four_eyes"),
    _row(
        "return",
        "in_review approved",
        "changes_requested",
        _JUDGES,
        "Return",
        "idle",
        "reason",
        "four_eyes",
    ),
    _row("reject", "in_review", "rejected", _JUDGES, "Reject", "idle", "reason", "four_eyes"),
    _row("recall", "in_review approved", "draft", "owner admin", "Take back to draft", "idle"),
    _row(
        "cancel",
        "draft changes_requested in_review approved",
        "cancelled",
        "owner admin",
        "Cancel",
        "idle",
    ),
    # the publication itself
    _row("publish", "approved", "publishing", "owner curator admin service", "Publish", "idle"),
    _row("stop", "submitted publishing", "same", _ASKERS, "Stop and undo", "reversible"),
    _row("stopped", "submitted", "draft", "service", "Stopped"),
    _row("undo", "publishing", "approved", "service", "Undone"),
    _row("refuse", "publishing", "changes_requested", "service", "Undone, with problems to mend"),
    _row("settle", "publishing", "published", "service", "Published"),
    _row(
        "retry",
        "draft submitted changes_requested approved rejected cancelled publishing published "
        "withdrawn",
        "same",
        _ASKERS,
        "Retry",
        "parked",
    ),
    # after it
    _row("amend", "published", "same", "curator admin", "Amend", "idle", "reason"),
    _row("new_version", "published withdrawn", "same", "owner admin", "New version", "idle"),
    _row("withdraw", "published", "same", "curator admin", "Withdraw", "idle", "reason"),
    _row("tombstone", "published", "withdrawn", "service", "Withdrawn"),
)

_BY_ACTION: dict[str, Transition] = {t.action: t for t in TRANSITIONS}
ACTIONS: tuple[str, ...] = tuple(_BY_ACTION)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the guards look at."""

    state: State
    run_active: bool = False
    run_parked: bool = False
    past_final: bool = False
    is_author: bool = False
    four_eyes: bool = True
    reason: str = ""

    def fails(self, guard: Guard) -> bool:
        """Whether the guard forbids."""
        return {
            "idle": self.run_active,
            "reason": not self.reason.strip(),
            "four_eyes": self.four_eyes and self.is_author,
            "reversible": not self.run_active or self.past_final,
            "parked": not self.run_parked,
        }[guard]


def refusal(
    action: str, situation: Situation, roles: Collection[str], *, ask: bool = False
) -> str | None:
    """Why this action is not possible now, as a sentence; None when it is.

    With `ask` the reason is not asked for yet: that is how buttons are drawn.
    """
    row = _BY_ACTION[action]
    if situation.state not in row.before:
        return Sentence(
            "%(action)s is possible in %(states)s; this is %(state)s.",
            action=Sentence(row.label),
            states=Sentence.listed(*(STATE_WORDS[s] for s in row.before)),
            state=Sentence(STATE_WORDS[situation.state]),
        )
    if not row.roles.intersection(roles):
        return Sentence(
            "%(action)s needs the role %(roles)s.",
            action=Sentence(row.label),
            roles=" or ".join(sorted(row.roles - {"service"})),
        )
    for guard in row.guards:
        if situation.fails(guard) and not (ask and guard == "reason"):
            return Sentence(
                "%(action)s is not possible: %(why)s.",
                action=Sentence(row.label),
                why=Sentence(GUARD_SENTENCES[guard]),
            )
    return None


def step(action: str, situation: Situation, roles: Collection[str]) -> State:
    """The state after the action.

    Raises Denied when only the role is missing, Conflict for every other refusal.
    """
    row = _BY_ACTION[action]
    sentence = refusal(action, situation, roles)
    if sentence is not None:
        wrong_role = situation.state in row.before and not row.roles.intersection(roles)
        raise (Denied if wrong_role else Conflict)(sentence)
    return situation.state if row.after == "same" else row.after


def allowed(situation: Situation, roles: Collection[str]) -> Iterator[Transition]:
    """The actions to offer as buttons and links."""
    return (t for t in TRANSITIONS if refusal(t.action, situation, roles, ask=True) is None)
