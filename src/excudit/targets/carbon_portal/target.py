"""Data objects at the ICOS Carbon Portal: registered, uploaded, verified, their PIDs kept.

An object's name is made from its bytes, so the same package never becomes two. The portal has no
drafts and deletes nothing: everything that can be tried is tried before the first upload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar

from excudit.domain.errors import ExcuditError, NeedsPerson, NotFound, Rejected, Unavailable
from excudit.domain.model import Deposit, FileEntry, Receipt, Snapshot, Tombstone
from excudit.domain.problem import Problem
from excudit.http import Stream
from excudit.ports import Capabilities, Opened, Watch
from excudit.settings import Site
from excudit.targets.carbon_portal import objects, versions
from excudit.targets.carbon_portal.objects import Package, Thing
from excudit.targets.carbon_portal.portal import Portal
from excudit.targets.carbon_portal.settings import CarbonPortalSettings

_PIECE = 1024 * 1024
PLANNED, PUBLISHED, PARTIAL = "planned", "published", "partly uploaded"


class CarbonPortalTarget:
    """One account at the portal, on behalf of the submitters that it may speak for."""

    Settings: ClassVar[type[CarbonPortalSettings]] = CarbonPortalSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        kind="repository",
        final="The Carbon Portal deletes nothing; data are only superseded.",
        files=True,
        versions=True,
        amend=True,
    )

    def __init__(
        self,
        name: str,
        settings: CarbonPortalSettings,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self._portal = Portal(name, settings, site, take)

    def close(self) -> None:
        """Close the connections; the target cannot be used any more."""
        self._portal.close()

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        """What the package lacks, who may not submit it, and what it would replace."""
        try:
            whole = objects.package(snapshot, self.settings)
        except Rejected as error:
            return error.problems or [_problem(error)]
        found = list(self._account(whole))
        try:
            versions.previous(whole, versions.live(self._portal, whole))
        except NeedsPerson as error:
            found.append(_problem(error))
        return found

    def _account(self, whole: Package) -> Iterator[Problem]:
        who = self._portal.whoami()
        asked = whole.facts["platform"].get("submitter") or self.settings.submitter
        if not who:
            words = f"{self.name} does not know {self.settings.mail}."
            yield Problem("", words, "Check mail and password.", rule="carbon-portal.account")
        elif asked not in self._portal.submitters():
            words = f"{who} may not upload on behalf of {asked or 'nobody'} at {self.name}."
            mend = "Name another submitter for the platform, or ask the portal for permission."
            yield Problem("", words, mend, rule="carbon-portal.submitter")

    def find(self, snapshot: Snapshot) -> Deposit | None:
        """What of the package is at the portal; None while nothing is."""
        whole = objects.package(snapshot, self.settings)
        seen = {thing.id: self._portal.seen(thing.id) for thing in whole.things}
        if not any(seen.values()):
            return None
        return self._deposit(snapshot, whole, seen, None)

    def name_doi(self) -> str:
        """ "": the portal gives PIDs, no DOIs."""
        return ""

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        """Decide what the objects replace, and freeze it with the moment of production, so that
        every repeat says the same. Nothing is written at the portal. Raises NeedsPerson."""
        whole = objects.package(snapshot, self.settings)
        before = versions.previous(whole, versions.live(self._portal, whole))
        frozen = {"created": objects.now(), "previous": before}
        return self._deposit(snapshot, whole, {}, frozen)

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        """Try whether the portal could read the table; nothing is kept there. Raises Rejected with
        its words."""
        tried = deposit.data.get("tries", {}).get(file.path)
        if tried:
            data.seek(0)
            self._portal.rehearse(tried["spec"], int(tried["rows"]), _stream(file, data))
        return Receipt(file.path, file.size, f"sha256:{file.sha256}" if file.sha256 else "")

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Look whether all of it is there; what is not is uploaded by `upload` only. Raises
        Unavailable."""
        whole = objects.package(snapshot, self.settings)
        seen = {thing.id: self._portal.seen(thing.id) for thing in whole.things}
        if not all(_complete(row) for row in seen.values()):
            raise Unavailable("Not all of the package is at the Carbon Portal yet.")
        return self._deposit(snapshot, whole, seen, deposit.data.get("frozen"))

    def upload(self, deposit: Deposit, snapshot: Snapshot, opened: Opened, watch: Watch) -> Deposit:
        """Raw files first, then the table that names them. What is complete is left alone, what is
        registered without bytes gets its bytes; each is looked at afterwards."""
        whole = objects.package(snapshot, self.settings)
        total = sum(thing.file.size for thing in whole.things)
        done, seen = 0, {}
        for thing in whole.things:
            seen[thing.id] = self._brought(thing, whole, deposit, opened)
            done += thing.file.size
            watch.progress(done, total, "bytes")
        return self._deposit(snapshot, whole, seen, deposit.data.get("frozen"))

    def _brought(
        self, thing: Thing, whole: Package, deposit: Deposit, opened: Opened
    ) -> Mapping[str, Any]:
        row = self._portal.seen(thing.id)
        if not _complete(row):
            if row is None:
                self._portal.register(
                    objects.metadata(thing, whole, self.settings, deposit.data["frozen"])
                )
            with opened(thing.file) as data:
                self._portal.upload(thing.id, lambda: _again(thing.file, data))
            row = self._portal.seen(thing.id)
        if row is None or not _complete(row):
            raise Unavailable(f"{thing.name} ({thing.id}) is not complete at the portal yet.")
        return row

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        """What a stranger does not see of the objects, or sees with another size or name."""
        whole = objects.package(snapshot, self.settings)
        found = []
        for thing in whole.things:
            row = self._portal.seen(thing.id)
            if row is None or not _complete(row):
                found.append(_differs(f"{thing.name} ({thing.id}) is not complete."))
            elif int(row["size"]) != thing.file.size:
                found.append(_differs(f"{thing.name} has {row['size']} bytes at the portal."))
        return found

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Bring the metadata of what is registered to the package's. The same again changes
        nothing there."""
        whole = objects.package(snapshot, self.settings)
        frozen = deposit.data.get("frozen")
        if not frozen:
            return self._deposit(snapshot, whole, {}, {"created": objects.now(), "previous": {}})
        seen = {}
        for thing in whole.things:
            seen[thing.id] = self._portal.seen(thing.id)
            if _complete(seen[thing.id]):
                self._portal.register(objects.metadata(thing, whole, self.settings, frozen))
        return self._deposit(snapshot, whole, seen, deposit.data.get("frozen"))

    def discard(self, deposit: Deposit) -> None:
        """Nothing: before the upload nothing is written there."""

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        """Raises NeedsPerson: the portal deletes nothing."""
        raise NeedsPerson(
            f"Who asks the Carbon Portal to deprecate {deposit.remote_id}? Programs cannot.",
            hint=f"Write to its staff and name {deposit.url}; then mark this as done.",
        )

    def probe(self) -> Sequence[Problem]:
        """Whether the account is known there."""
        try:
            return [] if self._portal.whoami() else [_problem(NotFound("The account is unknown."))]
        except ExcuditError as error:
            return [_problem(error)]

    def _deposit(
        self,
        snapshot: Snapshot,
        whole: Package,
        seen: Mapping[str, Mapping[str, Any] | None],
        frozen: Mapping[str, Any] | None,
    ) -> Deposit:
        table = whole.table
        complete = [bool(_complete(seen.get(thing.id))) for thing in whole.things]
        state = PUBLISHED if all(complete) else PARTIAL if any(complete) else PLANNED
        spec = objects.spec(table, whole.facts, self.settings)
        rows = int(table.facts["rows"])
        return Deposit(
            target=self.name,
            key=snapshot.key,
            remote_id=table.id,
            state=state,
            url=self._portal.page(table.id),
            data={
                **({"frozen": dict(frozen)} if frozen else {}),
                "pid": f"11676/{table.id}",
                "objects": {t.name: f"11676/{t.id}" for t in whole.things},
                "tries": {table.file.path: {"spec": spec, "rows": rows}},
            },
        )


def _complete(row: Mapping[str, Any] | None) -> bool:
    """Whether an object has its bytes: size, PID and the end of its submission are there."""
    if not row:
        return False
    return bool(row.get("size") is not None and row.get("pid") and _end(row))


def _end(row: Mapping[str, Any]) -> str:
    return str((row.get("submission") or {}).get("stop") or "")


def _again(file: FileEntry, data: BinaryIO) -> Stream:
    data.seek(0)
    return _stream(file, data)


def _stream(file: FileEntry, data: BinaryIO) -> Stream:
    return Stream(iter(lambda: data.read(_PIECE), b""), file.size)


def _problem(error: ExcuditError) -> Problem:
    return Problem("", f"{error.message} {error.remote}".strip(), error.hint, rule="carbon-portal")


def _differs(words: str) -> Problem:
    return Problem(
        "", words, "Retry; look at it at the portal if it stays so.", rule="carbon-portal"
    )
