"""Drafts as they are written: saved, undone, restored, replaced, and every edition kept.

Nothing here touches what is frozen or published: the lifecycle allows `edit` in a draft and in
what was returned to its author only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace as with_changes
from typing import Any

from excudit.domain import lifecycle
from excudit.domain.errors import Conflict, NotFound
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.service import acts
from excudit.service.merged import main_title
from excudit.service.parts import Parts
from excudit.store import deposits, editions, publications
from excudit.store.database import Connection
from excudit.store.editions import Edition

Record = Mapping[str, Any]
Revise = Callable[[Publication], Record]

NOTE = 300
"""Characters of a note to an edition."""


def opened(parts: Parts, actor: Actor, publication: str) -> Publication:
    """A publication whose record the actor may change now. Raises Denied or Conflict with the
    reason."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        _may_edit(connection, parts, actor, found)
    return found


def _may_edit(connection: Connection, parts: Parts, actor: Actor, found: Publication) -> None:
    now = acts.situation(connection, parts, found, actor)
    lifecycle.step("edit", now, acts.roles_of(connection, actor, found))


def save(
    parts: Parts,
    actor: Actor,
    publication: str,
    revise: Revise,
    *,
    note: str = "",
    gather: bool = False,
) -> Publication:
    """Change the record by `revise`, which gets the publication as it is now, locked, and returns
    its new record; what `revise` raises leaves everything as it was.

    A save that changes nothing leaves no trace. With `gather` (automatic saves) the editions of
    one author within ten minutes are kept as one, with one event. Raises Denied or Conflict.
    """
    with parts.database.write() as connection:
        before = _locked(connection, parts, actor, publication, None)
        record = revise(before)
        return keep(connection, parts, actor, before, record, note=note, gather=gather)


def keep(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    before: Publication,
    record: Record,
    *,
    note: str = "",
    gather: bool = False,
    undone_to: int | None = None,
) -> Publication:
    """The record as a new edition, inside the caller's transaction, which holds the lock."""
    if record == before.record:
        return before
    _keep_former(connection, before)
    last = editions.gathering(connection, before.id, actor.name) if gather else None
    values: dict[str, Any] = {
        "record": dict(record),
        "title": main_title(record) or before.title,
        "edited": True,
    }
    if last is not None:
        publications.change(connection, before.id, **values)
        editions.drop(connection, before.id, last.edition)
        after = with_changes(before, edition=before.edition + 1, **values)
    else:
        told = {"edition": before.edition + 1, "note": note}
        after = acts.act(connection, parts, actor, before.id, "edit", details=told, **values)
    moment = publications.now()
    since = (last.since if last else moment) if gather else None
    editions.keep(
        connection,
        after,
        author=actor.name,
        note=note[:NOTE],
        since=since,
        undone_to=undone_to,
        at=moment,
    )
    return after


def _keep_former(connection: Connection, before: Publication) -> None:
    """What stood there before the first save, or was written by something else than a save."""
    last = editions.newest(connection, before.id)
    if last is not None and before.record == editions.record_of(
        connection, before.id, last.edition
    ):
        return
    note = "As it was prefilled" if last is None else "As the service left it"
    editions.keep(connection, before, author=before.owner, note=note, at=before.updated_at)


def history(
    parts: Parts, publication: str, *, before: int | None = None, limit: int = 200
) -> list[Edition]:
    """The editions that were kept, newest first; empty while nobody has changed the draft."""
    with parts.database.read() as connection:
        return editions.of(connection, publication, before=before, limit=limit)


def edition(parts: Parts, publication: str, number: int) -> tuple[Edition, Record]:
    """One edition and its record. Raises NotFound."""
    with parts.database.read() as connection:
        record = editions.record_of(connection, publication, number)
        kept = editions.of(connection, publication, before=number + 1, limit=1)[0]
    return kept, record


def restore(
    parts: Parts, actor: Actor, publication: str, edition: int, *, expected: int | None = None
) -> Publication:
    """An older edition as a new one. With `expected` it is refused with Conflict when the draft
    is at another edition by now. Raises NotFound, Denied or Conflict."""
    with parts.database.write() as connection:
        before = _locked(connection, parts, actor, publication, expected)
        record = editions.record_of(connection, publication, edition)
        note = f"Edition {edition} restored"
        return keep(connection, parts, actor, before, record, note=note)


def undo(
    parts: Parts, actor: Actor, publication: str, *, expected: int | None = None
) -> Publication:
    """Back by one edition, as a new one; again, and it goes back further. Raises Conflict where
    there is nothing to go back to, or where the draft is not at the `expected` edition."""
    with parts.database.write() as connection:
        before = _locked(connection, parts, actor, publication, expected)
        to = _to_undo(connection, publication)
        if to is None:
            raise Conflict(
                "There is nothing to undo.", hint="This is the first state of the draft."
            )
        record = editions.record_of(connection, publication, to)
        note = f"Undone, back to edition {to}"
        return keep(connection, parts, actor, before, record, note=note, undone_to=to)


def _locked(
    connection: Connection, parts: Parts, actor: Actor, publication: str, expected: int | None
) -> Publication:
    """The publication, locked, when the actor may change it and it is at the expected edition."""
    found = publications.get(connection, publication, lock=True)
    _may_edit(connection, parts, actor, found)
    if expected is not None and expected != found.edition:
        raise Conflict(
            Sentence(
                "The record was changed meanwhile (edition %(edition)s, you have %(expected)s).",
                edition=found.edition,
                expected=expected,
            ),
            hint="Read it again, compare, and send your change with the new ETag.",
        )
    return found


def can_undo(parts: Parts, publication: str) -> bool:
    """Whether there is an edition to go back to."""
    with parts.database.read() as connection:
        return _to_undo(connection, publication) is not None


def _to_undo(connection: Connection, publication: str) -> int | None:
    last = editions.newest(connection, publication)
    if last is None:
        return None
    here = last.edition if last.undone_to is None else last.undone_to
    former = editions.of(connection, publication, before=here, limit=1)
    return former[0].edition if former else None


def replace(
    parts: Parts,
    actor: Actor,
    publication: str,
    record: Record,
    *,
    edition: int | None = None,
    note: str = "",
) -> Publication:
    """Another record in place of the draft's, as a new edition with a note of where it came from.

    With `edition` it is refused with Conflict when the draft was changed since.
    """
    with parts.database.write() as connection:
        before = _locked(connection, parts, actor, publication, edition)
        return keep(connection, parts, actor, before, record, note=note)


def reserve_doi(parts: Parts, actor: Actor, publication: str) -> str:
    """Choose the DOI of a draft now, without a call: the run that publishes uses this very name.

    Pressing twice gives the same name. "Reserved" only: it does not resolve yet. Raises NotFound
    where no target of the route gives names.
    """
    with parts.database.write() as connection:
        found = _locked(connection, parts, actor, publication, None)
        known = deposits.doi_of(connection, publication)
        for name in naming_targets(parts, found):
            meant = parts.target(name).name_doi()
            chosen = deposits.choose_doi(connection, publication, name, meant)
            if not known:
                acts.tell(
                    connection,
                    parts,
                    found,
                    actor=actor,
                    action="reserve_doi",
                    details={"doi": chosen, "target": name},
                )
            known = known or chosen
    if not known:
        raise NotFound("No target of this route gives a DOI.")
    return known


def naming_targets(parts: Parts, publication: Publication) -> list[str]:
    """The targets of the route that give a DOI of our own choice."""
    route = parts.settings.routes.get(publication.route)
    names = (n for n in (route.targets if route else ()) if n in parts.targets)
    return [n for n in names if parts.targets[n].capabilities.identifier]


def reserved(parts: Parts, publication: str) -> str:
    """The DOI that was chosen for a publication; "" while none is."""
    with parts.database.read() as connection:
        return deposits.doi_of(connection, publication)
