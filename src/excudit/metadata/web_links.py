"""Where the names in a record lead on the web; only http and https ever become a link."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from excudit.domain.record import Creator, NameIdentifier, Rights

_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", re.IGNORECASE)
_ROR = re.compile(r"(?:^|ror\.org/)(0[a-z0-9]{6}\d{2})/?$", re.IGNORECASE)
_ISNI = re.compile(r"(?:\d{4} ?){3}\d{3}[\dX]", re.IGNORECASE)
_UNSAFE = re.compile(r"[\s\x00-\x20\x7f\"<>\\^`{|}]")

_RESOLVERS = {
    "DOI": ("https://doi.org/", r"(?:doi:|https?://(?:dx\.)?doi\.org/)?(10\..+)"),
    "Handle": ("https://hdl.handle.net/", r"(?:hdl:|https?://hdl\.handle\.net/)?(.+/.+)"),
    "arXiv": ("https://arxiv.org/abs/", r"(?:arxiv:)?(.+)"),
    "bibcode": ("https://ui.adsabs.harvard.edu/abs/", r"(.+)"),
    "PMID": ("https://pubmed.ncbi.nlm.nih.gov/", r"(?:pmid:)?(\d+)"),
    "ARK": ("https://n2t.net/", r"(?:https?://n2t\.net/)?(ark:.+)"),
    "SWHID": ("https://archive.softwareheritage.org/", r"(swh:.+)"),
    "RRID": ("https://scicrunch.org/resolver/", r"(?:rrid:)?(.+)"),
}


def web_url(url: str) -> str:
    """The URL when it is a plain http or https one, else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    plain = parts.scheme in ("http", "https") and parts.netloc and not _UNSAFE.search(url)
    return url if plain else ""


def doi_url(doi: str) -> str:
    """Where a DOI resolves (DOI Handbook §3.8)."""
    return "https://doi.org/" + quote(doi, safe="/:;().-_~")


def work_url(identifier: str, kind: str) -> str:
    """Where a related work's identifier of a DataCite type leads; "" when nowhere."""
    text = identifier.strip()
    if kind in _RESOLVERS:
        resolver, pattern = _RESOLVERS[kind]
        found = re.fullmatch(pattern, text, re.IGNORECASE)
        return resolver + quote(found[1], safe="/:;().-_~=@") if found else web_url(text)
    return web_url(text)


def name_url(identifier: NameIdentifier) -> str:
    """The page of a person or organisation: ORCID, ROR or ISNI; "" for all others."""
    scheme, text = identifier.name_identifier_scheme.casefold(), identifier.name_identifier.strip()
    if scheme == "orcid" and (found := _ORCID.search(text)):
        return f"https://orcid.org/{found[0].upper()}"
    if scheme == "ror":
        return ror_url(text)
    if scheme == "isni" and (found := _ISNI.search(text)):
        return f"https://isni.org/isni/{found[0].replace(' ', '').upper()}"
    return web_url(text)


def ror_url(text: str) -> str:
    """The ROR address in a text, "" when there is none."""
    found = _ROR.search(text.strip())
    return f"https://ror.org/{found[1].lower()}" if found else ""


def creator_url(creator: Creator) -> str:
    """The best page of a creator, "" when there is none."""
    return first(name_url(identifier) for identifier in creator.name_identifiers)


def rights_url(rights: Rights) -> str:
    """The address of a licence, "" when there is none."""
    return web_url(rights.rights_uri)


def first(urls: Iterable[str]) -> str:
    """The first that is not empty, else ""."""
    return next((url for url in urls if url), "")
