"""Signposting, level 1: what a machine finds in the Link header of a page and of its exports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from excudit.metadata.web_links import creator_url, doi_url, rights_url
from excudit.web.public.exports import EXPORTS
from excudit.web.public.shown import Shown

HEADER_LIMIT = 6000  # bytes; servers and proxies refuse longer ones
_SCHEMA_TYPES = {"Dataset": "Dataset", "Software": "SoftwareSourceCode"}


@dataclass(frozen=True, slots=True)
class Link:
    """One typed link (RFC 8288)."""

    rel: str
    href: str
    type: str = ""
    profile: str = ""

    def __str__(self) -> str:
        parts = [f"<{self.href}>", f'rel="{self.rel}"']
        if self.type:
            parts.append(f'type="{self.type}"')
        if self.profile:
            parts.append(f'profile="{self.profile}"')
        return "; ".join(parts)


def of_page(shown: Shown) -> list[Link]:
    """The links of a landing page or tombstone, the indispensable ones first."""
    return list(dict.fromkeys(_links(shown)))


def _links(shown: Shown) -> Iterator[Link]:
    if shown.record.doi and shown.resolves:
        yield Link("cite-as", doi_url(shown.record.doi))
    kind = _SCHEMA_TYPES.get(shown.record.types.resource_type_general, "CreativeWork")
    yield Link("type", "https://schema.org/AboutPage")
    yield Link("type", f"https://schema.org/{kind}")
    for export in EXPORTS.values():
        yield Link("describedby", export_url(shown, export.name), export.media_type, export.profile)
    for rights in shown.record.rights_list:
        if address := rights_url(rights):
            yield Link("license", address)
    for creator in shown.record.creators:
        if address := creator_url(creator):
            yield Link("author", address)


def of_export(shown: Shown) -> list[Link]:
    """The links of an export."""
    return [Link("describes", shown.url, "text/html")]


def export_url(shown: Shown, name: str) -> str:
    """Where an export answers."""
    return f"{shown.url}/export/{name}"


def header(links: list[Link]) -> str:
    """The Link header, cut at its limit; what is left over stands in the page's head."""
    kept: list[str] = []
    length = 0
    for link in map(str, links):
        length += len(link) + 2
        if length > HEADER_LIMIT:
            break
        if link.isascii():
            kept.append(link)
    return ", ".join(kept)
