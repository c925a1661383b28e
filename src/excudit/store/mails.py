"""The outbox: mails written in the transaction of their event, sent later, kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from excudit.domain.events import Event
from excudit.store import tables as t
from excudit.store.publications import now

HELD = timedelta(minutes=5)


def add(
    connection: Connection,
    event: Event,
    *,
    kind: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
) -> None:
    """Put a mail in the outbox; one per event and recipient, a second one is dropped."""
    row = {
        "event": event.id,
        "publication": event.publication,
        "kind": kind,
        "recipient": recipient,
        "subject": subject,
        "text": text,
        "html": html,
        "status": "due",
        "next_try_at": now(),
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(t.mails), row)
    except IntegrityError:
        return


def _due(moment: datetime) -> Any:
    c = t.mails.c
    return (c.status == "due") & (c.next_try_at <= moment)


def any_due(connection: Connection, moment: datetime) -> bool:
    """Is there any mail to send now?"""
    query = select(t.mails.c.id).where(_due(moment)).limit(1)
    return connection.execute(query).first() is not None


def take_due(connection: Connection, moment: datetime, limit: int) -> list[dict[str, Any]]:
    """Mails to send now, oldest first; for `HELD` nobody else is given them."""
    query = select(t.mails).where(_due(moment)).order_by(t.mails.c.id).limit(limit)
    rows = connection.execute(query.with_for_update(skip_locked=True)).mappings().all()
    ids = [row["id"] for row in rows]
    connection.execute(
        update(t.mails).where(t.mails.c.id.in_(ids)).values(next_try_at=moment + HELD)
    )
    return [dict(row) for row in rows]


def sent(connection: Connection, mail: int) -> None:
    """The server took it."""
    connection.execute(
        update(t.mails)
        .where(t.mails.c.id == mail)
        .values(status="sent", sent_at=now(), attempts=t.mails.c.attempts + 1, error="")
    )


def failed(connection: Connection, mail: int, error: str, next_try: datetime | None) -> None:
    """The server refused it; without a next try it is given up and shown to operators."""
    connection.execute(
        update(t.mails)
        .where(t.mails.c.id == mail)
        .values(
            status="due" if next_try else "failed",
            next_try_at=next_try,
            attempts=t.mails.c.attempts + 1,
            error=error,
        )
    )


def last_told(connection: Connection, publication: str, kinds: Sequence[str]) -> set[str]:
    """Who got the mails of the last event that caused one of these kinds."""
    such = (t.mails.c.publication == publication) & t.mails.c.kind.in_(kinds)
    last = select(func.max(t.mails.c.event)).where(such).scalar_subquery()
    query = select(t.mails.c.recipient).where(t.mails.c.event == last)
    return set(connection.execute(query).scalars())


def of(connection: Connection, publication: str) -> list[dict[str, Any]]:
    """All mails of a publication, first to last."""
    rows = connection.execute(
        select(t.mails).where(t.mails.c.publication == publication).order_by(t.mails.c.id)
    ).mappings()
    return [dict(row) for row in rows]
