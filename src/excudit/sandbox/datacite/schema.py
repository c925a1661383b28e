"""The registry's judge: kernel-4.7 as an XML Schema, made from the controlled lists.

libxml2 names types, lists and expected elements in its messages, so the schema made here has the
same declarations in the same order as DataCite's; only its documentation is left out.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from excudit.domain.vocabularies import VOCABULARIES

NAMESPACE = "http://datacite.org/schema/kernel-4"
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
XSD = "http://www.w3.org/2001/XMLSchema"
_XML_FILE = "xml.xsd"

LISTS = {
    "resourceType" if name == "resourceTypeGeneral" else name: terms
    for name, terms in VOCABULARIES.items()
}

_XML_XSD = f"""<xs:schema targetNamespace="{XML_NAMESPACE}" xmlns:xs="{XSD}">
<xs:attribute name="lang"><xs:simpleType><xs:union memberTypes="xs:language">
<xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value=""/></xs:restriction>
</xs:simpleType></xs:union></xs:simpleType></xs:attribute></xs:schema>"""

_URI = ":xs:anyURI"
_OCCURS = {
    "1": "",
    "?": ' minOccurs="0"',
    "+": ' maxOccurs="unbounded"',
    "*": ' minOccurs="0" maxOccurs="unbounded"',
    "4+": ' minOccurs="4" maxOccurs="unbounded"',
}


def _attribute(told: str) -> str:
    """An attribute told as `name`, `name:type`, `name!` (required) or `xml:lang`."""
    if told == "xml:lang":
        return '<xs:attribute ref="xml:lang"/>'
    name, _, kind = told.rstrip("!").partition(":")
    typed = f' type="{kind}"' if kind else ""
    use = "required" if told.endswith("!") else "optional"
    return f'<xs:attribute name="{name}"{typed} use="{use}"/>'


def _attributes(told: tuple[str, ...]) -> str:
    return "".join(map(_attribute, told))


def _element(name: str, occurs: str = "1", content: str = "", kind: str = "") -> str:
    typed = f' type="{kind}"' if kind else ""
    return f'<xs:element name="{name}"{typed}{_OCCURS[occurs]}>{content}</xs:element>'


def _text(name: str, occurs: str, base: str, *attributes: str) -> str:
    """An element with text of type `base` and attributes."""
    extension = f'<xs:extension base="{base}">{_attributes(attributes)}</xs:extension>'
    simple = f"<xs:simpleContent>{extension}</xs:simpleContent>"
    return _element(name, occurs, f"<xs:complexType>{simple}</xs:complexType>")


def _restricted(name: str, occurs: str, base: str) -> str:
    kind = f'<xs:simpleType><xs:restriction base="{base}"/></xs:simpleType>'
    return _element(name, occurs, kind)


def _group(name: str, occurs: str, content: str, *attributes: str, kind: str = "sequence") -> str:
    """An element with elements and attributes."""
    inner = f"<xs:{kind}>{content}</xs:{kind}>{_attributes(attributes)}"
    return _element(name, occurs, f"<xs:complexType>{inner}</xs:complexType>")


def _person(role: str, base: str, *, full: bool) -> str:
    names = _text(f"{role}Name", "1", base, "nameType:nameType", "xml:lang")
    names += _element("givenName", "?") + _element("familyName", "?")
    if full:
        names += _element("nameIdentifier", "*") + _element("affiliation", "*")
    return names


def _names() -> str:
    titles = _text("title", "+", "xs:string", "titleType:titleType", "xml:lang")
    creator = _group("creator", "+", _person("creator", "xs:string", full=True))
    return (
        _text("identifier", "1", "nonemptycontentStringType", "identifierType!")
        + _group("creators", "1", creator)
        + _group("titles", "1", titles)
        + _text(
            *("publisher", "1", "nonemptycontentStringType", "publisherIdentifier:xs:string"),
            *("publisherIdentifierScheme:xs:string", "schemeURI" + _URI, "xml:lang"),
        )
        + _restricted("publicationYear", "1", "yearType")
        + _text("resourceType", "1", "xs:string", "resourceTypeGeneral:resourceType!")
    )


def _described() -> str:
    subject = _text(
        *("subject", "*", "xs:string", "subjectScheme", "schemeURI" + _URI),
        *("valueURI" + _URI, "classificationCode" + _URI, "xml:lang"),
    )
    contributor = _group(
        *("contributor", "*", _person("contributor", "nonemptycontentStringType", full=True)),
        "contributorType:contributorType!",
    )
    date = _text("date", "*", "xs:string", "dateType:dateType!", "dateInformation")
    alternate = _text("alternateIdentifier", "*", "xs:string", "alternateIdentifierType!")
    return (
        _group("subjects", "?", subject)
        + _group("contributors", "?", contributor)
        + _group("dates", "?", date)
        + _element("language", "?", kind="xs:language")
        + _group("alternateIdentifiers", "?", alternate)
        + _group("relatedIdentifiers", "?", _related_identifier())
    )


def _related_identifier() -> str:
    return _text(
        *("relatedIdentifier", "*", "xs:string", "resourceTypeGeneral:resourceType"),
        *("relatedIdentifierType:relatedIdentifierType!", "relationType:relationType!"),
        *("relatedMetadataScheme", "schemeURI" + _URI, "schemeType", "relationTypeInformation"),
    )


def _form() -> str:
    rights = _text(
        *("rights", "*", "xs:string", "rightsURI" + _URI, "rightsIdentifier"),
        *("rightsIdentifierScheme", "schemeURI" + _URI, "xml:lang"),
    )
    line_break = _element("br", "*", "<xs:complexType/>")
    description = _element(
        *("description", "*"),
        f'<xs:complexType mixed="true"><xs:choice>{line_break}</xs:choice>'
        + _attributes(("descriptionType:descriptionType!", "xml:lang"))
        + "</xs:complexType>",
    )
    return (
        _group("sizes", "?", _element("size", "*", kind="xs:string"))
        + _group("formats", "?", _element("format", "*", kind="xs:string"))
        + _element("version", "?", kind="xs:string")
        + _group("rightsList", "?", rights)
        + _group("descriptions", "?", description)
    )


def _place() -> str:
    corners = _element("polygonPoint", "4+", kind="point") + _element(
        "inPolygonPoint", "?", kind="point"
    )
    choice = (
        _element("geoLocationPlace", "?")
        + _element("geoLocationPoint", "?", kind="point")
        + _element("geoLocationBox", "?", kind="box")
        + _group("geoLocationPolygon", "*", corners)
    )
    kind = f'<xs:complexType><xs:choice maxOccurs="unbounded">{choice}</xs:choice></xs:complexType>'
    return _group("geoLocations", "?", _element("geoLocation", "*", kind))


def _funding() -> str:
    parts = (
        _restricted("funderName", "1", "nonemptycontentStringType")
        + _text(
            *("funderIdentifier", "?", "xs:string"),
            *("funderIdentifierType:funderIdentifierType!", "schemeURI" + _URI),
        )
        + _text("awardNumber", "?", "xs:string", "awardURI" + _URI)
        + _element("awardTitle", "?")
    )
    return _group("fundingReferences", "?", _group("fundingReference", "*", parts, kind="all"))


def _related_item() -> str:
    contributor = _group(
        *("contributor", "*", _person("contributor", "xs:string", full=False)),
        "contributorType:contributorType!",
    )
    title = _text("title", "*", "xs:string", "titleType:titleType", "xml:lang")
    parts = (
        _text(
            *("relatedItemIdentifier", "?", "xs:string"),
            *("relatedItemIdentifierType:relatedIdentifierType", "relatedMetadataScheme"),
            *("schemeURI" + _URI, "schemeType"),
        )
        + _group(
            "creators", "?", _group("creator", "*", _person("creator", "xs:string", full=False))
        )
        + _group("titles", "?", title)
        + _restricted("publicationYear", "?", "yearType")
        + _element("volume", "?")
        + _element("issue", "?")
        + _text("number", "?", "xs:string", "numberType:numberType")
        + "".join(_element(n, "?") for n in ("firstPage", "lastPage", "publisher", "edition"))
        + _group("contributors", "?", contributor)
    )
    return _group(
        *("relatedItems", "?"),
        _group(
            *("relatedItem", "*", parts, "relatedItemType:resourceType!"),
            *("relationType:relationType!", "relationTypeInformation"),
        ),
    )


def _enumeration(name: str, values: tuple[str, ...]) -> str:
    listed = "".join(f"<xs:enumeration value={quoteattr(v)}/>" for v in values)
    restriction = f'<xs:restriction base="xs:string">{listed}</xs:restriction>'
    return f'<xs:simpleType name="{name}">{restriction}</xs:simpleType>'


def _simple_type(name: str, base: str, **facets: str) -> str:
    listed = "".join(f'<xs:{facet} value="{value}"/>' for facet, value in facets.items())
    restriction = f'<xs:restriction base="{base}">{listed}</xs:restriction>'
    return f'<xs:simpleType name="{name}">{restriction}</xs:simpleType>'


def _coordinates(name: str, *parts: tuple[str, str]) -> str:
    listed = "".join(_element(part, kind=kind) for part, kind in parts)
    return f'<xs:complexType name="{name}"><xs:all>{listed}</xs:all></xs:complexType>'


def _types() -> str:
    longitude, latitude = "longitudeType", "latitudeType"
    return (
        _simple_type("nonemptycontentStringType", "xs:string", minLength="1")
        + _simple_type("yearType", "xs:token", pattern=r"[\d]{4}")
        + _coordinates("point", ("pointLongitude", longitude), ("pointLatitude", latitude))
        + _coordinates(
            *("box", ("westBoundLongitude", longitude), ("eastBoundLongitude", longitude)),
            *(("southBoundLatitude", latitude), ("northBoundLatitude", latitude)),
        )
        + _simple_type(longitude, "xs:float", minInclusive="-180", maxInclusive="180")
        + _simple_type(latitude, "xs:float", minInclusive="-90", maxInclusive="90")
        + "".join(_enumeration(name, values) for name, values in LISTS.items())
    )


@cache
def xsd() -> str:
    """The text of the schema."""
    parts = _names() + _described() + _form() + _place() + _funding() + _related_item()
    return (
        f'<xs:schema xmlns:xs="{XSD}" xmlns="{NAMESPACE}" targetNamespace="{NAMESPACE}" '
        'elementFormDefault="qualified">'
        f'<xs:import namespace="{XML_NAMESPACE}" schemaLocation="{_XML_FILE}"/>'
        f"{_group('resource', '1', parts, kind='all')}{_types()}</xs:schema>"
    )


class _XmlNamespace(etree.Resolver):
    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:
        if system_url.endswith(_XML_FILE):
            return self.resolve_string(_XML_XSD, context, base_url=_XML_FILE)
        return None


@cache
def compiled() -> etree.XMLSchema:
    """The schema, ready to judge. Not to be used by two threads at once: its log is shared."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_XmlNamespace())
    return etree.XMLSchema(etree.fromstring(xsd(), parser))
