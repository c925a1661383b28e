"""What follows from what was typed: a person's name from its parts, the list a code is of.

Only what somebody typed just now is completed, and only where they left a blank: nothing that
stood there is changed.
"""

from __future__ import annotations

import re
from typing import Any

from excudit.domain.identifiers import is_doi, is_orcid, is_ror
from excudit.metadata.licences import licence_by_id, web_address
from excudit.web.pages.form.trees import Texts

_PAIRS = (
    # identifier, its kind
    ("nameIdentifier", "nameIdentifierScheme"),
    ("affiliationIdentifier", "affiliationIdentifierScheme"),
    ("publisherIdentifier", "publisherIdentifierScheme"),
    ("funderIdentifier", "funderIdentifierType"),
    ("relatedIdentifier", "relatedIdentifierType"),
)
_BARE_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


def completed(mine: Texts, base: Texts) -> Texts:
    """What was typed, trimmed and completed."""
    if isinstance(mine, str):
        return mine if mine == base else mine.strip()
    known = base if isinstance(base, dict) else {}
    after: dict[Any, Texts] = {k: completed(t, known.get(k, "")) for k, t in mine.items()}
    _name(after, known)
    for identifier, kind in _PAIRS:
        _pair(after, known, identifier, kind)
    _licence(after, known)
    return after


def _typed(after: dict[Any, Texts], known: dict[Any, Texts], name: str) -> str:
    """The text of a member that was changed just now; "" for all others."""
    text = after.get(name, "")
    return text if isinstance(text, str) and text != known.get(name, "") else ""


def _name(after: dict[Any, Texts], known: dict[Any, Texts]) -> None:
    if "familyName" not in after or after.get("nameType") == "Organizational":
        return
    before = _joined(known)
    if after.get("name", "") in ("", before) and _joined(after) != before:
        after["name"] = _joined(after)
    name = _typed(after, known, "name")
    if name.count(", ") == 1 and after.get("nameType") == "Personal" and not _joined(after):
        after["familyName"], after["givenName"] = name.split(", ")
    if _typed(after, known, "familyName") and after.get("givenName"):
        after["nameType"] = after.get("nameType") or "Personal"


def _joined(person: dict[Any, Texts]) -> str:
    return ", ".join(filter(None, (person.get("familyName", ""), person.get("givenName", ""))))


def _pair(after: dict[Any, Texts], known: dict[Any, Texts], identifier: str, kind: str) -> None:
    text = _typed(after, known, identifier)
    if not text:
        return
    if _BARE_ORCID.fullmatch(text) and is_orcid(text):
        text = after[identifier] = f"https://orcid.org/{text}"
    if kind in after and not after[kind]:
        after[kind] = _kind_of(text, kind)


def _kind_of(text: str, kind: str) -> str:
    if kind == "relatedIdentifierType":
        return "DOI" if is_doi(text) else "URL" if text.startswith(("https://", "http://")) else ""
    if is_ror(text):
        return "ROR"
    return "ORCID" if kind == "nameIdentifierScheme" and is_orcid(text) else ""


def _licence(after: dict[Any, Texts], known: dict[Any, Texts]) -> None:
    code = _typed(after, known, "rightsIdentifier")
    found = licence_by_id(code) if code else None
    if found is None:
        return
    filled = {
        "rights": found.name,
        "rightsUri": web_address(found),
        "rightsIdentifierScheme": "SPDX",
    }
    for name, text in filled.items():
        after[name] = after.get(name) or text
