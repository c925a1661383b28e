"""Names of a record's fields and their values in words, for people who never see JSON.

Field names: DataCite Metadata Schema 4.7, in everyday words. A draft may hold anything, so
nothing here expects a valid record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from excudit.metadata.citation import words

FIELDS: dict[str, str] = {
    "titles": "Title",
    "creators": "Author",
    "contributors": "Contributor",
    "publisher": "Publisher",
    "publicationYear": "Publication year",
    "types": "Kind of work",
    "descriptions": "Description",
    "subjects": "Keyword",
    "rightsList": "Licence",
    "dates": "Date",
    "language": "Language",
    "version": "Version",
    "geoLocations": "Place",
    "fundingReferences": "Funding",
    "relatedIdentifiers": "Related work",
    "relatedItems": "Related work without identifier",
    "identifiers": "Other identifier",
    "sizes": "Size",
    "formats": "Format",
    "doi": "DOI",
    "url": "Landing page",
}
"""The members of a record in the order in which people read them."""

_TYPED = {"titles": "titleType", "descriptions": "descriptionType"}
_PARTS: dict[str, str] = {
    "nameType": "Person or organisation",
    "nameIdentifier": "Identifier",
    "nameIdentifiers": "Identifier",
    "nameIdentifierScheme": "Kind of identifier",
    "affiliationIdentifier": "Identifier",
    "affiliationIdentifierScheme": "Kind of identifier",
    "resourceTypeGeneral": "Resource type",
    "resourceType": "More exact type",
    "rights": "Name",
    "rightsUri": "Address",
    "rightsIdentifier": "Short name",
    "lang": "Language",
    "titleType": "Kind of title",
    "descriptionType": "Kind of description",
    "dateInformation": "Note",
    "funderName": "Funder",
    "awardUri": "Address of the award",
    "schemeUri": "Address of the scheme",
    "schemeURI": "Address of the scheme",
    "valueUri": "Address of the term",
    "relationType": "Relation",
    "relatedIdentifier": "Identifier",
    "relatedIdentifierType": "Kind of identifier",
}
_FIRST = (
    # What names an entry, best first.
    "name",
    "title",
    "subject",
    "description",
    "date",
    "rights",
    "rightsIdentifier",
    "rightsUri",
    "geoLocationPlace",
    "funderName",
    "relatedIdentifier",
    "identifier",
    "nameIdentifier",
    "resourceTypeGeneral",
)
_KINDS = ("relationType", "contributorType", "dateType", "titleType", "descriptionType")
UNSHOWN = frozenset({"schemaVersion"})
"""Members that say nothing to people."""
_DIGITS = 10
_UNSAID = ("nameType", "givenName", "familyName", "schemeUri", "schemeURI", "lang")


def pieces(pointer: str) -> list[str]:
    """The members on the way to a place (RFC 6901)."""
    return [p.replace("~1", "/").replace("~0", "~") for p in pointer.split("/")[1:]]


def is_number(step: str) -> bool:
    """Whether a step of a pointer is the number of an entry: other signs than 0 to 9 count as
    digits too, and a record may hold any of them as a member's name."""
    return step.isascii() and step.isdigit() and len(step) < _DIGITS


def label(pointer: str, record: Mapping[str, Any] | None = None) -> str:
    """A place in a record in words: "/creators/1/affiliation/0/name" is "Author 2, affiliation 1,
    name". `record` tells an abstract from other descriptions, and whether numbers are needed."""
    steps = pieces(pointer)
    if not steps:
        return "The whole record"
    said: list[str] = []
    place: Any = record
    for depth, step in enumerate(steps):
        within, place = place, _inside(place, step)
        if is_number(step) and said:
            several = not isinstance(within, list) or len(within) > 1
            said[-1] = _typed(steps[0], place, said[-1]) if depth == 1 else said[-1]
            said[-1] += f" {int(step) + 1}" if several else ""
        else:
            said.append(
                FIELDS.get(step, words(step).capitalize())
                if depth == 0
                else part_label(step).lower()
            )
    return ", ".join(said)


def part_label(member: str) -> str:
    """A member below the first level in words."""
    return _PARTS.get(member, words(member))


def _inside(place: Any, step: str) -> Any:
    if isinstance(place, Mapping):
        return place.get(step)
    if isinstance(place, list | tuple) and is_number(step) and int(step) < len(place):
        return place[int(step)]
    return None


def _typed(member: str, entry: Any, otherwise: str) -> str:
    kind = entry.get(_TYPED.get(member, "")) if isinstance(entry, Mapping) else None
    return words(kind) if isinstance(kind, str) and kind not in ("", "Other") else otherwise


def in_words(value: Any) -> str:
    """A value of a record as people read it; "" when nothing is there."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return _entry(value)
    if isinstance(value, list | tuple):
        return "; ".join(said for v in value if (said := in_words(v)))
    return str(value)


def _entry(entry: Mapping[str, Any]) -> str:
    """What names it, and the rest in brackets: "Carberry, Josiah (Example Institute)"."""
    first = next((k for k in _FIRST if isinstance(entry.get(k), str) and entry[k]), "")
    kinds = [words(str(entry[k])) for k in _KINDS if entry.get(k)]
    rest = [
        said
        for key, value in entry.items()
        if key != first
        and key not in _UNSAID
        and key not in _KINDS
        # A scheme is said by its identifier.
        and not key.endswith(("Scheme", "IdentifierType", "SchemeUri"))
        and (said := in_words(value))
    ]
    more = ", ".join(kinds + rest)
    if not first:
        return more
    return f"{entry[first]} ({more})" if more else str(entry[first])
