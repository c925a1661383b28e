"""How often something was tried lately: one row for each key, counted within a window of time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from excudit.store import tables_people as t
from excudit.store.publications import now

WINDOW = timedelta(minutes=15)
_COUNT = t.throttle.c["count"]


def take(connection: Connection, key: str, tries: int, window: timedelta = WINDOW) -> datetime:
    """Count one try of `key`. Returns when the next is allowed: now, or the end of the window
    when there were more than `tries` in it.

    Atomic: tries made at the same time are all counted. The window begins with the first try.
    """
    moment = now()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    query = dialect.insert(t.throttle).values(key=key, count=1, since=moment)
    over = t.throttle.c.since <= moment - window
    query = query.on_conflict_do_update(
        index_elements=[t.throttle.c.key],
        set_={
            "count": case((over, 1), else_=_COUNT + 1),
            "since": case((over, moment), else_=t.throttle.c.since),
        },
    )
    connection.execute(query)
    row = connection.execute(select(t.throttle).where(t.throttle.c.key == key)).mappings().one()
    return moment if row["count"] <= tries else row["since"] + window


def give_back(connection: Connection, key: str) -> None:
    """Take one try back: it did not fail."""
    where = (t.throttle.c.key == key, _COUNT > 0)
    connection.execute(update(t.throttle).where(*where).values(count=_COUNT - 1))


def forget(connection: Connection, key: str) -> None:
    """Begin anew for this key."""
    connection.execute(delete(t.throttle).where(t.throttle.c.key == key))


def sweep(connection: Connection, older: timedelta = timedelta(days=1)) -> int:
    """Delete what is long over; how many there were. `older` is longer than any window."""
    return connection.execute(
        delete(t.throttle).where(t.throttle.c.since <= now() - older)
    ).rowcount
