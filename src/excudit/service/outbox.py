"""The stored outbox as the mail sender sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from excudit.service.bundles import close_due
from excudit.service.letters import DIGEST
from excudit.service.mail.send import Outgoing
from excudit.settings import Site
from excudit.store import mails
from excudit.store.database import Database


class StoredOutbox:
    """`service.mail.send.Outbox` on the table of mails; each call is one transaction."""

    def __init__(self, database: Database, site: Site) -> None:
        self._database = database
        self._site = site

    def due(self, now: datetime, limit: int) -> Sequence[Outgoing]:
        """Mails to send now; nobody else is handed them for a few minutes."""
        close_due(self._database, self._site, now)
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
                    thread=_thread(m),
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


def _thread(mail: Mapping[str, Any]) -> str:
    """All mails of a publication are one thread; what is about several is in none of theirs."""
    word = str(mail["bundle"])
    return word if word == DIGEST or word.startswith("bulk:") else str(mail["publication"])
