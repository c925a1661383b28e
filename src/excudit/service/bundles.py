"""Several mails that go out as one: a daily digest, a bulk action, what was said in a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from excudit.service.letters import DECISIONS, DIGEST
from excudit.service.mail import EVENTS, Composed, bundle
from excudit.settings import Site
from excudit.store import collaborators, mails
from excudit.store.database import Connection, Database

LIMIT = 200

Row = Mapping[str, Any]


def close_due(database: Database, site: Site, moment: datetime) -> int:
    """Make one mail of each bundle whose time has come; how many there were.

    Each in a transaction of its own and exactly once, whatever crashes and however many workers
    there are: the first mail of a bundle then carries all and is due, the others are done.
    """
    with database.read() as connection:
        due = mails.due_bundles(connection, moment, LIMIT)
    return sum(_close(database, site, *one, moment) for one in due)


def _close(database: Database, site: Site, recipient: str, word: str, moment: datetime) -> bool:
    with database.write() as connection:
        rows = mails.open_bundle(connection, recipient, word, moment)
        if not rows:
            return False  # another worker was first
        # The decision of a review comes before what was said on the way to it.
        rows.sort(key=lambda row: (word != DIGEST and row["kind"] not in DECISIONS, row["id"]))
        why = _why(rows, word)
        made = bundle(
            _subject(rows, word),
            _lead(connection, site, rows, word),
            [Composed(row["subject"], row["text"], row["html"]) for row in rows],
            site=site,
            recipient=recipient,
            why=why,
        )
        mails.close_bundle(
            connection,
            [row["id"] for row in rows],
            due=moment,
            subject=made.subject,
            text=made.text,
            html=made.html,
            why=why[:300],
        )
    return True


def _subject(rows: Sequence[Row], word: str) -> str:
    if word == DIGEST:
        return f"Daily digest: {_messages(len(rows))}"
    kinds = {row["kind"] for row in rows}
    if len(rows) == 1 or word.startswith("talk:"):
        return str(rows[0]["subject"])
    if len(kinds) > 1:
        return f"{_messages(len(rows))} about one decision"
    title = f"{len(rows)} publications"
    plain = dict.fromkeys((key.name for key in EVENTS[rows[0]["kind"]].keys), "")
    return EVENTS[rows[0]["kind"]].subject.format_map({**plain, "title": title})


def _lead(connection: Connection, site: Site, rows: Sequence[Row], word: str) -> str:
    """The first line; "" where that of the first part is it."""
    if word == DIGEST:
        return f"{site.name} has {_messages(len(rows))} for you."
    if len(rows) == 1 or word.startswith("talk:"):
        return ""
    actor = rows[0]["actor"]
    called = collaborators.full_names(connection, [actor]).get(actor, actor)
    return f"{called} acted on {len(rows)} publications at once."


def _messages(count: int) -> str:
    return f"{count} message" if count == 1 else f"{count} messages"


def _why(rows: Sequence[Row], word: str) -> str:
    if word == DIGEST:
        return "you chose to get such mails once a day"
    return " and ".join(dict.fromkeys(row["why"] for row in rows))
