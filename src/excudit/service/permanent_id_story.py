"""What happened to a request, in the words of a data commons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from excudit.domain.events import Event
from excudit.domain.publication import Publication
from excudit.domain.words import permanent_id as words
from excudit.service.mail.words import line
from excudit.service.parts import Parts
from excudit.store import deposits, events


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a request's history."""

    status: str
    at: datetime
    by: str
    comments: str = ""


_WORDS: dict[str, str] = {
    "submit": words.SUBMITTED,
    "send_back": words.PENDING,
    "return": words.PENDING,
    "refuse": words.FAILED,
    "undo": words.FAILED,
    "attention": words.FAILED,
    "approve": words.APPROVED,
    "accept": words.APPROVED,
    "published": words.COMPLETION,
    "reject": words.REJECTED,
    "cancel": words.CANCELLED,
    "recall": words.CANCELLED,
    "tombstone": words.WITHDRAWN,
}


def history(parts: Parts, found: Publication) -> list[Entry]:
    """Every status that it had, and every public comment, oldest first."""
    with parts.database.read() as connection:
        happened = events.of(connection, found.id)
        named = deposits.doi_of(connection, found.id)
    return list(_entries(parts, found, happened, named))


def _entries(
    parts: Parts, found: Publication, happened: Sequence[Event], named: str
) -> Iterator[Entry]:
    now, by = words.SUBMITTED, found.owner
    for event in happened:
        by = event.actor if event.actor != "excudit" else by
        if event.action == "comment" and not event.details.get("internal"):
            yield Entry(now, event.at, by, str(event.details.get("comment", "")))
            continue
        word = _WORDS.get(event.action, "")
        said = event.reason or _error_words(event)
        if event.action == "assign" and event.details.get("reviewer"):
            word = words.EVALUATION
        if event.action == "label":
            word = str(event.details.get("label", "")) or now
        if event.action == "published":
            said = f"{parts.landing_url(found.slug)} https://doi.org/{named}"
        if word:
            now = word
            yield Entry(word, event.at, by, said)


def _error_words(event: Event) -> str:
    error = event.details.get("error") or {}
    told = f"{error.get('message', '')} {error.get('remote', '')}".strip()
    return line(told)
