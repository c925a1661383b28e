"""What InvenioRDM says to metadata: bad values are dropped and named, unknown words refused."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from excudit.sandbox.invenio.exchange import Refused

Tree = dict[str, Any]
MISSING = "Missing data for required field."
NO_PUBLISHER = "Missing publisher field required for DOI registration."
RESOURCE_TYPES = frozenset({
    "dataset", "software", "publication", "publication-article", "publication-report",
    "publication-other", "publication-book", "publication-preprint", "publication-thesis",
    "publication-datamanagementplan", "publication-conferencepaper", "poster", "presentation",
    "image", "image-figure", "image-photo", "image-other", "video", "lesson", "physicalobject",
    "workflow", "model", "event", "other",
})  # fmt: skip
RIGHTS = frozenset({
    "cc-by-4.0", "cc0-1.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "mit", "apache-2.0", "odbl-1.0",
})  # fmt: skip
ROLES = frozenset({
    "contactperson", "datacollector", "datacurator", "datamanager", "distributor", "editor",
    "hostinginstitution", "producer", "projectleader", "projectmanager", "projectmember",
    "registrationagency", "registrationauthority", "relatedperson", "researcher",
    "researchgroup", "rightsholder", "sponsor", "supervisor", "workpackageleader", "other",
})  # fmt: skip
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


def judged(metadata: Any, access: Any) -> tuple[Tree, list[Tree]]:
    """The metadata as they are stored, and what is wrong. Raises Refused for unknown words."""
    told: Tree = dict(metadata) if isinstance(metadata, dict) else {}
    errors: list[Tree] = []

    def wrong(field: str, message: str) -> None:
        errors.append({"field": f"metadata.{field}", "messages": [message]})

    _known(told)
    if not told.get("resource_type"):
        wrong("resource_type", MISSING)
    if not told.get("creators"):
        wrong("creators", MISSING)
    for list_ in ("creators", "contributors"):
        for i, entry in enumerate(told.get(list_) or ()):
            _person(entry, f"{list_}.{i}", wrong)
    title = told.get("title")
    if not title:
        wrong("title", MISSING)
    elif len(title) < 3:
        wrong("title", "Shorter than minimum length 3.")
        told.pop("title")
    when = told.get("publication_date")
    if not when:
        wrong("publication_date", MISSING)
    elif not _is_date(when):
        wrong("publication_date", "Please provide a valid date or interval.")
        told.pop("publication_date")
    if not told.get("publisher"):
        wrong("publisher", NO_PUBLISHER)
    until = ((access or {}).get("embargo") or {}).get("until")
    if until and until <= date.today().isoformat():  # noqa: DTZ011 -- Invenio's own day
        message = "Embargo end date must be set to a future date."
        errors.append({"field": "access.embargo.until", "messages": [message]})
    return told, errors


def _known(told: Tree) -> None:
    words = [(told.get("resource_type") or {}).get("id", "dataset")]
    unknown = [w for w in words if w not in RESOURCE_TYPES]
    unknown += [r["id"] for r in told.get("rights") or () if r.get("id", "mit") not in RIGHTS]
    roles = [(c.get("role") or {}).get("id", "other") for c in told.get("contributors") or ()]
    unknown += [r for r in roles if r not in ROLES]
    if unknown:
        raise Refused(400, f"Invalid value {unknown[0]}.")


def _person(entry: Tree, place: str, wrong: Any) -> None:
    person = entry.get("person_or_org") or {}
    if person.get("type") == "personal" and not person.get("family_name"):
        wrong(f"{place}.person_or_org.family_name", "Family name must be filled.")
    kept = []
    for i, named in enumerate(person.get("identifiers") or ()):
        if named.get("scheme") == "orcid" and not _is_orcid(named.get("identifier", "")):
            where = f"{place}.person_or_org.identifiers.{i}.identifier"
            wrong(where, "Invalid ORCID identifier.")
        else:
            kept.append(named)
    if "identifiers" in person:
        person["identifiers"] = kept
    if person.get("type") == "personal":
        name = ", ".join(filter(None, (person.get("family_name"), person.get("given_name"))))
        person["name"] = name


def _is_date(text: str) -> bool:
    return all(_DATE.fullmatch(part) for part in text.split("/"))


def _is_orcid(text: str) -> bool:
    digits = text.replace("-", "")
    if not re.fullmatch(r"\d{15}[\dX]", digits) or digits.startswith("0" * 15):
        return False
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return digits[15] == ("X" if check == 10 else str(check))
