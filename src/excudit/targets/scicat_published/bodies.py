"""A snapshot as SciCat's published data, API v4 and v3.

SciCat keeps unknown members of `metadata`: ours is `externalWorkflowId`, the publication's key, by
which a record is found again after a lost answer (facts of SciCat 5.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from excudit.domain.model import Snapshot
from excudit.metadata import datacite_json

KEY = "externalWorkflowId"
# What SciCat passes on to DataCite as it is.
_SAME = (
    "contributors",
    "descriptions",
    "fundingReferences",
    "geoLocations",
    "formats",
    "language",
    "relatedIdentifiers",
    "relatedItems",
    "rightsList",
    "sizes",
    "subjects",
)
_PERSON = ("name", "nameType", "givenName", "familyName", "affiliation", "nameIdentifiers")


def texts(rest: Mapping[str, Any]) -> tuple[str, str]:
    """Title and abstract: the main title, and the first abstract or any description."""
    titles = [t["title"] for t in rest.get("titles", ()) if not t.get("titleType")]
    told = rest.get("descriptions", ())
    abstracts = [d["description"] for d in told if d.get("descriptionType") == "Abstract"]
    return (titles or [""])[0], (abstracts or [d["description"] for d in told] or [""])[0]


def metadata(
    snapshot: Snapshot, rest: Mapping[str, Any], extra: Mapping[str, Any]
) -> dict[str, Any]:
    """The `metadata` of a v4 record."""
    publisher = dict(rest.get("publisher") or {})
    # The site's schema asks for the scheme, named or not.
    publisher.setdefault("publisherIdentifierScheme", "ROR")
    types = rest.get("types") or {}
    found = {name: rest[name] for name in _SAME if rest.get(name)}
    return {
        **extra,
        **found,
        "creators": [_person(c) for c in rest.get("creators", ())],
        "publisher": publisher,
        "publicationYear": rest.get("publicationYear"),
        "resourceType": types.get("resourceType") or types.get("resourceTypeGeneral", ""),
        "dates": [{**d, "date": _moment(str(d.get("date", "")))} for d in rest.get("dates", ())],
        # SciCat appends the DOI to it; excudit's page is told to DataCite by excudit.
        "landingPage": snapshot.landing_url,
        KEY: snapshot.key,
    }


def _person(creator: Mapping[str, Any]) -> dict[str, Any]:
    return {name: creator[name] for name in _PERSON if creator.get(name)}


def _moment(date: str) -> str:
    """A full date and time, which the schema asks for; of a span, its beginning."""
    first = date.partition("/")[0]
    if "T" in first:
        return first
    year, month, day = (*first.split("-"), "01", "01")[:3]
    return f"{year}-{month}-{day}T00:00:00Z"


def v4(snapshot: Snapshot, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The body with which a record is created or changed, API v4."""
    rest = datacite_json.to_rest(snapshot.record)
    title, abstract = texts(rest)
    return {
        "title": title,
        "abstract": abstract or title,
        "datasetPids": list(snapshot.refs),
        "metadata": metadata(snapshot, rest, extra),
    }


def v3(snapshot: Snapshot, doi: str) -> dict[str, Any]:
    """The body of a record of API v3, named by us."""
    rest = datacite_json.to_rest(snapshot.record)
    title, abstract = texts(rest)
    types = rest.get("types") or {}
    names = [c["name"] for c in rest.get("creators", ())]
    return {
        "doi": doi,
        "title": title,
        "abstract": abstract or title,
        "dataDescription": abstract or title,
        "creator": names,
        "authors": names,
        "publisher": (rest.get("publisher") or {}).get("name", ""),
        "publicationYear": rest.get("publicationYear"),
        "resourceType": types.get("resourceType") or types.get("resourceTypeGeneral", ""),
        "url": snapshot.landing_url,
        "pidArray": list(snapshot.refs),
    }


def name_v3(prefix: str, key: str) -> str:
    """The DOI of a v3 record, made from the publication's key: the same whenever it is asked."""
    return f"{prefix}/{key}" if prefix else ""


def differs(row: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether a record does not say what the body says."""
    return any(row.get(name) != value for name, value in body.items())
