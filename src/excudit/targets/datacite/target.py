"""The registry DataCite as a target: a draft early, findable last, at most one DOI each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar

from excudit.domain.errors import Conflict, NotFound, Rejected, Unsupported
from excudit.domain.model import Deposit, FileEntry, Receipt, Snapshot, Tombstone
from excudit.domain.problem import Problem
from excudit.http import Basic, Remote, Timeouts, user_agent
from excudit.metadata.check import check_record
from excudit.ports import Capabilities
from excudit.settings import Site
from excudit.targets.datacite.answers import judge
from excudit.targets.datacite.doctor import probe
from excudit.targets.datacite.drift import drift
from excudit.targets.datacite.names import new_doi
from excudit.targets.datacite.payload import MARK, digest, first, managed, withdrawn
from excudit.targets.datacite.registry import Found, Registry, Resolver, taken, unregistered
from excudit.targets.datacite.settings import DataCiteSettings


class DataCiteTarget:
    """DataCite, test or production. Nothing is asked of it while it is made.

    `take` paces the requests to the registry, see `excudit.http.Remote`; None = no limit.
    """

    Settings: ClassVar[type[DataCiteSettings]] = DataCiteSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        kind="registry",
        final="A findable DOI is never deleted; it can only be withdrawn to a tombstone.",
        identifier=True,
        amend=True,
        withdraw=True,
    )

    def __init__(
        self,
        name: str,
        settings: DataCiteSettings,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self._site = site
        agent = user_agent(site)
        timeouts = Timeouts(read_s=settings.timeout_s, total_s=4 * settings.timeout_s)
        self._remotes = (
            Remote(
                name,
                settings.url,
                agent=agent,
                auth=Basic(settings.username, settings.password.read),
                take=take,
                judge=judge,
                timeouts=timeouts,
            ),
            Remote(f"{name}'s resolver", settings.resolver_url, agent=agent, timeouts=timeouts),
        )
        self._registry = Registry(self._remotes[0])
        self._resolver = Resolver(self._remotes[1])

    def close(self) -> None:
        """Close the connections; the target cannot be used any more."""
        for remote in self._remotes:
            remote.close()

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        """All reasons why DataCite would refuse the snapshot, and what it would accept wrongly."""
        record = snapshot.record
        complete = record.model_copy(
            update={"doi": snapshot.doi or record.doi, "url": snapshot.landing_url or record.url}
        )
        problems = [*check_record(complete, domains=self.settings.domains)]
        if not snapshot.landing_url:
            problems.append(
                Problem(
                    "/url",
                    "There is no landing page to which the DOI could lead.",
                    "Set site.base_url to the address under which the public reaches this service.",
                    rule="datacite.landing",
                )
            )
        if snapshot.doi and not self._ours(snapshot.doi):
            problems.append(self._foreign(snapshot.doi))
        if snapshot.doi and record.doi and record.doi.lower() != snapshot.doi.lower():
            problems.append(
                Problem(
                    "/doi",
                    f"The record says {record.doi}, but {snapshot.doi} was chosen for it.",
                    "Remove the DOI from the record, or name it as a related identifier.",
                    rule="datacite.doi",
                )
            )
        problems += [
            Problem(
                f"/identifiers/{i}/identifierType",
                f"The type {MARK!r} is excudit's own mark.",
                "Give this identifier another type.",
                rule="datacite.mark",
            )
            for i, other in enumerate(record.identifiers)
            if other.identifier_type == MARK
        ]
        return problems

    def find(self, snapshot: Snapshot) -> Deposit | None:
        """The DOI of this snapshot at the registry, None where there is none or none was chosen.

        Raises Conflict when the name holds somebody else's record, Denied for wrong credentials.
        """
        if not snapshot.doi:
            return None
        found = self._registry.look(self._pinned(snapshot.doi))
        if not found:
            return None
        sent = managed(snapshot)
        as_sent = not drift(sent, _mine(found, snapshot).attributes, doi=found.doi)
        return self._deposit(found, snapshot, sent if as_sent else None)

    def name_doi(self) -> str:
        """A new random DOI under the prefix of the settings. No call is made."""
        return new_doi(self.settings.prefix, self.settings.shoulder)

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        """Open the draft `snapshot.doi` with complete metadata and our mark in it.

        The same snapshot twice gives the same DOI. Raises Conflict when the name is somebody
        else's (choose another), Rejected with the registry's findings, Uncertain when the answer
        was lost. `previous` changes nothing: relations between versions stand in the record.
        """
        doi = self._pinned(snapshot.doi)
        sent = managed(snapshot)
        found = _mine(self._registry.create(doi, first(sent)), snapshot)
        return self._deposit(found, snapshot, sent, key=key)

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        """Raises Unsupported: a registry keeps no files."""
        raise Unsupported(
            f"{self.name} is a registry and keeps no files.",
            hint="Add a repository to the targets of this route.",
        )

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Make the DOI findable, with the snapshot's metadata. Already findable = success.

        Raises NotFound when the draft is gone, Conflict when the DOI is not ours, Rejected with
        the registry's findings or when it silently ignored the event.
        """
        sent = managed(snapshot)
        found = self._brought_up(self._held(deposit, snapshot), sent)
        if found.state != "findable":
            found = self._registry.update(found.doi, {"event": "publish"})
        _expect(found, "findable")
        return self._deposit(found, snapshot, sent, key=deposit.key)

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        """What differs at the registry from the snapshot, one problem for each place.

        A DOI that does not resolve yet is no problem but a matter of time: its URL is sent again
        and Unavailable raised, so that the plan waits and confirms once more.
        """
        found = self._held(deposit, snapshot)
        problems = list(drift(managed(snapshot), found.attributes, doi=found.doi))
        if found.state != "findable":
            state = Problem(
                "",
                f"The DOI is {found.state} at the registry, not findable.",
                "Publish it again.",
                rule="datacite.state",
            )
            return [state, *problems]
        if found.url == snapshot.landing_url:
            self._settle(found, snapshot.landing_url)
        return problems

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Bring the DOI's metadata and URL to the snapshot's; equal already = nothing is sent.

        Raises NotFound, Conflict when the DOI is not ours, Rejected with the registry's findings
        or when it is withdrawn.
        """
        sent = managed(snapshot)
        found = self._held(deposit, snapshot)
        if found.state == "registered":
            raise Rejected(
                f"{found.doi} is withdrawn; its tombstone stays as it is.",
                hint="Publish a new version instead.",
            )
        found = self._brought_up(found, sent)
        return self._deposit(found, snapshot, sent, key=deposit.key)

    def discard(self, deposit: Deposit) -> None:
        """Delete the draft; absent, or held by somebody else by now, = success.

        Raises Conflict when the DOI is public already: nothing was done then.
        """
        doi = deposit.doi or deposit.remote_id
        found = self._registry.look(self._pinned(doi)) if doi else None
        if not found or found.mark != deposit.data.get("mark", deposit.key):
            return
        if found.state != "draft":
            raise Conflict(
                f"{doi} is {found.state} and cannot be deleted.",
                hint="Withdraw the publication instead; this leaves a tombstone.",
            )
        self._registry.delete(doi)

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        """Hide the DOI, note when and why, and lead it to the tombstone. Idempotent.

        Raises Conflict for a draft (discard it instead), NotFound, Rejected, and Unavailable
        while the handle system still leads elsewhere.
        """
        found = self._held(deposit, snapshot)
        if found.state == "draft":
            raise Conflict(f"{found.doi} is a draft still.", hint="Discard the draft instead.")
        changes = withdrawn(snapshot, tombstone)
        if found.state == "findable":
            found = self._registry.update(found.doi, {**changes, "event": "hide"})
        elif drift(changes, found.attributes, doi=found.doi):
            found = self._registry.update(found.doi, changes)
        _expect(found, "registered")
        self._lead(found, tombstone.url)
        sent = {**managed(snapshot), **changes}
        return self._deposit(found, snapshot, sent, key=deposit.key)

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: up, credentials, prefixes, domains, resolver; each with its mend."""
        return probe(self.settings, self._site, self._registry, self._resolver)

    def _ours(self, doi: str) -> bool:
        return doi.partition("/")[0] in self.settings.prefixes

    def _foreign(self, doi: str) -> Problem:
        return Problem(
            "/doi",
            f"{doi or 'An empty DOI'} is not under the prefixes of {self.name}"
            f" ({', '.join(self.settings.prefixes)}).",
            "Choose a DOI under one of them, or another target.",
            rule="datacite.prefix",
        )

    def _pinned(self, doi: str) -> str:
        """The DOI, if this target may touch it: a test account never reaches production."""
        if not self._ours(doi):
            problem = self._foreign(doi)
            raise Rejected(problem.message, hint=problem.mend, problems=(problem,))
        return doi.lower()

    def _held(self, deposit: Deposit, snapshot: Snapshot) -> Found:
        doi = self._pinned(deposit.doi or snapshot.doi)
        found = self._registry.look(doi)
        if not found:
            raise NotFound(
                f"{doi} is not at {self.name} any more.",
                hint="Somebody deleted the draft there; reserve it again.",
            )
        return _mine(found, snapshot)

    def _brought_up(self, found: Found, sent: Mapping[str, Any]) -> Found:
        """The DOI with its metadata as sent; what is equal already is not sent again."""
        if not drift(sent, found.attributes, doi=found.doi):
            return found
        changed = self._registry.update(found.doi, sent)
        _expect(changed, found.state)
        return changed

    def _settle(self, found: Found, url: str) -> None:
        """Raises Unavailable until a stranger is led from the DOI to `url`."""
        self._lead(found, url)
        for seen in (self._resolver.handle(found.doi), self._resolver.redirect(found.doi)):
            if seen != url:
                raise unregistered(found.doi, url, seen)

    def _lead(self, found: Found, url: str) -> None:
        """See that the handle server has the URL. The registry tells it once and only logs a
        failure; any later update makes it tell again."""
        if found.registered and self._registry.leads_to(found.doi) == url:
            return
        again = self._registry.update(found.doi, {"url": url})
        seen = self._registry.leads_to(found.doi)
        if not again.registered or seen != url:
            raise unregistered(found.doi, url, seen if again.registered else "")

    def _deposit(
        self,
        found: Found,
        snapshot: Snapshot,
        sent: Mapping[str, Any] | None,
        *,
        key: str = "",
    ) -> Deposit:
        return Deposit(
            target=self.name,
            key=key or snapshot.key,
            remote_id=found.doi,
            state=found.state,
            url=self._resolver.address(found.doi),
            doi=found.doi,
            doi_state=found.state,
            data={"mark": snapshot.key, "sent": digest(sent) if sent else ""},
        )


def _mine(found: Found, snapshot: Snapshot) -> Found:
    if found.mark != snapshot.key:
        raise taken(found.doi)
    return found


def _expect(found: Found, state: str) -> None:
    """The registry ignores an event that does not fit, with 200 and without a word."""
    if found.state != state:
        raise Rejected(
            f"The registry left {found.doi} {found.state}; it should be {state}.",
            hint="Look at the DOI in the registry's own pages, then try again.",
        )
