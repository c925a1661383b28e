"""The source `assessment`: each dataset is a compliance assessment, as JSON and as PDF."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, ClassVar, Literal

from excudit.domain.errors import NotFound, Rejected, Retryable
from excudit.domain.model import Actor, Claim, Dataset, FileEntry, Outcome
from excudit.domain.problem import Problem
from excudit.ports import Watch
from excudit.settings import Site
from excudit.sources.assessment.cat import Cat
from excudit.sources.assessment.desk import Desk
from excudit.sources.assessment.document import Assessment, read
from excudit.sources.assessment.keep import Blob, Keep, Kept
from excudit.sources.assessment.mapping import record, title_of
from excudit.sources.assessment.settings import AssessmentSettings

DOCUMENT, RENDERING = "assessment.json", "assessment.pdf"


class AssessmentSource:
    """Compliance assessments that people and programs hand in, or that a CAT server has.

    A `ref` is the assessment's own id. What was handed in is kept for ever under its SHA-256, so
    a publication under way never finds its files changed; the newest revision is what `describe`
    tells. Only its owner, whom it is shared with, and who handed it in see it.
    """

    Settings: ClassVar[type[AssessmentSettings]] = AssessmentSettings
    custody: ClassVar[Literal["", "submit", "publish"]] = ""
    reports: ClassVar[bool] = False
    accepts: ClassVar[Mapping[str, str]] = {
        "document": "Assessment (JSON)",
        "rendering": "Its PDF; none = one is made",
        "people": "Whom it is shared with (JSON)",
    }

    def __init__(self, name: str, settings: AssessmentSettings, site: Site) -> None:
        self.name = name
        self._settings, self._site = settings, site
        self._keep = Keep(settings.folder)
        self.largest = settings.largest_mb * 1000 * 1000
        cat = Cat(settings.cat, site) if settings.cat else None
        self.fetches = cat is not None
        self._desk = Desk(self._keep, cat, self.largest)

    def search(self, text: str, *, actor: Actor, limit: int = 50) -> Iterator[Dataset]:
        """Assessments whose title or id holds `text` and that the actor sees, newest first."""
        wanted = text.strip().casefold()
        mine = (k for k in self._keep.every() if k.knows(actor.name) or k.by.id == actor.name)
        found = (k for k in mine if wanted in f"{k.title}\n{k.id}".casefold())
        return (self.look(k.id) for k in itertools.islice(found, limit))

    def ready(self) -> Iterator[Dataset]:
        """Nothing: an assessment is published when somebody asks for it."""
        return iter(())

    def sees(self, ref: str, *, actor: Actor) -> bool:
        """Its owner, whom it is shared with, and who handed it in; nobody by their office."""
        kept = self._keep.newest(ref)
        return kept is not None and (kept.knows(actor.name) or kept.by.id == actor.name)

    def look(self, ref: str) -> Dataset:
        """Title and record of the newest revision. An assessment that its owner keeps private has
        a problem among its notes."""
        kept = self._keep.get(ref)
        found = self._read(kept)
        return Dataset(
            self.name,
            kept.id,
            title_of(found.doc, kept.id),
            kept.revision,
            (),
            record(found.doc, kept, self._settings, self._site.name),
            owner=kept.owner.id,
            notes=(*found.notes, *_private(kept)),
            file_count=2,
            bytes=kept.document.size + kept.rendering.size,
            access="private" if kept.public is False else "",
        )

    def describe(self, ref: str, watch: Watch | None = None) -> Dataset:
        """As `look`, with both files; what is kept is compared with its SHA-256 again."""
        kept = self._keep.get(ref)
        for blob in (kept.document, kept.rendering):
            if watch is not None and watch.stop():
                raise Retryable("stopped", hint="It goes on when it is asked to.")
            self._keep.judge(blob)
        files = (
            FileEntry(DOCUMENT, kept.document.size, kept.document.sha256, "application/json"),
            FileEntry(RENDERING, kept.rendering.size, kept.rendering.sha256, "application/pdf"),
        )
        if watch is not None:
            whole = kept.document.size + kept.rendering.size
            watch.progress(whole, whole, "bytes")
        return replace(self.look(ref), files=files)

    def open(self, ref: str, file: FileEntry, *, offset: int = 0) -> BinaryIO:
        """The bytes that were described, whatever revision came since. Raises NotFound for what
        no revision of this assessment has."""
        wanted = Blob(file.sha256, file.size)
        for kept in self._keep.revisions(ref):
            blobs = {DOCUMENT: kept.document, RENDERING: kept.rendering}
            if blobs.get(file.path) == wanted:
                stream = self._keep.open(wanted)
                stream.seek(offset)
                return stream
        raise NotFound(
            f"{file.path} is in no revision of the assessment {ref}.",
            hint="Submit it again as it is now.",
        )

    def claim(self, ref: str, *, key: str) -> Claim:
        """A claim that holds nothing: what is kept does not change. Raises NotFound."""
        self._keep.get(ref)
        return Claim(self.name, ref, key)

    def renew(self, claim: Claim) -> Claim:
        """The claim as it is: it has no time-out."""
        return claim

    def release(self, claim: Claim) -> None:
        """Nothing to do."""

    def report(self, ref: str, outcome: Outcome, *, key: str) -> None:
        """Nothing: excudit's own database is the assessment's record of it."""

    def receive(self, documents: Mapping[str, bytes], *, actor: Actor, ref: str = "") -> Dataset:
        """Keep an assessment, durably: see `ports.Receiving`.

        Without a document the one that is kept counts, or CAT is asked for it where the settings
        name a server. Without a PDF one is made. Raises Rejected with all problems of all parts,
        each part's name before its place.
        """
        kept = self._desk.revision(documents, actor=actor, ref=ref)
        self._keep.add(kept)
        return self.look(kept.id)

    def _read(self, kept: Kept) -> Assessment:
        with self._keep.open(kept.document) as stream:
            found, problems = read(stream.read())
        if found is None:
            raise Rejected("A kept assessment cannot be read.", problems=tuple(problems))
        return found


def _private(kept: Kept) -> list[Problem]:
    if kept.public is not False:
        return []
    words = f"Action not permitted for assessment:  {kept.id}"
    return [Problem("", words, "Make it public at CAT first.", rule="assessment.private")]
