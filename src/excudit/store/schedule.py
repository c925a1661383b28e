"""What is to be published because its date has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from excudit.store import tables as t

AT_ONCE = 100


def due(connection: Connection, moment: datetime, *, but: Sequence[str] = ()) -> list[str]:
    """Approved publications whose publish date has come, the earliest first, a hundred at most;
    none of the routes `but`.

    Those that need a person's attention are left to that person.
    """
    c = t.publications.c
    query = (
        select(c.id)
        .where(c.state == "approved", c.health == "idle", c.publish_at <= moment)
        .where(c.route.not_in(but))
        .order_by(c.publish_at)
        .limit(AT_ONCE)
    )
    return list(connection.execute(query).scalars())
