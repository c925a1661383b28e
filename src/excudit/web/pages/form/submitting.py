"""Submitting a draft: what is missing, and what becomes public where nobody looks at it first."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from excudit.domain.errors import Conflict
from excudit.domain.publication import Publication
from excudit.service import consequences, drafts, findings, prospect, verbs
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.pages.form import show
from excudit.web.pages.form.sections import TARGETS
from excudit.web.public import landing
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)

Key = Annotated[str, Path(max_length=40)]


@ROUTER.get("/publications/{publication}/submit")
def asked(request: Request, parts: Wired, person: SignedIn, publication: Key) -> Response:
    """What becomes public, where, and what can never change; where a person decides about that
    later, the form instead."""
    found = verbs.visible(parts, person.actor, publication)
    consequences.standing(parts, person.actor, found.id, "submit")
    if not consequences.publishes_by_itself(parts, found):
        return shell.go(parts, show.path(found.id, TARGETS))
    return _missing(request, parts, person, found) or _page(request, parts, person, found)


@ROUTER.post("/publications/{publication}/submit")
def submit(
    request: Request, parts: Wired, person: SignedIn, publication: Key, form: Posted
) -> Response:
    """Ask for publication; while something must be mended, all of it on one page instead. What
    would be public by this alone is looked at first."""
    found = verbs.visible(parts, person.actor, publication)
    missing = _missing(request, parts, person, found)
    if missing is not None:
        return missing
    edition = str(form.get("edition", ""))
    if not consequences.publishes_by_itself(parts, found):
        verbs.submit(parts, person.actor, found.id)
    elif not edition.isdecimal():
        consequences.standing(parts, person.actor, found.id, "submit")
        return shell.go(parts, f"/publications/{found.id}/submit")
    else:
        try:
            verbs.submit(parts, person.actor, found.id, edition=int(edition[:18]))
        except Conflict as refused:
            if found.edition == int(edition[:18]):
                raise
            return _page(request, parts, person, found, trouble=refused, status=409)
    shell.say(parts, person, "Submitted. The service freezes and checks it now.")
    return shell.go(parts, f"/publications/{found.id}")


def _missing(request: Request, parts: Parts, person: Person, found: Publication) -> Response | None:
    """The form with all that must be mended; none when nothing must."""
    if not any(f.blocks for f in show.found_in(parts, found, findings.read(found.record))):
        return None
    found = drafts.opened(parts, person.actor, found.id)
    return show.section(request, parts, person, found, TARGETS, submitting=True)


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    found: Publication,
    *,
    trouble: Conflict | None = None,
    status: int = 200,
) -> Response:
    standing = consequences.foreseen(parts, person.actor, found.id)
    values: dict[str, Any] = {
        "publication": standing.publication,
        "standing": standing,
        "people": landing.people(standing.record) if standing.record else {},
        "seen": prospect.as_it_is(parts, person.actor, standing.publication),
        "trouble": trouble,
        "form_path": show.path(found.id, TARGETS),
    }
    return shell.show(request, person, "deciding/submit.html", values, status=status)
