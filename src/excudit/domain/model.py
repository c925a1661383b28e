"""The words of design.md §3 as types: what lives where, what was frozen, what was published.

All types are immutable. Times are timezone-aware UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO, Literal, Protocol

from excudit.domain.errors import Unsupported
from excudit.domain.record import Record

LISTED = "application/vnd.excudit.listed"
"""The `media_type` of a file whose bytes nobody here can read: its `sha256` is the digest of what
its catalogue says of it, and is shown to nobody."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a dataset.

    `path` is relative, with "/" and without "." or ".." parts; `size` in bytes; `sha256` is the
    lower-case hex digest of the content ("" = not hashed yet); `media_type` as RFC 6838 names it
    ("" = unknown).
    """

    path: str
    size: int
    sha256: str = ""
    media_type: str = ""


class Files(Protocol):
    """The files of a dataset or snapshot, ordered by the UTF-8 bytes of their path.

    May be iterated again and again, each time streaming: a million files never stand in memory.
    """

    def __iter__(self) -> Iterator[FileEntry]: ...
    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset where it lives, as its source describes it now.

    `ref` is the source's own reference (a path, a PID); `revision` changes whenever the dataset
    does; `metadata` is what the source knows of a record, in DataCite REST JSON, possibly
    incomplete; `notes` are problems met on the way that do not stop the description. `file_count`
    and `bytes` are given where they are known without reading files; `access` says in the source's
    own words who may read it there now. `facts` are what the source knows beyond a record (rows,
    periods, a platform), plain JSON, frozen with it for targets; `group` is the source's word for
    the kind of dataset, by which a route may choose ("" = it has none, or is not known yet).
    """

    source: str
    ref: str
    title: str
    revision: str
    files: Files = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    notes: tuple[Any, ...] = ()
    file_count: int | None = None
    bytes: int | None = None
    access: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""


def _unreadable(file: FileEntry) -> BinaryIO:
    raise Unsupported(f"The bytes of {file.path} are not at hand here.")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A dataset frozen for publication: what was approved is what is published.

    `digest` binds record and manifest together; approval names it. `key` is the publication's own
    key, the same for every target and every attempt. `doi` is the identifier that was chosen for
    this publication, "" while none is. `landing_url` is where its page answers. `refs` are the
    references of its datasets at the source, in the order in which they were chosen. `facts` are
    those of the dataset (with several: `{"datasets": [facts, …]}` in the order of `refs`). `reader`
    opens the approved bytes of one of `files` wherever a target needs them beside `put`; they raise
    Drifted before their end when they are others, and the caller closes them.
    """

    key: str
    source: str
    ref: str
    revision: str
    record: Record
    files: Files
    manifest_digest: str
    digest: str
    bytes: int
    landing_url: str = ""
    doi: str = ""
    refs: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    reader: Callable[[FileEntry], BinaryIO] = field(default=_unreadable, repr=False, compare=False)


DoiState = Literal["", "draft", "registered", "findable"]


@dataclass(frozen=True, slots=True)
class Deposit:
    """One publication at one target.

    `key` is ours and was stored before the first call, `remote_id` the target's own (a DOI, a
    record number), `state` the target's own word, `doi` and `doi_state` are set by registries.
    `data` is what the adapter must remember, plain JSON, no secrets.
    """

    target: str
    key: str
    remote_id: str
    state: str
    url: str = ""
    doi: str = ""
    doi_state: DoiState = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a target said about one file that it took."""

    path: str
    size: int
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Our custody of a dataset at its source; `expires_at` where the source has a time-out."""

    source: str
    ref: str
    key: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Why something was withdrawn, and where its tombstone page answers."""

    reason: str
    date: date
    url: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a publication ended, as reported to its source; `deposits` is what became of it at each
    target."""

    published: bool
    doi: str = ""
    landing_url: str = ""
    message: str = ""
    deposits: tuple[Deposit, ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person or the service itself.

    `roles` as the lifecycle table names them, or "curator:ROUTE" for one route only; the rest is
    what the person's own account says of them.
    """

    name: str
    roles: frozenset[str] = frozenset()
    email: str = ""
    full_name: str = ""
    orcid: str = ""
    affiliation: str = ""


SERVICE = Actor("excudit", frozenset({"service"}))


def manifest_digest(files: Iterable[FileEntry]) -> str:
    """SHA-256 over the lines "sha256 size path" of the files, in the order given.

    The order is that of `Files`; equal content at equal paths gives an equal digest.
    """
    digest = hashlib.sha256()
    for entry in files:
        digest.update(f"{entry.sha256} {entry.size} {entry.path}\n".encode())
    return digest.hexdigest()
