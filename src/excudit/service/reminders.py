"""Whoever acts next is reminded of what stalls, once in each period that the site sets."""

from __future__ import annotations

from datetime import datetime, timedelta

from excudit.domain.errors import NotFound
from excudit.domain.model import SERVICE
from excudit.domain.publication import Publication
from excudit.service import acts
from excudit.service.parts import Parts
from excudit.service.recipients import reminded
from excudit.store import publications, reminders
from excudit.store.database import Connection

LIMIT = 200
"""Publications looked at in one sweep; the next sweep goes on."""


def next_reminder(parts: Parts, publication: Publication) -> datetime | None:
    """When whoever acts next is reminded; None when nobody is, because it waits for no person or
    the site wants no reminders."""
    at = _due_at(parts, publication)
    if at is None:
        return None
    with parts.database.read() as connection:
        return at if reminded(connection, parts, publication) else None


def _due_at(parts: Parts, publication: Publication) -> datetime | None:
    days = parts.settings.site.remind_after_days
    since = publication.reminded_at or publication.waiting_since
    # A date that people set is nothing that stalls.
    if not days or since is None or publication.waits(publications.now()):
        return None
    return since + timedelta(days=days)


def remind(parts: Parts, moment: datetime) -> int:
    """Remind of everything that is due at `moment`; how many publications that were.

    Each in one transaction with its event and mails, so once per period, also with several
    workers and after a crash.
    """
    days = parts.settings.site.remind_after_days
    if not days:
        return 0
    with parts.database.read() as connection:
        found = reminders.waiting(connection, moment - timedelta(days=days), LIMIT)
    return sum(_remind(parts, key, moment) for key in found)


def _remind(parts: Parts, key: str, moment: datetime) -> bool:
    with parts.database.write() as connection:
        try:
            publication = publications.get(connection, key, lock=True)
        except NotFound:
            return False
        due = _due_at(parts, publication)
        if due is not None and due > moment:
            return False  # another worker was first, or it moved on
        # Who needs no reminder is looked at again after as long a time.
        reminders.set_reminded(connection, key, moment)
        if due is None or not reminded(connection, parts, publication):
            return False
        _tell(connection, parts, publication)
        return True


def _tell(connection: Connection, parts: Parts, publication: Publication) -> None:
    since = publication.waiting_since
    details = {"since": since.isoformat() if since else ""}
    acts.tell(connection, parts, publication, actor=SERVICE, action="remind", details=details)
