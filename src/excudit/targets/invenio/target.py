"""InvenioRDM and Zenodo as a target: one draft, its files, published once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, ClassVar

from excudit.domain.errors import (
    Conflict,
    ExcuditError,
    NeedsPerson,
    NotFound,
    Rejected,
    Unavailable,
    Uncertain,
)
from excudit.domain.model import Deposit, FileEntry, Receipt, Snapshot, Tombstone
from excudit.domain.problem import Problem
from excudit.http import path_of
from excudit.ports import Capabilities, Displayed
from excudit.settings import Site
from excudit.targets.invenio import checks, compare, showing
from excudit.targets.invenio.api import Api
from excudit.targets.invenio.found import Dialect, Found, mark_of
from excudit.targets.invenio.legacy import Legacy
from excudit.targets.invenio.opening import or_nothing
from excudit.targets.invenio.rdm import Rdm
from excudit.targets.invenio.settings import InvenioSettings

PENDING = "published, DOI pending"


class InvenioTarget:
    """One account at one instance. Nothing is asked of it while it is made.

    It gives the DOI itself and keeps no name of ours, so `find` compares our mark in the lists of
    our own drafts and records, which may be late: see `excudit.ports.Lagging`.
    """

    Settings: ClassVar[type[InvenioSettings]] = InvenioSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        kind="repository",
        final="A published record is never deleted by its owner, and its files stay as they are.",
        files=True,
        versions=True,
        amend=True,
    )

    def __init__(
        self,
        name: str,
        settings: InvenioSettings,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.find_lag_s = settings.find_lag_s
        self.publish_lag_s = settings.publish_lag_s
        self._api = Api(name, settings, site, take=take)
        self._dialect: Dialect = Rdm(self._api) if settings.dialect == "rdm" else Legacy(self._api)

    def close(self) -> None:
        """Close the connections; the target cannot be used any more."""
        self._api.close()

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        """What the repository would refuse, its limits of files and bytes first of all."""
        return checks.check(snapshot, self.settings, self.name)

    def find(self, snapshot: Snapshot) -> Deposit | None:
        """Our deposit by its mark, in the lists of our own account.

        Of several, the published one counts, else the one with files, else the first; the others'
        ids are remembered, and `amend` and `discard` remove them.
        """
        mark = mark_of(snapshot.key)
        hits = [f for f in self._dialect.listed() if f.mark == mark]
        hits.sort(key=lambda f: (not f.public, not f.files, f.created))
        if not hits:
            return None
        first, *others = hits
        # A version that was just begun shows the mark of the one before.
        twins = [f.id for f in others if f.state == "draft" and f.concept != first.concept]
        return self._deposit(first, snapshot.key, {"twins": twins} if twins else {})

    def name_doi(self) -> str:
        """ "": the repository names."""
        return ""

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        """Open the draft, our mark in it from the first moment, and reserve its DOI.

        With `previous` it is the next version of that record. Raises Rejected with the
        repository's findings, Uncertain when an answer was lost.
        """
        if previous is not None and previous.remote_id:
            opened = self._dialect.follow(previous.remote_id, snapshot)
        else:
            opened = self._dialect.create(snapshot)
        dialect = self._dialect
        named = or_nothing(opened, lambda: dialect.name(opened), dialect.delete)
        return self._deposit(named, key)

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        """Bring one file of the draft to `data`; equal already = only compared.

        A file that is complete is never written again, but deleted and made anew. Raises
        Uncertain when it is not known to be whole: the next attempt looks.
        """
        place = {"id": deposit.remote_id, "bucket": str(deposit.data.get("bucket", ""))}
        return self._dialect.put(place, file, data)

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Look, bring metadata and files to what was approved, publish. Already public = success.

        Raises Uncertain while an earlier call may still have its effect, NeedsPerson while a
        community judges, Rejected when files are missing or others than were sent.
        """
        found = self._held(deposit, snapshot)
        if found.public:
            return self._deposit(found, deposit.key, deposit.data)
        sent_at = float(deposit.data.get("sent_at", 0))
        if time.time() - sent_at < self.publish_lag_s:
            raise Uncertain(
                f"{self.name} was asked to publish {found.id} and shows a draft still.",
                hint="It is looked at again; it may be published yet.",
            )
        if found.state == "draft":
            found = self._ready(found, deposit, snapshot)
        if self.settings.community:
            self._dialect.review(found, self.settings.community)
            return self._deposit(self._held(deposit, snapshot), deposit.key, deposit.data)
        try:
            public = self._dialect.publish(found)
        except Rejected:
            again = self._held(deposit, snapshot)
            if not again.public:
                raise
            public = again
        return self._deposit(public, deposit.key, deposit.data)

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        """Whether a stranger sees the record with its files, and its DOI resolves.

        Published with a DOI that is not findable yet is a matter of time: Unavailable.
        """
        found = self._held(deposit, snapshot)
        if not found.public:
            return [Problem("", f"{self.name} shows {found.id} as {found.state}, not published.",
                            "Publish it again.", rule="invenio.state")]  # fmt: skip
        seen = self._api.call(
            "GET", path_of("api", "records", found.id), stranger=True, expect={200, 403, 404, 410}
        )
        if seen.status != 200:
            told = f"A stranger is answered {seen.status} for {found.id}."
            return [Problem("", told, "Look at the record's access.", rule="invenio.access")]
        problems = compare.problems(self._dialect.sent(snapshot), found.metadata, self.name)
        problems += checks.files(snapshot, self._dialect.files(found), deposit, self.name)
        if found.doi and self._api.doi_state(found.doi) != "findable":
            raise Unavailable(
                f"{found.id} is published at {self.name}, but its DOI {found.doi} is pending.",
                hint="The repository registers it by itself; it is looked at again.",
            )
        return problems

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Bring the metadata to the snapshot's, by an edit where it is public. Equal = nothing is
        sent, but an edit that was left half done is finished."""
        found = self._held(deposit, snapshot)
        self._without_twins(deposit)
        differs = self._differs(found, snapshot)
        if found.public:
            if differs or found.state == "editing":
                edit = self._dialect.update(self._dialect.edit(found), snapshot)
                found = self._published_edit(edit, found)
        else:
            found = self._dialect.update(found, snapshot) if differs else found
            found = self._dialect.name(found)
        return self._deposit(found, deposit.key, deposit.data)

    def discard(self, deposit: Deposit) -> None:
        """Delete the draft, an open review first; absent = done. Raises Conflict when public."""
        self._without_twins(deposit)
        found = self._dialect.look(deposit.remote_id)
        if found is None or found.state == "removed":
            return
        if found.public:
            raise Conflict(
                f"{found.id} is published at {self.name} and cannot be deleted.",
                hint="Withdraw the publication instead.",
            )
        if found.mark == mark_of(deposit.key):
            self._dialect.delete(found)

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        """Removed already = done; owners cannot remove what is public, so a person has to ask.

        Raises Conflict for a draft, NeedsPerson until the repository's staff removed the record.
        """
        found = self._held(deposit, snapshot, removed=True)
        if found.state == "removed":
            return replace(deposit, state="removed", doi_state="registered")
        if not found.public:
            raise Conflict(f"{found.id} is a draft still.", hint="Discard the draft instead.")
        raise NeedsPerson(
            f"Has {self.name} removed {found.page}?",
            hint="Only its staff can: ask them, give the reason, and retry when it is removed.",
        )

    def display(self, deposit: Deposit) -> Displayed:
        """The deposit as it is there now; see `excudit.ports.Displaying`."""
        found = self._dialect.look(deposit.remote_id)
        if found is None:
            raise NotFound(f"{deposit.remote_id} is not at {self.name} any more.")
        return showing.shown(found, self._dialect.files(found), self.settings.url)

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: reachable, and the token may read its own records."""
        try:
            next(self._dialect.listed(), None)
        except ExcuditError as error:
            where = "/token" if error.kind in ("Denied", "Rejected") else "/url"
            hint = error.hint or f"Check url = {self.settings.url!r} and the network."
            return [Problem(where, error.message, hint, rule="invenio.probe")]
        return []

    def _held(self, deposit: Deposit, snapshot: Snapshot, *, removed: bool = False) -> Found:
        found = self._dialect.look(deposit.remote_id)
        if found is None or (found.state == "removed" and not removed):
            raise NotFound(
                f"{deposit.remote_id} is not at {self.name} any more.",
                hint="Somebody deleted it there.",
            )
        if found.mark != mark_of(snapshot.key) and found.state != "removed":
            raise Conflict(
                f"{found.id} at {self.name} does not bear this publication's mark.",
                hint="It belongs to another publication; look at it there.",
            )
        return found

    def _ready(self, found: Found, deposit: Deposit, snapshot: Snapshot) -> Found:
        """The draft as it was approved, every file whole and none besides."""
        if self._differs(found, snapshot):
            found = self._dialect.update(found, snapshot)
        held = self._dialect.files(found)
        wanted = {file.path for file in snapshot.files}
        for path in sorted(set(held) - wanted):
            self._dialect.remove(found, path)
        kept = {path: file for path, file in held.items() if path in wanted}
        if problems := checks.files(snapshot, kept, deposit, self.name):
            raise Rejected(
                f"{self.name} has not the files that were approved.",
                hint="Stop this publication and publish again: its files are then compared anew.",
                problems=tuple(problems),
            )
        return found

    def _differs(self, found: Found, snapshot: Snapshot) -> bool:
        return any(compare.differences(self._dialect.sent(snapshot), found.metadata))

    def _published_edit(self, edit: Found, before: Found) -> Found:
        try:
            return self._dialect.publish(edit)
        except Uncertain:
            again = self._dialect.look(before.id)
            if again is None or again.state != "published":
                raise
            return again

    def _without_twins(self, deposit: Deposit) -> None:
        for id_ in deposit.data.get("twins", ()):
            twin = self._dialect.look(str(id_))
            if twin is not None and twin.state == "draft" and twin.mark == mark_of(deposit.key):
                self._dialect.delete(twin)

    def _deposit(self, found: Found, key: str, known: Mapping[str, Any] | None = None) -> Deposit:
        kept = {k: v for k, v in (known or {}).items() if k in ("receipts", "twins", "bucket")}
        findable = found.public and bool(found.doi) and self._findable(found.doi)
        state: str = found.state
        if found.public:
            state = "published" if findable else PENDING
        shown = {"bucket": found.links.get("bucket", ""), "concept": found.concept,
                 "concept_doi": found.concept_doi, "foreseen": found.foreseen}  # fmt: skip
        return Deposit(
            target=self.name,
            key=key,
            remote_id=found.id,
            state=state,
            url=self._page(found),
            doi=found.doi,
            doi_state=("findable" if findable else "draft") if found.doi else "",
            data={**kept, **{k: v for k, v in shown.items() if v}},
        )

    def _findable(self, doi: str) -> bool:
        """A registry that does not answer must not hide that the record is published."""
        try:
            return self._api.doi_state(doi) == "findable"
        except ExcuditError:
            return False

    def _page(self, found: Found) -> str:
        return found.page if found.page.startswith(f"{self.settings.url}/") else ""
