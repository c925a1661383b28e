"""All that the author of a plug-in reads: what a source and a target promise.

Every method may raise the errors of `excudit.domain.errors` and nothing else for an expected
outcome. No method retries, sleeps or keeps state of a publication: the plan does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import BaseModel

from excudit.domain.errors import Conflict
from excudit.domain.looks import Looks
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


@runtime_checkable
class Guarded(Protocol):
    """A source that knows who may see which of its datasets.

    A source without this method shows every dataset to everybody who may use the service.
    """

    def sees(self, ref: str, *, actor: Actor) -> bool:
        """Whether `actor` may see this dataset; False for one that is not there. Asked before a
        person takes it into a basket or a publication, never for the service's own runs. Raises
        Unavailable when the source does not answer. No side effect."""
        ...


@runtime_checkable
class Receiving(Protocol):
    """A source that keeps documents which people and programs hand in.

    `accepts`: the parts that a hand-in may have, name → what people read; the first is the
    document itself. `largest`: bytes that a part may have. `fetches`: a document that is missing is
    fetched from where it lives.
    """

    accepts: Mapping[str, str]
    largest: int
    fetches: bool

    def receive(self, documents: Mapping[str, bytes], *, actor: Actor, ref: str = "") -> Dataset:
        """Keep documents as the newest revision of one dataset, durably before it returns; as
        `look` tells it then. `ref` names the dataset, "" = the document itself says which.

        Idempotent: equal documents change nothing. A part that is missing is made, fetched, or
        stays as it is. Raises Rejected with all problems of all parts, each part's name before
        its place ("/rendering"), Denied for a dataset that is somebody else's, NotFound.
        """
        ...


@dataclass(frozen=True, slots=True)
class Measure:
    """How much a dataset holds; `notes` are problems that do not stop its publication."""

    files: int
    bytes: int
    notes: tuple[Problem, ...] = ()


@runtime_checkable
class Measuring(Protocol):
    """A source that can count a dataset's files without reading their content."""

    def measure(self, ref: str, watch: Watch | None = None) -> Measure:
        """Files and bytes as they are now. Raises what `describe` would raise and can be known
        without reading the files, all problems at once; Retryable when `watch` says to stop. No
        side effect."""
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


@runtime_checkable
class Displaying(Protocol):
    """A target that can tell how a deposit looks there at this moment."""

    def display(self, deposit: Deposit) -> Displayed:
        """Asks the target. Raises NotFound when it is not there, Unavailable. No side effect."""
        ...


@runtime_checkable
class Templated(Protocol):
    """A source whose datasets carry a document of attributes, as a metadata template has them.

    A document is `{"avus": [V], "irods-avus": […]}`, V = `{"attr", "value", "unit", "avus"?}`.
    """

    templated: bool
    """Whether this one is set up so; the methods raise Unsupported where it is not."""

    def template(self) -> Mapping[str, Any]:
        """The template: id, name, description, attributes."""
        ...

    def document(self, ref: str) -> Mapping[str, Any]:
        """The dataset's document, as it was kept; without attributes where it has none."""
        ...

    def keep(self, ref: str, document: Mapping[str, Any]) -> None:
        """Replace the document, whole or not at all. Idempotent. Raises Rejected for what is none,
        not for what is wrong in it."""
        ...

    def judge(self, document: Mapping[str, Any]) -> Sequence[tuple[str, Problem]]:
        """All that is wrong in a document: the attribute, and the problem with its JSON pointer
        into the document. No side effect."""
        ...


@runtime_checkable
class Moving(Protocol):
    """A source whose datasets stand elsewhere at times, such as in staging."""

    def standing(self, ref: str) -> str:
        """The address where the dataset stands now. Raises as `look` does. No side effect."""
        ...


@runtime_checkable
class Reserving(Protocol):
    """A source that can tell before a claim whether it would be refused."""

    def refusal(self, ref: str) -> Conflict | None:
        """Why `claim` by a new publication would raise Conflict now; None where it would not. No
        side effect; a claim may still lose a race."""
        ...


@runtime_checkable
class Handing(Protocol):
    """A source that holds whole folders in custody and can hand them over as they are."""

    def place(self, ref: str, *, key: str) -> str:
        """The address of the claimed folder ("file:///…" or "s3://bucket/prefix"), without a "/"
        at its end. Raises NotFound where no claim with this key holds it. No side effect."""
        ...


@runtime_checkable
class Adopting(Protocol):
    """A target that can take a whole folder over instead of a copy of each file."""

    def adopt(self, deposit: Deposit, snapshot: Snapshot, place: str, watch: Watch) -> Deposit:
        """Move the folder at `place` into the draft, every file compared with the snapshot.

        Idempotent: what was moved already is only verified. `discard` moves it back to `place`.
        Raises Drifted when the files are not the snapshot's, Conflict when something foreign stands
        where it should go, Unsupported for an address that it cannot take over."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody at a source waits for the publication of a dataset. `email`: who; `said`: what they
    were told last."""

    ref: str
    email: str = ""
    said: str = ""


@runtime_checkable
class Requested(Protocol):
    """A source where people ask for publications and are told how they stand; `report` tells them
    how they ended. All requests for one dataset are one."""

    def requests(self) -> Iterator[Request]:
        """Requests that have not been told the end, oldest first, each dataset once. `said` is ""
        where not all were told the same. No side effect."""
        ...

    def show(self, ref: str, words: str, *, key: str) -> None:
        """Tell everybody who asked for this dataset how it stands. Idempotent; telling the same
        again sends nothing."""
        ...


@runtime_checkable
class Filling(Protocol):
    """A target that fetches itself what belongs into its draft, from where the dataset lives."""

    def fill(self, deposit: Deposit, snapshot: Snapshot, watch: Watch) -> Deposit:
        """Bring everything to the draft. Idempotent: what is there and equal is not sent again;
        after a lost answer it looks. `discard` removes it all. Raises Drifted when it is not what
        was approved, Retryable when `watch` says to stop."""
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


@runtime_checkable
class Renewing(Protocol):
    """A source whose claims run out: the service calls `renew` every `renew_s` seconds for each
    claim that a run under way holds, until the run ends."""

    renew_s: float


@runtime_checkable
class Showing(Protocol):
    """A source whose datasets hold measurements that people judge by looking at them."""

    def looks(self, ref: str, revision: str, *, before: str = "") -> Looks | None:
        """Plots and figures of the dataset as `revision` has it, compared with the revision
        `before` where that is kept. None where there is nothing to look at. No side effect
        outside; the same arguments give the same looks. Raises Unavailable."""
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
