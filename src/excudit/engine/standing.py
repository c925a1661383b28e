"""How the queues and workers stand, for those who run the service; reading, and one heartbeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from excudit.engine.database import DBOS_SCHEMA, OWN_SCHEMA, clock, is_sqlite, leases
from excudit.engine.leases import LEASE_S
from excudit.engine.order import VERSION

LOCAL_S = 90.0
"""A worker on SQLite that is silent longer counts as gone."""


@dataclass(frozen=True, slots=True)
class Depth:
    """A queue: how many runs are free to begin, at work, and waiting for a time. `oldest`: since
    when the first one that is free to begin has been waiting for a worker."""

    queue: str
    enqueued: int
    working: int
    delayed: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Alive:
    """A worker process. `lasts_s`: it counts as alive for so many seconds more, if it is not heard
    again; negative: it has been silent for so long. `heard_s`: so long ago it was heard."""

    worker: str
    lasts_s: float
    heard_s: float = 0.0


def depths(connection: sa.Connection) -> Sequence[Depth]:
    """The queues in which there is anything, by name."""
    names = ("queue_name", "status", "created_at", "application_version")
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
    schema = None if is_sqlite(connection.engine) else DBOS_SCHEMA
    c = sa.table("workflow_status", *columns, schema=schema).c
    oldest = sa.func.min(c.created_at).filter(c.status == "ENQUEUED")

    def count(status: str) -> sa.ColumnElement[int]:
        return sa.func.count().filter(c.status == status)

    query = (
        sa.select(c.queue_name, count("ENQUEUED"), count("PENDING"), count("DELAYED"), oldest)
        .where(c.status.in_(("ENQUEUED", "PENDING", "DELAYED")))
        .where(c.application_version == VERSION, c.queue_name.is_not(None))
        .group_by(c.queue_name)
        .order_by(c.queue_name)
    )
    return [_depth(*row) for row in connection.execute(query)]


def workers(connection: sa.Connection) -> Sequence[Alive]:
    """The workers that were heard within the last day, by name."""
    left = (leases.c.expires_at - clock(connection.engine)).label("left")
    query = sa.select(leases.c.worker, left).order_by(leases.c.worker)
    found = connection.execute(query, execution_options=_own(connection))
    lease_s = LOCAL_S if is_sqlite(connection.engine) else LEASE_S
    return [_alive(name, float(lasts), lease_s) for name, lasts in found]


def _alive(worker: str, lasts_s: float, lease_s: float) -> Alive:
    return Alive(worker, lasts_s, max(0.0, lease_s - lasts_s))


def beat(connection: sa.Connection, worker: str, lasts_s: float) -> None:
    """This worker is alive for so many seconds from now, `LOCAL_S` as a rule; 0 = it has ended.
    Only where workers hold no leases (SQLite)."""
    insert = sqlite.insert if is_sqlite(connection.engine) else postgresql.insert
    until = clock(connection.engine) + lasts_s
    statement = insert(leases).values(worker=worker, expires_at=until)
    statement = statement.on_conflict_do_update(
        index_elements=[leases.c.worker], set_={"expires_at": until}
    )
    connection.execute(statement, execution_options=_own(connection))


def _own(connection: sa.Connection) -> dict[str, Any]:
    """Where the engine's own tables are."""
    own = None if is_sqlite(connection.engine) else OWN_SCHEMA
    return {"schema_translate_map": {"own": own}}


def _depth(queue: str, enqueued: int, working: int, delayed: int, oldest: int | None) -> Depth:
    since = datetime.fromtimestamp(oldest / 1000, UTC) if oldest is not None else None
    return Depth(queue, enqueued, working, delayed, since)
