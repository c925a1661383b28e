"""What is done from the page itself: collaborators, and hiding from one's own list."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Conflict, NotFound, Rejected
from excudit.domain.sentence import Sentence
from excudit.service import beginnings, overview, talk
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.pages.publication import frame, front
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.post("/publications/{publication}/collaborators")
def add(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Let somebody work on it; back with what was typed when there is nobody of that name."""
    found = frame.found(parts, person, publication)
    typed = str(form.get("who", ""))
    try:
        user = talk.collaborate(parts, person.actor, found.id, typed)
    except (NotFound, Conflict, Rejected) as refused:
        first = refused.problems[0].message if refused.problems else refused.message
        error = f"{first} {refused.hint}".strip()
        seen = overview.overview(parts, person.actor, found.id)
        values = front.of_overview(parts, person.actor, seen, typed=typed[:400], error=error)
        values |= {"here": f"/publications/{found.id}"}
        status = 409 if isinstance(refused, Conflict) else 422
        return shell.show(request, person, "publication/overview.html", values, status=status)
    shell.say(parts, person, Sentence("%(user)s works on this with you now.", user=user))
    return shell.go(parts, f"/publications/{found.id}")


@ROUTER.post("/publications/{publication}/collaborators/remove")
def remove(parts: Wired, person: SignedIn, publication: str, form: Posted) -> Response:
    """Let somebody no longer work on it; who leaves by themselves sees it no more."""
    found = frame.found(parts, person, publication)
    user = str(form.get("user", ""))[:200]
    talk.leave_out(parts, person.actor, found.id, user)
    shell.say(parts, person, Sentence("%(user)s does not work on this any more.", user=user))
    return shell.go(parts, "/desk" if user == person.actor.name else f"/publications/{found.id}")


@ROUTER.post("/publications/{publication}/archive")
def archive(parts: Wired, person: SignedIn, publication: str, form: Posted) -> Response:
    """Hide it from the owner's own list."""
    return _archived(parts, person, publication, archived=True)


@ROUTER.post("/publications/{publication}/unarchive")
def unarchive(parts: Wired, person: SignedIn, publication: str, form: Posted) -> Response:
    """Show it in the owner's own list again."""
    return _archived(parts, person, publication, archived=False)


def _archived(parts: Parts, person: Person, publication: str, *, archived: bool) -> Response:
    found = frame.found(parts, person, publication)
    talk.archive(parts, person.actor, found.id, archived=archived)
    shown = "It is hidden from your list." if archived else "It is in your list again."
    shell.say(parts, person, shown)
    return shell.go(parts, f"/publications/{found.id}")


@ROUTER.post("/publications/{publication}/copy")
def copy(parts: Wired, person: SignedIn, publication: str, form: Posted) -> Response:
    """A new draft with this one's record, and on to it."""
    found = frame.found(parts, person, publication)
    made = beginnings.copy(parts, person.actor, found.id)
    shell.say(parts, person, "This is the copy: a draft of its own.")
    return shell.go(parts, f"/publications/{made.id}")
