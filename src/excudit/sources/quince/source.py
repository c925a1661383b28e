"""The source `quince`: each dataset is one that waits for export at a QuinCe server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO, ClassVar, Literal

from excudit.domain.errors import Conflict, Denied, Drifted, ExcuditError, NotFound, Rejected
from excudit.domain.looks import Looks
from excudit.domain.model import Actor, Claim, Dataset, FileEntry, Outcome
from excudit.domain.problem import Problem
from excudit.ports import Watch
from excudit.settings import Site
from excudit.sources.quince import record, shown
from excudit.sources.quince.api import Api, Listed
from excudit.sources.quince.custody import Custody
from excudit.sources.quince.ledger import Book, Ledger
from excudit.sources.quince.packages import Package, Packages, newest_in
from excudit.sources.quince.settings import Platform, QuinceSettings

_SEES_ALL = frozenset({"service", "reviewer", "curator", "admin"})
_WAITING = "Waiting for automatic export (120)"
_TOLD = 20
"""Datasets of unknown platforms that are named at most."""


class QuinceSource:
    """One account at one server. A `ref` is "NUMBER/NAME" of a dataset. Nothing is asked of the
    server while it is made.

    What is looked at and approved is fetched without a claim; the claim is taken for publishing,
    because QuinCe takes it back after half an hour.
    """

    Settings: ClassVar[type[QuinceSettings]] = QuinceSettings
    custody: ClassVar[Literal["", "submit", "publish"]] = "publish"
    reports = True

    def __init__(self, name: str, settings: QuinceSettings, site: Site) -> None:
        self.name = name
        self.renew_s = settings.renew_s
        self._settings = settings
        self._api = Api(name, settings, site)
        self._ledger = Ledger(settings.folder)
        self._packages = Packages(settings, self._ledger)
        self._custody = Custody(name, self._api, self._ledger, self._packages)

    def close(self) -> None:
        """Close the connections; the source cannot be used any more."""
        self._api.close()

    def search(self, text: str, *, actor: Actor, limit: int = 50) -> Iterator[Dataset]:
        """Datasets that wait for export and whose name, instrument or user holds `text`, best
        first, as the list tells them: one request."""
        wanted = text.strip().casefold()
        book = self._ledger.read()
        ranked = sorted(
            (rank, line.name, line)
            for line in self._api.listed()
            if (rank := _rank(wanted, line)) is not None
        )
        found = 0
        for _, _, line in ranked:
            if found < limit and self._visible(self._platform_of(line), actor):
                found += 1
                yield self._as_listed(line, book)

    def ready(self) -> Iterator[Dataset]:
        """Everything in the export list, one request, nothing fetched.

        The revision is that of the package fetched since the dataset came to the list, before that
        how often it came: what was given back stays the same, what was exported, recalculated and
        listed again is new. A dataset of a platform that
        is not in the settings is among them: whoever describes it is told so.
        """
        lines = self._api.listed()
        book = self._rounds(lines)
        return iter([self._as_listed(line, book) for line in lines])

    def look(self, ref: str) -> Dataset:
        """As it was fetched last, else as it is fetched now. Raises Rejected for a platform that
        is not in the settings."""
        id_, name = _parts(ref)
        package = self._packages.newest(id_, name)
        return replace(self._dataset(package or self._fetched(id_, name, None)), files=())

    def describe(self, ref: str, watch: Watch | None = None) -> Dataset:
        """The package as it is at QuinCe now; while we hold the claim, the claimed one, which
        cannot be fetched again. Raises Rejected for a package that is refused."""
        id_, name = _parts(ref)
        claim = self._custody.held(id_)
        package = self._packages.get(id_, name, claim["revision"]) if claim else None
        if package is not None and watch is not None:
            size = sum(file.size for file in package.files)
            watch.progress(size, size, "bytes")
        return self._dataset(package or self._fetched(id_, name, watch))

    def open(self, ref: str, file: FileEntry, *, offset: int = 0) -> BinaryIO:
        """The bytes of one file as they were fetched, whichever package holds them. The caller
        closes it. Raises Drifted when no package holds a file of that name, size and digest."""
        id_, name = _parts(ref)
        if any(part in ("", ".", "..") or "\0" in part for part in file.path.split("/")):
            raise Denied(f"{file.path!r} is no file of {name}.", hint="Name a file that it lists.")
        found = self._packages.holding(id_, file)
        if found is None:
            raise Drifted(
                f"{file.path} of {name} is not kept as it was described.",
                hint="Submit the dataset again as it is now.",
            )
        opened = found.open("rb")
        opened.seek(offset)
        return opened

    def claim(self, ref: str, *, key: str) -> Claim:
        """Take the dataset to 130, its package in hand. Raises Conflict for another key and where
        it does not wait for export any more."""
        id_, name = _parts(ref)
        until = self._custody.claim(id_, name, key=key)
        return Claim(self.name, ref, key, datetime.fromtimestamp(until, UTC))

    def renew(self, claim: Claim) -> Claim:
        """Touch it. Raises Drifted when the claim is lost."""
        id_, name = _parts(claim.ref)
        until = self._custody.renew(id_, name, key=claim.key)
        return replace(claim, expires_at=datetime.fromtimestamp(until, UTC))

    def release(self, claim: Claim) -> None:
        """Back to 120, once. Not ours any more = done."""
        self._custody.release(_parts(claim.ref)[0], key=claim.key)

    def report(self, ref: str, outcome: Outcome, *, key: str) -> None:
        """Published: to 140, once per key. Not published: back to 120. Raises NeedsPerson where
        QuinCe leaves in doubt what it heard."""
        id_, name = _parts(ref)
        if outcome.published:
            self._custody.complete(id_, name, key=key)
        else:
            self._custody.release(id_, key=key)

    def sees(self, ref: str, *, actor: Actor) -> bool:
        """Whether it is the actor's own platform, or they may look at all of them."""
        try:
            id_, name = _parts(ref)
            package = self._packages.newest(id_, name)
            package = package or self._fetched(id_, name, None)
        except (NotFound, Conflict, Rejected):
            return False
        platform = self._settings.platforms.get(package.manifest.platform_code)
        return self._visible(platform, actor)

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: the server answers, the account may use the API, the folder can be written,
        and every dataset that waits is of a platform in the settings."""
        try:
            with self._ledger.change():
                pass  # written once more: whether the folder can be written
            lines = self._api.listed()
        except ExcuditError as error:
            where = "/password" if isinstance(error, Denied) else "/url"
            return [Problem(where, error.message, error.hint, rule="quince.probe")]
        unknown = [line for line in lines if self._platform_of(line) is None]
        return [
            Problem(
                "/platforms",
                f"{line.ref} waits for export and is of no platform that is known here.",
                f"Add the platform to [sources.{self.name}.platforms], or the instrument "
                f"{line.instrument!r} to one that is there.",
                rule="quince.platform",
            )
            for line in unknown[:_TOLD]
        ]

    def looks(self, ref: str, revision: str, *, before: str = "") -> Looks | None:
        """Track, fCO2, temperature and salinity with their flags; see `excudit.ports.Showing`."""
        id_, name = _parts(ref)
        package = self._packages.get(id_, name, revision)
        earlier = self._packages.get(id_, name, before) if before else None
        return shown.looks(package, earlier) if package else None

    def _fetched(self, id_: int, name: str, watch: Watch | None) -> Package:
        """The package, as anybody with the permission may have it in 120 and 140."""
        fetch = partial(self._api.download, name)
        try:
            return self._packages.take(id_, name, fetch, watch)
        except Conflict as error:
            raise Rejected(error.message, hint=error.hint, remote=error.remote) from error

    def _dataset(self, package: Package) -> Dataset:
        code = package.manifest.platform_code
        platform = self._settings.platforms.get(code)
        if platform is None:
            raise self._unknown(package.name, code)
        return Dataset(
            source=self.name,
            ref=package.ref,
            title=package.name,
            revision=package.revision,
            files=package.files,
            metadata=record.metadata(package.manifest, platform),
            owner=platform.owners[0] if platform.owners else "",
            notes=package.notes,
            file_count=len(package.files),
            bytes=sum(file.size for file in package.files),
            access=_WAITING,
            facts=record.facts(package.manifest, platform, package.files, package.rows),
            group=_group(platform, package.manifest.nrt),
        )

    def _unknown(self, name: str, code: str) -> Rejected:
        words = f"The platform {code} of {name} is not in the settings of this source."
        mend = f"Have the operators add [sources.{self.name}.platforms.{code}] to excudit.toml."
        problem = Problem("", words, mend, rule="quince.platform")
        return Rejected(words, hint=mend, problems=(problem,))

    def _as_listed(self, line: Listed, book: Book) -> Dataset:
        platform = self._platform_of(line)
        entry = book.get(str(line.id), {})
        newest = newest_in(entry, line.name)
        round_ = f"listed {entry.get('round', 0)}{'' if platform else ', platform unknown'}"
        return Dataset(
            source=self.name,
            ref=line.ref,
            title=line.name,
            revision=newest["revision"] if newest and platform else round_,
            owner=platform.owners[0] if platform and platform.owners else "",
            access=_WAITING,
            group=_group(platform, newest["nrt"] if newest else None) if platform else "",
        )

    def _platform_of(self, line: Listed) -> Platform | None:
        """The platform as far as the list tells: by its instrument, or by the dataset's name."""
        platforms = self._settings.platforms
        for platform in platforms.values():
            if line.instrument in platform.instruments:
                return platform
        for length in (4, 5, 6):
            if found := platforms.get(line.name[:length]):
                return found
        return None

    def _visible(self, platform: Platform | None, actor: Actor) -> bool:
        roles = {role.partition(":")[0] for role in actor.roles}
        if _SEES_ALL & roles or platform is None:
            return bool(_SEES_ALL & roles)
        return not platform.owners or actor.name in platform.owners

    def _rounds(self, lines: list[Listed]) -> Book:
        """Note which datasets that we know went from the list, and which came back."""
        book = self._ledger.read()
        there = {str(line.id) for line in lines}
        changes = [
            id_
            for id_, entry in book.items()
            if "claim" not in entry and entry.get("absent", False) is (id_ in there)
        ]
        if not changes:
            return book
        with self._ledger.change() as book:
            for id_ in changes:
                entry = book[id_]
                if id_ in there and entry.pop("absent", False):
                    entry["round"] = entry.get("round", 0) + 1
                    entry.pop("newest", None)
                elif id_ not in there and "claim" not in entry:
                    entry["absent"] = True
        return book


def _parts(ref: str) -> tuple[int, str]:
    number, slash, name = ref.partition("/")
    if not slash or not name or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise NotFound(
            f"{ref[:80]!r} is no dataset of QuinCe.", hint='Its form is "99/26NA20050107".'
        )
    return int(number), name


def _group(platform: Platform, nrt: bool | None) -> str:
    """Its group; "" while only a package would tell whether they are near-real-time data."""
    if platform.nrt_group in ("", platform.group):
        return platform.group
    return "" if nrt is None else platform.nrt_group if nrt else platform.group


def _rank(wanted: str, line: Listed) -> int | None:
    name = line.name.casefold()
    if wanted == name:
        return 0
    if name.startswith(wanted):
        return 1
    words = f"{name} {line.instrument} {line.user} {line.ref}".casefold()
    return 2 if wanted in words else None
