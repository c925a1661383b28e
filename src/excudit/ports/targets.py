"""What a target may promise beyond `Target`; the service asks with isinstance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, runtime_checkable

from excudit.domain.model import Deposit, FileEntry, Snapshot
from excudit.domain.problem import Problem
from excudit.ports.core import Watch


@runtime_checkable
class Adopting(Protocol):
    """A target that can take a whole folder over instead of a copy of each file."""

    def adopt(self, deposit: Deposit, snapshot: Snapshot, place: str, watch: Watch) -> Deposit:
        """Move the folder at `place` into the draft, every file compared with the snapshot.

        Idempotent: what was moved already is only verified. `discard` moves it back to `place`.
        Raises Drifted when the files are not the snapshot's, Conflict when something foreign stands
        where it should go, Unsupported for an address that it cannot take over."""
        ...


@runtime_checkable
class Filling(Protocol):
    """A target that fetches itself what belongs into its draft, from where the dataset lives."""

    def fill(self, deposit: Deposit, snapshot: Snapshot, watch: Watch) -> Deposit:
        """Bring everything to the draft. Idempotent: what is there and equal is not sent again;
        after a lost answer it looks. `discard` removes it all. Raises Drifted when it is not what
        was approved, Retryable when `watch` says to stop."""
        ...


Opened = Callable[[FileEntry], BinaryIO]
"""Gives the approved bytes of a file of the snapshot; the caller closes them."""


@runtime_checkable
class Uploading(Protocol):
    """A target without drafts: what is uploaded there is public and stays. Its `put` only tries
    whether a file would be taken; `upload` stands for `publish` in the plan."""

    def upload(self, deposit: Deposit, snapshot: Snapshot, opened: Opened, watch: Watch) -> Deposit:
        """Upload everything. No way back. Idempotent: what is there whole is not sent again."""
        ...


@runtime_checkable
class Naming(Protocol):
    """A target that invents the DOI which a registry of the same route then registers."""

    def named(self, deposit: Deposit) -> str:
        """The name that it gave the draft; "" where it gives none. No side effect, no call."""
        ...


@runtime_checkable
class Concluding(Protocol):
    """A target that is told once more when everything is public and the DOI is findable."""

    def conclude(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Say so there. Idempotent; after a lost answer it looks first."""
        ...


@runtime_checkable
class Keeping(Protocol):
    """A target that keeps files where it can read them again. `fixity_days`: how often that is
    done by itself, in days; 0 = only when somebody asks."""

    fixity_days: int

    def fixity(self, deposit: Deposit, snapshot: Snapshot, watch: Watch) -> Sequence[Problem]:
        """Every file read and compared with the snapshot: what is missing, has another content, or
        does not belong there; empty when all is well. Raises NotFound without the deposit,
        Retryable when `watch` says to stop. No side effect."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody outside answered to a question of a plan. `words` are their own; `details` is
    plain JSON for the event."""

    yes: bool
    words: str = ""
    details: Any = None


@runtime_checkable
class Asking(Protocol):
    """A target where people outside decide, before (`asks_before`) or after it was published.

    `question` is the title of the wait. The plan of a route holds a gate there. The service asks
    `answered` every minute while the gate is open; operators may answer by a button, too.
    """

    question: str
    asks_before: bool

    def answered(self, deposit: Deposit, snapshot: Snapshot) -> Answer | None:
        """The answer, None while there is none. No side effect."""
        ...


@runtime_checkable
class Lagging(Protocol):
    """A target that neither takes a name from us nor shows at once what it did.

    The plan then waits: it opens a second deposit only when `find` has seen none for `find_lag_s`
    seconds after the call whose answer was lost. Before each call of `publish` it remembers when
    ("sent_at", epoch seconds) in `deposit.data`; while less than `publish_lag_s` seconds have
    passed since, `publish` only looks and raises Uncertain.
    """

    find_lag_s: float
    publish_lag_s: float


@runtime_checkable
class Displaying(Protocol):
    """A target that can tell how a deposit looks there at this moment."""

    def display(self, deposit: Deposit) -> Displayed:
        """Asks the target. Raises NotFound when it is not there, Unavailable. No side effect."""
        ...


@dataclass(frozen=True, slots=True)
class Displayed:
    """A deposit as its target shows it now. `people` and `helpers` are pairs of a name and an ORCID
    ("" = none); `files` are names, bytes and addresses; dates as the target writes them."""

    title: str
    description: str
    doi: str
    created_at: str
    published_on: str
    public: bool
    people: tuple[tuple[str, str], ...] = ()
    helpers: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, int, str], ...] = ()
