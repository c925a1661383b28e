"""From the outbox to the mail server: who is due, what to do after each answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

from excudit.domain.errors import ExcuditError, Permanent, Rejected, Unavailable
from excudit.service.mail.compose import Composed
from excudit.service.mail.message import as_message, domain, message_id, thread_id
from excudit.service.mail.relay import Relay
from excudit.settings import Mail

BATCH = 50
"""Mails taken from the outbox at a time."""
TIMEOUT_S = 20.0
BUDGET_S = 60.0
WAITS: tuple[timedelta, ...] = (
    *(timedelta(minutes=2**n) for n in range(9)),
    *(timedelta(hours=6) for _ in range(11)),
)
"""How long to wait after each temporary failure: 1 minute, doubled up to about 4 hours, then
every 6 hours; together a little over 3 days."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One row of the outbox: one mail to one recipient.

    `id` never changes, `thread` is the key of the publication, `attempts` counts the earlier
    tries that failed.
    """

    id: int
    event: str
    recipient: str
    subject: str
    text: str
    html: str
    thread: str
    attempts: int = 0


class Outbox(Protocol):
    """What the store promises about the mails that wait."""

    def due(self, now: datetime, limit: int) -> Sequence[Outgoing]:
        """Mails neither sent nor given up whose next try is not after `now`, oldest first.

        What one caller was handed, no other is handed for the next few minutes (longer than
        `BUDGET_S`); a mail of which the caller says nothing is due again after that.
        """
        ...

    def sent(self, id: int) -> None:  # noqa: A002
        """The mail server has taken it. Idempotent."""
        ...

    def failed(self, id: int, error_words: str, next_try: datetime | None) -> None:  # noqa: A002
        """It was not taken: count the attempt, keep the words, try again at `next_try`; None =
        given up, and operators see it."""
        ...


def send_due(
    outbox: Outbox,
    mail: Mail,
    *,
    now: datetime,
    timeout_s: float = TIMEOUT_S,
    budget_s: float = BUDGET_S,
    stop: threading.Event | None = None,
) -> int:
    """Send what is due, at most `BATCH` mails over one connection; the number that was taken.

    Whatever the mail server does, this takes about `budget_s` seconds at most and raises nothing:
    each failure goes to the outbox. Without `mail.host` nothing is taken from the outbox. `stop`
    ends it between two mails. A mail leaves once; only when the connection breaks before the
    server's answer is it sent again, under the same Message-ID.
    """
    if not mail.host:
        return 0
    sent = 0
    due = outbox.due(now, BATCH)
    with Relay(mail, timeout_s=timeout_s, budget_s=budget_s) as relay:
        for outgoing in due:
            if relay.spent or (stop is not None and stop.is_set()):
                break
            sent += _send(outbox, relay, mail, outgoing, now)
    return sent


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` earlier failures and one more now; None = give up."""
    return now + WAITS[attempts] if attempts < len(WAITS) else None


def _send(outbox: Outbox, relay: Relay, mail: Mail, outgoing: Outgoing, now: datetime) -> bool:
    try:
        relay.deliver(_message(mail, outgoing, now))
    except ExcuditError as error:
        again = None if isinstance(error, Permanent) else next_try(outgoing.attempts, now)
        outbox.failed(outgoing.id, f"{error.message} {error.remote}".strip(), again)
        return False
    outbox.sent(outgoing.id)
    return True


def _message(mail: Mail, outgoing: Outgoing, now: datetime) -> EmailMessage:
    try:
        domain(mail.sender)
    except Rejected as error:
        # The operator's mistake: no mail is given up for it.
        raise Unavailable(
            "The setting mail.sender cannot be used.", remote=error.message
        ) from error
    return as_message(
        Composed(outgoing.subject, outgoing.text, outgoing.html),
        mail.sender,
        outgoing.recipient,
        message_id(outgoing.id, outgoing.thread, mail.sender),
        thread_id(outgoing.thread, mail.sender),
        date=now,
    )
