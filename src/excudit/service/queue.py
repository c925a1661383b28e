"""The review queue as reviewers see it: what waits, for whom, since when, and what comes next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from excudit.domain import permissions
from excudit.domain.lifecycle import HEALTHS, STATE_WORDS, STATES, State
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import queries, reviewers
from excudit.service.parts import Parts
from excudit.store import collaborators as people
from excudit.store import publications, queue
from excudit.store.database import Connection
from excudit.store.queue import COUNTED, Wanted

OPEN: tuple[State, ...] = ("submitted", "in_review", "changes_requested")
ME, NOBODY, ANYBODY = "me", "nobody", "anyone"
EVERY = "all"
WAITS: dict[State, str] = {
    "submitted": "Wait for the checks",
    "changes_requested": "Wait for the author",
    "approved": "Wait for its publication",
    "publishing": "Wait for its publication",
}
__all__ = ["COUNTED", "Filters", "Queue", "Row", "listing", "matches", "standing", "summary"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reviewer looks for, as the address of the page says it; "" = not asked.

    `state`: a state, "all", or "" = what is open. `reviewer`: "me", "nobody", "anyone", an
    account, or "" = nobody's and mine. `older`: waiting for more than so many days.
    """

    state: str = ""
    reviewer: str = ""
    route: str = ""
    source: str = ""
    label: str = ""
    health: str = ""
    title: str = ""
    older: int = 0

    def active(self) -> dict[str, str]:
        """The filters that are set, as an address says them."""
        every = {name: getattr(self, name) for name in self.__slots__}
        return {name: str(value) for name, value in every.items() if value}


@dataclass(frozen=True, slots=True)
class Row:
    """One publication of the queue.

    `standing` is a sentence with "%(name)s" for the reviewer's name. `next` is what the actor can
    do: "claim", "review", "own" (somebody else must), or "" with `waits` saying for whom.
    """

    publication: Publication
    source: str
    depositor: str
    reviewer: str
    reviewer_gone: bool
    standing: str
    next: str
    waits: str
    days: int


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue. `total` is exact up to COUNTED; COUNTED + 1 says "more"."""

    rows: list[Row]
    total: int
    more: bool


def listing(
    parts: Parts,
    actor: Actor,
    filters: Filters,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Queue:
    """What waits and the actor may decide on, oldest first. Raises Denied."""
    wanted = _wanted(parts, actor, filters)
    with parts.database.read() as connection:
        found = queue.page(connection, wanted, after=after, limit=limit + 1)
        page = found[:limit]
        total = queue.count(connection, wanted) if after or len(found) > limit else len(page)
        return Queue(_rows(connection, parts, actor, page), total, len(found) > limit)


def matches(parts: Parts, actor: Actor, filters: Filters, *, limit: int) -> list[str]:
    """The ids of all that match, oldest first, at most `limit`. Raises Denied."""
    with parts.database.read() as connection:
        return queue.keys(connection, _wanted(parts, actor, filters), limit=limit)


def summary(parts: Parts, actor: Actor) -> dict[str, int | datetime | None]:
    """For the desk: how many are "unassigned" and "mine" among those in review, and the "oldest"
    of both. Raises Denied."""
    wanted = _wanted(parts, actor, Filters(state="in_review"))
    with parts.database.read() as connection:
        return {
            "unassigned": queue.count(connection, replace(wanted, reviewers=("",))),
            "mine": queue.count(connection, replace(wanted, reviewers=(actor.name,))),
            "oldest": queue.oldest(connection, wanted),
        }


def _wanted(parts: Parts, actor: Actor, filters: Filters) -> Wanted:
    permissions.require_site("queue", actor.roles)
    before = publications.now() - timedelta(days=filters.older) if filters.older else None
    return Wanted(
        states=_states(filters.state),
        reviewers=_reviewers(actor, filters.reviewer),
        routes=_routes(parts, actor, filters),
        label=filters.label or None,
        health=filters.health if filters.health in HEALTHS else "",
        before=before,
        title=filters.title.strip(),
    )


def _states(asked: str) -> tuple[str, ...]:
    if asked == EVERY:
        return STATES
    return (asked,) if asked in STATES else OPEN


def _reviewers(actor: Actor, asked: str) -> tuple[str, ...]:
    known = {"": ("", actor.name), ME: (actor.name,), NOBODY: ("",), ANYBODY: ()}
    return known.get(asked, (asked,))


def _routes(parts: Parts, actor: Actor, filters: Filters) -> tuple[str, ...] | None:
    """The routes to look in; None = all, also those that the settings no longer name."""
    sight = queries.sight(parts, actor)
    every = parts.settings.routes
    if sight.everything and not filters.route and not filters.source:
        return None
    allowed: Collection[str] = every if sight.everything else sight.routes
    if sight.everything and filters.route:
        allowed = {*every, filters.route}
    return tuple(
        name
        for name in sorted(allowed)
        if filters.route in ("", name)
        and (not filters.source or (name in every and every[name].source == filters.source))
    )


def _rows(connection: Connection, parts: Parts, actor: Actor, page: list[Publication]) -> list[Row]:
    """The rows of a page by a fixed number of queries, however many rows there are."""
    able = {p["name"]: p["roles"] for p in queue.people_with_roles(connection)}
    names = {p.owner for p in page} | {p.reviewer for p in page if p.reviewer}
    called = people.full_names(connection, names)
    worked_on = queue.worked_on(connection, actor.name, [p.id for p in page])
    return [
        _row(parts, actor, p, able, called, own=p.owner == actor.name or p.id in worked_on)
        for p in page
    ]


def _row(
    parts: Parts,
    actor: Actor,
    publication: Publication,
    able: Mapping[str, Collection[str]],
    called: Mapping[str, str],
    *,
    own: bool,
) -> Row:
    p, route = publication, parts.settings.routes.get(publication.route)
    gone = bool(p.reviewer) and not reviewers.judges(able.get(p.reviewer, ()), p.route)
    forbidden = own and (route is None or route.four_eyes)
    return Row(
        publication=p,
        source=route.source if route else "",
        depositor=called.get(p.owner) or p.owner,
        reviewer=(called.get(p.reviewer) or p.reviewer) if p.reviewer else "",
        reviewer_gone=gone,
        standing=standing(p, actor),
        next=_next(p, actor, gone=gone, forbidden=forbidden),
        waits=WAITS.get(p.state, ""),
        days=(publications.now() - (p.waiting_since or p.created_at)).days,
    )


def standing(publication: Publication, actor: Actor) -> str:
    """The state in words that tell apart who has it; "%(name)s" stands for the reviewer."""
    if publication.state == "submitted":
        return "Submitted, being checked"
    if publication.state != "in_review":
        return STATE_WORDS[publication.state]
    if not publication.reviewer:
        return "Submitted, not taken yet"
    if publication.reviewer == actor.name:
        return "In review with you"
    return "In review with %(name)s"


def _next(publication: Publication, actor: Actor, *, gone: bool, forbidden: bool) -> str:
    if publication.state != "in_review":
        return ""
    if forbidden:
        return "own"
    if publication.reviewer == actor.name:
        return "review"
    return "claim" if gone or not publication.reviewer else ""
