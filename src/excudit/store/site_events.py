"""What happened to no publication in particular: sign-ins, users, tokens, queues. Append-only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select

from excudit.store import tables_people as t
from excudit.store.publications import now


def append(
    connection: Connection,
    *,
    actor: str,
    action: str,
    about: str = "",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> int:
    """Write down what happened in the caller's transaction; returns its number.

    `about` names whom or what it happened to. `details` is plain JSON without secrets.
    """
    values = {
        "at": now(),
        "actor": actor,
        "action": action,
        "about": about,
        "reason": reason,
        "details": dict(details or {}),
    }
    query = insert(t.site_events).returning(t.site_events.c.id)
    return int(connection.execute(query, values).scalar_one())


def listing(
    connection: Connection, *, before: int | None = None, about: str | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The newest first; `before` is the number of the last one that was read."""
    query = select(t.site_events).order_by(t.site_events.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.site_events.c.id < before)
    if about is not None:
        query = query.where(t.site_events.c.about == about)
    return [dict(row) for row in connection.execute(query).mappings()]


def last(connection: Connection, action: str, about: str) -> dict[str, Any] | None:
    """The newest of one action about one thing; none when there is none."""
    c = t.site_events.c
    query = select(t.site_events).where(c.action == action, c.about == about)
    row = connection.execute(query.order_by(c.at.desc(), c.id.desc()).limit(1)).mappings().first()
    return dict(row) if row else None


def newest(connection: Connection, action: str) -> int:
    """The number of the last event of an action, 0 before the first."""
    query = select(func.max(t.site_events.c.id)).where(t.site_events.c.action == action)
    return int(connection.execute(query).scalar() or 0)
