"""An assessment as a DataCite record (4.7, REST JSON)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from excudit.domain.identifiers import bare_doi, is_doi, is_orcid, is_ror
from excudit.metadata.licences import licence_by_id
from excudit.sources.assessment.document import Document, evidence_urls
from excudit.sources.assessment.keep import Kept, Person
from excudit.sources.assessment.settings import AssessmentSettings

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST_RELATED = 500


def title_of(doc: Document, ref: str) -> str:
    """Name, organisation and actor, as CAT calls a deposit; at least three characters."""
    named = (doc.name.strip(), doc.organisation.name.strip(), doc.actor.name.strip())
    title = "/".join(part for part in named if part)
    return title if len(title) >= 3 else f"Assessment {title or ref}"


def record(doc: Document, kept: Kept, settings: AssessmentSettings, site: str) -> dict[str, Any]:
    """What is known of the record; the names of publication are left to others."""
    others = [p for p in (kept.owner, *kept.people) if p.id != kept.by.id and (p.family or p.given)]
    found: dict[str, Any] = {
        "titles": [{"title": title_of(doc, kept.id)}],
        "creators": [_who(kept.by, doc)],
        "contributors": [{**_who(p), "contributorType": "Editor"} for p in _once(others)],
        "publisher": {"name": settings.publisher or site},
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Compliance assessment"},
        "subjects": [{"subject": word} for word in _keywords(doc)],
        "rightsList": [_rights(settings.license)],
        "descriptions": [
            {"description": described(doc, settings.destination), "descriptionType": "Abstract"}
        ],
        "relatedIdentifiers": _related(doc),
        "identifiers": [{"identifier": kept.id, "identifierType": "CAT assessment"}],
        "version": doc.version.strip(),
        "dates": _dates(doc),
        "formats": ["application/pdf", "application/json"],
    }
    return {name: value for name, value in found.items() if value}


def described(doc: Document, destination: str) -> str:
    """What was assessed, by whom, and how it came out."""
    name = doc.name.strip() or "without a name"
    said = [f"Publishing assessment {name} to {destination}."]
    subject = " ".join(p for p in (doc.subject.type.strip(), doc.subject.name.strip()) if p)
    against = doc.assessment_type.name.strip()
    if subject:
        said.append(f"Subject: {subject}{f', assessed against {against}' if against else ''}.")
    if doc.organisation.name.strip():
        role = f", {doc.actor.name.strip()}" if doc.actor.name.strip() else ""
        said.append(f"Assessed organisation: {doc.organisation.name.strip()}{role}.")
    said.append(f"Result: {outcome(doc.result.compliance)}; ranking {number(doc.result.ranking)}.")
    groups = "; ".join(p.name.strip() for p in doc.principles if p.name.strip())
    if groups:
        said.append(f"Principles: {groups}.")
    return " ".join(said)


def outcome(compliance: bool | None) -> str:
    """The result in a word."""
    return {True: "compliant", False: "not compliant", None: "compliance not determined"}[
        compliance
    ]


def number(value: float | None) -> str:
    """An integer as such, anything else with two decimals, none as "n/a"."""
    if value is None:
        return "n/a"
    return str(int(value)) if float(value).is_integer() else f"{value:.2f}"


def person_of(name: str, full_name: str, orcid: str) -> Person:
    """Somebody of whom one text is known: "Family, Given" or "Given Family"."""
    family, comma, given = (part.strip() for part in full_name.partition(","))
    if not comma:
        given, _, family = (full_name.strip() or name).rpartition(" ")
    return Person(name, given.strip(), family.strip(), orcid)


def _once(people: list[Person]) -> list[Person]:
    return list({p.id: p for p in people}.values())


def _who(person: Person, doc: Document | None = None) -> dict[str, Any]:
    family, given = person.family or person.given, person.given if person.family else ""
    told: dict[str, Any] = {
        "name": f"{family}, {given}" if given else family,
        "nameType": "Personal",
        "familyName": family,
        **({"givenName": given} if given else {}),
    }
    bare = person.orcid.rstrip("/").rpartition("/")[2]
    if is_orcid(bare):
        told["nameIdentifiers"] = [
            {
                "nameIdentifier": f"https://orcid.org/{bare}",
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    if doc is not None and doc.organisation.name.strip():
        told["affiliation"] = [_affiliation(doc)]
    return told


def _affiliation(doc: Document) -> dict[str, str]:
    told = {"name": doc.organisation.name.strip()}
    ror = doc.organisation.id.strip().rstrip("/").rpartition("/")[2]
    if is_ror(ror):
        told |= {
            "affiliationIdentifier": f"https://ror.org/{ror}",
            "affiliationIdentifierScheme": "ROR",
            "schemeUri": "https://ror.org",
        }
    return told


def _keywords(doc: Document) -> list[str]:
    words = [
        "compliance assessment",
        doc.assessment_type.name,
        doc.actor.name,
        doc.subject.type,
        *(p.name for p in doc.principles),
    ]
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))[:50]


def _rights(identifier: str) -> dict[str, str]:
    known = licence_by_id(identifier)
    return {
        "rights": known.name if known else identifier,
        "rightsIdentifier": known.id if known else identifier,
        "rightsIdentifierScheme": "SPDX",
        **({"rightsUri": known.url, "schemeUri": "https://spdx.org/licenses/"} if known else {}),
    }


def _related(doc: Document) -> list[dict[str, str]]:
    named = [(doc.subject.id.strip(), "IsMetadataFor")]
    named += [(url, "References") for url in evidence_urls(doc)]
    found = {}
    for text, relation in named:
        value, kind = _address(text)
        if kind:
            found[(value, relation)] = {
                "relatedIdentifier": value,
                "relatedIdentifierType": kind,
                "relationType": relation,
            }
    return list(found.values())[:_MOST_RELATED]


def _address(text: str) -> tuple[str, str]:
    """A DOI, or a URL that every resolver can read (RFC 3987 §3.1); "" = neither."""
    doi = bare_doi(text)
    if is_doi(doi):
        return doi, "DOI"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:
        return "", ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return "", ""
    address = parts._replace(
        netloc=host if parts.port is None else f"{host}:{parts.port}",
        path=quote(parts.path, safe="/%:@!$&'()*+,;=~"),
        query=quote(parts.query, safe="/?%:@!$&'()*+,;=~"),
        fragment=quote(parts.fragment, safe="/?%:@!$&'()*+,;=~"),
    )
    return address.geturl(), "URL"


def _dates(doc: Document) -> list[dict[str, str]]:
    today = {"date": datetime.now(UTC).date().isoformat(), "dateType": "Issued"}
    found = _DATE.match(doc.timestamp.strip())
    return [today, *([{"date": found[0], "dateType": "Created"}] if found else [])]
