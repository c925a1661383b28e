"""What those who run the service look after: runs in trouble, mails that failed, probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from excudit.store import tables as t
from excudit.store import tables_operations as o
from excudit.store.publications import now

Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A publication whose runs are not idle, with its newest run (none before the first)."""

    id: str
    title: str
    route: str
    owner: str
    state: str
    health: str
    updated_at: datetime
    run: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """How a source or target answered when it was last looked at."""

    name: str
    probed_at: datetime
    well_at: datetime | None
    failed_at: datetime | None
    problems: Sequence[Mapping[str, Any]]


_SHOWN = [t.publications.c[name] for name in Trouble.__slots__ if name != "run"]


def counts(connection: Connection, healths: Sequence[str]) -> dict[str, int]:
    """How many publications there are in each of these healths."""
    c = t.publications.c
    query = select(c.health, func.count()).where(c.health.in_(healths)).group_by(c.health)
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return {health: found.get(health, 0) for health in healths}


def troubled(
    connection: Connection, health: str, *, after: Place | None = None, limit: int = 50
) -> list[Trouble]:
    """Publications in this health, the latest change first; `after` is where the page before
    ended."""
    c = t.publications.c
    query = select(*_SHOWN).where(c.health == health).order_by(c.updated_at.desc(), c.id.desc())
    if after is not None:
        moment, key = after
        earlier = or_(c.updated_at < moment, and_(c.updated_at == moment, c.id < key))
        query = query.where(earlier)
    rows = connection.execute(query.limit(limit)).mappings().all()
    newest = _newest_runs(connection, [row["id"] for row in rows])
    return [Trouble(**row, run=newest.get(row["id"])) for row in rows]


def _newest_runs(connection: Connection, publications: Sequence[str]) -> dict[str, dict[str, Any]]:
    query = select(t.runs).where(t.runs.c.publication.in_(publications)).order_by(t.runs.c.begun_at)
    return {row["publication"]: dict(row) for row in connection.execute(query).mappings()}


def waiting(connection: Connection, limit: int = 500) -> list[dict[str, Any]]:
    """Runs that wait for their next try."""
    c, p = t.runs.c, t.publications.c
    query = (
        select(c.id, c.position, c.steps)
        .join(t.publications, p.id == c.publication)
        .where(p.health.in_(("waiting", "cleanup_pending")))
        .where(c.ended_at.is_(None), c.status == "waiting")
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def failed_mails(
    connection: Connection, *, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Mails that were given up, newest first; their texts are left out."""
    c = t.mails.c
    columns = (c.id, c.publication, c.kind, c.recipient, c.subject, c.attempts, c.error)
    query = select(*columns).where(c.status == "failed").order_by(c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(c.id < before)
    return [dict(row) for row in connection.execute(query).mappings()]


def outbox(connection: Connection) -> dict[str, int]:
    """How many mails are due, and how many were given up."""
    c = t.mails.c
    known = ("due", "failed")
    query = select(c.status, func.count()).where(c.status.in_(known)).group_by(c.status)
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return {status: found.get(status, 0) for status in known}


def requeue(connection: Connection, mail: int) -> dict[str, Any] | None:
    """Let a mail that was given up be tried again now; None when there is none."""
    c = t.mails.c
    mine = (c.id == mail) & (c.status == "failed")
    changed = update(t.mails).where(mine).values(status="due", next_try_at=now(), attempts=0)
    query = changed.returning(c.id, c.publication, c.kind)
    row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def put_probe(connection: Connection, name: str, problems: Sequence[Mapping[str, Any]]) -> None:
    """Write down how a source or target answered; no `problems` = it is well."""
    moment = now()
    mark = {"failed_at": moment} if problems else {"well_at": moment}
    values = {"probed_at": moment, "problems": [dict(p) for p in problems], **mark}
    mine = o.probes.c.name == name
    if connection.execute(update(o.probes).where(mine).values(**values)).rowcount == 0:
        connection.execute(insert(o.probes), {"name": name, **values})


def probes(connection: Connection) -> dict[str, Probe]:
    """The last looks at sources and targets, by name."""
    rows = connection.execute(select(o.probes)).mappings()
    return {row["name"]: Probe(**row) for row in rows}
