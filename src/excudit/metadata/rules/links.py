"""Rules on the DOI, the URL, alternate and related identifiers, and licences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from excudit.domain.identifiers import (
    bare_doi,
    is_doi,
    is_ean13,
    is_isbn,
    is_issn,
    is_registrable_doi,
)
from excudit.domain.problem import Problem
from excudit.domain.record import Record, RelatedIdentifier, RelatedItem
from excudit.metadata.licences import licence_by_id
from excudit.metadata.rules import Finding, broken

_URL = re.compile(r"(?:ftp|http|https)://\S+")
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]+){3}|::1")
_METADATA_RELATIONS = ("HasMetadata", "IsMetadataFor")
_NUMBERS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "ISSN": ("issn", is_issn),
    "EISSN": ("issn", is_issn),
    "LISSN": ("issn", is_issn),
    "ISBN": ("isbn", is_isbn),
    "EAN13": ("ean13", is_ean13),
}


def judge(record: Record, domains: Sequence[str]) -> Iterator[Problem]:
    """All that is wrong with where a record leads and what it points to."""
    yield from _doi(record.doi)
    if record.url:
        yield from _url(record.url, domains)
    for index, one in enumerate(record.identifiers):
        yield from _alternate(one.identifier, one.identifier_type, f"/identifiers/{index}")
    own = bare_doi(record.doi).lower()
    for index, related in enumerate(record.related_identifiers):
        yield from _related(related, index, own)
    for index, item in enumerate(record.related_items):
        yield from _related_item(item, f"/relatedItems/{index}", own)
    yield from _related_twice(record)
    yield from _licences(record)


def _doi(doi: str) -> Iterator[Problem]:
    if not doi:
        return
    if not is_registrable_doi(doi):
        bare = bare_doi(doi)
        mend = f"Write {bare}." if is_registrable_doi(bare) else "Write it like 10.14454/abcd-ef12."
        yield broken("doi-form", "/doi", f"{doi!r} is not a DOI that can be registered.", mend)
    elif doi != doi.lower():
        message = f"{doi!r} has capitals; the registry answers in lower case."
        yield broken("doi-case", "/doi", message, f"Write {doi.lower()}.")


def _url(url: str, domains: Sequence[str]) -> Iterator[Problem]:
    host = _host(url)
    if not _URL.fullmatch(url) or not host:
        yield broken("url", "/url", f"{url!r} is not a web address.", "Write https://…")
        return
    if not url.startswith("https://") and not _LOOPBACK.fullmatch(host):
        message = f"{url!r} is not served securely."
        yield broken("url-secure", "/url", message, "Use an https address.")
    if domains and not any(_allows(domain, host) for domain in domains):
        message = f"The host {host} is not among those allowed: {', '.join(domains)}."
        mend = "Use an allowed host, or have the registry allow this one."
        yield broken("url-host", "/url", message, mend)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _allows(domain: str, host: str) -> bool:
    domain = domain.strip().lower()
    return domain in ("*", host) or (domain.startswith("*.") and host.endswith(domain[1:]))


def _alternate(identifier: str, kind: str, where: str) -> Iterator[Problem]:
    if not identifier or identifier.isspace() or not kind or kind.isspace():
        message = "An alternate identifier needs its text and its type."
        yield broken("scheme-pair", where, message, "Complete or remove it.")
    elif kind.upper() == "DOI":
        message = f"The registry drops alternate identifiers of type DOI ({identifier})."
        mend = "Make it a related identifier, e.g. with the relation IsIdenticalTo."
        yield broken("dropped-identifier", where, message, mend)


def _related(one: RelatedIdentifier, index: int, own: str) -> Iterator[Problem]:
    text = one.related_identifier
    if not text or text.isspace():
        finding: Finding | None = ("blank-text", "A related identifier is blank.", "Remove it.")
    else:
        finding = _identifier(text, one.related_identifier_type, own)
    if finding:
        yield _at(f"/relatedIdentifiers/{index}/relatedIdentifier", finding)
    scheme = one.related_metadata_scheme or one.scheme_uri or one.scheme_type
    if one.relation_type == "Other" or scheme:
        yield from _relation(one, bool(scheme), f"/relatedIdentifiers/{index}")


def _related_item(item: RelatedItem, where: str, own: str) -> Iterator[Problem]:
    one = item.related_item_identifier
    scheme = False
    if one:
        text, kind = one.related_item_identifier, one.related_item_identifier_type
        here = f"{where}/relatedItemIdentifier"
        scheme = bool(one.related_metadata_scheme or one.scheme_uri or one.scheme_type)
        if bool(text.strip()) != bool(kind):
            message = "A related item's identifier needs its text and its type."
            yield broken("scheme-pair", here, message, "Complete or remove it.")
        elif kind:
            finding = _identifier(text, kind, own)
            if finding:
                yield _at(f"{here}/relatedItemIdentifier", finding)
    yield from _relation(item, scheme, where)


def _relation(one: RelatedIdentifier | RelatedItem, scheme: bool, where: str) -> Iterator[Problem]:
    if one.relation_type == "Other" and not one.relation_type_information.strip():
        message = "The relation Other says nothing by itself."
        here = f"{where}/relationTypeInformation"
        yield broken("relation-other", here, message, "Explain it in relationTypeInformation.")
    if scheme and one.relation_type not in _METADATA_RELATIONS:
        message = f"A metadata scheme has no meaning with the relation {one.relation_type}."
        mend = "Remove the scheme, or use HasMetadata or IsMetadataFor."
        yield broken("metadata-scheme", where, message, mend)


def _at(where: str, finding: Finding) -> Problem:
    rule, message, mend = finding
    return broken(rule, where, message, mend)


def _identifier(text: str, kind: str, own: str) -> Finding | None:
    if kind == "DOI":
        return _related_doi(text, own)
    check = _NUMBERS.get(kind)
    if check is None or check[1](text.strip()):
        return None
    message = f"{text!r} is not a valid {kind}: a wrong form or check digit."
    return check[0], message, "Compare it with the publication."


def _related_doi(text: str, own: str) -> Finding | None:
    bare = bare_doi(text)
    if not is_doi(bare):
        return "related-doi", f"{text!r} is not a DOI.", "Write it like 10.1234/abc."
    if own and bare.lower() == own:
        return "own-doi", "The record relates to itself.", "Remove it."
    if bare != text:
        return "related-doi-address", f"{text!r} is an address, not a bare DOI.", f"Write {bare}."
    return None


def _related_twice(record: Record) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(record.related_identifiers):
        key = (one.related_identifier.casefold(), one.relation_type)
        if key in seen:
            message = f"{one.related_identifier!r} stands twice with {one.relation_type}."
            yield broken("duplicate", f"/relatedIdentifiers/{index}", message, "Remove one.")
        seen.add(key)


def _licences(record: Record) -> Iterator[Problem]:
    for index, one in enumerate(record.rights_list):
        identifier, scheme = one.rights_identifier, one.rights_identifier_scheme
        where = f"/rightsList/{index}/rightsIdentifier"
        if bool(identifier) != bool(scheme):
            message = "rightsIdentifier and rightsIdentifierScheme need each other."
            yield broken("scheme-pair", where, message, "Complete or remove them.")
        elif scheme.upper() == "SPDX" and not licence_by_id(identifier):
            message = f"{identifier!r} is not an identifier of the SPDX License List."
            yield broken("spdx", where, message, "Look it up at https://spdx.org/licenses/.")
