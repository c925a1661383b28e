"""What every source and every target promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, Literal, Protocol

from pydantic import BaseModel

from excudit.domain.model import (
    Actor,
    Claim,
    Dataset,
    Deposit,
    FileEntry,
    Outcome,
    Receipt,
    Snapshot,
    Tombstone,
)
from excudit.domain.problem import Problem
from excudit.settings import Site


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a target can do. `kind`: a registry gives identifiers, a repository keeps files, a
    catalogue keeps records. `final` says in plain words what `publish` makes irreversible."""

    kind: Literal["registry", "repository", "catalogue"]
    final: str
    files: bool = False
    identifier: bool = False
    versions: bool = False
    amend: bool = False
    withdraw: bool = False


class Watch(Protocol):
    """Who follows long work: told how far it is, and asked whether to stop."""

    def progress(self, done: int, total: int, unit: str) -> None:
        """`total` 0 = not known yet. Cheap; call it as often as you like."""
        ...

    def stop(self) -> bool:
        """Whether to stop: then raise Retryable("stopped")."""
        ...


class Source(Protocol):
    """Where datasets live. Safe to use from several threads at once."""

    name: str
    custody: Literal["", "submit", "publish"]
    """When the plan takes custody with `claim`: never, at submission, or for publishing only."""
    reports: bool
    """Whether it wants to be told how a publication ended."""

    # References of datasets have at most 1,024 bytes of UTF-8; longer ones are not taken.
    def search(self, text: str, *, actor: Actor, limit: int = 50) -> Iterator[Dataset]:
        """Datasets that match, best first, that `actor` may see. No side effect."""
        ...

    def ready(self) -> Iterator[Dataset]:
        """Datasets that ask to be published by themselves; may be empty. No side effect."""
        ...

    def look(self, ref: str) -> Dataset:
        """The dataset's title and metadata, quickly: `files` is empty, nothing is hashed.

        Raises as `describe` does. No side effect.
        """
        ...

    def describe(self, ref: str, watch: Watch | None = None) -> Dataset:
        """The dataset as it is now, all files hashed, `revision` set. No side effect.

        `watch` is told of progress and asked whether to stop. Raises NotFound when it is not
        there, Rejected with all problems at once when it cannot be
        described, Unavailable when the place where it lives does not answer.
        """
        ...

    def open(self, ref: str, file: FileEntry, *, offset: int = 0) -> BinaryIO:
        """The bytes of one file from `offset`. The caller closes it."""
        ...

    def claim(self, ref: str, *, key: str) -> Claim:
        """Take custody. The same key twice gives the same claim; another key raises Conflict."""
        ...

    def renew(self, claim: Claim) -> Claim:
        """Heartbeat where the source has a time-out; else the claim as it is."""
        ...

    def release(self, claim: Claim) -> None:
        """Give the dataset back. Not claimed any more = done."""
        ...

    def report(self, ref: str, outcome: Outcome, *, key: str) -> None:
        """Tell the source how it ended. Idempotent per key."""
        ...


class Target(Protocol):
    """Where datasets are published. Safe to use from several threads at once."""

    name: str
    capabilities: ClassVar[Capabilities]

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        """All reasons why this target would refuse the snapshot. No side effect."""
        ...

    def find(self, snapshot: Snapshot) -> Deposit | None:
        """Did I deposit this already? Looks at the target itself by the snapshot's key and DOI,
        strongly consistent. Raises Conflict when something foreign holds our place there."""
        ...

    def name_doi(self) -> str:
        """A new random DOI under our prefix, for the service to store before `reserve`; "" where
        the target does not give identifiers. No side effect, no call."""
        ...

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        """Open the draft deposit named by `key`. Called after `find` answered None.

        Raises Uncertain when the answer was lost: the plan looks with `find` before it repeats.
        Never creates under a name that was not stored before the call.
        """
        ...

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        """Upload one file of the draft; the same file twice is stored once, and what is there and
        equal is not sent again.

        `data` stands at its beginning and can be put back there with `seek(0)`; it raises Drifted
        by itself when the bytes are not those of `file`, before it gives the last of them. The
        caller closes it.
        """
        ...

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Make it public. No way back. Already public = success."""
        ...

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        """What a stranger sees that is not as it must be; empty when all is well. Raises
        Unavailable while only time is missing, such as a handle that is not registered yet."""
        ...

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Bring the target's metadata to the snapshot's, draft or public. Idempotent."""
        ...

    def discard(self, deposit: Deposit) -> None:
        """Remove the draft. Absent = success. Raises Conflict when it is public already."""
        ...

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        """Leave a tombstone. Idempotent."""
        ...

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: reachable, credentials right, permissions enough. No side effect."""
        ...


class Maker(Protocol):
    """What an entry point of `excudit.sources` or `excudit.targets` names.

    `Settings` is the model of the plug-in's own table in excudit.toml; calling it makes the
    plug-in. No I/O happens while it is made.
    """

    Settings: type[BaseModel]

    def __call__(
        self, name: str, settings: Any, site: Site, *, take: Callable[[], float] | None = None
    ) -> Any:
        """`take` (targets only) books the next turn at this target and returns the seconds to
        wait for it, for all workers together; None = no limit."""
        ...
