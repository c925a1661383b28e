"""What the tests of sending share: an outbox in memory, and the way to the sandbox's mailbox."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from excudit.sandbox.smtp import Mailbox
from excudit.service.mail import COMMON, EVENTS, Outgoing, compose
from excudit.settings import Mail, Site

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Table:
    """An outbox in memory that keeps what the protocol promises."""

    def __init__(self, *rows: Outgoing) -> None:
        self.rows = {row.id: row for row in rows}
        self.next_try: dict[int, datetime | None] = dict.fromkeys(self.rows, NOW)
        self.attempts = dict.fromkeys(self.rows, 0)
        self.words: dict[int, str] = {}
        self.sent_rows: list[int] = []
        self.changed = threading.Condition()

    def add(self, row: Outgoing) -> None:
        with self.changed:
            self.rows[row.id] = row
            self.next_try[row.id] = NOW
            self.attempts[row.id] = 0

    def due(self, now: datetime, limit: int) -> list[Outgoing]:
        with self.changed:
            when = {id_: at for id_, at in self.next_try.items() if at is not None and at <= now}
            return [
                Outgoing(**{**_members(self.rows[id_]), "attempts": self.attempts[id_]})
                for id_ in sorted(when)
            ][:limit]

    def sent(self, id: int) -> None:  # noqa: A002
        with self.changed:
            self.sent_rows.append(id)
            self.next_try[id] = None
            self.changed.notify_all()

    def failed(self, id: int, error_words: str, next_try: datetime | None) -> None:  # noqa: A002
        with self.changed:
            self.attempts[id] += 1
            self.next_try[id] = next_try
            self.words[id] = error_words
            self.changed.notify_all()

    def wait_for_sent(self, *ids: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: set(ids) <= set(self.sent_rows), timeout=20)


def _members(row: Outgoing) -> dict[str, object]:
    return {name: getattr(row, name) for name in Outgoing.__slots__}


def row(number: int = 1, recipient: str = "Ada <ada@sandbox.example>") -> Outgoing:
    event = list(EVENTS.values())[number % len(EVENTS)]
    context = {key.name: key.example for key in (*COMMON, *event.keys)}
    made = compose(event.name, context, site=Site(), recipient=recipient)
    return Outgoing(
        number, event.name, recipient, made.subject, made.text, made.html, f"pub-{number}"
    )


def to(mailbox: Mailbox, **changes: object) -> Mail:
    return Mail.model_validate(
        {
            "host": "127.0.0.1",
            "port": mailbox.smtp_port,
            "sender": "excudit <excudit@sandbox.example>",
        }
        | changes
    )
