"""What a draft was: every save is kept, so that an older state can be restored as a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from excudit.domain.errors import NotFound
from excudit.domain.publication import Publication
from excudit.store import tables_review as t
from excudit.store.publications import now

TOGETHER = timedelta(minutes=10)
"""Automatic saves of one person within this time are one edition."""

_ROWS = [c for c in t.editions.c if c.name not in ("record", "publication")]


@dataclass(frozen=True, slots=True)
class Edition:
    """One state of a draft, without its record. `since` is set where it gathers automatic saves,
    `undone_to` where an undo went back to that edition."""

    edition: int
    at: datetime
    author: str
    note: str = ""
    since: datetime | None = None
    undone_to: int | None = None


def keep(
    connection: Connection,
    publication: Publication,
    *,
    author: str,
    note: str = "",
    since: datetime | None = None,
    undone_to: int | None = None,
    at: datetime | None = None,
) -> None:
    """Write down a publication's record as it is now. The same edition twice is kept once."""
    mine = t.editions.c.publication == publication.id
    connection.execute(delete(t.editions).where(mine, t.editions.c.edition == publication.edition))
    row = {
        "publication": publication.id,
        "edition": publication.edition,
        "at": at or now(),
        "author": author,
        "record": dict(publication.record),
        "note": note,
        "since": since,
        "undone_to": undone_to,
    }
    connection.execute(insert(t.editions), row)


def newest(connection: Connection, publication: str) -> Edition | None:
    """The last edition that was kept; none before the first save."""
    found = of(connection, publication, limit=1)
    return found[0] if found else None


def of(
    connection: Connection, publication: str, *, before: int | None = None, limit: int = 200
) -> list[Edition]:
    """The editions of a publication, newest first; `before` is where the page before ended."""
    query = (
        select(*_ROWS)
        .where(t.editions.c.publication == publication)
        .order_by(t.editions.c.edition.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(t.editions.c.edition < before)
    return [Edition(**row) for row in connection.execute(query).mappings()]


def record_of(connection: Connection, publication: str, edition: int) -> Mapping[str, Any]:
    """The record of one edition. Raises NotFound."""
    found = connection.execute(
        select(t.editions.c.record).where(
            t.editions.c.publication == publication, t.editions.c.edition == edition
        )
    ).first()
    if found is None:
        raise NotFound(
            f"There is no edition {edition} of this draft.",
            hint="Its history lists those that were kept.",
        )
    record: Mapping[str, Any] = found[0]
    return record


def written_by(connection: Connection, publication: str, author: str) -> bool:
    """Whether this person saved an edition that was kept."""
    mine = (t.editions.c.publication == publication, t.editions.c.author == author)
    found = select(t.editions.c.edition).where(*mine).limit(1)
    return connection.execute(found).first() is not None


def gathering(connection: Connection, publication: str, author: str) -> Edition | None:
    """The newest edition, while it still gathers the automatic saves of this author."""
    last = newest(connection, publication)
    if last is None or last.since is None or last.author != author:
        return None
    return last if now() - last.since < TOGETHER else None


def drop(connection: Connection, publication: str, edition: int | None = None) -> None:
    """Forget one edition, or all of them."""
    mine = t.editions.c.publication == publication
    one = () if edition is None else (t.editions.c.edition == edition,)
    connection.execute(delete(t.editions).where(mine, *one))
