"""Claims that run out: which runs hold them, and when each is to be renewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from excudit.store import tables as t
from excudit.store import tables_routes as r


def holders(connection: Connection, routes: Sequence[str]) -> list[dict[str, Any]]:
    """The runs of these routes that are not at their end and undo nothing."""
    undoing = select(t.attempts.c.run).where(
        t.attempts.c.run == t.runs.c.id, t.attempts.c.undoing.is_(True)
    )
    query = (
        select(t.runs)
        .join(t.publications, t.publications.c.id == t.runs.c.publication)
        .where(t.runs.c.ended_at.is_(None), t.publications.c.route.in_(routes))
        .where(t.runs.c.plan.in_(("take-in", "publish")), ~undoing.exists())
    )
    rows = connection.execute(query).mappings()
    return [dict(row) for row in rows if not row["cleanup"]]


def take(connection: Connection, run: str, now: datetime, until: datetime) -> bool:
    """Whether it is this caller's turn to renew what the run holds; if so, the next is at
    `until`."""
    c = r.renewals.c
    mine = update(r.renewals).where(c.run == run, c.due_at <= now, c.error.is_(None))
    if connection.execute(mine.values(due_at=until)).rowcount:
        return True
    if known(connection, run) is not None:
        return False
    try:
        with connection.begin_nested():
            connection.execute(insert(r.renewals), {"run": run, "due_at": until})
    except IntegrityError:
        return False  # another worker was first
    return True


def known(connection: Connection, run: str) -> Mapping[str, Any] | None:
    """How the renewing of a run stands, None before the first time."""
    row = connection.execute(select(r.renewals).where(r.renewals.c.run == run)).mappings().first()
    return dict(row) if row else None


def again(connection: Connection, run: str, at: datetime) -> None:
    """Try the next time then."""
    connection.execute(update(r.renewals).where(r.renewals.c.run == run).values(due_at=at))


def lost(connection: Connection, run: str, error: Mapping[str, Any]) -> None:
    """The claim is somebody else's now."""
    mine = update(r.renewals).where(r.renewals.c.run == run)
    connection.execute(mine.values(error=dict(error)))


def tidy(connection: Connection) -> None:
    """Forget the runs that are at their end."""
    over = select(t.runs.c.id).where(t.runs.c.ended_at.is_not(None))
    connection.execute(delete(r.renewals).where(r.renewals.c.run.in_(over)))
