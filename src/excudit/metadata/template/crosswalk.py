"""From a template document to a DataCite record (REST JSON), row by row.

What is blank or not known to the template is left out; nothing is refused here, `judge` does that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from excudit.domain.identifiers import is_orcid
from excudit.metadata import licences
from excudit.metadata.template.document import Avu
from excudit.metadata.template.template import Template

Members = Mapping[str, str]
_LANG = {"xml:lang": "lang"}
_NAMES = {"CC0": "CC0-1.0", "ODC PDDL": "PDDL-1.0"}
ORCID = "https://orcid.org/"
FUNDERS = "https://doi.org/10.13039/"


def record(document: Avu, template: Template) -> dict[str, Any]:
    """The record that the document describes, without DOI and year of publication."""
    root = template.root.spelt(document)
    made: dict[str, Any] = {
        "titles": _each(root, "title", "title", {"titleType": "titleType", **_LANG}),
        "creators": [_person(a) for a in _said(root, "creator")],
        "publisher": _publisher(root),
        "types": _types(root),
        "subjects": _each(root, "subject", "subject", _SUBJECT),
        "contributors": [
            {**_person(a), "contributorType": _spelt(a, "contributorType", root, template)}
            for a in _said(root, "contributor")
        ],
        "language": _language(root.first("language")),
        "alternateIdentifiers": _each(root, "alternateIdentifier", "alternateIdentifier", _OTHER),
        "relatedIdentifiers": [
            *_each(root, "relatedIdentifier", "relatedIdentifier", _RELATED),
            *(_tool(a.value) for a in _said(root, "analysis_tool")),
        ],
        "sizes": [a.value for a in _said(root, "size")],
        "formats": [a.value for a in _said(root, "format")],
        "version": root.first("version"),
        "rightsList": [
            *(_rights(a) for a in _said(root, "rights")),
            *(_rights(a) for a in _said(root, "LocalContexts")),
        ],
        "descriptions": _each(root, "description", "description", _DESCRIPTION),
        "geoLocations": [p for a in root.all("geoLocation") if (p := _place(a))],
        "fundingReferences": [f for a in root.all("fundingReference") if (f := _funding(a))],
    }
    return {member: value for member, value in made.items() if value}


_SUBJECT = {
    "subjectScheme": "subjectScheme",
    "schemeURI": "schemeUri",
    "valueURI": "valueUri",
    **_LANG,
}
_OTHER = {"alternateIdentifierType": "alternateIdentifierType"}
_RELATED = {
    "relatedIdentifierType": "relatedIdentifierType",
    "relationType": "relationType",
    "resourceTypeGeneral": "resourceTypeGeneral",
}
_DESCRIPTION = {"descriptionType": "descriptionType", **_LANG}
_RIGHTS = {
    "rightsURI": "rightsUri",
    "rightsIdentifier": "rightsIdentifier",
    "rightsIdentifierScheme": "rightsIdentifierScheme",
    "schemeURI": "schemeUri",
}


def _said(root: Avu, name: str) -> Iterator[Avu]:
    return (a for a in root.all(name) if a.value)


def _with(avu: Avu, members: Members) -> dict[str, str]:
    """The children that say something, by their members' names."""
    found = {member: avu.first(name) for name, member in members.items()}
    if "lang" in found:
        found["lang"] = _language(found["lang"])
    return {member: value for member, value in found.items() if value}


def _each(root: Avu, name: str, member: str, members: Members) -> list[dict[str, str]]:
    return [{member: a.value, **_with(a, members)} for a in _said(root, name)]


def _language(tag: str) -> str:
    """A language as BCP 47 writes it: "en-US" for "en-us"."""
    first, dash, region = tag.partition("-")
    return first.lower() + dash + (region.upper() if len(region) == 2 else region)


def _spelt(avu: Avu, name: str, root: Avu, template: Template) -> str:
    """A term with the capitals of the template's vocabulary."""
    parent = template.root.child(avu.name)
    known = parent.child(name) if parent else None
    value = avu.first(name)
    return next((v for v in (known.values if known else ()) if v.lower() == value.lower()), value)


def _person(avu: Avu) -> dict[str, Any]:
    named = [_name_identifier(a) for a in _said(avu, "nameIdentifier")]
    orcid = any(n["nameIdentifierScheme"] == "ORCID" for n in named)
    made = {
        "name": avu.value,
        "nameType": "Personal" if orcid else "",
        "nameIdentifiers": named,
        "affiliation": [{"name": a.value} for a in _said(avu, "affiliation")],
    }
    return {member: value for member, value in made.items() if value}


def _name_identifier(avu: Avu) -> dict[str, str]:
    scheme = avu.first("nameIdentifierScheme") or "ORCID"
    orcid = scheme.upper() == "ORCID"
    value = avu.value
    if orcid and is_orcid(value):
        value = ORCID + value.removeprefix("http://orcid.org/").removeprefix(ORCID)
    uri = avu.first("schemeURI") or (ORCID if orcid else "")
    made = {
        "nameIdentifier": value,
        "nameIdentifierScheme": "ORCID" if orcid else scheme,
        "schemeUri": uri,
    }
    return {member: said for member, said in made.items() if said}


def _publisher(root: Avu) -> dict[str, str]:
    name = root.first("publisher")
    return {"name": name} if name else {}


def _types(root: Avu) -> dict[str, str]:
    first = next(_said(root, "resourceType"), None)
    if first is None:
        return {}
    return {
        "resourceType": first.value,
        **_with(first, {"resourceTypeGeneral": "resourceTypeGeneral"}),
    }


def _tool(address: str) -> dict[str, str]:
    return {
        "relatedIdentifier": address,
        "relatedIdentifierType": "URL",
        "relationType": "Requires",
    }


def _rights(avu: Avu) -> dict[str, str]:
    """The licence, with its SPDX name and address where it is one that SPDX knows."""
    said = {"rights": avu.value, **_with(avu, _RIGHTS)}
    if avu.name != "rights":
        return said
    known = licences.licence(_NAMES.get(avu.value, avu.value))
    if known is None:
        return said
    spdx = {
        "rightsIdentifier": known.id,
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": "https://spdx.org/licenses/",
        "rightsUri": licences.web_address(known),
    }
    return {**spdx, **said}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _numbers(avu: Avu, *names: str) -> dict[str, float]:
    found = {name: _number(avu.first(name)) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _point(avu: Avu) -> dict[str, float]:
    return _numbers(avu, "pointLongitude", "pointLatitude")


def _place(avu: Avu) -> dict[str, Any]:
    box = ("northBoundLatitude", "southBoundLatitude", "eastBoundLongitude", "westBoundLongitude")
    made: dict[str, Any] = {
        "geoLocationPlace": avu.first("geoLocationPlace"),
        "geoLocationPoint": _first(avu, "geoLocationPoint", _point),
        "geoLocationBox": _first(avu, "geoLocationBox", lambda a: _numbers(a, *box)),
        "geoLocationPolygon": _first(avu, "geoLocationPolygon", _polygon),
    }
    return {member: value for member, value in made.items() if value}


def _first(avu: Avu, name: str, make: Callable[[Avu], Any]) -> Any:
    return next((made for a in avu.all(name) if (made := make(a))), None)


def _polygon(avu: Avu) -> list[dict[str, Any]]:
    corners = [{"polygonPoint": p} for a in avu.all("polygonPoint") if (p := _point(a))]
    inside = [
        {"inPolygonPoint": p}
        for a in avu.all("polygonPoint")
        for i in a.all("inPolygonPoint")
        if (p := _point(i))
    ]
    return [*corners, *inside[:1]] if corners else []


def _funding(avu: Avu) -> dict[str, str]:
    made = _with(avu, {"funderName": "funderName"})
    named = next(_said(avu, "funderIdentifier"), None)
    if named is not None:
        kind = named.first("funderIdentifierType")
        # The Funder Registry's numbers are the ends of its DOIs.
        bare = kind.startswith("Crossref") and named.value.isdigit()
        made["funderIdentifier"] = FUNDERS + named.value if bare else named.value
        if kind:
            made["funderIdentifierType"] = kind
    return made
