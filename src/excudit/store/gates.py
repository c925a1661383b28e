"""Gates: what runs wait for, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from excudit.store import tables as t
from excudit.store import tables_routes as r
from excudit.store.publications import new_id, now


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a run, with its answer where there is one.

    `opened_at`: since when a run stands at it. `asked` is what somebody outside was told;
    `verdict` "yes" or "no" once it is answered, `by` whom, with which `words`. `closed_at`: nothing
    more follows from it.
    """

    id: str
    publication: str
    chain: str
    key: str
    title: str
    opened_at: datetime | None
    asked: Mapping[str, Any]
    digests: tuple[str, ...]
    answered_at: datetime | None
    verdict: str
    by: str
    words: str
    details: Any
    closed_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether a run stands here and waits for the answer."""
        return self.opened_at is not None and not self.verdict and self.closed_at is None


_COLUMNS = [r.gates.c[name] for name in Asked.__slots__]


def _asked(row: Any) -> Asked:
    return Asked(**{**row, "digests": tuple(row["digests"])})


def ensure(connection: Connection, publication: str, chain: str, key: str, title: str) -> Asked:
    """The gate of these runs, made where it is not there yet."""
    found = find(connection, publication, chain, key)
    if found is not None:
        return found
    fresh = {
        "id": new_id(),
        "publication": publication,
        "chain": chain,
        "key": key,
        "title": title,
        "asked": {},
        "digests": [],
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(r.gates), fresh)
    except IntegrityError:
        pass  # another worker was first
    made = find(connection, publication, chain, key)
    assert made is not None
    return made


def find(connection: Connection, publication: str, chain: str, key: str) -> Asked | None:
    """The gate of these runs, None while there is none."""
    c = r.gates.c
    mine = and_(c.publication == publication, c.chain == chain, c.key == key)
    row = connection.execute(select(*_COLUMNS).where(mine)).mappings().first()
    return _asked(row) if row else None


def get(connection: Connection, gate: str) -> Asked | None:
    """The gate with this id."""
    row = connection.execute(select(*_COLUMNS).where(r.gates.c.id == gate)).mappings().first()
    return _asked(row) if row else None


def of(connection: Connection, publication: str) -> list[Asked]:
    """All gates of a publication, first to last."""
    mine = r.gates.c.publication == publication
    rows = connection.execute(select(*_COLUMNS).where(mine).order_by(r.gates.c.id)).mappings()
    return [_asked(row) for row in rows]


def waiting(
    connection: Connection, *, after: tuple[datetime, str] | None = None, limit: int = 200
) -> list[Asked]:
    """The gates at which runs stand, answered or not, the longest waiting first; `after` is the
    (opened_at, id) of the last one that was read."""
    c = r.gates.c
    query = select(*_COLUMNS).where(c.opened_at.is_not(None), c.closed_at.is_(None))
    if after is not None:
        later = and_(c.opened_at == after[0], c.id > after[1])
        query = query.where((c.opened_at > after[0]) | later)
    rows = connection.execute(query.order_by(c.opened_at, c.id).limit(limit)).mappings()
    return [_asked(row) for row in rows]


def titles(connection: Connection, publications: list[str]) -> dict[str, tuple[str, str]]:
    """Title and route of these publications."""
    c = t.publications.c
    rows = connection.execute(select(c.id, c.title, c.route).where(c.id.in_(publications)))
    return {key: (title, route) for key, title, route in rows}


def change(connection: Connection, gate: str, **values: Any) -> None:
    """Change columns of a gate."""
    connection.execute(update(r.gates).where(r.gates.c.id == gate).values(**values))


def close(connection: Connection, publication: str, chain: str = "") -> None:
    """Nobody needs an answer any more: of these runs, or of any of this publication."""
    c = r.gates.c
    mine = and_(c.publication == publication, c.closed_at.is_(None))
    if chain:
        mine = and_(mine, c.chain == chain)
    connection.execute(update(r.gates).where(mine).values(closed_at=now()))
