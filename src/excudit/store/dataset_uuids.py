"""UUIDs of datasets, for clients that name them so."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from excudit.store import tables_routes as t
from excudit.store.database import Connection

_SPACE = uuid.UUID("0f6f2f0e-5c53-5d3c-9a4e-2f3a8a3d6c55")


def of(source: str, ref: str) -> str:
    """The UUID (version 5) of a dataset; the same whenever and wherever it is asked for."""
    return str(uuid.uuid5(_SPACE, f"{source}\n{ref}"))


def keep(connection: Connection, source: str, refs: Iterable[str]) -> None:
    """Let the datasets be found by their UUIDs. Idempotent."""
    wanted = {of(source, ref): ref for ref in refs}
    known = set(
        connection.execute(
            select(t.dataset_uuids.c.id).where(t.dataset_uuids.c.id.in_(wanted))
        ).scalars()
    )
    for key, ref in wanted.items():
        if key in known:
            continue
        try:
            with connection.begin_nested():
                row = {"id": key, "source": source, "ref": ref}
                connection.execute(insert(t.dataset_uuids), row)
        except IntegrityError:
            continue  # another one was first


def find(connection: Connection, data_id: str) -> tuple[str, str] | None:
    """Source and reference of a dataset; None for a UUID that was never kept."""
    known = t.dataset_uuids.c
    row = connection.execute(select(known.source, known.ref).where(known.id == data_id)).first()
    return (row.source, row.ref) if row else None
