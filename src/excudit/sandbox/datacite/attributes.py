"""Which attributes the registry knows. All others are dropped without a word, on any level."""

from __future__ import annotations

from typing import Any

# A scalar is None, an object a dict, a list of objects [dict], a list of scalars [None].
Shape = Any

_NAME_IDENTIFIER = {"nameIdentifier": None, "nameIdentifierScheme": None, "schemeUri": None}
_AFFILIATION = {
    "name": None,
    "affiliationIdentifier": None,
    "affiliationIdentifierScheme": None,
    "schemeUri": None,
}
_PERSON = {
    "name": None,
    "nameType": None,
    "givenName": None,
    "familyName": None,
    "lang": None,
    "nameIdentifiers": [_NAME_IDENTIFIER],
    "affiliation": [_AFFILIATION],
}
_CONTRIBUTOR = {**_PERSON, "contributorType": None}
_TITLE = {"title": None, "titleType": None, "lang": None}
_POINT = {"pointLongitude": None, "pointLatitude": None}
_POLYGON_MEMBER = {"polygonPoint": _POINT, "inPolygonPoint": _POINT}
_BOX = dict.fromkeys(
    ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")
)
_RELATED_SCHEME = {"relatedMetadataScheme": None, "schemeType": None}

METADATA: dict[str, Shape] = {
    "identifiers": [{"identifier": None, "identifierType": None}],
    "creators": [_PERSON],
    "titles": [_TITLE],
    "publisher": {
        "name": None,
        "publisherIdentifier": None,
        "publisherIdentifierScheme": None,
        "schemeUri": None,
        "lang": None,
    },
    "container": dict.fromkeys(
        (
            *("type", "identifier", "identifierType", "title", "volume", "issue"),
            *("number", "numberType", "firstPage", "lastPage", "edition"),
        )
    ),
    "publicationYear": None,
    "subjects": [
        dict.fromkeys(
            ("subject", "subjectScheme", "schemeUri", "valueUri", "classificationCode", "lang")
        )
    ],
    "contributors": [_CONTRIBUTOR],
    "dates": [{"date": None, "dateType": None, "dateInformation": None}],
    "language": None,
    "types": dict.fromkeys(
        ("resourceTypeGeneral", "resourceType", "schemaOrg", "bibtex", "citeproc", "ris")
    ),
    "relatedIdentifiers": [
        {
            "relatedIdentifier": None,
            "relatedIdentifierType": None,
            "relationType": None,
            "relationTypeInformation": None,
            "resourceTypeGeneral": None,
            "schemeUri": None,
            **_RELATED_SCHEME,
        }
    ],
    "relatedItems": [
        {
            "relatedItemType": None,
            "relationType": None,
            "relationTypeInformation": None,
            "relatedItemIdentifier": {
                "relatedItemIdentifier": None,
                "relatedItemIdentifierType": None,
                "schemeURI": None,
                **_RELATED_SCHEME,
            },
            "creators": [_PERSON],
            "titles": [_TITLE],
            **dict.fromkeys(
                (
                    *("publicationYear", "volume", "issue", "number", "numberType"),
                    *("firstPage", "lastPage", "publisher", "edition"),
                )
            ),
            "contributors": [_CONTRIBUTOR],
        }
    ],
    "sizes": [None],
    "formats": [None],
    "version": None,
    "rightsList": [
        dict.fromkeys(
            (
                *("rights", "rightsUri", "rightsIdentifier", "rightsIdentifierScheme"),
                *("schemeUri", "lang"),
            )
        )
    ],
    "descriptions": [{"description": None, "descriptionType": None, "lang": None}],
    "geoLocations": [
        {
            "geoLocationPlace": None,
            "geoLocationPoint": _POINT,
            "geoLocationBox": _BOX,
            "geoLocationPolygon": [_POLYGON_MEMBER],
        }
    ],
    "fundingReferences": [
        dict.fromkeys(
            (
                *("funderName", "funderIdentifier", "funderIdentifierType", "schemeUri"),
                *("awardNumber", "awardUri", "awardTitle"),
            )
        )
    ],
}

ABOUT = ("doi", "prefix", "event", "url", "schemaVersion", "source", "reason", "contentUrl", "xml")


def permit(attributes: dict[str, Any]) -> dict[str, Any]:
    """What the registry keeps of `attributes`; a member of the wrong shape goes without a word.

    Strings among the members of a list of objects stay: the registry names them in an error.
    """
    known = dict(attributes)
    if isinstance(known.get("publisher"), str):
        known["publisher"] = {"name": known["publisher"]}
    _take_alias(known)
    kept = {name: known[name] for name in ABOUT if name in known}
    for name, shape in METADATA.items():
        if name in known:
            kept[name] = _top(known[name], shape)
    if "should_validate" in known or "shouldValidate" in known:
        kept["shouldValidate"] = known.get("should_validate", known.get("shouldValidate"))
    return kept


def _take_alias(known: dict[str, Any]) -> None:
    """`alternateIdentifiers` stands in for `identifiers`, unless that is there itself."""
    alias = known.pop("alternateIdentifiers", None)
    if isinstance(alias, list) and "identifiers" not in known:
        known["identifiers"] = [
            {
                "identifier": one.get("alternateIdentifier"),
                "identifierType": one.get("alternateIdentifierType"),
            }
            if isinstance(one, dict)
            else one
            for one in alias
        ]


def _top(value: Any, shape: Shape) -> Any:
    if isinstance(shape, list) and isinstance(shape[0], dict):
        members = value if isinstance(value, list) else []
        return [_fit(m, shape[0]) if isinstance(m, dict) else m for m in members]
    fitted = _fit(value, shape)
    if fitted is None and isinstance(shape, list | dict):
        return type(shape)()
    return fitted


def _fit(value: Any, shape: Shape) -> Any:
    """`value` cut down to `shape`, None where nothing of it fits."""
    if shape is None:
        return value if isinstance(value, str | int | float | bool) else None
    if isinstance(shape, dict):
        return _fit_object(value, shape)
    if not isinstance(value, list):
        return None
    if shape == [_POLYGON_MEMBER] and any(isinstance(m, list) for m in value):
        return [_fit(m, shape) for m in value if isinstance(m, list)]
    if shape == [_AFFILIATION]:
        value = [{"name": m} if isinstance(m, str) else m for m in value]
    fitted = (_fit(m, shape[0]) for m in value)
    return [m for m in fitted if m is not None]


def _fit_object(value: Any, shape: dict[str, Shape]) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    fitted = {key: _fit(value[key], part) for key, part in shape.items() if key in value}
    return {key: part for key, part in fitted.items() if part is not None}
