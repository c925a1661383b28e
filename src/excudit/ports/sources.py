"""What a source may promise beyond `Source`; the service asks with isinstance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from excudit.domain.errors import Conflict
from excudit.domain.looks import Looks
from excudit.domain.model import (
    Actor,
    Dataset,
)
from excudit.domain.problem import Problem
from excudit.ports.core import Watch


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
class Probing(Protocol):
    """A source that can say more of its health than that a search works."""

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: reachable, credentials right, permissions enough. No side effect."""
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
