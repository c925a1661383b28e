"""Events: appended, read, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, not_, select, true

from excudit.domain.events import Event
from excudit.store import tables as t
from excudit.store.database import Database
from excudit.store.publications import now


def append(
    connection: Connection,
    publication: str,
    *,
    actor: str,
    action: str,
    before: str = "",
    after: str = "",
    reason: str = "",
    run: str = "",
    details: Mapping[str, Any] | None = None,
) -> Event:
    """Write down what happened; it gets its number from the database."""
    values: dict[str, Any] = {
        "publication": publication,
        "at": now(),
        "actor": actor,
        "action": action,
        "before": before,
        "after": after,
        "reason": reason,
        "run": run,
        "details": dict(details or {}),
    }
    number = connection.execute(insert(t.events).returning(t.events.c.id), values).scalar_one()
    return Event(id=number, **values)


def is_internal() -> ColumnElement[bool]:
    """Whether an event is among reviewers only."""
    said = t.events.c.details["internal"].as_boolean()
    return and_(t.events.c.action == "comment", said.is_not_distinct_from(true()))


def of(
    connection: Connection,
    publication: str,
    *,
    action: str = "",
    internal: bool = True,
    after: int = 0,
    limit: int | None = None,
) -> list[Event]:
    """Events of a publication first to last, all or those with this action: `limit` of those after
    the number `after`. Without `internal` what is among reviewers only is left out."""
    query = select(t.events).where(t.events.c.publication == publication, t.events.c.id > after)
    query = query.order_by(t.events.c.id).limit(limit)
    if action:
        query = query.where(t.events.c.action == action)
    if not internal:
        query = query.where(not_(is_internal()))
    return [Event(**row) for row in connection.execute(query).mappings()]


def latest(
    connection: Connection, publication: str, *, before: int | None = None, limit: int = 100
) -> list[Event]:
    """The newest events of a publication, newest first; those before the number `before`."""
    query = select(t.events).where(t.events.c.publication == publication)
    if before is not None:
        query = query.where(t.events.c.id < before)
    rows = connection.execute(query.order_by(t.events.c.id.desc()).limit(limit)).mappings()
    return [Event(**row) for row in rows]


def stream(database: Database, after: int = 0) -> Iterator[Event]:
    """All events of the service in order, for the export; memory stays constant."""
    while True:
        with database.read() as connection:
            query = select(t.events).where(t.events.c.id > after).order_by(t.events.c.id)
            page = [Event(**r) for r in connection.execute(query.limit(1000)).mappings()]
        yield from page
        if len(page) < 1000:
            return
        after = page[-1].id


def trace(connection: Connection, publication: str) -> tuple[Any, ...]:
    """What changes whenever an event of a publication comes, or one of its mails goes on."""
    newest = select(func.max(t.events.c.id)).where(t.events.c.publication == publication)
    letters = (
        select(t.mails.c.status, func.count())
        .where(t.mails.c.publication == publication)
        .group_by(t.mails.c.status)
        .order_by(t.mails.c.status)
    )
    sent = [tuple(row) for row in connection.execute(letters)]
    return connection.execute(newest).scalar(), sent


def count(connection: Connection, publication: str, action: str, *, since: int) -> int:
    """How many events with this action there are from the number `since` on."""
    c = t.events.c
    mine = (c.publication == publication, c.action == action, c.id >= since)
    return int(connection.execute(select(func.count()).where(*mine)).scalar_one())
