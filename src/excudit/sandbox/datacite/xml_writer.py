"""DataCite XML from the stored metadata: one element per line, in the registry's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from excudit.sandbox.datacite.schema import NAMESPACE, XML_NAMESPACE

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LOCATION = f"{NAMESPACE} http://schema.datacite.org/meta/kernel-4/metadata.xsd"
_LANG = f"{{{XML_NAMESPACE}}}lang"

Metadata = dict[str, Any]
Element = Any


def write(doi: str, metadata: Metadata) -> bytes:
    """The record as XML. Raises ValueError for characters that XML does not have."""
    names: Any = {None: NAMESPACE, "xsi": _XSI}
    root = etree.Element(f"{{{NAMESPACE}}}resource", nsmap=names)
    root.set(f"{{{_XSI}}}schemaLocation", _LOCATION)
    _add(root, "identifier", doi.upper(), identifierType="DOI")
    for part in _PARTS:
        part(root, metadata)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _add(
    parent: Element, name: str, value: Any = None, lang: Any = None, **attributes: Any
) -> Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = _text(value)
    for key, attribute in attributes.items():
        if attribute not in (None, ""):
            element.set(key, str(attribute))
    if lang:
        element.set(_LANG, str(lang))
    return element


def _members(metadata: Metadata, name: str) -> list[Metadata]:
    return [m for m in metadata.get(name) or () if isinstance(m, dict)]


def _person(parent: Element, role: str, person: Metadata, **attributes: Any) -> None:
    element = _add(parent, role, **attributes)
    family, given = person.get("familyName"), person.get("givenName")
    name = ", ".join(str(p) for p in (family, given) if p) if family else person.get("name")
    _add(element, f"{role}Name", name, person.get("lang"), nameType=person.get("nameType"))
    for key in ("givenName", "familyName"):
        if person.get(key):
            _add(element, key, person[key])
    for identifier in _members(person, "nameIdentifiers"):
        _add(
            *(element, "nameIdentifier", identifier.get("nameIdentifier")),
            nameIdentifierScheme=identifier.get("nameIdentifierScheme"),
            schemeURI=identifier.get("schemeUri"),
        )
    for affiliation in _members(person, "affiliation"):
        _add(
            *(element, "affiliation", affiliation.get("name")),
            affiliationIdentifier=affiliation.get("affiliationIdentifier"),
            affiliationIdentifierScheme=affiliation.get("affiliationIdentifierScheme"),
            schemeURI=affiliation.get("schemeUri"),
        )


def _creators(root: Element, metadata: Metadata) -> None:
    wrapper = _add(root, "creators")
    for person in _members(metadata, "creators"):
        _person(wrapper, "creator", person)


def _titles(root: Element, metadata: Metadata) -> None:
    wrapper = _add(root, "titles")
    for title in _members(metadata, "titles"):
        _add(
            wrapper,
            "title",
            title.get("title"),
            title.get("lang"),
            titleType=title.get("titleType"),
        )


def _publisher(root: Element, metadata: Metadata) -> None:
    publisher = metadata.get("publisher") or {}
    _add(
        *(root, "publisher", publisher.get("name"), publisher.get("lang")),
        publisherIdentifier=publisher.get("publisherIdentifier"),
        publisherIdentifierScheme=publisher.get("publisherIdentifierScheme"),
        schemeURI=publisher.get("schemeUri"),
    )


def _year(root: Element, metadata: Metadata) -> None:
    _add(root, "publicationYear", metadata.get("publicationYear"))


def _resource_type(root: Element, metadata: Metadata) -> None:
    types = metadata.get("types") or {}
    if types:
        general = types.get("resourceTypeGeneral")
        _add(root, "resourceType", types.get("resourceType"), resourceTypeGeneral=general)


def _listed(
    wrapper: str, name: str, member: str, key: str, *attributes: tuple[str, str]
) -> Callable[[Element, Metadata], None]:
    """Writes the list `name` as `wrapper` of `member`; `key` is the text, then the attributes."""

    def write_list(root: Element, metadata: Metadata) -> None:
        members = _members(metadata, name)
        if not members:
            return
        parent = _add(root, wrapper)
        for m in members:
            values = {xml: m.get(json) for xml, json in attributes}
            _add(parent, member, m.get(key), m.get("lang"), **values)

    return write_list


def _scalars(wrapper: str, member: str) -> Callable[[Element, Metadata], None]:
    def write_scalars(root: Element, metadata: Metadata) -> None:
        values = metadata.get(wrapper) or ()
        if values:
            parent = _add(root, wrapper)
            for value in values:
                _add(parent, member, value)

    return write_scalars


def _single(name: str) -> Callable[[Element, Metadata], None]:
    def write_single(root: Element, metadata: Metadata) -> None:
        if metadata.get(name) not in (None, ""):
            _add(root, name, metadata[name])

    return write_single


def _contributors(root: Element, metadata: Metadata) -> None:
    people = _members(metadata, "contributors")
    if people:
        wrapper = _add(root, "contributors")
        for person in people:
            _person(wrapper, "contributor", person, contributorType=person.get("contributorType"))


def _related_items(root: Element, metadata: Metadata) -> None:
    related = _members(metadata, "relatedItems")
    if related:
        wrapper = _add(root, "relatedItems")
        for one in related:
            _related_item(wrapper, one)


def _related_item(wrapper: Element, related: Metadata) -> None:
    names = ("relatedItemType", "relationType", "relationTypeInformation")
    element = _add(wrapper, "relatedItem", **{name: related.get(name) for name in names})
    identifier = related.get("relatedItemIdentifier") or {}
    if identifier:
        keys = ("relatedItemIdentifierType", "relatedMetadataScheme", "schemeURI", "schemeType")
        values = {key: identifier.get(key) for key in keys}
        _add(element, "relatedItemIdentifier", identifier.get("relatedItemIdentifier"), **values)
    if _members(related, "creators"):
        _creators(element, related)
    if _members(related, "titles"):
        _titles(element, related)
    for key in ("publicationYear", "volume", "issue"):
        _single(key)(element, related)
    if related.get("number"):
        _add(element, "number", related["number"], numberType=related.get("numberType"))
    for key in ("firstPage", "lastPage", "publisher", "edition"):
        _single(key)(element, related)
    _contributors(element, related)


def _geo_locations(root: Element, metadata: Metadata) -> None:
    places = _members(metadata, "geoLocations")
    if not places:
        return
    wrapper = _add(root, "geoLocations")
    for place in places:
        element = _add(wrapper, "geoLocation")
        _single("geoLocationPlace")(element, place)
        for key in ("geoLocationPoint", "geoLocationBox"):
            if place.get(key):
                _coordinates(element, key, place[key])
        for polygon in _polygons(place.get("geoLocationPolygon")):
            _polygon(element, polygon)


def _coordinates(parent: Element, name: str, values: Metadata) -> None:
    element = _add(parent, name)
    for key, value in values.items():
        _add(element, key, value)


def _polygons(value: Any) -> list[Any]:
    if not value:
        return []
    return value if isinstance(value[0], list) else [value]


def _polygon(parent: Element, members: list[Metadata]) -> None:
    element = _add(parent, "geoLocationPolygon")
    for key in ("polygonPoint", "inPolygonPoint"):
        for member in members:
            if member.get(key):
                _coordinates(element, key, member[key])


def _funding(root: Element, metadata: Metadata) -> None:
    references = _members(metadata, "fundingReferences")
    if not references:
        return
    wrapper = _add(root, "fundingReferences")
    for one in references:
        element = _add(wrapper, "fundingReference")
        _add(element, "funderName", one.get("funderName"))
        if one.get("funderIdentifier"):
            kind, scheme = one.get("funderIdentifierType"), one.get("schemeUri")
            _add(
                *(element, "funderIdentifier", one["funderIdentifier"]),
                funderIdentifierType=kind,
                schemeURI=scheme,
            )
        if one.get("awardNumber") or one.get("awardUri"):
            _add(element, "awardNumber", one.get("awardNumber"), awardURI=one.get("awardUri"))
        _single("awardTitle")(element, one)


def _same(*names: str) -> list[tuple[str, str]]:
    """XML attributes with the JSON keys of the same name, URI for Uri."""
    return [(name.replace("Uri", "URI"), name) for name in names]


_PARTS: tuple[Callable[[Element, Metadata], None], ...] = (
    _creators,
    _titles,
    _publisher,
    _year,
    _resource_type,
    _listed(
        *("subjects", "subjects", "subject", "subject"),
        *_same("subjectScheme", "schemeUri", "valueUri", "classificationCode"),
    ),
    _contributors,
    _listed("dates", "dates", "date", "date", *_same("dateType", "dateInformation")),
    _single("language"),
    _listed(
        *("alternateIdentifiers", "identifiers", "alternateIdentifier", "identifier"),
        ("alternateIdentifierType", "identifierType"),
    ),
    _listed(
        *("relatedIdentifiers", "relatedIdentifiers", "relatedIdentifier", "relatedIdentifier"),
        *_same("relatedIdentifierType", "relationType", "resourceTypeGeneral"),
        *_same("relatedMetadataScheme", "schemeUri", "schemeType", "relationTypeInformation"),
    ),
    _related_items,
    _scalars("sizes", "size"),
    _scalars("formats", "format"),
    _single("version"),
    _listed(
        *("rightsList", "rightsList", "rights", "rights"),
        *_same("rightsUri", "rightsIdentifier", "rightsIdentifierScheme", "schemeUri"),
    ),
    _listed(
        *("descriptions", "descriptions", "description", "description"),
        *_same("descriptionType"),
    ),
    _geo_locations,
    _funding,
)
