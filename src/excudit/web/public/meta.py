"""Dublin Core and Highwire meta tags, which reference managers and crawlers read."""

from __future__ import annotations

from excudit.metadata import citation
from excudit.metadata.web_links import doi_url, rights_url
from excudit.web.public.shown import Shown

# info:eu-repo access terms (OpenAIRE).
EU_REPO = {
    "open": "info:eu-repo/semantics/openAccess",
    "metadata only": "info:eu-repo/semantics/closedAccess",
}


def tags(shown: Shown) -> list[tuple[str, str]]:
    """(name, content) pairs, empty ones left out; the same facts as in the JSON-LD."""
    record = shown.record
    address = doi_url(record.doi) if record.doi and shown.resolves else shown.url
    issued = [f"{part:02d}" for part in citation.issued(record)]
    pairs = [
        ("DC.identifier", address),
        ("DC.title", record.main_title),
        ("DC.description", citation.abstract(record)[:5000]),
        ("DC.language", record.language),
        ("DC.publisher", record.publisher.name),
        ("DC.date", "-".join(issued)),
        ("DC.type", record.types.resource_type_general),
        ("DCTERMS.accessRights", EU_REPO[shown.access]),
        ("citation_title", record.main_title),
        ("citation_doi", record.doi if shown.resolves else ""),
        ("citation_publication_date", "/".join(issued)),
        ("citation_publisher", record.publisher.name),
        ("citation_abstract_html_url", shown.url),
    ]
    for creator in record.creators:
        pairs += [("DC.creator", creator.name), ("citation_author", creator.name)]
    pairs += [("DC.subject", s.subject) for s in record.subjects]
    for rights in record.rights_list:
        url = rights_url(rights)
        pairs += [("DC.rights", url or rights.rights), ("DCTERMS.license", url)]
    return [(name, content) for name, content in pairs if content]
