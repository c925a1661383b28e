"""The stored outbox as the mail sender sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from excudit.service.mail.send import Outgoing
from excudit.store import mails
from excudit.store.database import Database


class StoredOutbox:
    """`service.mail.send.Outbox` on the table of mails; each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime, limit: int) -> Sequence[Outgoing]:
        """Mails to send now; nobody else is handed them for a few minutes."""
        with self._database.read() as connection:
            if not mails.any_due(connection, now):
                return []
        with self._database.write() as connection:
            return [
                Outgoing(
                    id=m["id"],
                    event=m["kind"],
                    recipient=m["recipient"],
                    subject=m["subject"],
                    text=m["text"],
                    html=m["html"],
                    thread=m["publication"],
                    attempts=m["attempts"],
                )
                for m in mails.take_due(connection, now, limit)
            ]

    def sent(self, id: int) -> None:  # noqa: A002 -- the protocol's name
        """The mail server has taken it."""
        with self._database.write() as connection:
            mails.sent(connection, id)

    def failed(self, id: int, error_words: str, next_try: datetime | None) -> None:  # noqa: A002
        """The mail server has not taken it."""
        with self._database.write() as connection:
            mails.failed(connection, id, error_words, next_try)
