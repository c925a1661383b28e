"""Published data at SciCat: the record, its datasets made public, and its status."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO, ClassVar
from urllib.parse import quote

from excudit.domain.errors import (
    Conflict,
    Denied,
    ExcuditError,
    NeedsPerson,
    Rejected,
    Unsupported,
)
from excudit.domain.model import Deposit, DoiState, FileEntry, Receipt, Snapshot, Tombstone
from excudit.domain.problem import Problem
from excudit.http import Remote, user_agent
from excudit.ports import Capabilities
from excudit.scicat import SciCat
from excudit.settings import Site
from excudit.targets.scicat_published import bodies, checks
from excudit.targets.scicat_published.settings import ScicatPublishedSettings

Row = Mapping[str, Any]
PRIVATE, PUBLIC, REGISTERED, AMENDED = "private", "public", "registered", "amended"
GIVEN_UP = "given-up:"


class ScicatPublishedTarget:
    """One SciCat with the datasets of the publication and its own record of it.

    The record is known by the publication's key in its metadata. SciCat invents its DOI, which is
    internal until it is registered: by the DataCite target of the route (`named` tells it), or by
    SciCat itself. Datasets become public by `publish`; what happened to each is looked at, because
    SciCat changes them one by one and may stop in the middle.
    """

    Settings: ClassVar[type[ScicatPublishedSettings]] = ScicatPublishedSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        kind="catalogue",
        final="Everybody can see the datasets; what was seen cannot be unseen.",
        amend=True,
        withdraw=True,
    )

    def __init__(
        self,
        name: str,
        settings: ScicatPublishedSettings,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self._scicat = SciCat(name, settings, site, take=take)
        self._datacite = Remote("DataCite", settings.resolver_url, agent=user_agent(site))

    def close(self) -> None:
        """Close the connections; the target cannot be used any more."""
        self._scicat.close()
        self._datacite.close()

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        """Rights on every dataset, and the site's own schema. No side effect."""
        body = self._body(snapshot)
        found = checks.rights(self._scicat, snapshot.refs, self.settings.admin_groups)
        return found + checks.schema(self._scicat.published.config(), body.get("metadata", {}))

    def _body(self, snapshot: Snapshot) -> dict[str, Any]:
        if self._scicat.published.version == "v3":
            return bodies.v3(snapshot, bodies.name_v3(self.settings.prefix, snapshot.key))
        return bodies.v4(snapshot, self.settings.extra)

    def find(self, snapshot: Snapshot) -> Deposit | None:
        """The record with the publication's key. Raises Conflict when there are two."""
        row = self._record(snapshot)
        return self._deposit(snapshot, row) if row is not None else None

    def _record(self, snapshot: Snapshot) -> Row | None:
        published = self._scicat.published
        if published.version == "v3":
            return published.get(bodies.name_v3(self.settings.prefix, snapshot.key))
        rows = published.find(**{f"metadata.{bodies.KEY}": snapshot.key})
        if len(rows) > 1:
            named = ", ".join(str(row["doi"]) for row in rows)
            raise Conflict(
                f"{self.name} has {len(rows)} records of this publication: {named}.",
                hint="Have all but one deleted there, then retry.",
            )
        return rows[0] if rows else None

    def name_doi(self) -> str:
        """ "": SciCat invents the name; `named` tells it."""
        return ""

    def named(self, deposit: Deposit) -> str:
        """The DOI that SciCat gave its record, for the registry of the same route; "" where SciCat
        registers it itself."""
        return str(deposit.data.get("doi", "")) if self.settings.registers == "excudit" else ""

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        """Make the private record. Not idempotent at SciCat: called after `find` gave None."""
        before = {pid: self._is_public(pid) for pid in snapshot.refs}
        row = self._scicat.published.create(self._body(snapshot))
        return self._deposit(snapshot, row, before=before)

    def _is_public(self, pid: str) -> bool:
        return bool(self._scicat.dataset(pid).get("isPublished"))

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        """Raises Unsupported: SciCat keeps no files."""
        raise Unsupported(
            f"{self.name} is a catalogue and keeps no files.",
            hint="Add a repository to the targets of this route.",
        )

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Make every dataset public, and the record. What is public already is left alone.

        Raises Rejected, saying which datasets are public by now and which are not, when some could
        not be changed: a retry goes on, and `discard` makes private again what this made public.
        """
        wrong = checks.rights(self._scicat, snapshot.refs, self.settings.admin_groups)
        if wrong:
            raise Rejected("Not every dataset can be made public; none was.", problems=tuple(wrong))
        self._show(snapshot.refs)
        row = self._status(deposit)
        if row.get("status") == PRIVATE and self._scicat.published.version == "v4":
            self._scicat.published.act(deposit.remote_id, "publish")
        if self.settings.registers == "scicat":
            self._register(deposit)
        return self._deposit(snapshot, self._status(deposit), before=_before(deposit))

    def _show(self, pids: Sequence[str]) -> None:
        """Every dataset public, with its file lists where the site wants that."""
        failed: list[Problem] = []
        for pid in pids:
            try:
                if not self._is_public(pid):
                    self._scicat.change_dataset(pid, {"isPublished": True})
                if self.settings.lists:
                    for block in self._scicat.blocks.of(pid):
                        if not block.published:
                            self._scicat.blocks.show(block, published=True)
            except ExcuditError as error:
                if not isinstance(error, Denied | Conflict | Rejected):
                    raise
                failed.append(Problem(pid, f"{pid} is not public: {error.message}", error.hint))
        if failed:
            shown = [pid for pid in pids if self._is_public(pid)]
            raise Rejected(
                f"{len(shown)} of {len(pids)} datasets are public at {self.name}: "
                f"{', '.join(shown) or 'none'}.",
                problems=tuple(failed),
                hint="Retry when the rights are mended, or stop it: then they are hidden again.",
            )

    def _status(self, deposit: Deposit) -> Row:
        row = self._scicat.published.get(deposit.remote_id)
        if row is None:
            raise Conflict(f"{self.name} has no record {deposit.remote_id} any more.")
        return row

    def _register(self, deposit: Deposit) -> None:
        """SciCat's own register call, once: after any doubt DataCite is looked at first."""
        doi, status = deposit.remote_id, self._status(deposit).get("status")
        if status in (REGISTERED, AMENDED):
            return
        # SciCat posts to DataCite anew at each call, and keeps its status when the answer is lost.
        if checks.at_datacite(self._datacite, doi) == "findable":
            self._repair(doi)
        else:
            self._scicat.published.act(doi, "register")

    def _repair(self, doi: str) -> None:
        """Bring SciCat's status to what DataCite says; admins only."""
        self._scicat.published.change(doi, {"status": REGISTERED, "registeredTime": _now()})

    def conclude(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Once the DOI is findable: SciCat's record says registered. Idempotent."""
        row = self._status(deposit)
        if row.get("status") not in (REGISTERED, AMENDED):
            try:
                self._repair(deposit.remote_id)
            except (Denied, Conflict):
                self._scicat.published.act(deposit.remote_id, "register")
            row = self._status(deposit)
        return self._deposit(snapshot, row, before=_before(deposit))

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        """What a stranger does not see of the record and its datasets."""
        return list(checks.as_a_stranger(self._scicat, deposit.remote_id, snapshot.refs))

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Bring the record to the snapshot's while SciCat lets it be changed; one that is
        registered only gets the status amended, because its API can change nothing else."""
        row = self._status(deposit)
        if row.get("status") in (PRIVATE, PUBLIC):
            body = self._body(snapshot)
            if bodies.differs(row, body):
                row = self._scicat.published.change(deposit.remote_id, body)
        elif row.get("status") == REGISTERED and not self._says(row, snapshot):
            self._scicat.published.act(deposit.remote_id, "amend")
            row = self._status(deposit)
        return self._deposit(snapshot, row, before=_before(deposit))

    def _says(self, row: Row, snapshot: Snapshot) -> bool:
        return not bodies.differs(row, self._body(snapshot))

    def discard(self, deposit: Deposit) -> None:
        """Make private again what this made public, and remove the record; absent = done. Raises
        Conflict once it is registered."""
        row = self._scicat.published.get(deposit.remote_id)
        if row is not None and row.get("status") in (REGISTERED, AMENDED):
            raise Conflict(f"{deposit.remote_id} is registered; it cannot be taken back.")
        self._hide(deposit)
        if row is None:
            return
        try:
            if row.get("status") == PUBLIC:
                self._scicat.published.change(deposit.remote_id, {"status": PRIVATE})
            self._scicat.published.remove(deposit.remote_id)
        except (Denied, Conflict):
            self._give_up(deposit, row)

    def _give_up(self, deposit: Deposit, row: Row) -> None:
        """An account that may not delete leaves a private record that is nobody's."""
        if row.get("status") == PUBLIC:
            raise NeedsPerson(
                f"The record {deposit.remote_id} at {self.name} is public and cannot be deleted by "
                "the account of the service. Who deletes it?",
                hint="Delete it there as an admin, then retry.",
            )
        marked = {**(row.get("metadata") or {}), bodies.KEY: GIVEN_UP + deposit.key}
        self._scicat.published.change(deposit.remote_id, {"metadata": marked})

    def _hide(self, deposit: Deposit) -> None:
        for pid, was_public in _before(deposit).items():
            if not was_public and self._is_public(pid):
                self._scicat.change_dataset(pid, {"isPublished": False})

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        """Hide the datasets that were made public for it, and say amended; the record itself stays,
        because SciCat cannot take a registered one back."""
        if self.settings.hide:
            self._hide(deposit)
        row = self._status(deposit)
        if row.get("status") == REGISTERED:
            self._scicat.published.act(deposit.remote_id, "amend")
            row = self._status(deposit)
        return self._deposit(snapshot, row, before=_before(deposit), state="withdrawn")

    def probe(self) -> Sequence[Problem]:
        """Whether it answers, and knows the account."""
        return checks.probe(self._scicat)

    def _deposit(
        self,
        snapshot: Snapshot,
        row: Row,
        *,
        before: Mapping[str, bool] | None = None,
        state: str = "",
    ) -> Deposit:
        doi, status = str(row["doi"]), str(row.get("status", PRIVATE))
        own = self.settings.registers == "scicat"
        seen = before if before is not None else {p: self._is_public(p) for p in snapshot.refs}
        page = self.settings.frontend_url.rstrip("/")
        return Deposit(
            target=self.name,
            key=snapshot.key,
            remote_id=doi,
            state=state or status,
            url=f"{page}/publishedDatasets/{quote(doi, safe='')}" if page else "",
            doi=doi if own else "",
            doi_state=_doi_state(status) if own else "",
            data={"doi": doi, "before": dict(seen)},
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _before(deposit: Deposit) -> Mapping[str, bool]:
    found: Mapping[str, bool] = deposit.data.get("before", {})
    return found


def _doi_state(status: str) -> DoiState:
    return "findable" if status in (REGISTERED, AMENDED) else "draft"
