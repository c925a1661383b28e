"""Decisions on many publications: what was planned, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from excudit.domain.errors import NotFound
from excudit.store import tables as p
from excudit.store import tables_review as t
from excudit.store.publications import new_id, now


def add(
    connection: Connection, *, actor: str, action: str, rows: Sequence[Mapping[str, Any]]
) -> str:
    """Write down a plan; returns its id. Each row has publication, digest, status and words."""
    key = new_id()
    values = {"id": key, "actor": actor, "at": now(), "action": action, "given": {}}
    connection.execute(insert(t.bulks), values)
    planned = [{**row, "bulk": key, "position": n} for n, row in enumerate(rows)]
    connection.execute(insert(t.bulk_rows), planned)
    return key


def get(connection: Connection, bulk: str, actor: str) -> dict[str, Any]:
    """One plan of this person's own. Raises NotFound."""
    query = select(t.bulks).where(t.bulks.c.id == bulk, t.bulks.c.actor == actor)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(
            "There is no such selection of yours.", hint="Select again in the review queue."
        )
    return dict(row)


def begin(connection: Connection, bulk: str, given: Mapping[str, Any]) -> bool:
    """Begin to carry it out; False when it was begun before: then what was given first counts."""
    query = (
        update(t.bulks)
        .where(t.bulks.c.id == bulk, t.bulks.c.begun_at.is_(None))
        .values(begun_at=now(), given=dict(given))
    )
    return bool(connection.execute(query).rowcount)


def rows(connection: Connection, bulk: str) -> list[dict[str, Any]]:
    """The rows in their order, each with what is shown of its publication as it is now."""
    names = ("title", "owner", "state", "route", "publish_at")
    shown = (p.publications.c[name] for name in names)
    query = (
        select(t.bulk_rows, *shown)
        .join(p.publications, p.publications.c.id == t.bulk_rows.c.publication)
        .where(t.bulk_rows.c.bulk == bulk)
        .order_by(t.bulk_rows.c.position)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def close(connection: Connection, bulk: str, position: int, status: str, words: str = "") -> bool:
    """Close a planned row; False when somebody closed it before."""
    query = (
        update(t.bulk_rows)
        .where(
            t.bulk_rows.c.bulk == bulk,
            t.bulk_rows.c.position == position,
            t.bulk_rows.c.status == "planned",
        )
        .values(status=status, words=words)
    )
    return bool(connection.execute(query).rowcount)
