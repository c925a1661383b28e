"""Older and REST-only ways to write a record in JSON, brought to today's REST form.

Known forms: the JSON Schemas 4.0 to 4.3 and 4.5 of DataCite and of PyPI's `datacite`, what the
REST API answers, and a saved answer as a whole (`{"data": {"attributes": …}}`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Tree = dict[str, Any]

# Members of an answer of the REST API, or of older schemas, that are not metadata of a record.
# fmt: off
NOT_METADATA = frozenset((
    "agency", "bibtex", "citationCount", "citations", "citationsOverTime", "citeproc", "client",
    "container", "contentUrl", "created", "dataCenter", "downloadCount", "downloads",
    "downloadsOverTime", "event", "formattedCitation", "id", "isActive", "landingPage", "media",
    "metadataVersion", "partCount", "partOfCount", "prefix", "provider", "published", "reason",
    "referenceCount", "references", "registered", "registrationAgency", "relationships",
    "resourceTypeId", "schemaOrg", "schemaVersion", "should_validate", "source", "state",
    "suffix", "type", "updated", "versionCount", "versionOfCount", "viewCount", "views",
    "viewsOverTime", "xml",
))
# fmt: on
DEEPEST = 64
WRAPPED = "/data/attributes"
_DERIVED_TYPES = ("schemaOrg", "citeproc", "bibtex", "ris")
_OLD_NAMES = {
    "creatorName": "name",
    "contributorName": "name",
    "schemeURI": "schemeUri",
    "valueURI": "valueUri",
    "rightsURI": "rightsUri",
    "awardURI": "awardUri",
    "alternateIdentifier": "identifier",
    "alternateIdentifierType": "identifierType",
}
_DOI_ADDRESSES = (
    "https://doi.org/",
    "http://doi.org/",
    "https://dx.doi.org/",
    "http://dx.doi.org/",
)


def modern(tree: Tree) -> Tree:
    """A copy of `tree` in today's form; what is unknown stays, for the reader to report."""
    old = {k: v for k, v in _present(_unwrapped(tree)).items() if k not in NOT_METADATA}
    _rename(old, "alternateIdentifiers", "identifiers")
    _rename(old, "resourceType", "types")
    for name in ("creators", "contributors"):
        _each(old, name, _person)
    for name in ("subjects", "rightsList", "identifiers", "relatedIdentifiers"):
        _each(old, name, lambda entry: entry)
    _each(old, "fundingReferences", _funding)
    _each(old, "geoLocations", _place)
    _each(old, "relatedItems", _related)
    if isinstance(old.get("types"), dict):
        old["types"] = {k: v for k, v in old["types"].items() if k not in _DERIVED_TYPES}
    return old


def too_deep(tree: Any) -> bool:
    """Whether a tree is nested deeper than any record, and than recursion should follow."""
    level = [tree]
    for _ in range(DEEPEST):
        level = [part for node in level for part in _inside(node)]
        if not level:
            return False
    return True


def _inside(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def bare_doi(text: str) -> str:
    """`text` without the resolver's address in front of it."""
    for address in _DOI_ADDRESSES:
        if text.lower().startswith(address):
            return text[len(address) :]
    return text


def take_doi(tree: Tree) -> None:
    """The DOI from the older `identifier` or `identifiers`; the same DOI is not said twice."""
    identifier = tree.get("identifier")
    if isinstance(identifier, dict) and identifier.get("identifierType") == "DOI":
        del tree["identifier"]
        tree.setdefault("doi", identifier.get("identifier", ""))
    entries = tree.get("identifiers")
    if not isinstance(entries, list):
        return
    dois = [str(e.get("identifier", "")) for e in entries if _is_doi(e)]
    if dois and not tree.get("doi"):
        tree["doi"] = bare_doi(dois[0])
    own = bare_doi(str(tree.get("doi", ""))).lower()
    tree["identifiers"] = [
        e for e in entries if not (_is_doi(e) and bare_doi(str(e.get("identifier"))).lower() == own)
    ]


def prefix_of(tree: Tree) -> str:
    """JSON pointer from the whole text to the record's own members."""
    return WRAPPED if _unwrapped(tree) is not tree else ""


def _unwrapped(tree: Tree) -> Tree:
    inner = tree.get("data")
    if isinstance(inner, dict) and isinstance(inner.get("attributes"), dict):
        attributes: Tree = inner["attributes"]
        return attributes
    return tree


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {k: _present(v) for k, v in value.items() if v is not None}
        return {k: v for k, v in kept.items() if v != {}}
    if isinstance(value, list):
        return [_present(v) for v in value if v is not None]
    return value


def _rename(tree: Tree, old: str, new: str) -> None:
    if old in tree:
        value = tree.pop(old)
        if not tree.get(new):
            tree[new] = value


def _each(tree: Tree, name: str, change: Any) -> None:
    entries = tree.get(name)
    if isinstance(entries, list):
        tree[name] = [change(_named(e)) if isinstance(e, dict) else e for e in entries]


def _named(entry: Tree) -> Tree:
    return {_OLD_NAMES.get(k, k): v for k, v in entry.items()}


def _is_doi(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("identifierType") == "DOI"


def _person(person: Tree) -> Tree:
    _rename(person, "affiliations", "affiliation")
    places = person.get("affiliation")
    if isinstance(places, str):
        places = [places]
    if isinstance(places, list):
        person["affiliation"] = [_affiliation(place) for place in places if place != ""]
    _each(person, "nameIdentifiers", lambda entry: entry)
    return person


def _affiliation(place: Any) -> Any:
    if isinstance(place, dict):
        _rename(place, "affiliation", "name")
        return _named(place)
    return place


def _funding(reference: Tree) -> Tree:
    for name in ("funderIdentifier", "awardNumber"):
        inner = reference.get(name)
        if isinstance(inner, dict):
            del reference[name]
            reference.update(_named(inner))
    return reference


def _place(place: Tree) -> Tree:
    polygons = place.pop("geoLocationPolygons", None) or place.get("geoLocationPolygon")
    if isinstance(polygons, dict):
        polygons = [polygons]
    if isinstance(polygons, list) and any(map(_is_old, polygons)):
        lists = [_polygon(p) if _is_old(p) else p for p in polygons]
        place["geoLocationPolygon"] = lists[0] if len(lists) == 1 else lists
    return place


def _is_old(polygon: Any) -> bool:
    return isinstance(polygon, dict) and isinstance(polygon.get("polygonPoints"), list)


def _polygon(polygon: Tree) -> list[Tree]:
    points = [
        {"polygonPoint": p.get("polygonPoint", p) if isinstance(p, dict) else p}
        for p in polygon["polygonPoints"]
    ]
    # Schema 4.0 did not ask for a closed line: three corners were a polygon.
    if len(points) == 3 and points[0] != points[-1]:
        points.append(points[0])
    inside = polygon.get("inPolygonPoint")
    return [*points, *([{"inPolygonPoint": inside}] if inside else [])]


def _related(related: Tree) -> Tree:
    identifier = related.get("relatedItemIdentifier")
    if isinstance(identifier, dict) and "schemeUri" in identifier:
        _rename(identifier, "schemeUri", "schemeURI")
    if isinstance(related.get("publisher"), dict):
        related["publisher"] = related["publisher"].get("name", "")
    for name in ("creators", "contributors"):
        _each(related, name, _without_empty_lists)
    return related


def _without_empty_lists(person: Tree) -> Tree:
    return {k: v for k, v in person.items() if v != []}
