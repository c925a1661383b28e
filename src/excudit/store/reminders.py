"""Publications that wait for somebody, and when they were last reminded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, update

from excudit.store import tables as t

_ASKING = ("changes_requested", "in_review", "approved")
_STUCK = ("needs_attention", "out_of_sync")


def waiting(connection: Connection, before: datetime, limit: int) -> list[str]:
    """Publications that may wait for a person, who has heard nothing since `before`; the longest
    first."""
    c = t.publications.c
    heard = func.coalesce(c.reminded_at, c.waiting_since)
    # A question outside; what only tries again is told to nobody.
    asked = and_(c.state == "publishing", c.health == "waiting")
    query = (
        select(c.id)
        .where(or_(c.state.in_(_ASKING), c.health.in_(_STUCK), asked))
        .where(and_(c.waiting_since.is_not(None), c.waiting_since <= before, heard <= before))
        .order_by(heard, c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def set_reminded(connection: Connection, publication: str, at: datetime) -> None:
    """No edit of anybody is in conflict with it, so neither edition nor `updated_at` move."""
    connection.execute(
        update(t.publications).where(t.publications.c.id == publication).values(reminded_at=at)
    )
