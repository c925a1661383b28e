"""Metadata of Zenodo's deposit API as the records API knows them, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from excudit.sandbox.invenio.exchange import INVALID, Refused
from excudit.sandbox.invenio.validation import RIGHTS

Tree = dict[str, Any]
ALTERNATE = "isAlternateIdentifier"


def to_rdm(told: Tree) -> tuple[Tree, Tree]:
    """Metadata and access. Raises Refused for an unknown licence or access type."""
    kind = told.get("upload_type", "")
    subtype = told.get(f"{kind}_type", "")
    related = told.get("related_identifiers") or []
    metadata: Tree = {
        "title": told.get("title", ""),
        "publisher": "Zenodo",
        "publication_date": told.get("publication_date") or datetime.now(UTC).date().isoformat(),
        "description": told.get("description", ""),
        "version": told.get("version", ""),
        "creators": [_creator(p) for p in told.get("creators") or ()],
        "contributors": [
            {**_creator(p), "role": {"id": str(p.get("type", "other")).lower()}}
            for p in told.get("contributors") or ()
        ],
        "rights": [{"id": _licence(told.get("license"), kind)}],
        "subjects": [{"subject": word} for word in told.get("keywords") or ()],
        "identifiers": [
            {"identifier": r["identifier"], "scheme": "urn"}
            for r in related
            if r["relation"] == ALTERNATE
        ],
        "related_identifiers": [
            {
                "identifier": r["identifier"],
                "scheme": "doi" if r["identifier"].startswith("10.") else "url",
                "relation_type": {"id": r["relation"].lower(), "legacy": r["relation"]},
            }
            for r in related
            if r["relation"] != ALTERNATE
        ],
    }
    if kind:
        metadata["resource_type"] = {"id": f"{kind}-{subtype}" if subtype else kind}
    return {k: v for k, v in metadata.items() if v not in ("", [])}, _access(told)


def _licence(told: str | None, kind: str) -> str:
    if not told:
        return "cc0-1.0" if kind == "dataset" else "cc-by-4.0"
    if told.lower() not in RIGHTS:
        raise Refused(400, INVALID, [_at("metadata.license", f"Invalid license provided: {told}")])
    return told.lower()


def _at(field: str, message: str) -> Tree:
    return {"field": field, "messages": [message]}


def _access(told: Tree) -> Tree:
    right = told.get("access_right", "open")
    if right not in ("open", "embargoed", "restricted", "closed"):
        raise Refused(400, INVALID, [_at("metadata.access_right", "Unknown access type.")])
    if right == "open":
        return {"record": "public", "files": "public"}
    shut: Tree = {"record": "public", "files": "restricted"}
    if right == "embargoed":
        shut["embargo"] = {"active": True, "until": told.get("embargo_date", "")}
    return shut


def _creator(told: Tree) -> Tree:
    name = told.get("name", "")
    family, _, given = name.partition(", ") if name.count(",") == 1 else (name, "", "")
    person: Tree = {"type": "personal", "family_name": family, "given_name": given}
    if told.get("orcid"):
        person["identifiers"] = [{"scheme": "orcid", "identifier": told["orcid"]}]
    made: Tree = {"person_or_org": person}
    if told.get("affiliation"):
        made["affiliations"] = [{"name": told["affiliation"]}]
    return made


def from_rdm(metadata: Tree, access: Tree) -> Tree:
    """What the deposit API shows of a record's metadata."""
    kind, _, subtype = (metadata.get("resource_type") or {}).get("id", "").partition("-")
    right = "open" if access.get("files") == "public" else "restricted"
    embargo = access.get("embargo") or {}
    shown: Tree = {
        "title": metadata.get("title", ""),
        "publication_date": metadata.get("publication_date", ""),
        "description": metadata.get("description", ""),
        "version": metadata.get("version", ""),
        "access_right": "embargoed" if embargo.get("active") else right,
        "embargo_date": embargo.get("until", ""),
        "creators": [_shown(c) for c in metadata.get("creators") or ()],
        "contributors": [
            {**_shown(c), "type": c["role"]["id"].capitalize()}
            for c in metadata.get("contributors") or ()
        ],
        "keywords": [s["subject"] for s in metadata.get("subjects") or ()],
        "license": next((r["id"] for r in metadata.get("rights") or ()), ""),
        "related_identifiers": [
            *({"identifier": i["identifier"], "relation": ALTERNATE, "scheme": i["scheme"]}
              for i in metadata.get("identifiers") or ()),
            *({"identifier": r["identifier"], "relation": r["relation_type"].get("legacy", ""),
               "scheme": r["scheme"]}
              for r in metadata.get("related_identifiers") or ()),
        ],
        "imprint_publisher": "Zenodo",
        "upload_type": kind,
        f"{kind}_type": subtype,
    }  # fmt: skip
    return {k: v for k, v in shown.items() if v not in ("", [])}


def _shown(creator: Tree) -> Tree:
    person = creator["person_or_org"]
    shown = {"name": person.get("name", ""), "affiliation": None}
    if creator.get("affiliations"):
        shown["affiliation"] = creator["affiliations"][0]["name"]
    for named in person.get("identifiers") or ():
        shown["orcid"] = named["identifier"]
    return shown
