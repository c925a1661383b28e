"""Metadata from elsewhere into a draft: from a file, by a DOI, from an earlier publication.

Reading changes nothing; `changes` shows what a take-over would do, `take_over` does it.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from excudit.domain import lifecycle
from excudit.domain.errors import Conflict, Denied, Rejected
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.domain.publication import Publication
from excudit.domain.record import Record
from excudit.domain.sentence import Sentence
from excudit.metadata import datacite_json, datacite_xml
from excudit.service import acts, drafts, verbs
from excudit.service.changes import FieldChange, differing
from excudit.service.doi_lookup import look_up, typed_doi
from excudit.service.parts import Parts
from excudit.store import publications

LARGEST = 5 * 1000 * 1000
_UNPACKED = 3 * LARGEST
_OURS = ("doi", "url", "schemaVersion")

How = Literal["replace", "fill"]
HOW: dict[How, str] = {
    "replace": "Replace what differs; fields that the import does not have stay",
    "fill": "Only fill fields that are empty now",
}
RELATIONS: dict[str, str] = {
    "": "Do not name it",
    "IsDerivedFrom": "This dataset is derived from it",
    "IsNewVersionOf": "This dataset is a new version of it",
    "IsVariantFormOf": "This dataset is a variant of it",
    "IsPartOf": "This dataset is a part of it",
    "IsSupplementTo": "This dataset is a supplement to it",
    "References": "This dataset refers to it",
}
"""How the imported work may be named in the record: DataCite relation type → words."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Metadata that may be taken over. `origin` says in words where they come from, `doi` is that
    of the work they describe, never of the draft; `notes` are problems that lost nothing else."""

    record: Mapping[str, Any]
    origin: str
    doi: str = ""
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """One field that would change; `filled` when it would also if only empty fields are filled."""

    change: FieldChange
    filled: bool


def from_file(content: bytes, name: str) -> Offer:
    """The record in a DataCite XML or JSON file, or in a saved answer of DataCite's API.

    Raises Rejected with all problems, each at its line.
    """
    if len(content) > LARGEST:
        raise Rejected("The file has more than 5 MB.", hint="Choose the metadata, not the data.")
    is_xml = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
    reader = datacite_xml.parse if is_xml else datacite_json.parse
    record, problems = reader(content)
    shown = name[:100] or "the file"
    if record is None:
        form = "XML" if is_xml else "JSON"
        raise Rejected(
            Sentence("%(shown)s is no DataCite record in %(form)s.", shown=shown, form=form),
            problems=tuple(problems),
            hint="Mend the file, or choose another; nothing was changed.",
        )
    return _offer(record, shown, tuple(problems))


def from_doi(parts: Parts, text: str) -> Offer:
    """What the world knows of a DOI. Raises Rejected, NotFound or Unavailable."""
    doi = typed_doi(text)
    record, problems = datacite_json.read_tree(look_up(parts.settings.site, doi))
    if record is None:
        raise Rejected(
            Sentence("The metadata of %(doi)s are not a complete record.", doi=doi),
            problems=tuple(problems),
            hint="Save them as a file, mend it, and upload it.",
        )
    offer = _offer(record, f"https://doi.org/{doi}", tuple(problems))
    return Offer(offer.record, offer.origin, doi.lower(), offer.notes)


def from_publication(parts: Parts, actor: Actor, publication: str) -> Offer:
    """The record of a publication that one owns or works on. Raises NotFound or Denied."""
    found = verbs.visible(parts, actor, publication)
    with parts.database.read() as connection:
        roles = acts.roles_of(connection, actor, found)
    if not roles & {"owner", "collaborator", "admin"}:
        raise Denied("Only what you own or work on can be taken over.")
    kept = {k: v for k, v in found.record.items() if k not in _OURS}
    return Offer(kept, f"publication “{found.title or found.id}”")


def earlier(parts: Parts, actor: Actor, but: str, limit: int = 50) -> list[Publication]:
    """Publications of one's own to take over from, newest change first."""
    with parts.database.read() as connection:
        mine = publications.listing(connection, owner=actor.name, limit=limit + 1)
    return [p for p in mine if p.id != but][:limit]


def _offer(record: Record, origin: str, notes: tuple[Problem, ...]) -> Offer:
    plain = datacite_json.to_rest(record)
    kept = {k: v for k, v in plain.items() if k not in _OURS}
    return Offer(json.loads(json.dumps(kept)), origin, record.doi, notes)


def editable(parts: Parts, actor: Actor, publication: str) -> Publication:
    """The draft, when this person may edit it now. Raises NotFound, Denied or Conflict."""
    found = verbs.visible(parts, actor, publication)
    with parts.database.read() as connection:
        now = acts.situation(connection, parts, found, actor)
        lifecycle.step("edit", now, acts.roles_of(connection, actor, found))
    return found


def changes(draft: Publication, offer: Offer) -> list[Proposed]:
    """Field by field what replacing would change, and which of it filling would, too."""
    after = merged(draft.record, offer, "replace", "")
    return [
        Proposed(one, _is_empty(draft.record.get(_member(one.pointer))))
        for one in differing(draft.record, after)
    ]


def merged(record: Mapping[str, Any], offer: Offer, how: How, relation: str) -> dict[str, Any]:
    """The draft's record after a take-over; the names of publication (doi, url) are never taken.

    `relation`, a DataCite relation type, names the imported work in the record, once.
    """
    taken = {
        member: value
        for member, value in offer.record.items()
        if member not in _OURS
        and not _is_empty(value)
        and (how == "replace" or _is_empty(record.get(member)))
    }
    after = {**record, **taken}
    if relation and offer.doi:
        named = list(after.get("relatedIdentifiers") or ())
        fresh = {
            "relatedIdentifier": offer.doi,
            "relatedIdentifierType": "DOI",
            "relationType": relation,
        }
        if not any(_names(entry, offer.doi, relation) for entry in named):
            after["relatedIdentifiers"] = [*named, fresh]
    return after


def _names(entry: Any, doi: str, relation: str) -> bool:
    return (
        isinstance(entry, Mapping)
        and str(entry.get("relatedIdentifier", "")).lower() == doi
        and entry.get("relationType") == relation
    )


def take_over(
    parts: Parts,
    actor: Actor,
    publication: str,
    offer: Offer,
    *,
    how: How,
    relation: str = "",
    edition: int,
) -> Publication:
    """Write what was offered into the draft as it was shown, in one edition.

    Raises Conflict when the draft changed since `edition`, or cannot be edited any more.
    """
    draft = editable(parts, actor, publication)
    if draft.edition != edition:
        raise Conflict(
            "The draft was changed meanwhile.",
            hint="Look at the changes again; nothing was taken over.",
        )
    after = merged(draft.record, offer, how, relation)
    note = f"Imported from {offer.origin}"[:300]
    return drafts.replace(parts, actor, draft.id, after, edition=edition, note=note)


def _member(pointer: str) -> str:
    return pointer.split("/")[1] if "/" in pointer else pointer


def _is_empty(value: Any) -> bool:
    return value in (None, "", [], {}, ())


def packed(offer: Offer) -> str:
    """The offer as text for a form, until it is taken over."""
    plain = {"record": offer.record, "origin": offer.origin, "doi": offer.doi}
    return base64.b64encode(zlib.compress(json.dumps(plain).encode(), 9)).decode()


def unpacked(text: str) -> Offer:
    """The offer that `packed` wrote. Raises Rejected for anything else; never grows beyond what a
    file may hold."""
    try:
        inflate = zlib.decompressobj()
        plain = json.loads(inflate.decompress(base64.b64decode(text, validate=True), _UNPACKED))
        record, origin, doi = plain["record"], str(plain["origin"]), str(plain["doi"])
    except (ValueError, zlib.error, KeyError, TypeError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(record, dict):
        raise _unreadable()
    return Offer(record, origin, typed_doi(doi).lower() if doi else "")


def _unreadable() -> Rejected:
    return Rejected("What was imported could not be read again.", hint="Import it once more.")
