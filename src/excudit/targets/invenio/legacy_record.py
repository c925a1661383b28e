"""A record as Zenodo's deposit API takes it."""

from __future__ import annotations

from typing import Any

from excudit.domain.model import Snapshot
from excudit.domain.record import Contributor, Creator
from excudit.targets.invenio import words
from excudit.targets.invenio.found import mark_of
from excudit.targets.invenio.settings import InvenioSettings

Tree = dict[str, Any]
ALTERNATE = "isAlternateIdentifier"
# Its upload types; a subtype is told beside them.
UPLOADS = frozenset(
    {"publication", "poster", "presentation", "dataset", "image", "video", "software", "lesson",
     "physicalobject", "other"}
)  # fmt: skip


def metadata(snapshot: Snapshot, settings: InvenioSettings) -> Tree:
    """The snapshot's record. Unknown names inside of it would be dropped without a word."""
    record = snapshot.record
    kind, _, subtype = words.kind_of(record).partition("-")
    if kind == "publication":
        subtype = subtype or "other"
    if kind == "image":
        subtype = subtype or "other"
    told: Tree = {
        "title": record.main_title,
        "upload_type": kind if kind in UPLOADS else "other",
        "description": words.description(record) or "<p></p>",
        "publication_date": words.published_on(record),
        "access_right": "open",
        "license": words.licence(record, settings.default_license),
        "version": record.version,
        "creators": [_who(c) for c in record.creators],
        "contributors": [{**_who(c), "type": c.contributor_type} for c in record.contributors],
        "keywords": [s.subject for s in record.subjects if s.subject],
        "related_identifiers": [
            {"identifier": mark_of(snapshot.key), "relation": ALTERNATE},
            *(
                {
                    "identifier": r.related_identifier,
                    "relation": r.relation_type[0].lower() + r.relation_type[1:],
                }
                for r in words.related(record)
            ),
        ],
    }
    if subtype and kind in ("publication", "image"):
        told[f"{kind}_type"] = subtype
    return {name: value for name, value in told.items() if value}


def _who(who: Creator | Contributor) -> Tree:
    family, given = words.family_and_given(who)
    # Exactly one comma tells family and given name apart there.
    name = f"{family.replace(',', ' ')}, {given.replace(',', ' ')}" if given else family
    told: Tree = {"name": name}
    if who.affiliation:
        told["affiliation"] = who.affiliation[0].name
    if orcid := words.orcid(who):
        told["orcid"] = orcid
    return told
