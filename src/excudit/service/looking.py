"""Looking at the measurements of a dataset, where its source has something to show."""

from __future__ import annotations

from excudit.domain.looks import Looks
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.ports import Showing
from excudit.service import acts
from excudit.service.parts import Parts
from excudit.store import publications, snapshots
from excudit.store.database import Connection


def possible(parts: Parts, publication: Publication) -> bool:
    """Whether there may be something to look at: one dataset, of a source that shows its data."""
    if len(publication.parts) != 1:
        return False
    return isinstance(parts.sources.get(publication.parts[0].source), Showing)


def looks(parts: Parts, actor: Actor, publication: str) -> tuple[str, Looks | None]:
    """What there is to look at, and a name of it that changes when it does: of what was frozen, of
    a draft what its source has now. Raises NotFound."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        if not acts.roles_of(connection, actor, found):
            raise publications.absent(publication)
        before = _before(connection, found)
        frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
    if not possible(parts, found):
        return "", None
    part = found.parts[0]
    source = parts.source(part.source)
    assert isinstance(source, Showing)  # as just asked
    revision = frozen.revision if frozen else source.look(part.ref).revision
    return f"{revision}-{before}", source.looks(part.ref, revision, before=before)


def prepare(parts: Parts, publication: Publication) -> Looks | None:
    """Have the source calculate what will be looked at."""
    with parts.database.read() as connection:
        before = _before(connection, publication)
        revision = snapshots.get(connection, publication.snapshot or "").revision
    part = publication.parts[0]
    source = parts.source(part.source)
    if not isinstance(source, Showing) or not possible(parts, publication):
        return None
    return source.looks(part.ref, revision, before=before)


def _before(connection: Connection, publication: Publication) -> str:
    """The revision of what was last made public of the same work; "" = nothing was."""
    earlier = [
        v
        for v in publications.versions(connection, publication.concept)
        if v.version < publication.version and v.published_at and v.snapshot
    ]
    return snapshots.get(connection, earlier[-1].snapshot or "").revision if earlier else ""
