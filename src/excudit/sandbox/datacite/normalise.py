"""What the registry changes in metadata before it keeps it: sent is not returned."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from excudit.sandbox.datacite import fields_of_science, languages, licences, resource_types

LISTS = (
    *("identifiers", "creators", "titles", "subjects", "contributors", "dates"),
    *("relatedIdentifiers", "relatedItems", "sizes", "formats", "rightsList", "descriptions"),
    *("geoLocations", "fundingReferences"),
)
_SERIES = re.compile(r"^(?P<volume>[^()]*?)\s*(?:\((?P<issue>[^()]+)\))?$")


def normalise(metadata: dict[str, Any]) -> dict[str, Any]:
    """The sent metadata attributes as they are kept. Members of the wrong shape stay."""
    return {name: _CHANGES.get(name, _same)(value) for name, value in metadata.items()}


def container(metadata: dict[str, Any]) -> dict[str, Any]:
    """The container that the registry derives from the related items or the descriptions."""
    for related in metadata.get("relatedItems") or ():
        if isinstance(related, dict) and related.get("relationType") == "IsPublishedIn":
            return _from_related_item(related)
    for text in metadata.get("descriptions") or ():
        if isinstance(text, dict) and text.get("descriptionType") == "SeriesInformation":
            return _from_series(str(text.get("description", "")))
    return {}


def _from_related_item(related: dict[str, Any]) -> dict[str, Any]:
    identifier = related.get("relatedItemIdentifier") or {}
    title = next((t for t in related.get("titles") or () if isinstance(t, dict)), {})
    found = {
        "type": related.get("relatedItemType"),
        "identifier": identifier.get("relatedItemIdentifier"),
        "identifierType": identifier.get("relatedItemIdentifierType"),
        "title": title.get("title"),
        **{
            name: related.get(name)
            for name in ("volume", "issue", "number", "edition", "firstPage", "lastPage")
        },
    }
    return {name: value for name, value in found.items() if value}


def _from_series(text: str) -> dict[str, Any]:
    """ "Title, 12(3), 4-5" taken apart."""
    title, *rest = [part.strip() for part in text.split(",")]
    found: dict[str, Any] = {"type": "Series", "title": title}
    if len(rest) > 1 and (match := _SERIES.match(rest[0])):
        found.update(match.groupdict())
    if rest:
        first, _, last = rest[-1].partition("-")
        found.update(firstPage=first.strip(), lastPage=last.strip())
    return {name: value for name, value in found.items() if value}


def _people(people: Any) -> Any:
    return [
        {**one, **{name: one.get(name) or [] for name in ("affiliation", "nameIdentifiers")}}
        if isinstance(one, dict)
        else one
        for one in people
    ]


def _identifiers(identifiers: Any) -> Any:
    return [
        one
        for one in identifiers
        if not isinstance(one, dict) or str(one.get("identifierType", "")).upper() != "DOI"
    ]


def _rights(rights: Any) -> Any:
    return [licences.normalise(one) if isinstance(one, dict) else one for one in rights]


def _number(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: part if key == "geoLocationPlace" else _number(part) for key, part in value.items()
        }
    if isinstance(value, list):
        return [_number(part) for part in value]
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if not math.isfinite(number):
        return value
    return int(number) if number.is_integer() else number


def _places(places: Any) -> Any:
    return [_number(one) if isinstance(one, dict) else one for one in places]


def _year(year: Any) -> Any:
    text = str(year).strip()
    return int(text) if text.isdecimal() else year


def _same(value: Any) -> Any:
    return value


_CHANGES: dict[str, Callable[[Any], Any]] = {
    "creators": _people,
    "contributors": _people,
    "identifiers": _identifiers,
    "rightsList": _rights,
    "geoLocations": _places,
    "publicationYear": _year,
    "language": languages.normalise,
    "subjects": fields_of_science.normalise,
    "types": resource_types.derive,
}
