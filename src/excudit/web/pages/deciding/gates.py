"""Answering for people outside: the question, since when it waits, and what follows from each
answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain import permissions
from excudit.domain.errors import Conflict
from excudit.service import acts, gates
from excudit.service.parts import Parts
from excudit.store import publications
from excudit.store.gates import Asked
from excudit.web import shell
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.deciding import frame
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
MISSING = "Give a reason for a no: the owner reads it."
CHOOSE = "Choose one of the two answers."


@ROUTER.get("/publications/{publication}/gates/{gate}")
def page(request: Request, parts: Wired, person: SignedIn, publication: str, gate: str) -> Response:
    """The question, and both answers."""
    found = visible(parts, person.actor, publication)
    return _page(request, parts, person, found.id, gate)


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    key: str,
    *,
    typed: dict[str, Any] | None = None,
) -> Response:
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        roles = acts.roles_of(connection, person.actor, found)
        permissions.require("answer", found.state, roles)
    asked = _open(parts, publication, key)
    route = parts.settings.routes.get(found.route)
    values = {
        "publication": found,
        "gate": asked,
        "target": parts.settings.target_title(gates.target_of(key)) if asked else "",
        "url": route.quality.url if route and route.quality and key == gates.QUALITY else "",
        "reversible": found.state != "published" and not gates.past_final(parts, asked),
        "reason": "",
        "verdict": "",
        "errors": [],
        **(typed or {}),
    }
    status = 422 if values["errors"] else 200
    return shell.show(request, person, "deciding/gate.html", values, status=status)


def _open(parts: Parts, publication: str, key: str) -> Asked:
    found = [g for g in gates.of(parts, publication) if g.key == key and g.open]
    if not found:
        raise Conflict("Nobody asks this now.", hint="The publication's page tells how it stands.")
    return found[-1]


@ROUTER.post("/publications/{publication}/gates/{gate}")
def answer(
    request: Request,
    parts: Wired,
    person: SignedIn,
    publication: str,
    gate: str,
    form: Posted,
) -> Response:
    """Record the answer; with what was typed kept where something is missing."""
    found = visible(parts, person.actor, publication)
    verdict, reason = frame.typed(form, "verdict"), frame.typed(form, "reason").strip()
    missing = MISSING if verdict == "rejected" else ""
    wrong = frame.wrong_text(reason, frame.LONGEST_REASON, missing=missing)
    errors = [("reason", wrong)] if wrong else []
    if verdict not in ("accepted", "rejected"):
        errors.insert(0, ("verdict", CHOOSE))
    if errors:
        typed = {"reason": reason, "verdict": verdict, "errors": errors}
        return _page(request, parts, person, found.id, gate, typed=typed)
    gates.answer(parts, person.actor, found.id, gate, yes=verdict == "accepted", words=reason)
    return frame.told(parts, person, found.id, "The answer is recorded.")
