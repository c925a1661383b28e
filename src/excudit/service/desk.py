"""What a person finds on the desk: what waits for them, what runs, their drafts, what is public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from excudit.domain import permissions
from excudit.domain.lifecycle import STATES, State
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import queue
from excudit.service.headline import Said, headline
from excudit.service.parts import Parts
from excudit.service.steps import PLAN_WORDS
from excudit.store import collaborators, desk, runs
from excudit.store.database import Connection
from excudit.store.publications import now

SHOWN = 10
"""Rows of one block at most; what is left out stands behind a link."""
FINISHED: tuple[State, ...] = ("published", "withdrawn", "rejected", "cancelled")
UNDER_WAY: tuple[State, ...] = ("submitted", "in_review", "approved", "publishing")
DRAFTS_WAITING = 3
"""Drafts among what waits for their owner; the others have a block of their own."""
# What a person must look at; the rest is the operators' business.
FOR_OWNERS = ("needs_attention",)
FOR_OPERATORS = ("needs_attention", "out_of_sync", "cleanup_pending")

TURNS: dict[str, tuple[str, str]] = {
    # What the reader can do: the words of the button, and the page below the publication's.
    "look": ("See what is needed", ""),
    "draft": ("Continue", "/edit"),
    "changes_requested": ("Make the changes", "/edit"),
    "publish": ("Publish…", "/publish"),
    "review": ("Review", "/review"),
    "claim": ("Take the review", "/review"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One publication of the desk.

    `owner` is another person's name, "" when it is the reader's own. `next` is who does what now.
    `action` is what the reader can do: words for the button and the
    address under the service's root, both "" when it is nobody's turn or somebody else's.
    """

    publication: Publication
    owner: str
    next: Said
    action: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's desk. `queue` has the figures of reviewers, none for others. `first_visit` when
    there never was anything, and nothing of others to look at."""

    waiting: list[Row]
    under_way: list[Row]
    drafts: list[Row]
    finished: list[Row]
    queue: Mapping[str, int | datetime | None] | None
    more: frozenset[str]
    first_visit: bool


def of(parts: Parts, actor: Actor) -> Desk:
    """The desk of a person, by a fixed number of queries."""
    with parts.database.read() as connection:
        look = Look(connection, parts, actor)
        still = desk.still(connection, FOR_OWNERS, owner=actor.name, limit=SHOWN + 1)
        returned = look.mine("changes_requested")
        moving, drafts, finished = look.mine(*UNDER_WAY), look.mine("draft"), look.mine(*FINISHED)
        operated = look.operated()
        ready = [p for p in moving if look.waits_for_owner(p)]
        first = _without_twins([*still, *returned, *ready, *operated, *drafts[:DRAFTS_WAITING]])
        told = {p.id for p in first}
        blocks = {
            "waiting": first,
            "under_way": [p for p in moving if p.id not in told],
            "drafts": [p for p in drafts if p.id not in told],
            "finished": [p for p in finished if p.id not in told],
        }
        rows = {name: look.rows(found[:SHOWN]) for name, found in blocks.items()}
        archived = desk.mine(connection, actor.name, STATES, archived=True, limit=1)
    reviews, figures = _reviews(parts, actor), _figures(parts, actor)
    return Desk(
        **{**rows, "waiting": [*rows["waiting"], *reviews]},
        queue=figures,
        more=frozenset(name for name, found in blocks.items() if len(found) > SHOWN),
        first_visit=not any(blocks.values()) and not archived and figures is None,
    )


def mine(
    parts: Parts,
    actor: Actor,
    *,
    state: str = "",
    archived: bool = False,
    title: str = "",
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[list[Row], bool]:
    """A page of what the person owns or works on, newest change first, and whether more follow.

    `state` "" = every state; `archived` = only what its owner has hidden.
    """
    states = (state,) if state in STATES else STATES
    with parts.database.read() as connection:
        look = Look(connection, parts, actor)
        found = desk.mine(
            connection,
            actor.name,
            states,
            archived=archived,
            title=title.strip(),
            after=after,
            limit=limit + 1,
        )
        return look.rows(found[:limit]), len(found) > limit


@dataclass(frozen=True, slots=True)
class Look:
    """One person's look at publications, on one connection."""

    connection: Connection
    parts: Parts
    actor: Actor

    def mine(self, *states: State) -> list[Publication]:
        """The newest of somebody's own in these states, one more than is shown."""
        return desk.mine(self.connection, self.actor.name, states, limit=SHOWN + 1)

    def operated(self) -> list[Publication]:
        """What stands still anywhere, for those who run the site."""
        if not permissions.may("operate", self.actor.roles):
            return []
        return desk.still(self.connection, FOR_OPERATORS, limit=SHOWN + 1)

    def waits_for_owner(self, publication: Publication) -> bool:
        """Whether it is approved and somebody must press the button."""
        own = publication.owner == self.actor.name
        return own and publication.state == "approved" and not publication.waits(now())

    def rows(self, found: list[Publication]) -> list[Row]:
        """Publications as rows, with their runs and the names of their reviewers."""
        runs = desk.runs_of(self.connection, [p.id for p in found])
        names = {p.reviewer for p in found if p.reviewer} | {p.owner for p in found}
        called = collaborators.full_names(self.connection, names)
        return [self._row(p, runs.get(p.id), called) for p in found]

    def _row(self, p: Publication, run: Mapping[str, Any] | None, called: Mapping[str, str]) -> Row:
        owner = "" if p.owner == self.actor.name else called.get(p.owner, p.owner)
        action, path = _turn(p, self.actor)
        if run is not None:
            return Row(p, owner, _doing(run), action, path)
        return Row(p, owner, headline(p, None, acting=bool(action), called=called), action, path)


def _turn(p: Publication, actor: Actor) -> tuple[str, str]:
    """What the reader can do now, and where."""
    own, operates = p.owner == actor.name, permissions.may("operate", actor.roles)
    if p.health in (FOR_OPERATORS if operates else FOR_OWNERS):
        turn = "look"
    elif p.state in ("draft", "changes_requested"):
        turn = p.state
    elif p.state == "approved" and own and not p.waits(now()):
        turn = "publish"
    elif p.state == "in_review" and p.reviewer == actor.name:
        turn = "review"
    else:
        return "", ""
    words, place = TURNS[turn]
    return words, f"/publications/{p.id}{place}"


def _doing(run: Mapping[str, Any]) -> Said:
    """Which step a run is at."""
    places = {step["key"]: n for n, step in enumerate(run["steps"], 1)}
    number = places.get(run["position"], 1)
    values = {
        "doing": PLAN_WORDS.get(run["plan"], run["plan"].capitalize()),
        "step": run["steps"][number - 1]["title"],
        "number": number,
        "of": len(run["steps"]),
    }
    if run["status"] == "parked":
        return Said("%(doing)s stands still at step %(number)s of %(of)s: %(step)s.", values)
    if run["status"] == "queued":
        return Said("%(doing)s: it waits for its turn. Nothing for you to do.", values)
    if runs.at_gate(run):
        return Said("%(doing)s waits for an answer: %(step)s.", values)
    if run["status"] == "waiting":
        text = "%(doing)s waits at step %(number)s of %(of)s: %(step)s. It tries again by itself."
        return Said(text, values)
    return Said("%(doing)s, step %(number)s of %(of)s: %(step)s. Nothing for you to do.", values)


def _reviews(parts: Parts, actor: Actor) -> list[Row]:
    """What waits for this reviewer, oldest first: nobody's and theirs."""
    if not permissions.may("queue", actor.roles):
        return []
    found = queue.listing(parts, actor, queue.Filters(state="in_review"), limit=SHOWN)
    return [
        Row(
            row.publication,
            row.depositor,
            Said(row.standing, {"name": row.reviewer}),
            TURNS[row.next][0],
            f"/publications/{row.publication.id}{TURNS[row.next][1]}",
        )
        for row in found.rows
        if row.next in ("claim", "review")
    ]


def _figures(parts: Parts, actor: Actor) -> Mapping[str, int | datetime | None] | None:
    return queue.summary(parts, actor) if permissions.may("queue", actor.roles) else None


def _without_twins(found: list[Publication]) -> list[Publication]:
    return list({p.id: p for p in found}.values())
