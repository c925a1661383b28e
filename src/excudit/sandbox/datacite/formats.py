"""Content negotiation: which formats there are, and who makes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

from excudit.sandbox.datacite import citations, linked_data
from excudit.sandbox.datacite.call import Call, Reply, refuse
from excudit.sandbox.datacite.store import Doi
from excudit.sandbox.datacite.views import attributes

_API = ("", "*/*", "application/*", "application/json", "application/vnd.api+json", "text/html")
_SHOWN = (
    *("types", "creators", "titles", "publisher", "container", "subjects", "contributors"),
    *("dates", "publicationYear", "language", "identifiers", "sizes", "formats", "version"),
    *("rightsList", "descriptions", "geoLocations", "fundingReferences", "relatedIdentifiers"),
    *("relatedItems", "schemaVersion"),
)
_STYLES = ("apa", "")


def datacite(doi: Doi) -> dict[str, Any]:
    """The DOI as DataCite JSON."""
    shown = attributes(doi, publisher=True, affiliation=True)
    return {
        "id": f"https://doi.org/{doi.doi}",
        "doi": doi.doi,
        "url": doi.url,
        **{name: shown[name] for name in _SHOWN},
        "agency": "datacite",
        "clientId": doi.owner.lower(),
        "providerId": doi.owner.lower().partition(".")[0],
        "state": doi.state,
    }


def crosscite(doi: Doi) -> dict[str, Any]:
    """The same with snake_case keys."""
    return {
        re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower(): value
        for name, value in datacite(doi).items()
    }


def _xml(doi: Doi) -> str:
    if not doi.xml:
        raise refuse(404, note="the sandbox has no XML for this DOI")
    return doi.xml


FORMATS: dict[str, Callable[[Doi], Any]] = {
    "application/vnd.datacite.datacite+xml": _xml,
    "application/x-datacite+xml": _xml,
    "application/vnd.datacite.datacite+json": datacite,
    "application/x-datacite+json": datacite,
    "application/vnd.crosscite.crosscite+json": crosscite,
    "application/vnd.schemaorg.ld+json": linked_data.schema_org,
    "application/ld+json": linked_data.schema_org,
    "application/vnd.citationstyles.csl+json": citations.csl,
    "application/citeproc+json": citations.csl,
    "application/vnd.codemeta.ld+json": linked_data.codemeta,
    "application/vnd.jats+xml": citations.jats,
    "application/x-bibtex": citations.bibtex,
    "application/x-research-info-systems": citations.ris,
    "text/csv": citations.table,
    "text/x-bibliography": citations.apa,
}


def accepted(accept: str) -> str:
    """The preferred format of an `Accept` header that is known, "" for the API's own JSON.

    Refuses with 406 when none is.
    """
    for mime in sorted(_ranges(accept), key=lambda pair: -pair[1]):
        if mime[0] in _API:
            return ""
        if mime[0] in FORMATS:
            return mime[0]
    raise refuse(406)


def _ranges(accept: str) -> list[tuple[str, float]]:
    ranges = []
    for part in accept.split(","):
        mime, *parameters = (text.strip().lower() for text in part.split(";"))
        weights = [p.removeprefix("q=") for p in parameters if p.startswith("q=")]
        weight = float(weights[0]) if weights and re.fullmatch(r"[\d.]+", weights[0]) else 1.0
        ranges.append((mime, weight))
    return ranges


def known(mime: str) -> str:
    """The format `mime`; refuses with 406 what is not one."""
    if mime.lower() not in FORMATS:
        raise refuse(406)
    return mime.lower()


def render(mime: str, doi: Doi, call: Call) -> Reply:
    """The DOI in this format."""
    made = FORMATS[mime](doi)
    body = made.encode() if isinstance(made, str) else orjson.dumps(made)
    reply = Reply(200, body, {"Content-Type": f"{mime}; charset=utf-8"})
    style = _style(call)
    if mime == "text/x-bibliography" and style not in _STYLES:
        return reply.noted(f"the sandbox writes apa only, not {style}")
    return reply


def _style(call: Call) -> str:
    told = re.search(r"style=([\w-]+)", call.headers.get("accept", ""))
    return call.query.get("style") or (told[1] if told else "")
