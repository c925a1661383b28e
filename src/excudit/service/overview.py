"""A publication as its page tells it, gathered in one reading of the database."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from excudit.domain import lifecycle, permissions
from excudit.domain.events import Event
from excudit.domain.model import Actor
from excudit.domain.publication import Frozen, Publication
from excudit.domain.words import Status
from excudit.service import acting, acts, headline, outside, talk, timeline, wording
from excudit.service.acting import Acts, acts_next
from excudit.service.headline import Said
from excudit.service.outside import Side
from excudit.service.parts import Parts
from excudit.service.steps import Run, chains, run_of
from excudit.service.talk import Collaborator
from excudit.service.timeline import Timeline, Told
from excudit.store import collaborators as people
from excudit.store import (
    comments,
    deposits,
    events,
    gates,
    mails,
    publications,
    runs,
    snapshots,
    suggestions,
)
from excudit.store.database import Connection
from excudit.store.gates import Asked

EVENTS_SHOWN = 50
RUNS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to do: whether it is possible now, and else why not."""

    action: str
    label: str
    why_not: str

    @property
    def possible(self) -> bool:
        """Whether there is a button."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on top of every tab. `called` has the names of people by account."""

    publication: Publication
    status: Status | None
    roles: frozenset[str]
    run: Run | None
    sentence: Said
    acts: Acts
    acting: bool
    lock: Said | None
    choices: Mapping[str, Choice]
    called: Mapping[str, str]
    comments: int
    suggestions: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole first tab."""

    head: Head
    timeline: Timeline
    sides: tuple[Side, ...]
    outside: Said
    doi: str
    doi_state: str
    frozen: Frozen | None
    collaborators: tuple[Collaborator, ...]
    previews: int
    versions: tuple[Publication, ...]
    questions: tuple[Asked, ...]


def mark(parts: Parts, publication: Publication, actor: Actor) -> str:
    """Changes whenever anything that the first tab shows does; two small queries."""
    with parts.database.read() as connection:
        roles = acts.roles_of(connection, actor, publication)
        seen = runs.trace(connection, publication.id), events.trace(connection, publication.id)
    told = (publication.edition, publication.updated_at, publication.health, sorted(roles), seen)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def head(parts: Parts, actor: Actor, publication: str) -> Head:
    """How it stands and what can be done with it. Raises NotFound."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        return _head(connection, parts, actor, found, _runs(connection, found)[-1:])


def overview(parts: Parts, actor: Actor, publication: str) -> Overview:
    """Everything of the first tab. Raises NotFound."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        every = _runs(connection, found)
        newest = events.latest(connection, found.id, limit=EVENTS_SHOWN + 1)
        top = _head(connection, parts, actor, found, every, {e.actor for e in newest})
        route = parts.settings.routes.get(found.route)
        sides = outside.places(
            found,
            (*route.targets, *route.follow_up) if route else (),
            deposits.of(connection, found.id),
            top.run,
            parts.settings.target_title,
            unpublished=_unpublished(connection, found.id, route.follow_up if route else ()),
        )
        known = deposits.identifiers(connection, found.id)
        named = next((n for n in reversed(known) if n["state"] != "foreign"), None)
        return Overview(
            head=top,
            timeline=_timeline(connection, found, top, every, newest),
            sides=tuple(sides),
            outside=outside.summary(sides),
            doi=named["doi"] if named else "",
            doi_state=named["state"] if named else "",
            frozen=snapshots.get(connection, found.snapshot) if found.snapshot else None,
            collaborators=tuple(talk.collaborators_in(connection, found.id)),
            previews=people.previews(connection, found.id),
            versions=tuple(publications.versions(connection, found.concept)),
            questions=tuple(q for q in gates.of(connection, found.id) if q.open),
        )


def _unpublished(
    connection: Connection, publication: str, targets: Collection[str]
) -> Collection[str]:
    if not targets:
        return ()
    every = (r for r in runs.of(connection, publication) if r["plan"] == "follow-up")
    return set(targets) - {r["given"].get("target") for r in every if acting.committed(r)}


def _runs(connection: Connection, found: Publication) -> list[Run]:
    linked = chains(runs.of(connection, found.id))[-RUNS_SHOWN:]
    return [run_of(connection, chain, found.health) for chain in linked]


def _head(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    found: Publication,
    every: list[Run],
    others: Collection[str] = (),
) -> Head:
    run = every[-1] if every else None
    roles = acts.roles_of(connection, actor, found)
    route = parts.settings.routes.get(found.route)
    who = acts_next(found, run.going if run else None, route)
    acting = _is_acting(who, actor, roles, found)
    names = (found.owner, found.reviewer, found.approved_by, run.began_by if run else "", *others)
    called = people.full_names(connection, (n for n in names if n))
    return Head(
        publication=found,
        status=wording.status_now(parts, connection, found),
        roles=roles,
        run=run,
        sentence=headline.headline(found, run, acting=acting, called=called),
        acts=who,
        acting=acting,
        lock=headline.lock(found, run, called),
        choices=_choices(connection, parts, actor, found, roles),
        called=called,
        suggestions=suggestions.count_open(connection, found.id),
        comments=comments.count(connection, found.id, internal=talk.sees_internal(roles)),
    )


def _is_acting(who: Acts, actor: Actor, roles: frozenset[str], found: Publication) -> bool:
    if who.who == "owner":
        helps = "collaborator" in roles and found.state != "approved"  # they cannot publish it
        return "owner" in roles or helps
    if who.who == "reviewer":
        return who.name == actor.name
    if who.who == "reviewers":
        return bool({"reviewer", "curator", "admin"} & roles) and "owner" not in roles
    return who.who == "operators" and "admin" in roles


def _choices(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    found: Publication,
    roles: frozenset[str],
) -> dict[str, Choice]:
    now = acts.situation(connection, parts, found, actor)
    refusal = wording.refusals(parts, connection, found)
    choices = {
        t.action: Choice(
            t.action,
            wording.button(parts, found.route, t.action, t.label),
            lifecycle.refusal(t.action, now, roles, ask=True) or refusal(t.action) or "",
        )
        for t in lifecycle.TRANSITIONS
        if t.roles != {"service"}
    }
    return choices | {
        row.action: Choice(
            row.action,
            wording.button(parts, found.route, row.action, row.label),
            permissions.refusal(row.action, found.state, roles) or refusal(row.action) or "",
        )
        for row in permissions.PERMISSIONS
        if row.action != "view"
    }


def _timeline(
    connection: Connection, found: Publication, top: Head, every: list[Run], newest: list[Event]
) -> Timeline:
    cut = len(newest) > EVENTS_SHOWN
    shown = timeline.told(
        newest[:EVENTS_SHOWN],
        mails.listed(connection, found.id, events={e.id for e in newest[:EVENTS_SHOWN]}),
        sees_internal=talk.sees_internal(top.roles),
        last_round=found.round,
    )
    return timeline.merged(shown, every, cut=cut)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the history, newest first; `next` is where the older ones begin."""

    events: tuple[Told, ...]
    next: int | None
    called: Mapping[str, str]


def history(
    parts: Parts, actor: Actor, publication: str, *, before: int | None = None, limit: int = 100
) -> Page:
    """What the actor may see of all that happened, newest first. Raises NotFound."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        rows = events.latest(connection, found.id, before=before, limit=limit + 1)
        later = events.count(connection, found.id, "take_in", since=before) if before else 0
        shown = timeline.told(
            rows[:limit],
            mails.listed(connection, found.id, events={e.id for e in rows[:limit]}),
            sees_internal=talk.sees_internal(acts.roles_of(connection, actor, found)),
            last_round=max(0, found.round - later),
        )
        called = people.full_names(connection, (e.actor for e in rows))
    following = rows[limit - 1].id if len(rows) > limit else None
    return Page(tuple(reversed(shown)), following, called)
