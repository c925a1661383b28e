"""A publication: one selection's way to the public, versioned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from excudit.domain.lifecycle import STATE_WORDS, Health, State


@dataclass(frozen=True, slots=True)
class Part:
    """One dataset in a publication."""

    source: str
    ref: str
    title: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """The aggregate. `id` is ours (UUIDv7), `slug` the name in public URLs.

    `record` is the draft as people typed it (DataCite REST JSON, maybe incomplete); what is
    published stands in the snapshot. `edition` rises with every change and is the ETag. All
    versions of one work share `concept`.
    """

    id: str
    slug: str
    route: str
    owner: str
    title: str
    state: State
    health: Health
    concept: str
    version: int
    created_at: datetime
    updated_at: datetime
    owner_email: str = ""
    edition: int = 1
    previous: str | None = None
    snapshot: str | None = None
    approved_digest: str = ""
    page_open: bool = False
    withdrawn_reason: str = ""
    # Who has taken the review, which round it is, and what was last decided on.
    reviewer: str = ""
    round: int = 0
    reviewed_snapshot: str | None = None
    # The person who approved; "" when a rule did.
    approved_by: str = ""
    # Not before this moment is it published.
    publish_at: datetime | None = None
    # A word of the curators', never a state.
    label: str = ""
    # Since when whoever acts next has had it, and when they were last reminded.
    waiting_since: datetime | None = None
    reminded_at: datetime | None = None
    archived: bool = False
    published_at: datetime | None = None
    withdrawn_at: datetime | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    # Once a person has edited the record, it is no longer prefilled anew from the source.
    edited: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def words(self) -> str:
        """The state in people's words; a review that nobody has taken yet is only submitted."""
        untaken = self.state == "in_review" and not self.reviewer
        return STATE_WORDS["submitted" if untaken else self.state]

    def waits(self, moment: datetime) -> bool:
        """Whether its publish date has not come yet."""
        return self.publish_at is not None and self.publish_at > moment


@dataclass(frozen=True, slots=True)
class Frozen:
    """The stored form of a snapshot; its files are read as a stream."""

    id: str
    publication: str
    number: int
    source: str
    ref: str
    revision: str
    record: Mapping[str, Any]
    manifest_digest: str
    digest: str
    files: int
    bytes: int
    files_of: str
    frozen_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a step needs to know of a publication: how it stands, what is frozen, its name."""

    slug: str
    route: str
    state: State
    page_open: bool
    approved_digest: str
    withdrawn_at: datetime | None
    withdrawn_reason: str
    doi: str
    frozen: Frozen


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose publications somebody may see: all, those of some routes, and always their own and
    those they collaborate on."""

    name: str
    everything: bool = False
    routes: tuple[str, ...] = ()
