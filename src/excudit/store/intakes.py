"""What sources said is ready: whose turn it is to ask, and what became of each dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from excudit.domain.publication import Publication
from excudit.store import publications
from excudit.store import tables as t
from excudit.store import tables_routes as r
from excudit.store.publications import now

Status = Literal["begun", "held", "failed", "quarantined"]
UNDER_WAY = ("draft", "submitted", "in_review", "changes_requested", "approved", "publishing")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a dataset at the revision that was last looked at. `error` says why it was
    not begun."""

    route: str
    source: str
    ref: str
    revision: str
    title: str
    status: Status
    publication: str | None
    error: Mapping[str, Any] | None
    seen_at: datetime


_COLUMNS = [r.intakes.c[name] for name in Taken.__slots__]


def take_turn(connection: Connection, name: str, every_s: float, hold_s: float) -> bool:
    """Whether it is this caller's turn; the next is after `every_s`, and for `hold_s` nobody
    else's, unless `end_turn` says that it is over."""
    moment, c = now(), r.turns.c
    values = {
        "due_at": moment + timedelta(seconds=every_s),
        "held_until": moment + timedelta(seconds=hold_s),
    }
    mine = and_(c.name == name, c.due_at <= moment, c.held_until <= moment)
    if connection.execute(update(r.turns).where(mine).values(**values)).rowcount:
        return True
    if connection.execute(select(c.name).where(c.name == name)).first() is not None:
        return False
    try:
        with connection.begin_nested():
            connection.execute(insert(r.turns), {"name": name, **values})
    except IntegrityError:
        return False  # another worker was first
    return True


def keep_turn(connection: Connection, name: str, hold_s: float) -> None:
    """Still at it: nobody else's for so long from now."""
    held = now() + timedelta(seconds=hold_s)
    connection.execute(update(r.turns).where(r.turns.c.name == name).values(held_until=held))


def end_turn(
    connection: Connection, name: str, listed: int, error: Mapping[str, Any] | None = None
) -> None:
    """This turn is over: so many datasets were listed, or why they could not be."""
    values = {"held_until": now(), "asked_at": now(), "listed": listed, "error": error}
    connection.execute(update(r.turns).where(r.turns.c.name == name).values(**values))


def hasten(connection: Connection, name: str) -> None:
    """Let the next turn be now."""
    connection.execute(update(r.turns).where(r.turns.c.name == name).values(due_at=now()))


def turns(connection: Connection) -> dict[str, dict[str, Any]]:
    """How the last turn of each came out."""
    rows = connection.execute(select(r.turns)).mappings()
    return {row["name"]: dict(row) for row in rows}


def known(connection: Connection, route: str, source: str) -> dict[str, tuple[str, str]]:
    """All datasets that were looked at: reference → revision and status."""
    c = r.intakes.c
    query = select(c.ref, c.revision, c.status).where(c.route == route, c.source == source)
    return {ref: (revision, status) for ref, revision, status in connection.execute(query)}


def put(connection: Connection, taken: Taken) -> None:
    """Write down what became of a dataset, in place of what was known of it."""
    values = {name: getattr(taken, name) for name in Taken.__slots__}
    if connection.execute(update(r.intakes).where(_at(taken)).values(**values)).rowcount == 0:
        connection.execute(insert(r.intakes), values)


def _at(taken: Taken) -> Any:
    return _named(taken.route, taken.source, taken.ref)


def _named(route: str, source: str, ref: str) -> Any:
    c = r.intakes.c
    return and_(c.route == route, c.source == source, c.ref == ref)


def find(connection: Connection, route: str, source: str, ref: str) -> Taken | None:
    """What became of one dataset."""
    query = select(*_COLUMNS).where(_named(route, source, ref))
    row = connection.execute(query).mappings().first()
    return Taken(**row) if row else None


def forget(connection: Connection, route: str, source: str, ref: str) -> bool:
    """Let it be looked at again; whether it was known."""
    gone = connection.execute(delete(r.intakes).where(_named(route, source, ref)))
    return bool(gone.rowcount)


def trouble(
    connection: Connection, *, before: tuple[datetime, str] | None = None, limit: int = 50
) -> list[Taken]:
    """What was not begun, the newest first; `before` is the (seen_at, ref) of the last one read."""
    c = r.intakes.c
    query = select(*_COLUMNS).where(c.status.in_(("failed", "quarantined")))
    if before is not None:
        query = query.where(
            or_(c.seen_at < before[0], and_(c.seen_at == before[0], c.ref < before[1]))
        )
    rows = connection.execute(query.order_by(c.seen_at.desc(), c.ref.desc()).limit(limit))
    return [Taken(**row) for row in rows.mappings()]


def troubled(connection: Connection) -> int:
    """How many were not begun."""
    c = r.intakes.c
    query = select(func.count()).where(c.status.in_(("failed", "quarantined")))
    return int(connection.execute(query).scalar_one())


def work_of(connection: Connection, source: str, ref: str) -> Publication | None:
    """The newest publication with this dataset that is under way or public; None where there is
    none."""
    c = t.publications.c
    query = (
        select(c.id)
        .join(t.datasets, t.datasets.c.publication == c.id)
        .where(t.datasets.c.source == source, t.datasets.c.ref == ref)
        .where(c.state.in_((*UNDER_WAY, "published", "withdrawn")))
        .order_by(c.id.desc())
        .limit(1)
    )
    found = connection.execute(query).scalars().first()
    return publications.get(connection, found) if found else None
