"""Who may do what beside the lifecycle: one table for pages, API and tests.

The lifecycle table (`lifecycle.TRANSITIONS`) says who moves a publication on; this one says who
may look at it and talk about it, and who may run the site. A role word may be held for one route
only: "curator:quince-export".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from excudit.domain.errors import Conflict, Denied
from excudit.domain.lifecycle import STATE_WORDS, STATES, State
from excudit.domain.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that can be done with a publication. `label` is the words on the button."""

    action: str
    roles: frozenset[str]
    states: tuple[State, ...]
    label: str


_EVERYBODY = "owner collaborator reviewer curator admin service"
_JUDGES = "reviewer curator admin"
_UNDECIDED = "draft submitted in_review changes_requested approved"


def _row(action: str, roles: str, label: str, states: str = " ".join(STATES)) -> Permission:
    found = tuple(s for s in STATES if s in states.split())
    return Permission(action, frozenset(roles.split()), found, label)


PERMISSIONS: tuple[Permission, ...] = (
    _row("view", _EVERYBODY, "View"),
    _row("comment", _EVERYBODY, "Comment"),
    _row("note", _JUDGES, "Write an internal note"),
    _row("suggest", _JUDGES, "Suggest a change", "draft in_review changes_requested"),
    _row("decide", "owner collaborator admin", "Decide on suggestions", "draft changes_requested"),
    _row("assign", _JUDGES, "Assign", "submitted in_review changes_requested approved"),
    _row("label", _JUDGES, "Set a label"),
    _row(
        "collaborate", "owner admin", "Choose collaborators", f"{_UNDECIDED} publishing published"
    ),
    _row("preview", "owner collaborator curator admin", "Make a preview link", _UNDECIDED),
    _row("revoke_preview", "owner collaborator curator admin", "Revoke a preview link"),
    _row("schedule", "owner curator admin", "Set the publish date", _UNDECIDED),
    _row(
        "archive",
        "owner",
        "Hide from your list",
        "published withdrawn rejected cancelled",
    ),
    _row("answer", "curator admin", "Answer", "submitted publishing published"),
    _row("copy", "owner collaborator admin", "Copy to a new draft"),
    _row("export", "owner collaborator reviewer curator admin", "Download the data"),
)
"""What can be done with a publication without moving it on."""

SITE: dict[str, frozenset[str]] = {
    "queue": frozenset(_JUDGES.split()),
    "define_labels": frozenset({"curator", "admin"}),
    "operate": frozenset({"admin"}),
    "audit": frozenset({"admin"}),
    "people": frozenset({"admin"}),
}
"""What can be done with the site, by whom; asking for a publication is everybody's who signs in."""

_BY_ACTION: dict[str, Permission] = {p.action: p for p in PERMISSIONS}


GRANTED = ("reviewer", "curator", "admin")
"""The roles that an account can be given; owner and collaborator come with a publication."""

ROLES_SENTENCE = (
    'the roles are reviewer, curator and admin, also "curator:ROUTE" and "reviewer:ROUTE" for one '
    "route only"
)


SCOPES: dict[str, str] = {
    "read": "Read what you may read",
    "write": "Change what you may change",
    "review": "Act as reviewer or curator",
    "operate": "Act as admin",
}
"""What a token of the API may be used for; without a scope it never counts for that."""

_READING = ("GET", "HEAD", "OPTIONS")


def scope_for(method: str) -> str:
    """The scope without which a token may not make calls of this HTTP method."""
    return "read" if method in _READING else "write"


def within(roles: Iterable[str], scopes: Collection[str]) -> frozenset[str]:
    """The roles that count for a token of these scopes; none named = all."""
    if not scopes:
        return frozenset(roles)
    allowed = {"reviewer", "curator"} if "review" in scopes else set()
    allowed |= {"admin"} if "operate" in scopes else set()
    return frozenset(r for r in roles if r.partition(":")[0] in allowed)


def is_role(word: str) -> bool:
    """Whether an account can be given this role."""
    role, mark, route = word.partition(":")
    return role in GRANTED and (not mark or (bool(route.strip()) and role != "admin"))


def roles_on(roles: Iterable[str], route: str) -> frozenset[str]:
    """The roles that count for publications of one route."""
    plain = (r.partition(":") for r in roles)
    return frozenset(word for word, _, only in plain if only in ("", route))


def anywhere(roles: Iterable[str]) -> frozenset[str]:
    """The roles held for at least one route."""
    return frozenset(r.partition(":")[0] for r in roles)


def states_of(action: str) -> tuple[State, ...]:
    """The states in which this is possible at all."""
    return _BY_ACTION[action].states


def refusal(action: str, state: State, roles: Collection[str]) -> str | None:
    """Why this is not possible now, as a sentence; None when it is. `roles` are those towards
    the publication."""
    row = _BY_ACTION[action]
    if state not in row.states:
        return Sentence(
            "%(action)s is possible in %(states)s; this is %(state)s.",
            action=Sentence(row.label),
            states=Sentence.listed(*(STATE_WORDS[s] for s in row.states)),
            state=Sentence(STATE_WORDS[state]),
        )
    if not row.roles.intersection(roles):
        return Sentence(
            "%(action)s needs the role %(roles)s.",
            action=Sentence(row.label),
            roles=" or ".join(sorted(row.roles - {"service"})),
        )
    return None


def require(action: str, state: State, roles: Collection[str]) -> None:
    """Raises Denied when only the role is missing, Conflict when the state forbids."""
    sentence = refusal(action, state, roles)
    if sentence is not None:
        raise (Denied if state in _BY_ACTION[action].states else Conflict)(sentence)


def may(action: str, roles: Iterable[str]) -> bool:
    """Whether these roles may do this with the site."""
    return bool(SITE[action] & anywhere(roles))


def require_site(action: str, roles: Iterable[str]) -> None:
    """Raises Denied, naming the role that is needed."""
    if not may(action, roles):
        raise Denied(
            Sentence("This needs the role %(names)s.", names=" or ".join(sorted(SITE[action]))),
            hint="Ask the operators of this service for it.",
        )
