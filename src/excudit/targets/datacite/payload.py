"""What is sent to the registry for one snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from excudit.domain.model import Snapshot, Tombstone
from excudit.domain.vocabularies import SCHEMA_VERSION
from excudit.metadata.datacite_json import to_rest

# The identifierType of the entry that tells whose publication a DOI belongs to.
MARK = "excudit"

SCALARS = ("publisher", "publicationYear", "types", "language", "version", "url", "schemaVersion")
LISTS = (
    "creators",
    "titles",
    "subjects",
    "contributors",
    "dates",
    "identifiers",
    "relatedIdentifiers",
    "relatedItems",
    "sizes",
    "formats",
    "rightsList",
    "descriptions",
    "geoLocations",
    "fundingReferences",
)
MANAGED = (*SCALARS, *LISTS)


def managed(snapshot: Snapshot) -> dict[str, Any]:
    """Every attribute that excudit manages, with null and [] for what the record has not.

    An update that leaves an attribute out would keep the old value at the registry.
    """
    sent: dict[str, Any] = dict.fromkeys(SCALARS)
    sent.update((name, []) for name in LISTS)
    plain = orjson.loads(orjson.dumps(to_rest(snapshot.record)))
    for related in plain.get("relatedItems", ()):
        if "publicationYear" in related:
            # Unlike the record's own year, the API has this one as text.
            related["publicationYear"] = str(related["publicationYear"])
    sent.update((k, v) for k, v in plain.items() if k in sent)
    sent["url"] = snapshot.landing_url
    sent["schemaVersion"] = SCHEMA_VERSION
    sent["identifiers"] = [
        *sent["identifiers"],
        {"identifier": snapshot.key, "identifierType": MARK},
    ]
    return sent


def first(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What of it a new DOI needs: there is nothing to be cleared yet."""
    return {name: value for name, value in sent.items() if value not in (None, [])}


def withdrawn(snapshot: Snapshot, tombstone: Tombstone) -> dict[str, Any]:
    """The attributes that a withdrawal changes: where the DOI leads, and when and why."""
    note = {
        "date": tombstone.date.isoformat(),
        "dateType": "Withdrawn",
        "dateInformation": tombstone.reason,
    }
    dates = [d for d in managed(snapshot)["dates"] if d["dateType"] != "Withdrawn"]
    return {"url": tombstone.url, "dates": [*dates, note]}


def digest(attributes: Mapping[str, Any]) -> str:
    """SHA-256 of the attributes, to tell whether anything is to be sent again."""
    return hashlib.sha256(orjson.dumps(dict(attributes), option=orjson.OPT_SORT_KEYS)).hexdigest()
