"""schema.org and Codemeta, in the registry's own way of writing them."""

from __future__ import annotations

from typing import Any

from excudit.sandbox.datacite.store import Doi
from excudit.sandbox.datacite.views import published

Node = dict[str, Any]

_SIDES = ("southBoundLatitude", "westBoundLongitude", "northBoundLatitude", "eastBoundLongitude")
_RELATIONS = {
    "isPartOf": ("IsPartOf",),
    "hasPart": ("HasPart",),
    "sameAs": ("IsIdenticalTo",),
    "predecessor_of": ("IsPreviousVersionOf",),
    "successor_of": ("IsNewVersionOf",),
    "citation": ("Cites", "References", "IsSupplementTo", "Documents"),
}


def schema_org(doi: Doi) -> Node:
    """The DOI as schema.org JSON-LD."""
    kept = doi.metadata
    types = kept.get("types") or {}
    return _filled(
        {
            "@context": "http://schema.org",
            "@type": types.get("schemaOrg") or "CreativeWork",
            "@id": _url(doi),
            "identifier": _identifiers(doi),
            "url": doi.url,
            "additionalType": types.get("resourceType"),
            "name": title(doi),
            "author": [person(one) for one in kept.get("creators") or ()],
            "editor": _contributors(doi, "Editor"),
            "translator": _contributors(doi, "Translator"),
            "description": [one.get("description") for one in kept.get("descriptions") or ()],
            "license": [one.get("rightsUri") for one in kept.get("rightsList") or ()],
            "version": kept.get("version"),
            "keywords": ", ".join(str(s.get("subject", "")) for s in kept.get("subjects") or ()),
            "inLanguage": kept.get("language"),
            "contentSize": ", ".join(map(str, kept.get("sizes") or ())),
            "encodingFormat": ", ".join(map(str, kept.get("formats") or ())),
            "dateCreated": date(doi, "Created"),
            "datePublished": published(doi),
            "dateModified": date(doi, "Updated"),
            "temporalCoverage": date(doi, "Coverage"),
            "spatialCoverage": [_place(one) for one in kept.get("geoLocations") or ()],
            **{name: _related(doi, types) for name, types in _RELATIONS.items()},
            "schemaVersion": doi.schema_version,
            "publisher": _publisher(kept.get("publisher")),
            "funder": [_funder(one) for one in kept.get("fundingReferences") or ()],
            "provider": {"@type": "Organization", "name": "datacite"},
        }
    )


def codemeta(doi: Doi) -> Node:
    """The DOI as Codemeta 2.0."""
    kept = doi.metadata
    types = kept.get("types") or {}
    return _filled(
        {
            "@context": "https://doi.org/10.5063/schema/codemeta-2.0",
            "@type": types.get("schemaOrg") or "CreativeWork",
            "@id": _url(doi),
            "identifier": _url(doi),
            "codeRepository": doi.url,
            "name": title(doi),
            "authors": [person(one) for one in kept.get("creators") or ()],
            "version": kept.get("version"),
            "dateCreated": date(doi, "Created"),
            "datePublished": published(doi),
            "dateModified": date(doi, "Updated"),
            "description": [one.get("description") for one in kept.get("descriptions") or ()],
            "license": [one.get("rightsUri") for one in kept.get("rightsList") or ()],
            "publisher": (kept.get("publisher") or {}).get("name"),
        }
    )


def title(doi: Doi) -> str:
    """The first title without a titleType, else the first."""
    titles = [one for one in doi.metadata.get("titles") or () if isinstance(one, dict)]
    main = next((one for one in titles if not one.get("titleType")), None)
    return str((main or (titles[0] if titles else {})).get("title", ""))


def date(doi: Doi, kind: str) -> str | None:
    """The first date of that type."""
    dates = doi.metadata.get("dates") or ()
    return next((str(one.get("date")) for one in dates if one.get("dateType") == kind), None)


def person(one: Node) -> Node:
    """A creator or contributor as schema.org Person or Organization."""
    identifiers = [i.get("nameIdentifier") for i in one.get("nameIdentifiers") or ()]
    return _filled(
        {
            "@type": "Organization" if one.get("nameType") == "Organizational" else "Person",
            "@id": next((i for i in identifiers if str(i).startswith("http")), None),
            "name": _natural_name(one),
            "givenName": one.get("givenName"),
            "familyName": one.get("familyName"),
            "affiliation": [
                _filled(
                    {
                        "@type": "Organization",
                        "@id": a.get("affiliationIdentifier"),
                        "name": a.get("name"),
                    }
                )
                for a in one.get("affiliation") or ()
            ],
        }
    )


def _natural_name(one: Node) -> str:
    given, family = one.get("givenName"), one.get("familyName")
    return f"{given} {family}" if given and family else str(one.get("name", ""))


def _filled(node: Node) -> Node:
    """Without what is empty; a list of one is that one."""
    filled = {}
    for name, value in node.items():
        values = [v for v in value if v] if isinstance(value, list) else value
        single = values[0] if isinstance(values, list) and len(values) == 1 else values
        if single not in (None, "", [], {}):
            filled[name] = single
    return filled


def _url(doi: Doi) -> str:
    return f"https://doi.org/{doi.doi}"


def _identifiers(doi: Doi) -> Any:
    others = [
        {
            "@type": "PropertyValue",
            "propertyID": one.get("identifierType"),
            "value": one.get("identifier"),
        }
        for one in doi.metadata.get("identifiers") or ()
    ]
    return others or None


def _contributors(doi: Doi, kind: str) -> list[Node]:
    people = doi.metadata.get("contributors") or ()
    return [person(one) for one in people if one.get("contributorType") == kind]


def _related(doi: Doi, kinds: tuple[str, ...]) -> list[Node]:
    found = []
    for one in doi.metadata.get("relatedIdentifiers") or ():
        if one.get("relationType") in kinds:
            kind, value = one.get("relatedIdentifierType"), one.get("relatedIdentifier")
            name = f"https://doi.org/{value}" if kind == "DOI" else value
            found.append({"@id": name, "@type": "CreativeWork"})
    return found


def _place(one: Node) -> Node:
    point, box = one.get("geoLocationPoint") or {}, one.get("geoLocationBox") or {}
    geo: Node = {}
    if point:
        geo = {
            "@type": "GeoCoordinates",
            "latitude": point.get("pointLatitude"),
            "longitude": point.get("pointLongitude"),
        }
    elif box:
        geo = {"@type": "GeoShape", "box": " ".join(str(box.get(side)) for side in _SIDES)}
    return _filled({"@type": "Place", "address": one.get("geoLocationPlace"), "geo": geo})


def _publisher(publisher: Any) -> Node:
    known = publisher or {}
    node = {"@id": known.get("publisherIdentifier"), "name": known.get("name")}
    return {"@type": "Organization", **_filled(node)} if known else {}


def _funder(one: Node) -> Node:
    node = {"@id": one.get("funderIdentifier"), "name": one.get("funderName")}
    return {"@type": "Organization", **_filled(node)}
