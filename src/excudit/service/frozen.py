"""The frozen form of a publication, put together for targets, and how it may have drifted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from excudit.domain.errors import Drifted
from excudit.domain.model import FileEntry, Files, Snapshot
from excudit.domain.problem import Problem
from excudit.domain.publication import Frozen, Standing
from excudit.domain.record import Record
from excudit.domain.sentence import Sentence
from excudit.metadata import datacite_json
from excudit.service import copying
from excudit.service.parts import Parts
from excudit.store import publications, snapshots

SHOWN = 100
REMEMBERED = 500


def snapshot_of(parts: Parts, publication: str) -> tuple[Standing, Snapshot]:
    """How the publication stands, and its snapshot as targets see it. Raises Conflict."""
    with parts.database.read() as connection:
        found = snapshots.standing(connection, publication)
        refs = publications.refs_of(connection, publication)
    frozen = found.frozen
    return found, Snapshot(
        key=publication,
        source=frozen.source,
        ref=frozen.ref,
        revision=frozen.revision,
        record=_record(parts, frozen),
        files=snapshots.StoredFiles(parts.database, frozen),
        manifest_digest=frozen.manifest_digest,
        digest=frozen.digest,
        bytes=frozen.bytes,
        landing_url=parts.landing_url(found.slug),
        doi=found.doi,
        refs=refs,
        facts=frozen.facts,
        reader=partial(copying.approved, parts, publication),
    )


def _record(parts: Parts, frozen: Frozen) -> Record:
    """The record of a snapshot; a snapshot never changes, so it is read once for its steps."""
    known = parts.records.get(frozen.id)
    if known is None:
        known = parts.records[frozen.id] = datacite_json.from_rest(frozen.record)
        while len(parts.records) > REMEMBERED:
            parts.records.pop(next(iter(parts.records)), None)
    return known


def drift(approved: Files, current: Files) -> Drifted:
    """What changed since approval, file by file; both sides are streamed."""
    changes = list(islice(_changes(iter(approved), iter(current)), SHOWN + 1))
    more = len(changes) > SHOWN
    return Drifted(
        "The files changed after they were approved."
        + (f" Only the first {SHOWN} changes are listed." if more else ""),
        hint="Look at the changes and submit again, or put the files back.",
        problems=tuple(changes[:SHOWN]),
    )


def _changes(approved: Iterator[FileEntry], current: Iterator[FileEntry]) -> Iterator[Problem]:
    was, now = next(approved, None), next(current, None)
    while was or now:
        was_first = now is None or (was is not None and was.path.encode() < now.path.encode())
        if was is not None and was_first:
            yield Problem(was.path, "The file is gone.")
            was = next(approved, None)
        elif now is not None and (was is None or now.path != was.path):
            yield Problem(now.path, "The file is new.")
            now = next(current, None)
        elif was is not None and now is not None:
            if (was.size, was.sha256) != (now.size, now.sha256):
                yield Problem(
                    now.path,
                    Sentence(
                        "The content changed (%(size)s → %(size_2)s bytes).",
                        size=was.size,
                        size_2=now.size,
                    ),
                )
            was, now = next(approved, None), next(current, None)
