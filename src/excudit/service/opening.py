"""Opening the landing page, and turning it into a tombstone."""

from __future__ import annotations

from excudit.domain.errors import Unavailable
from excudit.engine.step import Call
from excudit.service.frozen import snapshot_of
from excudit.service.parts import Parts
from excudit.store import publications, runs
from excudit.store.database import storing


def open_page(parts: Parts, call: Call) -> dict[str, str]:
    """Open the landing page and look at it as a stranger."""
    publication, snapshot = snapshot_of(parts, call.subject)
    if not publication.page_open:
        with storing(), parts.database.write() as connection:
            publications.change(connection, call.subject, page_open=True)
    _stranger_sees(parts, snapshot.landing_url, snapshot.doi)
    return {"url": snapshot.landing_url}


def _stranger_sees(parts: Parts, url: str, words: str) -> None:
    status, text = parts.look_at(url)
    if status != 200 or words not in text:
        raise Unavailable(
            f"The landing page {url} does not answer to a stranger as it should (HTTP {status}).",
            hint="Check that `excudit serve` or `excudit web` runs, and site.base_url.",
        )


def close_page(parts: Parts, call: Call) -> None:
    with parts.database.write() as connection:
        publications.change(connection, call.subject, page_open=False)


def _reason(parts: Parts, call: Call) -> str:
    with parts.database.read() as connection:
        run = runs.get(connection, call.run)
    return str(run["given"].get("reason", "")) if run else ""


def bury(parts: Parts, call: Call) -> None:
    """Turn the landing page into a tombstone, and look at it as a stranger."""
    publication, snapshot = snapshot_of(parts, call.subject)
    reason = _reason(parts, call)
    if publication.withdrawn_at is None:
        with parts.database.write() as connection:
            publications.change(
                connection,
                call.subject,
                withdrawn_at=publications.now(),
                withdrawn_reason=reason,
            )
    _stranger_sees(parts, snapshot.landing_url, snapshot.doi)
