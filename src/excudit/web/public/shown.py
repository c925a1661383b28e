"""All that a stranger may see of one publication, gathered once for every form of its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from excudit.domain.publication import Publication
from excudit.domain.record import Record
from excudit.metadata import datacite_json
from excudit.metadata.schema_org import PublicPlace
from excudit.metadata.web_links import web_url
from excudit.service import queries
from excudit.service.parts import Parts
from excudit.settings import Site


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the same work with an open page."""

    number: int
    url: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """The same publication at a target: its name there, address, and whether files are there."""

    name: str
    url: str
    files: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One publication as its public page, exports and links all read it. `record` has the DOI and
    the landing address in it; `resolves`: its DOI leads here, also after a withdrawal."""

    publication: Publication
    record: Record
    resolves: bool
    url: str
    files: int
    bytes: int
    copies: tuple[Copy, ...]
    versions: tuple[Version, ...]
    site: Site

    @property
    def withdrawn(self) -> bool:
        """Whether the page is a tombstone."""
        return self.publication.withdrawn_at is not None

    @property
    def access(self) -> str:
        """ "open" when the files can be had at a repository, else "metadata only"."""
        return "open" if any(c.files for c in self.copies) else "metadata only"

    @property
    def newest(self) -> Version | None:
        """The newest version that was not withdrawn, when this is an older one."""
        later = [v for v in self.versions if v.number > self.publication.version]
        return next((v for v in reversed(later) if not v.withdrawn), None)

    @property
    def hidden(self) -> bool:
        """Whether search engines shall leave it out: not yet or no longer public, or a test.

        10.5072 is DataCite's prefix for tests.
        """
        return self.withdrawn or not self.resolves or self.record.doi.startswith("10.5072/")

    def place(self) -> PublicPlace:
        """Where and how it is public, for the JSON-LD."""
        at = self.publication.published_at
        return PublicPlace(
            url=self.url,
            site_name=self.site.name,
            site_url=self.site.base_url.rstrip("/") + "/",
            findable=self.resolves,
            published=at.date() if at else None,
            withdrawn=self.withdrawn,
            access=self.access,
            copies=[c.url for c in self.copies if c.files],
        )


def find(parts: Parts, slug: str) -> Shown:
    """The publication of a public page. Raises NotFound while its page is not open."""
    publication, known = queries.public(parts, slug)
    record = datacite_json.from_rest(known["record"])
    return Shown(
        publication=publication,
        record=record.model_copy(update={"doi": known["doi"], "url": known["landing_url"]}),
        resolves=known["doi_findable"] or publication.withdrawn_at is not None,
        url=known["landing_url"],
        files=known["files"],
        bytes=known["bytes"],
        copies=tuple(_copies(parts, known)),
        versions=tuple(Version(v["version"], v["url"], v["withdrawn"]) for v in known["versions"]),
        site=parts.settings.site,
    )


def _copies(parts: Parts, known: Mapping[str, Any]) -> list[Copy]:
    return [
        Copy(parts.settings.target_title(d["target"]), url, _keeps_files(parts, d["target"]))
        for d in known["deposits"]
        if (url := web_url(d["url"])) and url != known["landing_url"]
    ]


def _keeps_files(parts: Parts, target: str) -> bool:
    known = parts.targets.get(target)
    return known is not None and known.capabilities.files
