"""Approve, return and reject: each on a page of its own that says what happens next."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain import lifecycle
from excudit.domain.errors import Conflict
from excudit.domain.publication import Publication
from excudit.service import acts, consequences, verbs, wording
from excudit.service.parts import Parts
from excudit.store import publications, snapshots
from excudit.web import shell
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.reviewing import asked
from excudit.web.pages.reviewing.review import names
from excudit.web.public import landing
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
MISSING = {
    "return": "Say what is to be changed: the authors read it, and the history keeps it.",
    "reject": "Say why it is not accepted: the authors read it, and the history keeps it.",
}
DONE = {
    "approve": "Approved: {title}",
    "return": "Returned to {name}: {title}",
    "reject": "Rejected: {title}",
}


@ROUTER.get("/publications/{publication}/approve")
def to_approve(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """What approving means, and for which digest."""
    return _asked(request, parts, person, publication, "approve")


@ROUTER.get("/publications/{publication}/return")
def to_return(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """What returning means; the reason is asked for."""
    return _asked(request, parts, person, publication, "return")


@ROUTER.get("/publications/{publication}/reject")
def to_reject(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """What rejecting means; the reason is asked for."""
    return _asked(request, parts, person, publication, "reject")


def _asked(
    request: Request, parts: Parts, person: Person, publication: str, action: str
) -> Response:
    found = visible(parts, person.actor, publication)
    with parts.database.read() as connection:
        # The reason is asked for on this very page.
        now = acts.situation(connection, parts, found, person.actor, reason="asked")
        lifecycle.step(action, now, acts.roles_of(connection, person.actor, found))
        wording.require(parts, connection, found, action)
    seen = str(request.query_params.get("digest", ""))[:64]
    return _page(request, parts, person, found, action, {"digest": seen})


@ROUTER.post("/publications/{publication}/approve")
def approve(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Approve exactly what was seen; 409 with both digests when it is another by now."""
    found = visible(parts, person.actor, publication)
    typed = {"reason": asked.text(form, "reason"), "digest": asked.text(form, "digest")[:64]}
    if error := asked.wrong(typed["reason"]):
        return _page(request, parts, person, found, "approve", typed, error=error, status=422)
    try:
        verbs.approve(
            parts, person.actor, found.id, digest=typed["digest"], reason=typed["reason"].strip()
        )
    except Conflict as conflict:
        return _conflict(request, parts, person, found, "approve", typed, conflict)
    return _done(parts, person, found, "approve")


@ROUTER.post("/publications/{publication}/return")
def give_back(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Return what was seen, with a reason; 409 with both digests when it is another by now."""
    return _turn_down(request, parts, person, publication, form, "return")


@ROUTER.post("/publications/{publication}/reject")
def reject(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Reject what was seen, with a reason; 409 with both digests when it is another by now."""
    return _turn_down(request, parts, person, publication, form, "reject")


def _turn_down(
    request: Request, parts: Parts, person: Person, publication: str, form: Posted, action: str
) -> Response:
    found = visible(parts, person.actor, publication)
    typed = {"reason": asked.text(form, "reason"), "digest": asked.text(form, "digest")[:64]}
    if error := asked.wrong(typed["reason"], required=MISSING[action]):
        return _page(request, parts, person, found, action, typed, error=error, status=422)
    try:
        reason, digest = typed["reason"].strip(), typed["digest"]
        verbs.turn_down(parts, person.actor, found.id, action, reason, digest=digest)
    except Conflict as conflict:
        return _conflict(request, parts, person, found, action, typed, conflict)
    return _done(parts, person, found, action)


def _conflict(
    request: Request,
    parts: Parts,
    person: Person,
    found: Publication,
    action: str,
    typed: dict[str, str],
    conflict: Conflict,
) -> Response:
    """What was typed is kept, with what stands now beside what was seen."""
    with parts.database.read() as connection:
        now = publications.get(connection, found.id)
    return _page(request, parts, person, now, action, typed, conflict=conflict, status=409)


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    found: Publication,
    action: str,
    typed: dict[str, str],
    *,
    error: str = "",
    conflict: Conflict | None = None,
    status: int = 200,
) -> Response:
    with parts.database.read() as connection:
        frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
        own = acts.is_author(connection, person.actor.name, found)
    route = parts.settings.routes.get(found.route)
    present = frozen.digest if frozen else ""
    values: dict[str, Any] = {
        "publication": found,
        "action": action,
        "label": _label(parts, found, action),
        "reason": typed.get("reason", ""),
        "seen": typed.get("digest") or present,
        "present": present,
        "frozen": frozen,
        "route": route,
        "own": own,
        "called": names(parts, found.owner, found.reviewer),
        "error": error,
        "conflict": conflict,
        "failed": status != 200,
        **(_public(parts, found) if action == "approve" else {"publishes": False}),
    }
    return shell.show(request, person, "review_decide.html", values, status=status)


def _label(parts: Parts, found: Publication, action: str) -> str:
    own = next(t.label for t in lifecycle.TRANSITIONS if t.action == action)
    return wording.button(parts, found.route, action, own)


def _done(parts: Parts, person: Person, found: Publication, action: str) -> Response:
    name = names(parts, found.owner)[found.owner]
    shell.say(parts, person, DONE[action].format(title=found.title or found.id, name=name))
    return shell.go(parts, "/queue")


def _public(parts: Parts, found: Publication) -> dict[str, Any]:
    """What the approval makes public, where it does so at once."""
    standing = consequences.as_it_is(parts, found.id)
    return {
        "publishes": consequences.approval_publishes(parts, found),
        "standing": standing,
        "people": landing.people(standing.record) if standing.record else {},
        "waits": found.waits(publications.now()),
    }
