"""What people say to each other about a publication: appended, read, never changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, insert, select

from excudit.store import tables_review as t
from excudit.store.publications import new_id, now


def append(
    connection: Connection,
    publication: str,
    *,
    author: str,
    text: str,
    internal: bool,
    field: str,
    in_round: int,
) -> dict[str, Any]:
    """Write down a comment; returns its row."""
    row = {
        "id": new_id(),
        "publication": publication,
        "at": now(),
        "author": author,
        "text": text,
        "internal": internal,
        "field": field,
        "round": in_round,
    }
    connection.execute(insert(t.comments), row)
    return row


def of(
    connection: Connection,
    publication: str,
    *,
    internal: bool,
    after: str = "",
    limit: int = 200,
) -> list[dict[str, Any]]:
    """Comments first to last, those after the id `after`; internal ones only with `internal`."""
    query = select(t.comments).where(t.comments.c.publication == publication)
    if not internal:
        query = query.where(t.comments.c.internal.is_(False))
    if after:
        query = query.where(t.comments.c.id > after)
    rows = connection.execute(query.order_by(t.comments.c.id).limit(limit)).mappings()
    return [dict(row) for row in rows]


def newest(
    connection: Connection, publication: str, *, internal: bool, limit: int
) -> list[dict[str, Any]]:
    """The last comments, first to last; internal ones only with `internal`."""
    query = select(t.comments).where(t.comments.c.publication == publication)
    if not internal:
        query = query.where(t.comments.c.internal.is_(False))
    rows = connection.execute(query.order_by(t.comments.c.id.desc()).limit(limit)).mappings()
    return [dict(row) for row in rows][::-1]


def count(connection: Connection, publication: str, *, internal: bool) -> int:
    """How many comments there are to read."""
    query = select(func.count()).where(t.comments.c.publication == publication)
    if not internal:
        query = query.where(t.comments.c.internal.is_(False))
    return int(connection.execute(query).scalar_one())
