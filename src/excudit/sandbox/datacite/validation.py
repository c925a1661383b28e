"""What the registry checks, and when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from excudit.domain.vocabularies import VOCABULARIES
from excudit.sandbox.datacite import xml_reader
from excudit.sandbox.datacite.accounts import Account
from excudit.sandbox.datacite.schema import NAMESPACE, compiled
from excudit.sandbox.datacite.store import Doi

Finding = tuple[str, str]

DOI = re.compile(r"^10\.\d{4,5}/[-._;()/:a-zA-Z0-9*~$=]+$")
URL = re.compile(r"^(ftp|http|https)://\S+$")
JUDGED = {NAMESPACE, *(f"{NAMESPACE}.{minor}" for minor in range(4))}
_OLD = re.compile(r"^https?://datacite\.org/schema/kernel-[23]")
_MESSAGE = re.compile(r"^Element '\{[^}]*\}(?P<source>.+?)': (?P<text>.*)$", re.DOTALL)
_RENAMED = {
    "date": "dates",
    "publicationYear": "publication_year",
    "alternateIdentifiers": "identifiers",
    "relatedIdentifiers": "related_identifiers",
    "relatedItems": "related_items",
    "geoLocations": "geo_locations",
    "rightsList": "rights_list",
    "fundingReferences": "funding_references",
    "version": "version_info",
    "resource": "xml",
}
_MEMBERS = {
    "creators": ("creators", "Creator"),
    "titles": ("titles", "Title"),
    "contributors": ("contributors", "Contributor"),
    "dates": ("dates", "Date"),
    "rightsList": ("rights_list", "Rights"),
    "descriptions": ("descriptions", "Description"),
    "subjects": ("subjects", "Subject"),
    "identifiers": ("identifiers", "Identifier"),
    "relatedIdentifiers": ("related_identifiers", "Related identifier"),
    "relatedItems": ("related_items", "Related item"),
    "fundingReferences": ("funding_references", "Funding reference"),
    "geoLocations": ("geo_locations", "Geolocation"),
}


class Check:
    """All checks of one DOI as it would be stored.

    `full`: the checks of a published DOI (XSD). `posted`: by POST, where an absent schemaVersion
    leaves only the second, wordless layer. `bypass`: a schemaVersion that the registry does not
    know skips the XSD, as it does at DataCite.
    """

    def __init__(
        self, doi: Doi, owner: Account, *, full: bool, posted: bool, bypass: bool = True
    ) -> None:
        self.doi = doi
        self.owner = owner
        self.full = full
        self.posted = posted
        self.bypass = bypass
        self._root = xml_reader.parse(doi.xml.encode()) if doi.xml else None

    def errors(
        self, *, new: bool, taken: Callable[[], bool] = lambda: False
    ) -> list[dict[str, str]]:
        """One error per source, in the registry's form."""
        found: dict[str, str] = {}
        for source, title in self._findings(new, taken):
            found.setdefault(source, title)
        return [
            {"source": source, "title": title, "uid": self.doi.doi}
            for source, title in found.items()
        ]

    def _findings(self, new: bool, taken: Callable[[], bool]) -> Iterator[Finding]:
        if new and not DOI.match(self.doi.doi):
            yield "doi", "Is invalid"
        elif new and taken():
            yield "doi", "This DOI has already been taken"
        yield from self._url()
        yield from self._shapes()
        yield from self._old_kernel()
        if self.full:
            yield from self._judge()

    def _url(self) -> Iterator[Finding]:
        url, public = self.doi.url, self.doi.state != "draft"
        if not url:
            if public:
                yield "url", "Can't be blank"
        elif not URL.match(url):
            yield "url", "URL is not valid"
        elif public and not self.owner.allows(url):
            symbol = self.owner.symbol
            yield "url", f"URL {url} is not allowed by repository {symbol} domain settings."

    def _shapes(self) -> Iterator[Finding]:
        for name, (source, title) in _MEMBERS.items():
            for member in self.doi.metadata.get(name) or ():
                if not isinstance(member, dict):
                    yield source, f"{title} '{member}' should be an object instead of a string."
                elif name == "rightsList" and len(str(member.get("rights") or "")) > 2000:
                    yield source, "Rights should not have a length of more than 2000 characters."
                elif name == "contributors" and self.doi.schema_version == NAMESPACE:
                    yield from _contributor(member)

    def _old_kernel(self) -> Iterator[Finding]:
        names = [self.doi.schema_version or ""]
        if self._root is not None:
            names.append(etree.QName(self._root).namespace or "")
        for name in names:
            if _OLD.match(name):
                yield "xml", f"DOI {self.doi.doi}: Schema {name} is no longer supported"

    def _judge(self) -> Iterator[Finding]:
        version = self.doi.schema_version
        if version is None and self.posted:
            if list(self._xsd()):
                yield "metadata", "Is invalid"
        elif version is None or version in JUDGED or not self.bypass:
            yield from self._xsd()

    def _xsd(self) -> Iterator[Finding]:
        if self._root is None:
            return
        for line, message in schema_messages(self._root):
            match = _MESSAGE.match(message)
            source, text = (match["source"], match["text"]) if match else ("xml", message)
            title = f"DOI {self.doi.doi}: {text} at line {line}, column 0"
            yield _RENAMED.get(source, source), title


def schema_messages(root: Any) -> list[tuple[int, str]]:
    """What libxml2 says against the document with this root: line and message."""
    judge: Any = compiled()
    judge.validate(root.getroottree())
    return [(entry.line, entry.message) for entry in judge.error_log]


def _contributor(member: dict[str, Any]) -> Iterator[Finding]:
    told = ", ".join(f'"{key}"=>{_ruby(value)}' for key, value in member.items() if value != [])
    kind = member.get("contributorType")
    if not kind:
        text = f"Contributor '{{{told}}}' is missing a required element: contributor type."
        yield "contributors", text
    elif kind not in VOCABULARIES["contributorType"]:
        text = "has a contributor type that is not supported in schema 4"
        yield "contributors", f"Contributor '{{{told}}}' {text}: '{kind}'."


def _ruby(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
