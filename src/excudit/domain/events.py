"""What happened, append-only: the audit trail, and what mails are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MAILED: dict[str, str] = {
    "take_in": "submitted",
    "send_back": "returned",
    "return": "returned",
    "approve": "approved",
    "accept": "",
    "reject": "rejected",
    "cancel": "cancelled",
    "published": "published",
    "undo": "failed_before_publication",
    "refuse": "returned",
    "attention": "failed_at_final_step",
    "overdue": "failed_before_publication",
    "out_of_sync": "out_of_sync",
    "cleanup_pending": "cleanup_pending",
    "solved": "solved",
    "amended": "amended",
    "tombstone": "withdrawn",
    "comment": "comment",
    "assign": "assigned",
    "suggest": "suggested",
    "collaborate": "invited",
    "label": "labelled",
    "schedule": "scheduled",
    "remind": "reminder",
    "gate_opened": "asked",
}
"""Event action → the mail it causes ("" = none)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a publication.

    `action` is an action of the lifecycle table or a word of the service ("published",
    "attention", …); `before` and `after` are states; `details` is plain JSON without secrets.
    """

    id: int
    publication: str
    at: datetime
    actor: str
    action: str
    before: str
    after: str
    reason: str = ""
    run: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
