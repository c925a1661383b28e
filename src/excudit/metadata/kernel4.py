"""The elements of kernel-4 as a table: what stands where, and as which member in JSON.

Three kinds of elements: a `Leaf` has text, a `Wrapper` repeats one kind of element, a `Group`
has different ones. Source: DataCite's kernel-4.7 XSD.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from excudit.metadata.xml_tree import XML_LANG

NAMESPACE = "http://datacite.org/schema/kernel-4"

# Attributes that must hold a term of their vocabulary wherever they stand.
CHOICES = frozenset(
    {
        "contributorType",
        "dateType",
        "descriptionType",
        "funderIdentifierType",
        "nameType",
        "numberType",
        "relatedIdentifierType",
        "relatedItemIdentifierType",
        "relatedItemType",
        "relationType",
        "resourceTypeGeneral",
        "titleType",
    }
)

Form = Literal["text", "year", "language", "number", "mixed"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element with text and attributes.

    `text` is the JSON member for its text; with `key` it becomes an object of its own under that
    name, without it its members join the parent's. `attributes`: XML name to JSON member.
    `open` elements have no declared content in the XSD: what else stands in them is lost with a
    warning, and without any text they are left out. `many`: may be repeated. `keep_empty`: the
    text counts even when it is "". `needs`: attributes that the record itself does not insist on.
    """

    text: str = ""
    key: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    form: Form = "text"
    open: bool = False
    many: bool = False
    keep_empty: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """An element with different elements in it; `ordered` means in the order of `members`."""

    key: str
    members: Mapping[str, Element]
    attributes: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = True
    many: bool = False


@dataclass(frozen=True, slots=True)
class Wrapper:
    """An element that repeats `entry` under the name `name`."""

    key: str
    name: str
    entry: Leaf | Group


Element = Leaf | Group | Wrapper

_LANG = {XML_LANG: "lang"}
_SCHEME = {"schemeURI": "schemeUri"}


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _open(text: str) -> Leaf:
    return Leaf(text, open=True)


def _name(name: str) -> dict[str, Element]:
    return {
        name: Leaf("name", attributes={**_same("nameType"), **_LANG}, keep_empty=True),
        "givenName": _open("givenName"),
        "familyName": _open("familyName"),
    }


def _person(name: str) -> dict[str, Element]:
    scheme = {**_same("nameIdentifierScheme"), **_SCHEME}
    identifier = _same("affiliationIdentifier", "affiliationIdentifierScheme")
    return {
        **_name(name),
        "nameIdentifier": Leaf("nameIdentifier", "nameIdentifiers", scheme, open=True, many=True),
        "affiliation": Leaf("name", "affiliation", {**identifier, **_SCHEME}, open=True, many=True),
    }


def _leaves(key: str, name: str, text: str, attributes: Mapping[str, str]) -> Wrapper:
    return Wrapper(key, name, Leaf(text, attributes=attributes, keep_empty=True))


_CONTRIBUTOR = _same("contributorType")
_TITLES = _leaves("titles", "title", "title", {**_same("titleType"), **_LANG})
_POINT: dict[str, Element] = {
    name: Leaf(name, form="number", keep_empty=True) for name in ("pointLongitude", "pointLatitude")
}
_BOX: dict[str, Element] = {
    name: Leaf(name, form="number", keep_empty=True)
    for name in (
        "westBoundLongitude",
        "eastBoundLongitude",
        "southBoundLatitude",
        "northBoundLatitude",
    )
}
_POLYGON: dict[str, Element] = {
    "polygonPoint": Group("polygonPoint", _POINT, ordered=False, many=True),
    "inPolygonPoint": Group("inPolygonPoint", _POINT, ordered=False),
}
PLACE: dict[str, Element] = {
    "geoLocationPlace": _open("geoLocationPlace"),
    "geoLocationPoint": Group("geoLocationPoint", _POINT, ordered=False),
    "geoLocationBox": Group("geoLocationBox", _BOX, ordered=False),
    "geoLocationPolygon": Group("geoLocationPolygon", _POLYGON, many=True),
}
_FUNDING: dict[str, Element] = {
    "funderName": Leaf("funderName", keep_empty=True),
    "funderIdentifier": Leaf(
        "funderIdentifier",
        attributes={**_same("funderIdentifierType"), **_SCHEME},
        needs=("funderIdentifierType",),
    ),
    "awardNumber": Leaf("awardNumber", attributes={"awardURI": "awardUri"}),
    "awardTitle": _open("awardTitle"),
}
_RELATED_ITEM: dict[str, Element] = {
    "relatedItemIdentifier": Leaf(
        "relatedItemIdentifier",
        "relatedItemIdentifier",
        _same("relatedItemIdentifierType", "relatedMetadataScheme", "schemeURI", "schemeType"),
        keep_empty=True,
    ),
    "creators": Wrapper("creators", "creator", Group("", _name("creatorName"))),
    "titles": _TITLES,
    "publicationYear": Leaf("publicationYear", form="year", keep_empty=True),
    "volume": _open("volume"),
    "issue": _open("issue"),
    "number": Leaf("number", attributes=_same("numberType")),
    "firstPage": _open("firstPage"),
    "lastPage": _open("lastPage"),
    "publisher": _open("publisher"),
    "edition": _open("edition"),
    "contributors": Wrapper(
        "contributors", "contributor", Group("", _name("contributorName"), _CONTRIBUTOR)
    ),
}
_RESOURCE: dict[str, Element] = {
    "identifier": Leaf(
        "doi", attributes=_same("identifierType"), keep_empty=True, needs=("identifierType",)
    ),
    "creators": Wrapper("creators", "creator", Group("", _person("creatorName"))),
    "titles": _TITLES,
    "publisher": Leaf(
        "name",
        "publisher",
        {**_same("publisherIdentifier", "publisherIdentifierScheme"), **_SCHEME, **_LANG},
        keep_empty=True,
    ),
    "publicationYear": Leaf("publicationYear", form="year", keep_empty=True),
    "resourceType": Leaf("resourceType", "types", _same("resourceTypeGeneral"), keep_empty=True),
    "subjects": _leaves(
        "subjects",
        "subject",
        "subject",
        {
            **_same("subjectScheme", "classificationCode"),
            **_SCHEME,
            "valueURI": "valueUri",
            **_LANG,
        },
    ),
    "contributors": Wrapper(
        "contributors", "contributor", Group("", _person("contributorName"), _CONTRIBUTOR)
    ),
    "dates": _leaves("dates", "date", "date", _same("dateType", "dateInformation")),
    "language": Leaf("language", form="language", keep_empty=True),
    "alternateIdentifiers": _leaves(
        "identifiers",
        "alternateIdentifier",
        "identifier",
        {"alternateIdentifierType": "identifierType"},
    ),
    "relatedIdentifiers": _leaves(
        "relatedIdentifiers",
        "relatedIdentifier",
        "relatedIdentifier",
        {
            **_same(
                "relatedIdentifierType",
                "relationType",
                "relationTypeInformation",
                "resourceTypeGeneral",
                "relatedMetadataScheme",
                "schemeType",
            ),
            **_SCHEME,
        },
    ),
    "sizes": _leaves("sizes", "size", "", {}),
    "formats": _leaves("formats", "format", "", {}),
    "version": Leaf("version"),
    "rightsList": _leaves(
        "rightsList",
        "rights",
        "rights",
        {
            "rightsURI": "rightsUri",
            **_same("rightsIdentifier", "rightsIdentifierScheme"),
            **_SCHEME,
            **_LANG,
        },
    ),
    "descriptions": Wrapper(
        "descriptions",
        "description",
        Leaf(
            "description",
            attributes={**_same("descriptionType"), **_LANG},
            form="mixed",
            keep_empty=True,
        ),
    ),
    "geoLocations": Wrapper("geoLocations", "geoLocation", Group("", PLACE, ordered=False)),
    "fundingReferences": Wrapper(
        "fundingReferences", "fundingReference", Group("", _FUNDING, ordered=False)
    ),
    "relatedItems": Wrapper(
        "relatedItems",
        "relatedItem",
        Group(
            "",
            _RELATED_ITEM,
            _same("relatedItemType", "relationType", "relationTypeInformation"),
        ),
    ),
}
RESOURCE = Group("", _RESOURCE, ordered=False)
