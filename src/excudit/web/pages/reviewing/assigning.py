"""Who reviews it: claimed, given to another, given back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Rejected
from excudit.domain.publication import Publication
from excudit.service import acts, assigning
from excudit.service.parts import Parts
from excudit.store import publications
from excudit.web import shell
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.reviewing import asked
from excudit.web.pages.reviewing.review import names
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/publications/{publication}/assign")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """Everybody who may review it, and nobody."""
    found = visible(parts, person.actor, publication)
    with parts.database.read() as connection:
        roles = acts.roles_of(connection, person.actor, found)
    permissions.require("assign", found.state, roles)
    return _page(request, parts, person, found)


@ROUTER.post("/publications/{publication}/assign")
def assign(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Give it to the one that was chosen, when the reviewer still is the one that was seen."""
    found = visible(parts, person.actor, publication)
    reviewer = asked.cleaned(asked.text(form, "reviewer"))
    seen = asked.cleaned(asked.text(form, "seen")) if "seen" in form else None
    try:
        after = assigning.assign(parts, person.actor, found.id, reviewer, seen=seen)
    except (Conflict, Rejected) as refused:
        with parts.database.read() as connection:
            now = publications.get(connection, found.id)
        return _page(request, parts, person, now, refused=refused, chosen=reviewer)
    shell.say(parts, person, _said(parts, person, after))
    return shell.go(parts, f"/publications/{found.id}/review")


def _said(parts: Parts, person: Person, after: Publication) -> str:
    if after.reviewer == person.actor.name:
        return "You review it now."
    if not after.reviewer:
        return "Nobody reviews it now."
    return f"{names(parts, after.reviewer)[after.reviewer]} reviews it now."


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    found: Publication,
    *,
    refused: Conflict | Rejected | None = None,
    chosen: str | None = None,
) -> Response:
    able = assigning.choices(parts, found)
    values = {
        "publication": found,
        "options": [("", "Nobody"), *((name, words or name) for name, words in able.items())],
        "chosen": chosen if chosen is not None else found.reviewer or person.actor.name,
        "called": names(parts, found.reviewer),
        "refused": refused,
        "failed": refused is not None,
    }
    status = 200 if refused is None else 409 if isinstance(refused, Conflict) else 422
    return shell.show(request, person, "review_assign.html", values, status=status)
