"""One decision on many publications: first shown, then confirmed by its count, then done for each.

Every row is a transaction of its own, so one failure stops no other. Carrying the same plan out
twice, also at once, does each thing once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from excudit.domain import lifecycle, permissions
from excudit.domain.errors import ExcuditError, Rejected
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.domain.sentence import Sentence
from excudit.service import acts, assigning, labels, verbs
from excudit.service.parts import Parts
from excudit.store import bulks, publications, snapshots, users
from excudit.store.database import Connection

MOST = 500
LONGEST = 10_000
ACTIONS: dict[str, str] = {
    "assign": "Assign",
    "label": "Label",
    "approve": "Approve",
    "return": "Return",
    "reject": "Reject",
}
"""What can be done with many at once: action → the word on the button."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the decision says: `reason` for return and reject, optional for approve; `reviewer` for
    assign ("" = nobody); `label` and its comment in `reason`."""

    reason: str = ""
    reviewer: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One publication of a plan. `status`: planned, impossible, done or failed; `words` why."""

    position: int
    publication: str
    title: str
    owner: str
    state: str
    digest: str
    status: str
    words: str
    route: str
    publish_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bulk:
    """A plan. `count` is how many it is carried out for: what the button states."""

    id: str
    action: str
    begun: bool
    given: Given
    rows: tuple[Row, ...]

    @property
    def count(self) -> int:
        """How many rows are possible."""
        return sum(1 for row in self.rows if row.status != "impossible")

    def having(self, status: str) -> tuple[Row, ...]:
        """The rows with this status."""
        return tuple(row for row in self.rows if row.status == status)


def prepare(parts: Parts, actor: Actor, action: str, chosen: Sequence[str]) -> Bulk:
    """Plan an action for these publications, each once, and say for which it is possible and why
    not for the others. Nothing is done yet. Raises Denied, NotFound for what the actor may not
    see, or Rejected for none, for more than MOST, for an unknown action."""
    permissions.require_site("queue", actor.roles)
    keys = list(dict.fromkeys(chosen))
    if action not in ACTIONS:
        raise Rejected(
            "Nothing was chosen to do.",
            hint=Sentence("One of: %(names)s.", names=", ".join(ACTIONS)),
        )
    if not 0 < len(keys) <= MOST:
        raise Rejected(
            Sentence(
                "%(count)s publications are selected; 1 to %(most)s can be decided on at once.",
                count=len(keys),
                most=MOST,
            ),
            hint="Select some in the queue, or narrow the filters.",
        )
    with parts.database.read() as connection:
        rows = [_planned(connection, parts, actor, action, key) for key in keys]
    with parts.database.write() as connection:
        made = bulks.add(connection, actor=actor.name, action=action, rows=rows)
    return get(parts, actor, made)


def _planned(
    connection: Connection, parts: Parts, actor: Actor, action: str, key: str
) -> dict[str, Any]:
    found = publications.get(connection, key)
    roles = acts.roles_of(connection, actor, found)
    if permissions.refusal("view", found.state, roles) is not None:
        raise publications.absent(key)
    if action in ("assign", "label"):
        why = permissions.refusal(action, found.state, roles)
    else:
        now = acts.situation(connection, parts, found, actor)
        why = lifecycle.refusal(action, now, roles, ask=True)
    frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
    return {
        "publication": key,
        "digest": frozen.digest if frozen else "",
        "status": "impossible" if why else "planned",
        "words": why or "",
    }


def get(parts: Parts, actor: Actor, bulk: str) -> Bulk:
    """One's own plan with its rows, and what became of them. Raises NotFound."""
    with parts.database.read() as connection:
        plan = bulks.get(connection, bulk, actor.name)
        rows = bulks.rows(connection, bulk)
    shown = tuple(Row(**{name: row[name] for name in Row.__slots__}) for row in rows)
    return Bulk(bulk, plan["action"], plan["begun_at"] is not None, Given(**plan["given"]), shown)


def carry_out(parts: Parts, actor: Actor, bulk: str, given: Given, *, count: int) -> Bulk:
    """Do what was planned, row by row; returns what became of each.

    `count` must be the one that the plan states. A second call does nothing again: what the first
    one was given counts, and rows that a crash left are gone on with. Raises NotFound, or Rejected
    with all problems before anything is done.
    """
    plan = get(parts, actor, bulk)
    if not plan.begun:
        _must_be_given(parts, plan, given, count)
        with parts.database.write() as connection:
            bulks.begin(connection, bulk, {n: getattr(given, n) for n in Given.__slots__})
        plan = get(parts, actor, bulk)
    for row in plan.having("planned"):
        _one(parts, actor, plan, row)
    return get(parts, actor, bulk)


def _must_be_given(parts: Parts, plan: Bulk, given: Given, count: int) -> None:
    problems = [*_wrong_reason(plan, given), *_wrong_choice(parts, plan, given)]
    if not plan.count:
        problems.append(Problem("", "It is possible for none of them."))
    elif count != plan.count:
        words = f"The number does not fit: {plan.count} are affected."
        problems.append(Problem("/count", words, Sentence("Type %(count)s.", count=plan.count)))
    if problems:
        raise Rejected("Nothing was done yet.", problems=tuple(problems))


def _wrong_reason(plan: Bulk, given: Given) -> Iterator[Problem]:
    if plan.action in ("return", "reject") and not given.reason.strip():
        yield Problem("/reason", "A reason must be given.", "The authors read it.")
    if len(given.reason) > LONGEST:
        words = f"The text has {len(given.reason)} characters; {LONGEST} are the most."
        yield Problem("/reason", words)


def _wrong_choice(parts: Parts, plan: Bulk, given: Given) -> Iterator[Problem]:
    with parts.database.read() as connection:
        if plan.action == "assign" and given.reviewer and not users.get(connection, given.reviewer):
            yield Problem(
                "/reviewer", Sentence("There is no user %(reviewer)s.", reviewer=given.reviewer)
            )
        if plan.action == "label" and given.label:
            try:
                labels.settable(connection, given.label)
            except ExcuditError as error:
                yield Problem("/label", error.message, error.hint)


def _one(parts: Parts, actor: Actor, plan: Bulk, row: Row) -> None:
    try:
        with parts.database.write() as connection:
            if bulks.close(connection, plan.id, row.position, "done"):
                _DOES[plan.action](connection, parts, actor, row, plan)
    except ExcuditError as error:
        words = " ".join(w for w in (error.message, error.hint) if w)
        with parts.database.write() as connection:
            bulks.close(connection, plan.id, row.position, "failed", words)


def _approve(connection: Connection, parts: Parts, actor: Actor, row: Row, plan: Bulk) -> None:
    verbs.approve_in(
        connection,
        parts,
        actor,
        row.publication,
        digest=row.digest,
        reason=plan.given.reason.strip(),
        details={"bulk": plan.id},
    )


def _turn_down(connection: Connection, parts: Parts, actor: Actor, row: Row, plan: Bulk) -> None:
    verbs.turn_down_in(
        connection,
        parts,
        actor,
        row.publication,
        plan.action,
        plan.given.reason.strip(),
        digest=row.digest,
        details={"bulk": plan.id},
    )


def _assign(connection: Connection, parts: Parts, actor: Actor, row: Row, plan: Bulk) -> None:
    to, details = plan.given.reviewer, {"bulk": plan.id}
    assigning.assign_in(connection, parts, actor, row.publication, to, details=details)


def _label(connection: Connection, parts: Parts, actor: Actor, row: Row, plan: Bulk) -> None:
    given = plan.given
    labels.put_in(
        connection,
        parts,
        actor,
        row.publication,
        given.label,
        given.reason,
        details={"bulk": plan.id},
    )


_DOES: Mapping[str, Callable[[Connection, Parts, Actor, Row, Bulk], None]] = {
    "approve": _approve,
    "return": _turn_down,
    "reject": _turn_down,
    "assign": _assign,
    "label": _label,
}
