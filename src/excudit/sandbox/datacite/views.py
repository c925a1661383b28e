"""DOIs as the REST API shows them."""

from __future__ import annotations

import base64
from typing import Any

from excudit.sandbox.datacite import normalise
from excudit.sandbox.datacite.accounts import Account
from excudit.sandbox.datacite.store import Doi

_COUNTS = (
    *("viewCount", "viewsOverTime", "downloadCount", "downloadsOverTime", "referenceCount"),
    *("citationCount", "citationsOverTime", "partCount", "partOfCount", "versionCount"),
    "versionOfCount",
)
_RELATED = ("media", "references", "citations", "parts", "partOf", "versions", "versionOf")


def attributes(doi: Doi, *, publisher: bool = False, affiliation: bool = False) -> dict[str, Any]:
    """All attributes of a single DOI."""
    kept = doi.metadata
    identifiers = _shown_identifiers(doi)
    return {
        "doi": doi.doi,
        "prefix": doi.prefix,
        "suffix": doi.suffix,
        "identifiers": identifiers,
        "alternateIdentifiers": [
            {
                "alternateIdentifier": one.get("identifier"),
                "alternateIdentifierType": one.get("identifierType"),
            }
            for one in identifiers
        ],
        "creators": _people(kept.get("creators"), affiliation),
        "titles": kept.get("titles") or [],
        "publisher": _publisher(kept.get("publisher"), publisher),
        "container": kept.get("container") or normalise.container(kept),
        "publicationYear": kept.get("publicationYear"),
        "subjects": kept.get("subjects") or [],
        "contributors": _people(kept.get("contributors"), affiliation),
        "dates": kept.get("dates") or [],
        "language": kept.get("language"),
        "types": kept.get("types") or {},
        **{name: kept.get(name) or [] for name in ("relatedIdentifiers", "relatedItems")},
        **{name: kept.get(name) or [] for name in ("sizes", "formats")},
        "version": kept.get("version"),
        **{name: kept.get(name) or [] for name in ("rightsList", "descriptions", "geoLocations")},
        "fundingReferences": kept.get("fundingReferences") or [],
        **_about(doi),
    }


def _about(doi: Doi) -> dict[str, Any]:
    return {
        "xml": base64.b64encode(doi.xml.encode()).decode() if doi.xml else None,
        "url": doi.url,
        "contentUrl": doi.content_url,
        "metadataVersion": doi.metadata_version,
        "schemaVersion": doi.schema_version,
        "source": doi.source,
        "isActive": doi.state == "findable",
        "state": doi.state,
        "reason": doi.reason,
        **{name: [] if name.endswith("OverTime") else 0 for name in _COUNTS},
        "created": doi.created,
        "registered": doi.registered,
        "published": published(doi),
        "updated": doi.updated,
    }


def published(doi: Doi) -> str | None:
    """The date of type Issued, else the year as a string."""
    for one in doi.metadata.get("dates") or ():
        if isinstance(one, dict) and one.get("dateType") == "Issued":
            return str(one.get("date"))
    year = doi.metadata.get("publicationYear")
    return str(year) if year else None


def resource(
    doi: Doi, *, publisher: bool = False, affiliation: bool = False, owner: Account | None = None
) -> dict[str, Any]:
    """The DOI as a JSON:API resource; `owner` is given where the owner looks."""
    shown = attributes(doi, publisher=publisher, affiliation=affiliation)
    if owner is not None:
        shown["landingPage"] = None
    return {
        "id": doi.doi,
        "type": "dois",
        "attributes": shown,
        "relationships": {
            **relationships(doi),
            **{name: {"data": []} for name in _RELATED},
        },
    }


def relationships(doi: Doi) -> dict[str, Any]:
    """The DOI's repository and provider."""
    provider = doi.owner.lower().partition(".")[0]
    return {
        "client": {"data": {"id": doi.owner.lower(), "type": "clients"}},
        "provider": {"data": {"id": provider, "type": "providers"}},
    }


def _shown_identifiers(doi: Doi) -> list[dict[str, Any]]:
    """Without those that repeat the DOI or the URL."""
    own = {doi.doi, f"https://doi.org/{doi.doi}", (doi.url or "").lower()}
    return [
        one
        for one in doi.metadata.get("identifiers") or ()
        if isinstance(one, dict) and str(one.get("identifier", "")).lower() not in own
    ]


def _people(people: Any, affiliation: bool) -> list[Any]:
    if affiliation:
        return people or []
    return [
        {**one, "affiliation": [a.get("name") for a in one.get("affiliation") or ()]}
        for one in people or ()
        if isinstance(one, dict)
    ]


def _publisher(publisher: Any, whole: bool) -> Any:
    if not publisher:
        return None
    return publisher if whole else publisher.get("name")
