"""How long a session lasts, and making it last: for the script that warns before the end."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from excudit.service.parts import Parts
from excudit.store import sessions
from excudit.store.publications import now
from excudit.store.sessions import Session
from excudit.web.identity import Wired
from excudit.web.visitors import COOKIE, Posted, SignedIn, lasts

ROUTER = APIRouter(include_in_schema=False)
_FRESH = {"Cache-Control": "no-store"}


@ROUTER.get("/sign-in/session")
def session(request: Request, parts: Wired) -> Response:
    """Seconds until this browser's session ends, its person and its mark. Looking prolongs
    nothing: a page that lies open would never end."""
    with parts.database.read() as connection:
        found = sessions.find(connection, request.cookies.get(COOKIE, ""))
    if found is None or found.actor is None:
        return JSONResponse({"ends_in": 0, "person": "", "csrf": ""}, headers=_FRESH)
    return _told(found, (found.expires_at - now()).total_seconds())


@ROUTER.post("/sign-in/extend")
def extend(parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Stay signed in; the answer as of `session`. The end of the longest session stays."""
    return _told(person.session, prolonged(parts, person.session))


def prolonged(parts: Parts, found: Session) -> float:
    """Prolong the session; the seconds that it has now."""
    with parts.database.write() as connection:
        ends = sessions.prolong(connection, found, lasts(parts))
    return (ends - now()).total_seconds()


def _told(found: Session, seconds: float) -> Response:
    name = found.actor.name if found.actor else ""
    body = {"ends_in": max(0, int(seconds)), "person": name, "csrf": found.csrf}
    return JSONResponse(body, headers=_FRESH)
