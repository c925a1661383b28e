"""Publications, their datasets, and who holds which dataset."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import uuid_utils
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    true,
    union,
    update,
)
from sqlalchemy.exc import IntegrityError

from excudit.domain.errors import Conflict, NotFound
from excudit.domain.publication import Part, Publication, Sight
from excudit.store import tables as t
from excudit.store import tables_review as r

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32, lower case
_COLUMNS = [c for c in t.publications.c if c.name in Publication.__slots__]
# Built once: the steps of every run ask these.
_GET = select(*_COLUMNS).where(t.publications.c.id == bindparam("key"))
_LOCKED = _GET.with_for_update()
_PARTS = (
    select(t.datasets.c.source, t.datasets.c.ref, t.datasets.c.title, t.datasets.c.revision)
    .where(t.datasets.c.publication == bindparam("key"))
    .order_by(t.datasets.c.position)
)


def now() -> datetime:
    """The time of the service's clock, aware UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A new UUIDv7."""
    return str(uuid_utils.uuid7())


def new_slug() -> str:
    """A new random name for public URLs; never derived from a DOI or a path."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def add(connection: Connection, publication: Publication) -> None:
    """Insert a publication with its datasets."""
    values = {c.name: getattr(publication, c.name) for c in _COLUMNS}
    values["waiting_since"] = publication.waiting_since or publication.created_at
    values["title_sought"] = sought(publication.title)
    connection.execute(insert(t.publications), {**values, "record": dict(publication.record)})
    put_parts(connection, publication.id, publication.parts)


def sought(title: str) -> str:
    """As much of a title as lists look through, in a form that does not tell capitals apart.

    At most 200 characters, of which an index of PostgreSQL takes every byte.
    """
    return title[:200].casefold()[:200]


def put_parts(connection: Connection, publication: str, parts: Sequence[Part]) -> None:
    """Replace the datasets of a publication."""
    connection.execute(delete(t.datasets).where(t.datasets.c.publication == publication))
    if parts:
        connection.execute(
            insert(t.datasets),
            [
                {
                    "publication": publication,
                    "position": i,
                    "source": p.source,
                    "ref": p.ref,
                    "title": p.title,
                    "revision": p.revision,
                }
                for i, p in enumerate(parts)
            ],
        )


def get(connection: Connection, publication: str, *, lock: bool = False) -> Publication:
    """One publication; with `lock` no other write unit changes it until this one ends.

    Raises NotFound.
    """
    row = connection.execute(_LOCKED if lock else _GET, {"key": publication}).mappings().first()
    if row is None:
        raise absent(publication)
    return _publication(connection, row)


def absent(publication: str) -> NotFound:
    """The error for a publication that is not there, or not for the one who asks to see: the very
    same words, so that nobody learns what exists."""
    return NotFound(
        f"There is no publication {publication}.", hint="`excudit list` shows them all."
    )


def by_slug(connection: Connection, slug: str) -> Publication:
    """The publication of a public page. Raises NotFound."""
    row = (
        connection.execute(select(*_COLUMNS).where(t.publications.c.slug == slug))
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound("There is no such page.")
    return _publication(connection, row)


def _publication(connection: Connection, row: Any) -> Publication:
    parts = connection.execute(_PARTS, {"key": row["id"]})
    return Publication(**row, parts=tuple(Part(*p) for p in parts))


def refs_of(connection: Connection, publication: str) -> tuple[str, ...]:
    """The references of its datasets, in the order in which they were chosen."""
    return tuple(row.ref for row in connection.execute(_PARTS, {"key": publication}))


def first_datasets(connection: Connection, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Source and reference of the first dataset of each publication."""
    rows = connection.execute(
        select(t.datasets.c.publication, t.datasets.c.source, t.datasets.c.ref).where(
            t.datasets.c.publication.in_(keys), t.datasets.c.position == 0
        )
    )
    return {row.publication: (row.source, row.ref) for row in rows}


def change(connection: Connection, publication: str, **values: Any) -> None:
    """Change columns; the edition rises and `updated_at` moves."""
    if "title" in values:
        values["title_sought"] = sought(values["title"])
    connection.execute(
        update(t.publications)
        .where(t.publications.c.id == publication)
        .values(edition=t.publications.c.edition + 1, updated_at=now(), **values)
    )


def set_health(connection: Connection, publication: str, health: str) -> None:
    """How its runs are; no edit of anybody is in conflict with it, so the edition stays."""
    connection.execute(
        update(t.publications)
        .where(t.publications.c.id == publication)
        .values(health=health, updated_at=now())
    )


_GOING = (
    update(t.publications)
    .where(t.publications.c.id == bindparam("key"), t.publications.c.health == "waiting")
    .values(health="running")
)


def set_going(connection: Connection, publication: str) -> None:
    """A run that waited goes on."""
    connection.execute(_GOING, {"key": publication})


def remove(connection: Connection, publication: str) -> None:
    """Delete a draft with its datasets, snapshots and history of typing. What it holds is let go
    by `unclaim`: a published version of the same work may keep it."""
    frozen = select(t.snapshots.c.id).where(t.snapshots.c.publication == publication)
    connection.execute(delete(t.files).where(t.files.c.snapshot.in_(frozen)))
    for table in (t.snapshots, t.datasets, r.editions):
        connection.execute(delete(table).where(table.c.publication == publication))
    connection.execute(
        update(t.publications)
        .where(t.publications.c.id == publication)
        .values(state="cancelled", snapshot=None)
    )


def listing(
    connection: Connection,
    *,
    state: str | None = None,
    health: str | None = None,
    sight: Sight | None = None,
    owner: str | None = None,
    route: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Publication]:
    """Publications, newest change first, keyset-paged; `after` is the last one's
    (updated_at, id). Datasets are not loaded.

    Each reason for which somebody sees publications is one walk along an index, so that no page
    sorts all that they may see.
    """
    c = t.publications.c
    places = [true()] if sight is None else _places(sight)
    walk = select(c.id, c.updated_at).order_by(c.updated_at.desc(), c.id.desc()).limit(limit)
    wanted = {"state": state, "health": health, "owner": owner, "route": route}
    for column, value in wanted.items():
        if value is not None:
            walk = walk.where(c[column] == value)
    if after is not None:
        moment, key = after
        # The first half alone lets the database begin there; the second says the rest.
        walk = walk.where(c.updated_at <= moment, or_(c.updated_at < moment, c.id < key))
    walks = [walk.where(place).subquery() for place in places]
    found = union(*(select(w.c.id, w.c.updated_at) for w in walks)).subquery()
    keys = select(found.c.id).order_by(found.c.updated_at.desc(), found.c.id.desc()).limit(limit)
    query = select(*_COLUMNS).where(c.id.in_(keys)).order_by(c.updated_at.desc(), c.id.desc())
    return [Publication(**row) for row in connection.execute(query).mappings()]


def _places(sight: Sight) -> list[ColumnElement[bool]]:
    """The reasons for which somebody sees publications; together they are `seen_by`."""
    if sight.everything:
        return [true()]
    c = t.publications.c
    joined = select(r.collaborators.c.publication).where(r.collaborators.c.user == sight.name)
    return [c.owner == sight.name, c.id.in_(joined), *(c.route == route for route in sight.routes)]


def seen_by(sight: Sight) -> ColumnElement[bool]:
    """The condition on publications that somebody may see."""
    return or_(*_places(sight))


def versions(connection: Connection, concept: str) -> list[Publication]:
    """All versions of one work, first to newest."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(t.publications.c.concept == concept)
        .order_by(t.publications.c.version)
    ).mappings()
    return [Publication(**row) for row in rows]


def claim(connection: Connection, publication: Publication) -> None:
    """Hold the publication's datasets for its concept.

    The same publication twice is fine. Raises Conflict, naming the holder, when another work
    holds one of them.
    """
    # Everywhere in the same order, or two write units may lock each other out.
    for part in sorted(publication.parts, key=lambda part: (part.source, part.ref)):
        row = {
            "source": part.source,
            "ref": part.ref,
            "concept": publication.concept,
            "publication": publication.id,
            "claimed_at": now(),
        }
        try:
            with connection.begin_nested():
                connection.execute(insert(t.claims), row)
        except IntegrityError:
            _take_over(connection, publication, part)


def holder(connection: Connection, source: str, ref: str) -> Publication | None:
    """The publication that holds a dataset now."""
    key = connection.execute(
        select(t.claims.c.publication).where(t.claims.c.source == source, t.claims.c.ref == ref)
    ).scalar()
    return get(connection, key) if key else None


def _take_over(connection: Connection, publication: Publication, part: Part) -> None:
    mine = and_(t.claims.c.source == part.source, t.claims.c.ref == part.ref)
    holder = connection.execute(select(t.claims).where(mine).with_for_update()).mappings().first()
    if holder is None:
        raise Conflict(f"{part.ref} was let go at this moment.", hint="Submit it once more.")
    if holder["concept"] != publication.concept:
        other = get(connection, holder["publication"])
        raise _held(part.ref, other, mine=other.owner == publication.owner)
    connection.execute(update(t.claims).where(mine).values(publication=publication.id))


def _held(ref: str, other: Publication, *, mine: bool) -> Conflict:
    if other.state in ("published", "withdrawn"):
        return Conflict(
            f"{ref} is already published as publication {other.id} ({other.title}).",
            hint=f"Make a new version of it: `excudit new-version {other.id}`.",
        )
    if mine:
        return Conflict(
            f"{ref} is already being published as publication {other.id} ({other.title}).",
            hint=f"Follow that one with `excudit status {other.id}`, or cancel it first.",
        )
    # What others prepare is not told to strangers.
    return Conflict(
        f"{ref} is already being published by somebody else.",
        hint="Ask the curators of this service who it is.",
    )


def unclaim(connection: Connection, publication: Publication) -> None:
    """Let go of the datasets; where the work has a published version, that one keeps them."""
    published = (
        select(t.publications.c.id)
        .where(t.publications.c.concept == publication.concept)
        .where(t.publications.c.published_at.is_not(None))
        .order_by(t.publications.c.version.desc())
    )
    keeper = connection.execute(published).scalars().first()
    held = t.claims.c.publication == publication.id
    if keeper is None:
        connection.execute(delete(t.claims).where(held))
    else:
        connection.execute(update(t.claims).where(held).values(publication=keeper))
