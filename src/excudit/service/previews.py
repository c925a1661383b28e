"""Read-only links to what is not public yet: made, listed, closed, opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from excudit.domain import permissions
from excudit.domain.errors import Conflict, NotFound, Rejected
from excudit.domain.model import Actor
from excudit.domain.publication import Frozen, Publication
from excudit.domain.record import Record
from excudit.domain.sentence import Sentence
from excudit.service import acts
from excudit.service.parts import Parts
from excudit.service.preview_record import lenient
from excudit.service.withheld import Withheld
from excudit.store import collaborators, previews, publications, snapshots, users
from excudit.store.database import Connection
from excudit.store.previews import Preview

LONGEST_DAYS = 90
MOST = 50
"""Open links of one publication at most."""
DRAFTING = ("draft", "changes_requested")
SHOWN = (*DRAFTING, "submitted", "in_review", "approved", "publishing")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a link leads to. `moved`: the slug of the public page that has taken its place, and
    nothing else then. `gaps`: fields that cannot be shown yet."""

    publication: Publication
    anonymous: bool
    moved: str = ""
    record: Record | None = None
    frozen: Frozen | None = None
    gaps: tuple[str, ...] = ()


def make(
    parts: Parts, actor: Actor, publication: str, *, days: int, anonymous: bool, note: str = ""
) -> tuple[Preview, str]:
    """A new link that ends after `days`, and its token, which is told this once only.

    Raises Rejected for a time that is not 1 to 90 days, Conflict when there are too many.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise Rejected(
            Sentence(
                "A preview link lasts 1 to %(longest_days)s days, not %(days)s.",
                longest_days=LONGEST_DAYS,
                days=days,
            ),
            hint="Make a new one when it has ended.",
        )
    with parts.database.write() as connection:
        found = _may(connection, actor, publication, "preview", lock=True)
        if sum(p.open for p in previews.of(connection, found.id)) >= MOST:
            raise Conflict(
                Sentence("There are %(most)s open preview links already.", most=MOST),
                hint="Revoke some first.",
            )
        made = previews.add(
            connection,
            found.id,
            by=actor.name,
            note=note,
            anonymous=anonymous,
            expires_at=publications.now() + timedelta(days=days),
        )
        details = {
            "preview": made[0].id,
            "anonymous": anonymous,
            "expires_at": made[0].expires_at.isoformat(),
        }
        acts.tell(connection, parts, found, actor=actor, action="preview", details=details)
        return made


def _may(
    connection: Connection, actor: Actor, publication: str, action: str, *, lock: bool = False
) -> Publication:
    found = publications.get(connection, publication, lock=lock)
    permissions.require(action, found.state, acts.roles_of(connection, actor, found))
    return found


def of(parts: Parts, actor: Actor, publication: str) -> tuple[Publication, list[Preview]]:
    """The links of a publication, newest first. Raises Denied."""
    with parts.database.read() as connection:
        found = _may(connection, actor, publication, "revoke_preview")
        return found, previews.of(connection, found.id)


def revoke(parts: Parts, actor: Actor, publication: str, preview: str) -> None:
    """Close a link at once, in every state. Closed already = done. Raises Denied, or NotFound when
    there is none."""
    with parts.database.write() as connection:
        found = _may(connection, actor, publication, "revoke_preview", lock=True)
        if all(p.id != preview for p in previews.of(connection, found.id)):
            raise NotFound("There is no such preview link.")
        if previews.revoke(connection, found.id, preview):
            details = {"preview": preview}
            acts.tell(
                connection, parts, found, actor=actor, action="revoke_preview", details=details
            )


def opened(parts: Parts, token: str) -> Seen:
    """What the bearer of a token may read.

    Raises NotFound, with the same words whether it is unknown, revoked or expired, and once the
    publication was given up.
    """
    with parts.database.read() as connection:
        preview = previews.find(connection, token)
        if preview is None:
            raise _nothing()
        found = publications.get(connection, preview.publication)
        if found.state in ("published", "withdrawn") and found.page_open:
            return Seen(found, preview.anonymous, moved=found.slug)
        if found.state not in SHOWN:
            raise _nothing()
        frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
        people = _people(connection, found) if preview.anonymous else []
    drafting = found.state in DRAFTING or frozen is None
    raw = found.record if drafting or frozen is None else frozen.record
    record, gaps = lenient(raw, publisher=parts.settings.site.name)
    if preview.anonymous:
        record = Withheld(raw, found, people).reduced(record, site=parts.settings.site.name)
    return Seen(found, preview.anonymous, record=record, frozen=frozen, gaps=gaps)


def _nothing() -> NotFound:
    return NotFound(
        "There is no preview at this address.",
        hint="The link may have ended or been revoked; ask whoever gave it to you.",
    )


def _people(connection: Connection, found: Publication) -> list[Actor]:
    names = [found.owner, *(c["user"] for c in collaborators.of(connection, found.id))]
    return [user for name in names if (user := users.get(connection, name))]
