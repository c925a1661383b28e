"""Counts for those who watch the service from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from excudit.store import tables as t
from excudit.store.publications import now

LATELY = timedelta(hours=1)


def publications(connection: Connection) -> Sequence[tuple[str, str, int]]:
    """How many publications there are: (state, health, count)."""
    c = t.publications.c
    query = select(c.state, c.health, func.count()).group_by(c.state, c.health)
    return [(state, health, n) for state, health, n in connection.execute(query)]


def runs(connection: Connection) -> Sequence[tuple[str, int]]:
    """How many runs are not at their end: (status, count)."""
    c = t.runs.c
    query = select(c.status, func.count()).where(c.ended_at.is_(None)).group_by(c.status)
    return [(status, n) for status, n in connection.execute(query)]


def attempts(connection: Connection) -> Sequence[tuple[str, int]]:
    """How many attempts ended lately: (status, count)."""
    c = t.attempts.c
    lately = c.ended_at > now() - LATELY
    query = select(c.status, func.count()).where(lately).group_by(c.status)
    return [(status, n) for status, n in connection.execute(query)]


def mails(connection: Connection) -> Sequence[tuple[str, int]]:
    """How many mails wait or were given up: (status, count)."""
    c = t.mails.c
    waiting = c.status.in_(("due", "held", "failed"))
    query = select(c.status, func.count()).where(waiting).group_by(c.status)
    return [(status, n) for status, n in connection.execute(query)]


def due_since(connection: Connection) -> datetime | None:
    """Since when the mail is due that has been due longest; none when nothing is due now."""
    c = t.mails.c
    query = select(func.min(c.next_try_at)).where(c.status == "due", c.next_try_at <= now())
    found: datetime | None = connection.execute(query).scalar()
    return found
