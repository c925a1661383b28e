"""The outbox: mails written in the transaction of their event, sent later, kept for ever."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, not_, select, update
from sqlalchemy.exc import IntegrityError

from excudit.domain.events import Event
from excudit.store import tables as t
from excudit.store.events import is_internal
from excudit.store.publications import now

_LIGHT = ("id", "event", "kind", "recipient", "subject", "status", "sent_at", "error")

HELD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Hold:
    """A mail that waits for others: by what word they find each other, and until when."""

    bundle: str
    until: datetime


def add(
    connection: Connection,
    event: Event,
    *,
    kind: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    why: str = "",
    hold: Hold | None = None,
) -> None:
    """Put a mail in the outbox; one per event and recipient, a second one is dropped.

    With `hold` it waits with those of its recipient's that have the same bundle, all until the
    same moment.
    """
    row = {
        "event": event.id,
        "publication": event.publication,
        "kind": kind,
        "recipient": recipient,
        "subject": subject,
        "text": text,
        "html": html,
        "why": why,
        "status": "held" if hold else "due",
        "bundle": hold.bundle if hold else "",
        "next_try_at": hold.until if hold else now(),
    }
    if hold:
        _put_off(connection, recipient, hold)
    try:
        with connection.begin_nested():
            connection.execute(insert(t.mails), row)
    except IntegrityError:
        return


def _held(recipient: str, bundle: str) -> Any:
    c = t.mails.c
    return (c.recipient == recipient) & (c.bundle == bundle) & (c.status == "held")


def _put_off(connection: Connection, recipient: str, hold: Hold) -> None:
    held = _locked(connection, _held(recipient, hold.bundle))
    if held:
        ids = [row["id"] for row in held]
        change = update(t.mails).where(t.mails.c.id.in_(ids)).values(next_try_at=hold.until)
        connection.execute(change)


def _locked(connection: Connection, which: Any) -> list[dict[str, Any]]:
    # Always in the order of their numbers, or two write units may lock each other out.
    query = select(t.mails).where(which).order_by(t.mails.c.id).with_for_update()
    return [dict(row) for row in connection.execute(query).mappings()]


def any_held(connection: Connection, recipient: str, bundle: str) -> bool:
    """Does anything wait for this recipient in this bundle?"""
    query = select(t.mails.c.id).where(_held(recipient, bundle)).limit(1)
    return connection.execute(query).first() is not None


def due_bundles(connection: Connection, moment: datetime, limit: int) -> list[tuple[str, str]]:
    """Recipient and bundle of what has waited long enough."""
    c = t.mails.c
    query = (
        select(c.recipient, c.bundle)
        .where((c.status == "held") & (c.next_try_at <= moment))
        .group_by(c.recipient, c.bundle)
        .order_by(func.min(c.id))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def open_bundle(
    connection: Connection, recipient: str, bundle: str, moment: datetime
) -> list[dict[str, Any]]:
    """The mails of a bundle whose time has come, each with the `actor` of its event; nobody else
    is given them while the caller's transaction lasts, and none when somebody else was first."""
    due = _held(recipient, bundle) & (t.mails.c.next_try_at <= moment)
    rows = _locked(connection, due)
    query = select(t.events.c.id, t.events.c.actor).where(
        t.events.c.id.in_([row["event"] for row in rows])
    )
    actors = {row[0]: row[1] for row in connection.execute(query)}
    return [{**row, "actor": actors[row["event"]]} for row in rows]


def close_bundle(
    connection: Connection,
    mails: Sequence[int],
    *,
    due: datetime,
    subject: str,
    text: str,
    html: str,
    why: str,
) -> None:
    """The first of these mails carries all, and the others go out in it."""
    first, *others = mails
    c = t.mails.c
    whole = {"subject": subject, "text": text, "html": html, "why": why}
    connection.execute(
        update(t.mails).where(c.id == first).values(status="due", next_try_at=due, **whole)
    )
    connection.execute(
        update(t.mails).where(c.id.in_(others)).values(status="bundled", next_try_at=None)
    )


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


def listed(
    connection: Connection,
    publication: str,
    *,
    internal: bool = True,
    events: Collection[int] | None = None,
    after: int = 0,
    before: int | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Mails of a publication without their texts, first to last: those of some events, those after
    a number; with `before` the last ones before that number, newest first. Without `internal`
    those of what is among reviewers only are left out."""
    c = t.mails.c
    query = select(*(c[name] for name in _LIGHT)).where(c.publication == publication, c.id > after)
    if not internal:
        query = query.join(t.events, t.events.c.id == c.event).where(not_(is_internal()))
    if events is not None:
        query = query.where(c.event.in_(events))
    if before is not None:
        query = query.where(c.id < before)
    order = c.id if before is None else c.id.desc()
    return [dict(row) for row in connection.execute(query.order_by(order).limit(limit)).mappings()]


def of(connection: Connection, publication: str) -> list[dict[str, Any]]:
    """All mails of a publication, first to last."""
    rows = connection.execute(
        select(t.mails).where(t.mails.c.publication == publication).order_by(t.mails.c.id)
    ).mappings()
    return [dict(row) for row in rows]
