"""A deposit as the repository shows it now, the same for all dialects."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, Protocol

from excudit.domain.model import FileEntry, Receipt, Snapshot

State = Literal["draft", "in_review", "published", "editing", "removed"]


@dataclass(frozen=True, slots=True)
class Found:
    """`concept` is what all versions share. `editing` is published, with an edit not published
    yet. `foreseen` is a DOI that may change with publication."""

    id: str
    concept: str
    state: State
    mark: str
    doi: str = ""
    concept_doi: str = ""
    foreseen: str = ""
    page: str = ""
    created: str = ""
    files: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def public(self) -> bool:
        """Whether a stranger may read it."""
        return self.state in ("published", "editing")


@dataclass(frozen=True, slots=True)
class Held:
    """A file as the repository has it; `complete` = it will not change any more."""

    size: int
    md5: str
    complete: bool
    link: str = ""


class Dialect(Protocol):
    """One way to speak to the repository. No call is ever repeated."""

    def sent(self, snapshot: Snapshot) -> dict[str, Any]:
        """The snapshot's metadata in this dialect's words, with our mark."""
        ...

    def listed(self) -> Iterator[Found]:
        """Our account's drafts and records, newest first."""
        ...

    def look(self, id_: str) -> Found | None:
        """As it is now; None when there is none."""
        ...

    def create(self, snapshot: Snapshot) -> Found:
        """A new draft, mark and metadata in it from the first moment."""
        ...

    def follow(self, id_: str, snapshot: Snapshot) -> Found:
        """The draft of the version after this one, with the snapshot's metadata."""
        ...

    def update(self, found: Found, snapshot: Snapshot) -> Found:
        """Replace the metadata of a draft or of an edit."""
        ...

    def name(self, found: Found) -> Found:
        """Give the draft its DOI, where this can be done before publication."""
        ...

    def edit(self, found: Found) -> Found:
        """Open an edit of what is published; open already = that one."""
        ...

    def publish(self, found: Found) -> Found:
        """Publish a draft or an edit. Raises Uncertain where it may have happened."""
        ...

    def review(self, found: Found, community: str) -> None:
        """Hand the draft to a community; returns only when it was accepted."""
        ...

    def delete(self, found: Found) -> None:
        """Remove the draft, its review first. Absent = done."""
        ...

    def files(self, found: Found) -> dict[str, Held]:
        """All files by their paths."""
        ...

    def put(self, place: Mapping[str, str], file: FileEntry, stream: BinaryIO) -> Receipt:
        """Bring one file of the draft to `stream`'s bytes; equal already = not sent."""
        ...

    def remove(self, found: Found, path: str) -> None:
        """Remove a file of the draft. Absent = done."""
        ...


def mark_of(key: str) -> str:
    """Our mark in a record: the publication's key as a URN (RFC 9562 §4)."""
    try:
        return uuid.UUID(key).urn
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, key).urn
