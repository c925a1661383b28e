"""A record as schema.org JSON-LD for its public page.

The context is `{"@vocab": "http://schema.org/"}`: one to fetch would be lost on offline readers,
and the ESIP shapes refuse https. Empty members are left out, never null.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from excudit.domain.record import (
    Affiliation,
    Contributor,
    Creator,
    FundingReference,
    GeoLocation,
    Point,
    Record,
    RelatedIdentifier,
    Subject,
)
from excudit.metadata.citation import abstract, issued, split_name
from excudit.metadata.web_links import (
    doi_url,
    first,
    name_url,
    rights_url,
    ror_url,
    web_url,
    work_url,
)

CONTEXT = {"@vocab": "http://schema.org/"}
DOI_REGISTRY = "https://registry.identifiers.org/registry/doi"
# COAR Access Rights 1.0.
ACCESS = {
    "open": "http://purl.org/coar/access_right/c_abf2",
    "metadata only": "http://purl.org/coar/access_right/c_14cb",
}

_TYPES = {
    "Audiovisual": "MediaObject",
    "Book": "Book",
    "BookChapter": "Chapter",
    "Collection": "Collection",
    "Dataset": "Dataset",
    "Dissertation": "Thesis",
    "Image": "ImageObject",
    "JournalArticle": "ScholarlyArticle",
    "Report": "Report",
    "Software": "SoftwareSourceCode",
    "Sound": "AudioObject",
}
_ROLES = {
    "Editor": "editor",
    "Translator": "translator",
    "Sponsor": "sponsor",
    "Producer": "producer",
}
_RELATIONS = {
    "IsPartOf": "isPartOf",
    "HasPart": "hasPart",
    "IsIdenticalTo": "sameAs",
    "Cites": "citation",
    "References": "citation",
    "Documents": "citation",
    "IsDerivedFrom": "isBasedOn",
    "IsSupplementTo": "isBasedOn",
    "IsNewVersionOf": "isBasedOn",
    "HasTranslation": "workTranslation",
    "IsTranslationOf": "translationOfWork",
}
_DATES = {"Created": "dateCreated", "Updated": "dateModified", "Coverage": "temporalCoverage"}
_DESCRIPTION_MAX = 5000  # Google's upper limit


@dataclass(frozen=True, slots=True)
class PublicPlace:
    """Where and how a record is public. `copies` are its addresses elsewhere; `findable` says
    that its DOI resolves already; `access` is a key of `ACCESS`."""

    url: str
    site_name: str
    site_url: str
    findable: bool = True
    published: date | None = None
    withdrawn: bool = False
    access: str = "metadata only"
    copies: Sequence[str] = ()


def document(record: Record, place: PublicPlace) -> dict[str, Any]:
    """The whole JSON-LD document; a pure function of its arguments."""
    site = {"@type": "DataCatalog", "name": place.site_name, "url": place.site_url}
    kind = _TYPES.get(record.types.resource_type_general, "CreativeWork")
    entry: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": kind,
        "@id": doi_url(record.doi) if record.doi and place.findable else place.url,
        "additionalType": record.types.resource_type,
        "url": place.url,
        "sameAs": list(place.copies),
        "identifier": _identifiers(record),
        "name": record.main_title,
        "alternateName": [t.title for t in record.titles if t.title != record.main_title],
        "description": abstract(record)[:_DESCRIPTION_MAX],
        "creator": [_agent(creator) for creator in record.creators],
        "publisher": _publisher(record, place),
        "datePublished": _date_published(record, place),
        "version": record.version,
        "inLanguage": record.language,
        "conditionsOfAccess": ACCESS[place.access],
        "isAccessibleForFree": True if place.access == "open" else None,
        "license": _each(first([rights_url(r), r.rights]) for r in record.rights_list),
        "keywords": [_keyword(subject) for subject in record.subjects if subject.subject],
        "spatialCoverage": _each(_place(location) for location in record.geo_locations),
        "funding": [_grant(reference) for reference in record.funding_references],
        "includedInDataCatalog": site if kind == "Dataset" else None,
        "creativeWorkStatus": "Withdrawn" if place.withdrawn else "",
    }
    for contributor in record.contributors:
        role = _ROLES.get(contributor.contributor_type, "contributor")
        entry.setdefault(role, []).append(_agent(contributor))
    _add_dates(record, entry)
    _add_relations(record.related_identifiers, entry)
    kept: dict[str, Any] = full(entry)
    return kept


def full(tree: Any) -> Any:
    """The tree without empty members; lists of one become their only entry."""
    if isinstance(tree, dict):
        kept = {key: full(value) for key, value in tree.items()}
        return {key: value for key, value in kept.items() if value not in (None, "", [], {})}
    if isinstance(tree, list | tuple):
        entries = [entry for entry in map(full, tree) if entry not in (None, "", [], {})]
        return entries[0] if len(entries) == 1 else entries
    return tree


def _each(entries: Iterable[Any]) -> list[Any]:
    return [entry for entry in entries if entry]


def _identifiers(record: Record) -> list[dict[str, str]]:
    others = [
        {"@type": "PropertyValue", "propertyID": i.identifier_type, "value": i.identifier}
        for i in record.identifiers
    ]
    if not record.doi:
        return others
    doi = {
        "@type": "PropertyValue",
        "propertyID": DOI_REGISTRY,
        "value": f"doi:{record.doi}",
        "url": doi_url(record.doi),
    }
    return [doi, *others]


def _agent(person: Creator | Contributor) -> dict[str, Any]:
    family, given = split_name(person)
    is_organization = person.name_type == "Organizational"
    return {
        "@type": "Organization" if is_organization else "Person",
        "@id": first(name_url(i) for i in person.name_identifiers),
        "name": person.name,
        "givenName": given,
        "familyName": family if given else "",
        "affiliation": [_organization(a) for a in person.affiliation],
    }


def _organization(affiliation: Affiliation) -> dict[str, str]:
    address = affiliation.affiliation_identifier
    return {
        "@type": "Organization",
        "@id": ror_url(address) or web_url(address),
        "name": affiliation.name,
    }


def _publisher(record: Record, place: PublicPlace) -> dict[str, str]:
    address = record.publisher.publisher_identifier
    return {
        "@type": "Organization",
        "@id": ror_url(address) or web_url(address),
        "name": record.publisher.name,
        "url": place.site_url,
    }


def _date_published(record: Record, place: PublicPlace) -> str:
    known = issued(record)
    if len(known) < 3 and place.published and place.published.year == record.publication_year:
        return place.published.isoformat()
    return "-".join(f"{part:02d}" for part in known)


def _keyword(subject: Subject) -> Any:
    address = web_url(subject.value_uri)
    if not address and not subject.subject_scheme:
        return subject.subject
    return {
        "@type": "DefinedTerm",
        "name": subject.subject,
        "url": address,
        "termCode": subject.classification_code,
        "inDefinedTermSet": web_url(subject.scheme_uri) or subject.subject_scheme,
    }


def _place(location: GeoLocation) -> dict[str, Any]:
    shapes: list[dict[str, Any]] = []
    if point := location.geo_location_point:
        shapes.append(
            {
                "@type": "GeoCoordinates",
                "latitude": point.point_latitude,
                "longitude": point.point_longitude,
            }
        )
    if box := location.geo_location_box:
        corners = (
            box.south_bound_latitude,
            box.west_bound_longitude,
            box.north_bound_latitude,
            box.east_bound_longitude,
        )
        shapes.append({"@type": "GeoShape", "box": " ".join(map(str, corners))})
    shapes += [
        {"@type": "GeoShape", "polygon": _line(p.points)} for p in location.geo_location_polygon
    ]
    return {"@type": "Place", "name": location.geo_location_place, "geo": shapes}


def _line(points: Iterable[Point]) -> str:
    return " ".join(f"{p.point_latitude} {p.point_longitude}" for p in points)


def _grant(reference: FundingReference) -> dict[str, Any]:
    address = reference.funder_identifier
    return {
        "@type": "Grant",
        "identifier": reference.award_number,
        "name": reference.award_title,
        "url": web_url(reference.award_uri),
        "funder": {
            "@type": "Organization",
            "@id": ror_url(address) or web_url(address),
            "name": reference.funder_name,
        },
    }


def _add_dates(record: Record, entry: dict[str, Any]) -> None:
    for one in record.dates:
        member = _DATES.get(one.date_type)
        if one.date_type == "Collected":
            entry.setdefault("temporalCoverage", one.date)
        elif member == "temporalCoverage":
            entry[member] = one.date
        elif member:
            entry.setdefault(member, one.date)


def _add_relations(related: Iterable[RelatedIdentifier], entry: dict[str, Any]) -> None:
    for one in related:
        member = _RELATIONS.get(one.relation_type)
        address = work_url(one.related_identifier, one.related_identifier_type)
        if member == "isPartOf" and one.related_identifier_type == "ISSN":
            periodical = {"@type": "Periodical", "issn": one.related_identifier}
            entry.setdefault(member, []).append(periodical)
        elif member and address:
            entry.setdefault(member, []).append(address)
