"""A publication as the values of its landing page: every sentence and link, ready to be set."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from markupsafe import Markup

from excudit.domain.record import Contributor, Creator, Record
from excudit.metadata import citation, schema_org
from excudit.metadata.web_links import (
    doi_url,
    first,
    name_url,
    rights_url,
    ror_url,
    web_url,
    work_url,
)
from excudit.web import figures
from excudit.web.public import links, meta, words
from excudit.web.public.exports import EXPORTS
from excudit.web.public.shown import Shown

FILES_PER_PAGE = 100
_BREAKS = re.compile(r"\s*<br ?/?>\s*|\r\n?|\n")


def values(shown: Shown, files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the template needs; `files` is one page of the file table."""
    record = shown.record
    return {
        "shown": shown,
        "record": record,
        "title": record.main_title,
        "summary": textwrap.shorten(citation.abstract(record), 300, placeholder=" …"),
        "language": record.language,
        "subtitles": [t.title for t in record.titles if t.title != record.main_title],
        "kind": record.types.resource_type or citation.kind_words(record),
        "published": _published(shown),
        "doi": record.doi,
        "doi_url": doi_url(record.doi) if record.doi and shown.resolves else "",
        **people(record),
        "sections": _sections(record),
        "keywords": [(s.subject, web_url(s.value_uri)) for s in record.subjects if s.subject],
        "dates": [
            (words.date_label(d), words.span(d.date), d.date_information) for d in record.dates
        ],
        "places": [line for place in record.geo_locations for line in words.place(place)],
        "related": [*_related(record), *_described(record)],
        "funding": [_funding(f) for f in record.funding_references],
        "identifiers": [(i.identifier_type, i.identifier) for i in record.identifiers],
        "files": [{**f, "words": figures.size(f["size"])} for f in files],
        "bytes_total": figures.size(shown.bytes),
        "next_files": _next_page(shown, files),
        "citation": citation.text(record.model_copy(update={"doi": ""})),
        "citation_url": doi_url(record.doi) if record.doi else "",
        "exports": [(e.label, links.export_url(shown, e.name)) for e in EXPORTS.values()],
        "head_links": links.of_page(shown),
        "metas": meta.tags(shown),
        "json_ld": json_ld(shown),
        "withdrawn_on": words.day(at) if (at := shown.publication.withdrawn_at) else "",
        "day": words.day,
    }


def people(record: Record) -> dict[str, Any]:
    """Everybody whose name a record makes public, and its licences."""
    return {
        "creators": [_agent(c) for c in record.creators],
        "affiliations": _affiliations(record.creators),
        "contributors": [_agent(c) for c in record.contributors],
        "licences": [_licence(r) for r in record.rights_list],
    }


def json_ld(shown: Shown) -> Markup:
    """The JSON-LD for a script element: no "<" in it, so no title can close the element."""
    text = orjson.dumps(schema_org.document(shown.record, shown.place())).decode()
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(safe)  # noqa: S704 - a data block of JSON without "<"


def _published(shown: Shown) -> str:
    at = shown.publication.published_at
    known = citation.issued(shown.record)
    if len(known) == 3:
        return words.span("-".join(f"{part:02d}" for part in known))
    if at and at.year == shown.record.publication_year:
        return words.day(at)
    return str(shown.record.publication_year)


def _agent(person: Creator | Contributor) -> dict[str, Any]:
    family, given = citation.split_name(person)
    address = first(name_url(i) for i in person.name_identifiers)
    role = citation.words(getattr(person, "contributor_type", ""))
    return {
        "name": f"{given} {family}" if given else person.name,
        "url": address,
        "mark": "ORCID" if "orcid.org" in address else "ROR" if "ror.org" in address else "",
        "places": [a.name for a in person.affiliation],
        "role": "Contributor" if role == "Other" else role,
    }


def _affiliations(creators: Iterable[Creator]) -> list[tuple[str, str]]:
    """Each affiliation once, in order, with its page."""
    found: dict[str, str] = {}
    for creator in creators:
        for a in creator.affiliation:
            address = ror_url(a.affiliation_identifier) or web_url(a.affiliation_identifier)
            found[a.name] = found.get(a.name) or address
    return list(found.items())


def _licence(rights: Any) -> tuple[str, str]:
    address = rights_url(rights)
    return rights.rights or rights.rights_identifier or address, address


def _sections(record: Record) -> list[tuple[str, list[str]]]:
    """The descriptions, abstract first, each as its paragraphs."""
    ranked = sorted(record.descriptions, key=lambda d: d.description_type != "Abstract")
    labels = {"Other": "Notes", "TechnicalInfo": "Technical information"}
    return [
        (labels.get(kind, citation.words(kind)), paragraphs)
        for one in ranked
        if (kind := one.description_type)
        and (paragraphs := [p for p in _BREAKS.split(one.description) if p.strip()])
    ]


def _related(record: Record) -> list[dict[str, str]]:
    return [
        {
            "relation": words.relation(one),
            "name": one.related_identifier,
            "url": work_url(one.related_identifier, one.related_identifier_type),
            "kind": citation.words(one.resource_type_general or one.related_identifier_type)
            if one.resource_type_general
            else one.related_identifier_type,
        }
        for one in record.related_identifiers
    ]


def _described(record: Record) -> list[dict[str, str]]:
    """Related works that are told by their description."""
    return [
        {
            "relation": words.relation(one),
            "name": _told(one),
            "url": work_url(
                one.related_item_identifier.related_item_identifier,
                one.related_item_identifier.related_item_identifier_type,
            )
            if one.related_item_identifier
            else "",
            "kind": citation.words(one.related_item_type),
        }
        for one in record.related_items
    ]


def _told(one: Any) -> str:
    year = f" ({one.publication_year})" if one.publication_year else ""
    people = "; ".join(c.name for c in one.creators)
    title = one.titles[0].title if one.titles else one.publisher
    return f"{people}{year}: {title}" if people else f"{title}{year}"


def _funding(reference: Any) -> dict[str, str]:
    address = reference.funder_identifier
    award = " – ".join(w for w in (reference.award_title, reference.award_number) if w)
    return {
        "funder": reference.funder_name,
        "funder_url": ror_url(address) or web_url(address),
        "award": award,
        "award_url": web_url(reference.award_uri),
    }


def _next_page(shown: Shown, files: Sequence[Mapping[str, Any]]) -> str:
    if len(files) < FILES_PER_PAGE or files[-1]["position"] + 1 >= shown.files:
        return ""
    return f"?after={files[-1]['position']}#files"


def brief(shown: Shown) -> dict[str, Any]:
    """One row of the start page."""
    names = [_agent(c)["name"] for c in shown.record.creators]
    return {
        "title": shown.record.main_title,
        "url": shown.url,
        "creators": names if len(names) <= 4 else [*names[:3], "others"],
        "published": _published(shown),
        "kind": citation.kind_words(shown.record),
        "doi": shown.record.doi,
        "doi_url": doi_url(shown.record.doi) if shown.resolves else "",
    }
