"""The first page after signing in: what waits, what runs, what is one's own."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.service import queries
from excudit.web.identity import Wired
from excudit.web.pages import shell
from excudit.web.visitors import SignedIn

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/desk")
def desk(request: Request, parts: Wired, person: SignedIn) -> Response:
    """What waits for this person, and their own publications."""
    mine = queries.listing(parts, person.actor, limit=20)
    rows = [queries.brief(parts, p) for p in mine]
    return shell.show(request, person, "desk.html", {"rows": rows})
