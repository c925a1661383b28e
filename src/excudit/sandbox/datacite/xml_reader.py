"""Metadata attributes from DataCite XML of any kernel, read by local names."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from lxml import etree

from excudit.sandbox.datacite.schema import XML_NAMESPACE

_LANG = f"{{{XML_NAMESPACE}}}lang"
Element = Any


class Unreadable(Exception):
    """The `xml` attribute cannot be read; `title` is the registry's text, without the DOI."""

    def __init__(self, title: str, note: str) -> None:
        super().__init__(title)
        self.title = title
        self.note = note


def decode(encoded: Any) -> bytes:
    """The document in the `xml` attribute (base64). Raises Unreadable."""
    try:
        return base64.b64decode(str(encoded), validate=False).removeprefix(b"\xef\xbb\xbf")
    except (binascii.Error, ValueError) as error:
        raise Unreadable(
            "Is invalid", "the registry's text for broken base64 is unknown"
        ) from error


def parse(document: bytes) -> Element:
    """The document's root. No DTD, no entities, no network. Raises Unreadable."""
    if not document.lstrip().startswith(b"<"):
        raise Unreadable("Is invalid", "the sandbox reads DataCite XML only in the xml attribute")
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        text = f"{error.msg.partition(', line')[0]} at line {line}, column {column}"
        raise Unreadable(text, "the registry's text for broken XML is unknown") from error
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise Unreadable("Is invalid", "the sandbox refuses document types") from None
    return root


def rename(document: bytes, doi: str) -> bytes:
    """The document with `doi` as its identifier; all lines stay where they are."""
    root = parse(document)
    for element in root:
        if _local(element) == "identifier":
            element.text = doi.upper()
    declaration = document.startswith(b"<?xml")
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=declaration)


def namespace(document: bytes) -> str:
    """The namespace of the document's root, which names its kernel."""
    return etree.QName(parse(document)).namespace or ""


def read(document: bytes) -> dict[str, Any]:
    """All metadata attributes of the document; lists that it does not have are empty."""
    root = parse(document)
    found: dict[str, Any] = {}
    for element in root:
        name = _local(element)
        if name in _READERS:
            found[_RENAMED.get(name, name)] = _READERS[name](element)
    return {**{name: [] for name in _LISTS}, **found}


def _local(element: Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _value(element: Element) -> str:
    return "".join(element.itertext()).strip()


def _elements(element: Element) -> list[Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _member(element: Element, key: str) -> dict[str, Any]:
    """Text under `key`, attributes under their JSON names."""
    found: dict[str, Any] = {key: _value(element)}
    for name, value in element.attrib.items():
        json = "lang" if name == _LANG else str(name).replace("URI", "Uri")
        if not json.startswith("{"):
            found[json] = value
    return found


def _members(key: str) -> Any:
    return lambda element: [_member(child, key) for child in _elements(element)]


def _person(element: Element) -> dict[str, Any]:
    person: dict[str, Any] = {"nameIdentifiers": [], "affiliation": []}
    if element.get("contributorType"):
        person["contributorType"] = element.get("contributorType")
    for child in _elements(element):
        name = _local(child)
        if name in ("creatorName", "contributorName"):
            person.update(_member(child, "name"))
        elif name == "nameIdentifier":
            person["nameIdentifiers"].append(_member(child, "nameIdentifier"))
        elif name == "affiliation":
            person["affiliation"].append(_member(child, "name"))
        else:
            person[name] = _value(child)
    return person


def _people(element: Element) -> list[dict[str, Any]]:
    return [_person(child) for child in _elements(element)]


def _alternates(element: Element) -> list[dict[str, Any]]:
    return [
        {"identifier": _value(child), "identifierType": child.get("alternateIdentifierType", "")}
        for child in _elements(element)
    ]


def _types(element: Element) -> dict[str, Any]:
    found = {"resourceTypeGeneral": element.get("resourceTypeGeneral")}
    if _value(element):
        found["resourceType"] = _value(element)
    return found


def _coordinates(element: Element) -> dict[str, Any]:
    return {_local(child): _value(child) for child in _elements(element)}


def _place(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    polygons = []
    for child in _elements(element):
        name = _local(child)
        if name == "geoLocationPolygon":
            polygons.append([{_local(point): _coordinates(point)} for point in _elements(child)])
        else:
            found[name] = _coordinates(child) if len(child) else _value(child)
    if polygons:
        found["geoLocationPolygon"] = polygons[0] if len(polygons) == 1 else polygons
    return found


def _funding(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in _elements(element):
        found.update(_member(child, _local(child)))
    return found


def _related_item(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {str(k): v for k, v in element.attrib.items()}
    for child in _elements(element):
        name = _local(child)
        if name == "relatedItemIdentifier":
            identifier = _member(child, name)
            if "schemeUri" in identifier:
                identifier["schemeURI"] = identifier.pop("schemeUri")
            found[name] = identifier
        elif name in ("creators", "contributors"):
            found[name] = _people(child)
        elif name == "titles":
            found[name] = _members("title")(child)
        else:
            found.update(_member(child, name))
    return found


_RENAMED = {"resourceType": "types", "alternateIdentifiers": "identifiers"}
_LISTS = (
    *("creators", "titles", "subjects", "contributors", "dates", "identifiers"),
    *("relatedIdentifiers", "relatedItems", "sizes", "formats", "rightsList", "descriptions"),
    *("geoLocations", "fundingReferences"),
)
_READERS: dict[str, Any] = {
    "creators": _people,
    "contributors": _people,
    "titles": _members("title"),
    "publisher": lambda element: _member(element, "name"),
    "publicationYear": _value,
    "resourceType": _types,
    "subjects": _members("subject"),
    "dates": _members("date"),
    "language": _value,
    "alternateIdentifiers": _alternates,
    "relatedIdentifiers": _members("relatedIdentifier"),
    "sizes": lambda element: [_value(child) for child in _elements(element)],
    "formats": lambda element: [_value(child) for child in _elements(element)],
    "version": _value,
    "rightsList": _members("rights"),
    "descriptions": _members("description"),
    "geoLocations": lambda element: [_place(child) for child in _elements(element)],
    "fundingReferences": lambda element: [_funding(child) for child in _elements(element)],
    "relatedItems": lambda element: [_related_item(child) for child in _elements(element)],
}
