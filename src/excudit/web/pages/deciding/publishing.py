"""Publishing: the one page before what cannot be taken back, and the button."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Conflict
from excudit.service import consequences, schedule, verbs
from excudit.service.consequences import Standing
from excudit.service.parts import Parts
from excudit.store import publications
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.deciding import frame
from excudit.web.public import landing
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/publications/{publication}/publish")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """What becomes public, where, and what can never change."""
    found = visible(parts, person.actor, publication)
    return _page(request, parts, person, found.id)


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    *,
    trouble: str = "",
    status: int = 200,
) -> Response:
    def values(standing: Standing) -> dict[str, Any]:
        waits = standing.publication.waits(publications.now())
        return {
            "template": "deciding/publish.html",
            "trouble": trouble,
            "people": landing.people(standing.record) if standing.record else {},
            "waits": waits,
            "lifting": waits and schedule.goes_at_once(parts, standing.publication),
            "blocked": bool(standing.drifted or standing.missing),
        }

    return frame.look(request, parts, person, publication, "publish", values, status=status)


@ROUTER.post("/publications/{publication}/publish")
def publish(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Start it once, however often it is pressed; `digest` is that of the page that was read."""
    found = visible(parts, person.actor, publication)
    digest = frame.typed(form, "digest")
    if not digest:
        why = "The page was not complete. Look at what becomes public, then press again."
        return _page(request, parts, person, found.id, trouble=why, status=422)
    try:
        if frame.typed(form, "lift"):
            schedule.publish_now(parts, person.actor, found.id, digest=digest)
        else:
            verbs.publish(parts, person.actor, found.id, digest=digest)
    except Conflict as refused:
        if consequences.done_already(parts, found.id, "publish"):
            return frame.twice(parts, person, found.id, "publish", refused)
        return _page(request, parts, person, found.id, trouble=refused.message, status=409)
    return frame.told(parts, person, found.id, "Publishing has begun.")
