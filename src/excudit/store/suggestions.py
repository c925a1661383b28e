"""Better values that curators suggest, and what became of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, insert, null, select, update

from excudit.domain.errors import NotFound
from excudit.store import tables_review as t
from excudit.store.publications import new_id, now


def add(
    connection: Connection,
    publication: str,
    *,
    author: str,
    field: str,
    before: Any,
    after: Any,
    note: str,
) -> str:
    """Write one down; returns its id. None is kept as "not there"."""
    key = new_id()
    row = {
        "id": key,
        "publication": publication,
        "at": now(),
        "author": author,
        "field": field,
        "before": null() if before is None else before,
        "after": null() if after is None else after,
        "note": note,
        "status": "open",
    }
    connection.execute(insert(t.suggestions).values(**row))
    return key


def get(connection: Connection, publication: str, suggestion: str) -> dict[str, Any]:
    """One suggestion of this publication. Raises NotFound."""
    query = select(t.suggestions).where(
        t.suggestions.c.id == suggestion, t.suggestions.c.publication == publication
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("There is no such suggestion.", hint="Somebody may have sent you here late.")
    return dict(row)


def of(connection: Connection, publication: str, *, status: str = "") -> list[dict[str, Any]]:
    """The suggestions for a publication, first to last."""
    query = select(t.suggestions).where(t.suggestions.c.publication == publication)
    if status:
        query = query.where(t.suggestions.c.status == status)
    rows = connection.execute(query.order_by(t.suggestions.c.id)).mappings()
    return [dict(row) for row in rows]


def count_open(connection: Connection, publication: str) -> int:
    """How many wait for a decision."""
    query = select(func.count()).where(
        t.suggestions.c.publication == publication, t.suggestions.c.status == "open"
    )
    return int(connection.execute(query).scalar_one())


def decide(connection: Connection, suggestion: str, status: str, *, by: str) -> bool:
    """Close an open one; False when it was closed already."""
    query = (
        update(t.suggestions)
        .where(t.suggestions.c.id == suggestion, t.suggestions.c.status == "open")
        .values(status=status, decided_by=by, decided_at=now())
    )
    return bool(connection.execute(query).rowcount)
