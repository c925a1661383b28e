"""Both trails as one: the events of publications, and those of the site, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    exists,
    not_,
    or_,
    select,
)

from excudit.store import tables as t
from excudit.store.events import is_internal
from excudit.store.tables_people import site_events
from excudit.store.tables_review import collaborators

Trail = Literal["publication", "site"]
Place = tuple[datetime, int, int]
"""Where a page ended: moment, rank of the trail, number."""

_RANKS: dict[Trail, int] = {"publication": 1, "site": 0}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries; what is empty does not filter. `since` is included, `until` is not; `reason`
    is a part of the reason, in any case. `reader` is who will read them: what is internal to the
    review of their own publications, and of those they collaborate on, is left out."""

    actor: str = ""
    action: str = ""
    publication: str = ""
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, to a publication or to the site."""

    trail: Trail
    id: int
    at: datetime
    actor: str
    action: str
    publication: str
    about: str
    before: str
    after: str
    reason: str
    run: str
    details: Mapping[str, Any]

    @property
    def place(self) -> Place:
        """Where it stands in the order."""
        return (self.at, _RANKS[self.trail], self.id)


def page(
    connection: Connection, filters: Filters, *, before: Place | None = None, limit: int = 50
) -> Sequence[Entry]:
    """The newest entries that fit, after the place where the page before ended."""
    found = _of_publications(connection, filters, before, limit)
    if not filters.publication:
        found += _of_site(connection, filters, before, limit)
    return sorted(found, key=lambda entry: entry.place, reverse=True)[:limit]


def _of_publications(
    connection: Connection, filters: Filters, before: Place | None, limit: int
) -> list[Entry]:
    query = _query(t.events, "publication", filters, before, limit)
    if filters.publication:
        query = query.where(t.events.c.publication == filters.publication)
    if filters.reader:
        query = query.where(not_(_internal_to(filters.reader)))
    rows = connection.execute(query).mappings()
    return [Entry(trail="publication", about="", **row) for row in rows]


def _internal_to(reader: str) -> ColumnElement[bool]:
    c, p, w = t.events.c, t.publications.c, collaborators.c
    own = exists().where(p.id == c.publication, p.owner == reader)
    joined = exists().where(w.publication == c.publication, w.user == reader)
    return and_(is_internal(), or_(own, joined))


def _of_site(
    connection: Connection, filters: Filters, before: Place | None, limit: int
) -> list[Entry]:
    rows = connection.execute(_query(site_events, "site", filters, before, limit)).mappings()
    absent: dict[str, Any] = {"publication": "", "before": "", "after": "", "run": ""}
    return [Entry(trail="site", **absent, **row) for row in rows]


def _query(
    table: Table, trail: Trail, filters: Filters, before: Place | None, limit: int
) -> Select[Any]:
    c = table.c
    query = select(table).order_by(c.at.desc(), c.id.desc()).limit(limit)
    for name in ("actor", "action"):
        if getattr(filters, name):
            query = query.where(c[name] == getattr(filters, name))
    if filters.since is not None:
        query = query.where(c.at >= filters.since)
    if filters.until is not None:
        query = query.where(c.at < filters.until)
    if filters.reason:
        query = query.where(c.reason != "", c.reason.icontains(filters.reason, autoescape=True))
    if before is not None:
        query = query.where(_earlier(table, _RANKS[trail], before))
    return query


def _earlier(table: Table, rank: int, before: Place) -> ColumnElement[bool]:
    moment, of_trail, number = before
    c = table.c
    if rank == of_trail:
        return or_(c.at < moment, and_(c.at == moment, c.id < number))
    return c.at <= moment if rank < of_trail else c.at < moment


def titles(connection: Connection, publications: Sequence[str]) -> dict[str, str]:
    """The titles of these publications."""
    if not publications:
        return {}
    c = t.publications.c
    rows = connection.execute(select(c.id, c.title).where(c.id.in_(publications)))
    return {row.id: row.title for row in rows}
