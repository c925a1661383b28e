"""The first page after signing in: what waits, what runs, what is one's own."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from excudit.domain.lifecycle import STATE_WORDS
from excudit.service import desk as desks
from excudit.service import queue
from excudit.store.publications import now
from excudit.web import shell
from excudit.web.api import cursors
from excudit.web.identity import Wired
from excudit.web.visitors import SignedIn

ROUTER = APIRouter(include_in_schema=False)
LIMIT = 50


@ROUTER.get("/desk")
def desk(request: Request, parts: Wired, person: SignedIn) -> Response:
    """What waits for this person, and their own publications."""
    found = desks.of(parts, person.actor)
    values = {"desk": found, "figures": _figures(found), "state_words": STATE_WORDS}
    return shell.show(request, person, "desk.html", values)


def _figures(found: desks.Desk) -> dict[str, Any] | None:
    """The reviewers' numbers as they are read: counts end at a thousand, ages are days."""
    if found.queue is None:
        return None
    oldest: Any = found.queue["oldest"]
    counts = {k: int(str(found.queue[k])) for k in ("unassigned", "mine")}
    shown = {k: str(n) if n <= queue.COUNTED else f"> {queue.COUNTED}" for k, n in counts.items()}
    return {**shown, "days": (now() - oldest).days if oldest else None}


@ROUTER.get("/desk/mine")
def mine(
    request: Request,
    parts: Wired,
    person: SignedIn,
    state: Annotated[str, Query(max_length=40)] = "",
    title: Annotated[str, Query(max_length=200)] = "",
    hidden: Annotated[str, Query(max_length=5)] = "",
    after: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """All publications of this person, newest change first."""
    archived = hidden == "yes"
    rows, more = desks.mine(
        parts,
        person.actor,
        state=state,
        archived=archived,
        title=title.replace("\x00", ""),
        after=cursors.moment_and_id(after) if after else None,
        limit=LIMIT,
    )
    asked = {"state": state if state in STATE_WORDS else "", "title": title.strip()}
    asked = {k: v for k, v in {**asked, "hidden": "yes" if archived else ""}.items() if v}
    last = rows[-1].publication if rows else None
    place = cursors.write(last.updated_at, last.id) if last and more else ""
    values = {
        "rows": rows,
        "asked": asked,
        "first": _address(asked) if after else "",
        "next": _address({**asked, "after": place}) if place else "",
        "state_words": STATE_WORDS,
    }
    return shell.show(request, person, "desk-mine.html", values)


def _address(asked: dict[str, str]) -> str:
    return "?" + urlencode(asked)
