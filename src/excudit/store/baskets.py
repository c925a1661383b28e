"""Baskets: what people have picked and not asked for yet; and who holds a dataset already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from excudit.domain.publication import Sight
from excudit.store import tables as t
from excudit.store import tables_people as p
from excudit.store.publications import now, seen_by

_b = p.baskets.c
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Picked:
    """A dataset in a basket; `files` and `bytes` are none until they were counted."""

    source: str
    ref: str
    title: str
    files: int | None = None
    bytes: int | None = None
    added_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What a basket holds of one source: `counted` of its `datasets` are in `files` and `bytes`."""

    source: str
    datasets: int
    counted: int
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Holder:
    """The publication that has a dataset. `mine_to_see`: whether the one who asks may see it;
    `slug` is that of its public page, "" while it has none."""

    publication: str
    title: str
    state: str
    slug: str
    mine_to_see: bool


def _chunks(refs: Sequence[str]) -> Iterator[Sequence[str]]:
    return (refs[i : i + _AT_ONCE] for i in range(0, len(refs), _AT_ONCE))


def add(connection: Connection, user: str, entries: Sequence[Picked]) -> int:
    """Put datasets in; how many were not there yet. What was there stays as it is."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    moment, before = now(), count(connection, user)
    rows = [
        {
            "user": user,
            "source": e.source,
            "ref": e.ref,
            "title": e.title,
            "files": e.files,
            "bytes": e.bytes,
            "added_at": e.added_at or moment,
        }
        for e in entries
    ]
    if rows:
        connection.execute(insert(p.baskets).on_conflict_do_nothing(), rows)
    return count(connection, user) - before


def remove(connection: Connection, user: str, chosen: Sequence[tuple[str, str]]) -> int:
    """Take datasets (source, ref) out; how many were there."""
    gone = 0
    for source in dict.fromkeys(source for source, _ in chosen):
        for refs in _chunks([ref for of, ref in chosen if of == source]):
            where = (_b.user == user, _b.source == source, _b.ref.in_(refs))
            gone += connection.execute(delete(p.baskets).where(*where)).rowcount
    return gone


def clear(connection: Connection, user: str, *, source: str | None = None) -> int:
    """Take everything out, or everything of one source; how much there was."""
    query = delete(p.baskets).where(_b.user == user)
    if source is not None:
        query = query.where(_b.source == source)
    return connection.execute(query).rowcount


def count(connection: Connection, user: str) -> int:
    """How many datasets there are."""
    query = select(func.count()).select_from(p.baskets).where(_b.user == user)
    return int(connection.execute(query).scalar_one())


def totals(connection: Connection, user: str) -> list[Total]:
    """What there is of each source, by the sources' names."""
    rows = connection.execute(
        select(
            _b.source,
            func.count(),
            func.count(_b.files),
            func.coalesce(func.sum(_b.files), 0),
            func.coalesce(func.sum(_b.bytes), 0),
        )
        .where(_b.user == user)
        .group_by(_b.source)
        .order_by(_b.source)
    )
    return [Total(source, *map(int, counts)) for source, *counts in rows]


def page(
    connection: Connection,
    user: str,
    *,
    source: str | None = None,
    after: tuple[str, str] | None = None,
    uncounted: bool = False,
    limit: int = 100,
) -> list[Picked]:
    """Datasets by source and reference, keyset-paged: `after` is the last one's (source, ref)."""
    columns = (_b.source, _b.ref, _b.title, _b.files, _b.bytes, _b.added_at)
    query = select(*columns).where(_b.user == user).order_by(_b.source, _b.ref).limit(limit)
    if source is not None:
        query = query.where(_b.source == source)
    if uncounted:
        query = query.where(_b.files.is_(None))
    if after is not None:
        later = and_(_b.source == after[0], _b.ref > after[1])
        query = query.where(or_(_b.source > after[0], later))
    return [Picked(*row) for row in connection.execute(query)]


def last(connection: Connection, user: str) -> list[Picked]:
    """The last dataset, in a list; [] in an empty basket."""
    columns = (_b.source, _b.ref, _b.title, _b.files, _b.bytes, _b.added_at)
    query = select(*columns).where(_b.user == user).order_by(_b.source.desc(), _b.ref.desc())
    return [Picked(*row) for row in connection.execute(query.limit(1))]


def there(connection: Connection, user: str, source: str, refs: Sequence[str]) -> set[str]:
    """Which of these are in the basket."""
    found: set[str] = set()
    for some in _chunks(refs):
        query = select(_b.ref).where(_b.user == user, _b.source == source, _b.ref.in_(some))
        found.update(connection.execute(query).scalars())
    return found


def counted(
    connection: Connection, user: str, source: str, ref: str, files: int, size: int
) -> None:
    """Write down how much a dataset holds; one that has left the basket meanwhile stays out."""
    where = (_b.user == user, _b.source == source, _b.ref == ref)
    connection.execute(update(p.baskets).where(*where).values(files=files, bytes=size))


def held(
    connection: Connection, source: str, refs: Sequence[str], sight: Sight
) -> dict[str, Holder]:
    """Who has these datasets: a publication that was asked for, or else a draft of one's own."""
    mine = t.publications.c.owner == sight.name
    begun = t.publications.c.state.in_(("draft", "changes_requested"))
    drafts = select(t.datasets.c.ref, *_holder(sight)).join(
        t.publications, t.publications.c.id == t.datasets.c.publication
    )
    claims = select(t.claims.c.ref, *_holder(sight)).join(
        t.publications, t.publications.c.id == t.claims.c.publication
    )
    found: dict[str, Holder] = {}
    for some in _chunks(refs):
        own = drafts.where(mine, begun, t.datasets.c.source == source, t.datasets.c.ref.in_(some))
        asked = claims.where(t.claims.c.source == source, t.claims.c.ref.in_(some))
        for query in (own, asked):
            for ref, key, title, state, slug, page_open, seen in connection.execute(query):
                found[ref] = Holder(key, title, state, slug if page_open else "", bool(seen))
    return found


def _holder(sight: Sight) -> tuple[Any, ...]:
    c = t.publications.c
    return (c.id, c.title, c.state, c.slug, c.page_open, seen_by(sight).label("seen"))
