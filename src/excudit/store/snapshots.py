"""Snapshots and their files, written and read as streams."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from excudit.domain.errors import Conflict, NotFound
from excudit.domain.model import FileEntry
from excudit.domain.publication import Frozen, Standing
from excudit.store import tables as t
from excudit.store.database import Database
from excudit.store.publications import new_id, now

BATCH = 5_000
_STANDING = (
    t.publications.c.slug,
    t.publications.c.route,
    t.publications.c.state,
    t.publications.c.page_open,
    t.publications.c.approved_digest,
    t.publications.c.withdrawn_at,
    t.publications.c.withdrawn_reason,
)
_DOI = (
    select(t.identifiers.c.doi)
    .where(t.identifiers.c.publication == t.publications.c.id, t.identifiers.c.state != "foreign")
    .order_by(t.identifiers.c.chosen_at)
    .limit(1)
    .scalar_subquery()
)
_STANDS = (
    select(*_STANDING, _DOI, *t.snapshots.c)
    .join(t.snapshots, t.snapshots.c.id == t.publications.c.snapshot)
    .where(t.publications.c.id == bindparam("key"))
)
_GET = select(t.snapshots).where(t.snapshots.c.id == bindparam("key"))


def digest_of(record: Mapping[str, Any], manifest_digest: str) -> str:
    """What an approval binds to: SHA-256 of the record (sorted keys) and the manifest's digest."""
    body = orjson.dumps(dict(record), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(body + b"\n" + manifest_digest.encode()).hexdigest()


def freeze(
    database: Database,
    publication: str,
    *,
    source: str,
    ref: str,
    revision: str,
    record: Mapping[str, Any],
    files: Iterable[FileEntry],
    facts: Mapping[str, Any] | None = None,
) -> Frozen:
    """Store a new snapshot with all its files, streamed in many small write units, so that a
    million files neither fill the memory nor keep other writers waiting.

    It counts only once the publication names it; what a crash left half-written is removed by
    the next freeze of the same publication.
    """
    key = new_id()
    values: dict[str, Any] = {
        "id": key,
        "publication": publication,
        "source": source,
        "ref": ref,
        "revision": revision,
        "record": dict(record),
        "manifest_digest": "",
        "digest": "",
        "files": 0,
        "bytes": 0,
        "files_of": key,
        "frozen_at": now(),
        "facts": dict(facts or {}),
    }
    with database.write() as connection:
        _sweep(connection, publication)
        values["number"] = _next_number(connection, publication)
        connection.execute(insert(t.snapshots), values)
    found = _write_files(database, key, files)
    found["digest"] = digest_of(record, found["manifest_digest"])
    with database.write() as connection:
        connection.execute(t.snapshots.update().where(t.snapshots.c.id == key).values(**found))
    return Frozen(**{**values, **found})


def _write_files(database: Database, key: str, files: Iterable[FileEntry]) -> dict[str, Any]:
    digest, count, size = hashlib.sha256(), 0, 0
    numbered = enumerate(files)
    while batch := list(itertools.islice(numbered, BATCH)):
        with database.write() as connection:
            connection.execute(insert(t.files), [_row(key, i, f) for i, f in batch])
        for _, f in batch:
            digest.update(f"{f.sha256} {f.size} {f.path}\n".encode())
            size += f.size
        count += len(batch)
    return {"manifest_digest": digest.hexdigest(), "files": count, "bytes": size}


def _sweep(connection: Connection, publication: str) -> None:
    half = (t.snapshots.c.publication == publication) & (t.snapshots.c.digest == "")
    left = select(t.snapshots.c.id).where(half)
    connection.execute(delete(t.files).where(t.files.c.snapshot.in_(left)))
    connection.execute(delete(t.snapshots).where(half))


def refreeze(connection: Connection, frozen: Frozen, record: Mapping[str, Any]) -> Frozen:
    """A new snapshot with another record and the same files, which are not copied."""
    values: dict[str, Any] = {
        "id": new_id(),
        "publication": frozen.publication,
        "number": _next_number(connection, frozen.publication),
        "source": frozen.source,
        "ref": frozen.ref,
        "revision": frozen.revision,
        "record": dict(record),
        "manifest_digest": frozen.manifest_digest,
        "digest": digest_of(record, frozen.manifest_digest),
        "files": frozen.files,
        "bytes": frozen.bytes,
        "files_of": frozen.files_of,
        "frozen_at": now(),
        "facts": dict(frozen.facts),
    }
    connection.execute(insert(t.snapshots), values)
    return Frozen(**values)


def _next_number(connection: Connection, publication: str) -> int:
    query = select(func.coalesce(func.max(t.snapshots.c.number), 0)).where(
        t.snapshots.c.publication == publication
    )
    return int(connection.execute(query).scalar_one()) + 1


def _row(snapshot: str, position: int, entry: FileEntry) -> dict[str, Any]:
    return {
        "snapshot": snapshot,
        "position": position,
        "path": entry.path,
        "size": entry.size,
        "sha256": entry.sha256,
        "media_type": entry.media_type,
    }


def get(connection: Connection, snapshot: str) -> Frozen:
    """One snapshot without its files. Raises NotFound."""
    found = connection.execute(_GET, {"key": snapshot}).mappings().first()
    if found is None:
        raise NotFound(f"There is no snapshot {snapshot}.")
    return Frozen(**found)


def standing(connection: Connection, publication: str) -> Standing:
    """How a frozen publication stands, in one query: every step asks. Raises Conflict when it has
    not been frozen or is not there."""
    row = connection.execute(_STANDS, {"key": publication}).first()
    if row is None:
        raise Conflict(f"Publication {publication} has not been frozen.")
    count = len(_STANDING)
    named = {column.name: value for column, value in zip(_STANDING, row[:count], strict=True)}
    return Standing(**named, doi=row[count] or "", frozen=Frozen(*row[count + 1 :]))


class StoredFiles:
    """The files of a snapshot as `domain.model.Files`: each iteration streams them anew."""

    def __init__(self, database: Database, frozen: Frozen) -> None:
        self._database = database
        self._of = frozen.files_of
        self._count = frozen.files

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[FileEntry]:
        position = -1
        while True:
            with self._database.read() as connection:
                page = page_of(connection, self._of, after=position, limit=BATCH)
            yield from (entry for _, entry in page)
            if len(page) < BATCH:
                return
            position = page[-1][0]


def page_of(
    connection: Connection, files_of: str, *, after: int = -1, limit: int = 100
) -> list[tuple[int, FileEntry]]:
    """Files after a position, with their positions."""
    columns = (t.files.c.path, t.files.c.size, t.files.c.sha256, t.files.c.media_type)
    rows = connection.execute(
        select(t.files.c.position, *columns)
        .where(t.files.c.snapshot == files_of, t.files.c.position > after)
        .order_by(t.files.c.position)
        .limit(limit)
    )
    return [(row[0], FileEntry(*row[1:])) for row in rows]
