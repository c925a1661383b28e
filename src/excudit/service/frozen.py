"""The frozen form of a publication, put together for targets, and how it may have drifted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from excudit.domain.errors import Conflict, Drifted
from excudit.domain.model import FileEntry, Files, Snapshot
from excudit.domain.problem import Problem
from excudit.domain.publication import Publication
from excudit.metadata import datacite_json
from excudit.service.parts import Parts
from excudit.store import deposits, publications, snapshots

SHOWN = 100


def snapshot_of(parts: Parts, publication: str) -> tuple[Publication, Snapshot]:
    """The publication and its snapshot as targets see it. Raises NotFound or Conflict."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        if found.snapshot is None:
            raise Conflict(f"Publication {publication} has not been frozen.")
        frozen = snapshots.get(connection, found.snapshot)
        doi = deposits.doi_of(connection, publication)
    return found, Snapshot(
        key=found.id,
        source=frozen.source,
        ref=frozen.ref,
        revision=frozen.revision,
        record=datacite_json.from_rest(frozen.record),
        files=snapshots.StoredFiles(parts.database, frozen),
        manifest_digest=frozen.manifest_digest,
        digest=frozen.digest,
        bytes=frozen.bytes,
        landing_url=parts.landing_url(found.slug),
        doi=doi,
    )


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
                yield Problem(now.path, f"The content changed ({was.size} → {now.size} bytes).")
            was, now = next(approved, None), next(current, None)
