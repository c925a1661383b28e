"""The source `scicat`: each dataset is one of a SciCat catalogue, named by its PID."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar, Literal
from urllib.parse import quote

from excudit.domain.errors import Denied, Drifted
from excudit.domain.model import Actor, Claim, Dataset, FileEntry, Outcome
from excudit.domain.problem import Problem
from excudit.ports import Measure, Request, Watch
from excudit.scicat import SciCat, content_digest, plain_dataset
from excudit.settings import Site
from excudit.sources.scicat.asking import Asking
from excudit.sources.scicat.crosswalk import record_of
from excudit.sources.scicat.doctor import probe
from excudit.sources.scicat.listing import Listing
from excudit.sources.scicat.people import People
from excudit.sources.scicat.reading import Readable, go_on, unreadable
from excudit.sources.scicat.revisions import attachments_digest, revision_of
from excudit.sources.scicat.settings import ScicatSourceSettings
from excudit.storage.spool import SpooledFiles

Row = Mapping[str, Any]
_SEARCHED = ("datasetName", "pid", "description", "keywords", "proposalIds")


class ScicatSource:
    """One SciCat, read with one account. A `ref` is a PID. Nothing is asked while it is made.

    Datasets are not locked; nothing but jobs is ever changed here. The revision tells when a
    dataset, its file lists or attachments changed, and a person is asked.
    """

    Settings: ClassVar[type[ScicatSourceSettings]] = ScicatSourceSettings
    custody: ClassVar[Literal["", "submit", "publish"]] = ""

    def __init__(self, name: str, settings: ScicatSourceSettings, site: Site) -> None:
        self.name = name
        self.settings = settings
        self.reports = bool(settings.job_type)
        self._scicat = SciCat(name, settings, site)
        self._people = People(self._scicat, settings)
        self._asking = Asking(self._scicat, settings.job_type)
        self._readable = Readable(settings.folders)

    def close(self) -> None:
        """Close the connections; the source cannot be used any more."""
        self._scicat.close()

    def search(self, text: str, *, actor: Actor, limit: int = 50) -> Iterator[Dataset]:
        """Datasets whose name, PID, description, keywords or proposals hold `text`, best first,
        that the actor may see by the rule `people`."""
        with self._people.speaking_for(actor) as found:
            if found is None:
                return
            scicat, where = found
            both = [w for w in (where, _holding(text), self.settings.where) if w]
            rows = list(scicat.datasets({"$and": both} if both else {}, most=max(limit, 1)))
        wanted = text.strip().casefold()
        rows.sort(key=lambda row: (_rank(wanted, row), str(row["pid"])))
        for row in rows[:limit]:
            yield self._shown(row)

    def ready(self) -> Iterator[Dataset]:
        """Nothing: no dataset asks by itself. People ask by jobs, see `requests`."""
        return iter(())

    def look(self, ref: str) -> Dataset:
        """Title and metadata of the dataset, and the revision as `describe` gives it: what its
        lists hold is not read."""
        row = self._row(ref)
        revision = revision_of(self._scicat, row)
        return self._shown(row, revision=revision)

    def describe(self, ref: str, watch: Watch | None = None) -> Dataset:
        """The dataset as it is now, with all files of all its lists.

        Where a rule of `folders` fits, files are read and hashed; else their digests are of what
        SciCat lists (see `listing`). `facts["scicat"]` holds the dataset's own members and the
        digests of lists and attachments, for targets that copy them. Raises Drifted when it
        changed meanwhile.
        """
        row = self._row(ref)
        before = revision_of(self._scicat, row)
        listing = self._listed(row, watch)
        folder = self._readable.folder(str(row.get("sourceFolder", "")))
        entries = self._readable.hashed(folder, listing, watch) if folder else listing.entries()
        files = SpooledFiles(entries, folder=self.settings.scratch)
        go_on(watch, listing.bytes, listing.bytes)
        facts = self._facts(row, listing)
        after = revision_of(self._scicat, self._row(ref))
        if after != before:
            raise Drifted(f"{ref} changed while it was read.", hint="Ask again in a moment.")
        return self._shown(row, revision=after, files=files, notes=listing.notes(), facts=facts)

    def _listed(self, row: Row, watch: Watch | None) -> Listing:
        listing = Listing(str(row.get("sourceFolder", "")))
        total = int(row.get("size") or 0)
        for _ in listing.take(self._scicat.blocks.of(str(row["pid"]))):
            if watch is not None and watch.stop():
                go_on(watch, 0, total)
        return listing

    def _facts(self, row: Row, listing: Listing) -> dict[str, Any]:
        own = plain_dataset(row)
        pid = str(row["pid"])
        return {
            "scicat": {
                "url": self.settings.url,
                "pid": pid,
                "page": self._page(pid),
                "dataset": own,
                "blocks": content_digest(sorted(listing.blocks.elements())),
                "blocks_once": content_digest(sorted(listing.blocks)),
                "repeated": sum(n - 1 for n in listing.blocks.values()),
                "attachments": attachments_digest(self._scicat, pid),
            }
        }

    def measure(self, ref: str, watch: Watch | None = None) -> Measure:
        """Files and bytes by SciCat's lists; nothing is read."""
        row = self._row(ref)
        if watch is not None:
            go_on(watch, 0, int(row.get("size") or 0))
        listing = self._listed(row, watch)
        return Measure(len(listing.files), listing.bytes, listing.notes())

    def sees(self, ref: str, *, actor: Actor) -> bool:
        """Whether the actor may see this dataset, by the rule `people`."""
        return self._people.sees(ref, actor)

    def open(self, ref: str, file: FileEntry, *, offset: int = 0) -> BinaryIO:
        """The bytes of one file, where a rule of `folders` says where it stands; else Unsupported.

        Raises Drifted when it has another size than listed. The caller closes it.
        """
        folder = self._readable.folder(str(self._row(ref).get("sourceFolder", "")))
        if not folder:
            raise unreadable(self.name, file.path)
        return self._readable.open(folder, file, offset)

    def claim(self, ref: str, *, key: str) -> Claim:
        """A claim that holds nothing: SciCat has no custody. Raises NotFound."""
        self._row(ref)
        return Claim(self.name, ref, key)

    def renew(self, claim: Claim) -> Claim:
        """The claim as it is: it has no time-out."""
        return claim

    def release(self, claim: Claim) -> None:
        """Nothing to do."""

    def report(self, ref: str, outcome: Outcome, *, key: str) -> None:
        """Write into every open job about the dataset how it ended; what a job says already is
        not sent again, because SciCat may mail each change. Raises Denied."""
        self._asking.tell(ref, outcome, key)

    def requests(self) -> Iterator[Request]:
        """Datasets of the jobs that are not finished, each once."""
        yield from self._asking.requests()

    def show(self, ref: str, words: str, *, key: str) -> None:
        """Write into every open job about the dataset how it stands. Idempotent."""
        self._asking.show(ref, words, key)

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: reachable, the account known, its rights enough."""
        return probe(self._scicat, self.settings)

    def _row(self, pid: str) -> Row:
        try:
            return self._scicat.dataset(pid)
        except Denied as error:
            raise Denied(
                f"The account of {self.name} may not read {pid}.",
                hint="Put it into the dataset's ownerGroup or accessGroups, or make it an admin.",
                remote=error.remote,
            ) from error

    def _page(self, pid: str) -> str:
        base = self.settings.frontend_url.rstrip("/")
        return f"{base}/datasets/{quote(pid, safe='')}" if base else ""

    def _shown(
        self,
        row: Row,
        *,
        revision: str = "",
        files: Any = (),
        notes: tuple[Problem, ...] = (),
        facts: Mapping[str, Any] | None = None,
    ) -> Dataset:
        public = bool(row.get("isPublished"))
        groups = ", ".join(filter(None, [row.get("ownerGroup"), *(row.get("accessGroups") or ())]))
        return Dataset(
            self.name,
            str(row["pid"]),
            str(row.get("datasetName") or row["pid"]),
            revision,
            files,
            record_of(row, self.settings),
            owner=str(row.get("ownerEmail") or row.get("contactEmail") or ""),
            notes=notes,
            file_count=len(files) if revision and files else int(row.get("numberOfFiles") or 0),
            bytes=int(row.get("size") or 0),
            access="public in SciCat" if public else f"the groups {groups} in SciCat",
            facts=facts or {},
            group=str(row.get("type") or ""),
        )


def _holding(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    held = {"$regex": re.escape(text.strip()), "$options": "i"}
    return {"$or": [{name: held} for name in _SEARCHED]}


def _rank(wanted: str, row: Row) -> int:
    name, pid = str(row.get("datasetName", "")).casefold(), str(row["pid"]).casefold()
    if wanted in (name, pid):
        return 0
    if name.startswith(wanted) or pid.endswith("/" + wanted):
        return 1
    return 2 if wanted in name else 3
