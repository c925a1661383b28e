"""The thread of a publication: one for all rounds, append-only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Rejected
from excudit.domain.sentence import Sentence
from excudit.service import acts, talk
from excudit.service.parts import Parts
from excudit.web import shell, weight
from excudit.web.identity import Wired
from excudit.web.pages.publication import frame
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
PER_PAGE = 100
IDS = {"/text": "text", "/field": "field"}


@ROUTER.get("/publications/{publication}/discussion")
def discussion(
    request: Request, parts: Wired, person: SignedIn, publication: str, after: str = ""
) -> Response:
    """All that was said, as far as this person may read it."""
    return _shown(request, parts, person, publication, {}, after=after)


@ROUTER.post("/publications/{publication}/comments")
def say(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Say something; back with what was typed when it cannot be taken."""
    found = frame.found(parts, person, publication)
    typed = {name: str(form.get(name, "")) for name in ("text", "field", "who")}
    try:
        made = talk.comment(
            parts,
            person.actor,
            found.id,
            typed["text"],
            internal=typed["who"] == "internal",
            field=typed["field"],
        )
    except Rejected as refused:
        problems = [
            (IDS.get(p.where, ""), Sentence.joined(p.message, p.mend)) for p in refused.problems
        ]
        return _shown(request, parts, person, found.id, typed, problems=problems)
    said = "Your internal note is kept." if made.internal else "Your comment is kept."
    shell.say(parts, person, said)
    return shell.go(parts, f"/publications/{found.id}/discussion#comment-{made.id}")


def _shown(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    typed: dict[str, str],
    *,
    after: str = "",
    problems: Sequence[tuple[str, str]] | None = None,
) -> Response:
    found = frame.found(parts, person, publication)
    with parts.database.read() as connection:
        roles = acts.roles_of(connection, person.actor, found)
    rows = talk.comments(parts, person.actor, found.id, after=after[:36], limit=PER_PAGE + 1)
    fit = weight.fitting(rows[:PER_PAGE], lambda c: (c.text, c.called, c.about))
    values: dict[str, Any] = {
        "comments": rows[:fit],
        "next_after": rows[fit - 1].id if fit < len(rows) else "",
        "after": after,
        "typed": typed,
        "problems": problems or [],
        "errors": dict(problems or []),
        "fields": [("", "The whole"), *talk.fields(found.record)],
        "sees_internal": talk.sees_internal(roles),
    }
    status = 422 if problems else 200
    return frame.show(request, parts, person, found.id, "/discussion", values, status=status)
