"""One request on one page: the record, the checks, the thread, and the buttons that decide."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain import permissions
from excudit.domain.errors import Rejected
from excudit.domain.sentence import Sentence
from excudit.service import (
    changes,
    labels,
    looking,
    queries,
    queue,
    review,
    suggestions,
    talk,
    wording,
)
from excudit.service.parts import Parts
from excudit.store import collaborators
from excudit.web import shell
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.reviewing import asked
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
NEWEST = 20
"""So many comments stand beside the record; all are in the discussion."""


@ROUTER.get("/publications/{publication}/review")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """For those who review; authors see why the buttons are not theirs."""
    return _shown(request, parts, person, publication, {"text": "", "field": "", "who": ""})


@ROUTER.post("/publications/{publication}/review")
def comment(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Say something without leaving the review; with problems, the page with what was typed."""
    found = visible(parts, person.actor, publication)
    typed = {name: asked.text(form, name) for name in ("text", "field", "who")}
    internal = typed["who"] == "internal"
    try:
        made = talk.comment(
            parts, person.actor, found.id, typed["text"], internal=internal, field=typed["field"]
        )
    except Rejected as refused:
        problems = [
            (p.where.lstrip("/"), Sentence.joined(p.message, p.mend)) for p in refused.problems
        ]
        return _shown(request, parts, person, publication, typed, problems)
    shell.say(parts, person, "Your internal note is kept." if internal else "Your comment is kept.")
    return shell.go(parts, f"/publications/{found.id}/review#comment-{made.id}")


def _shown(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    typed: dict[str, str],
    problems: Sequence[tuple[str, str]] = (),
) -> Response:
    found = visible(parts, person.actor, publication)
    sheet = review.sheet(parts, person.actor, found.id)
    offered = suggestions.of(parts, found.id)
    history = labels.history(parts, found.id)[:5]
    labellers = (h["actor"] for h in history)
    values = {
        "sheet": sheet,
        "button": partial(wording.button, parts, found.route),
        "shows_data": looking.possible(parts, found),
        "publication": found,
        "standing": queue.standing(found, person.actor),
        "next_words": queries.NEXT[found.state],
        "called": names(parts, found.owner, found.reviewer, found.approved_by, *labellers),
        "route": parts.settings.routes.get(found.route),
        "changes": changes.field_changes(parts, found.id),
        "thread": talk.newest(parts, person.actor, found.id, limit=NEWEST),
        "newest": NEWEST,
        "comment_fields": [("", "The whole"), *talk.fields(sheet.record)],
        "internal": talk.sees_internal(sheet.roles),
        "suggestions": [s for s in offered if s.status == "open"],
        "decided": sum(1 for s in offered if s.status != "open"),
        "labelings": history,
        "in_queue": permissions.may("queue", person.actor.roles),
    }
    values |= {"typed": typed, "problems": problems}
    return shell.show(request, person, "review.html", values, status=422 if problems else 200)


def names(parts: Parts, *accounts: str) -> dict[str, str]:
    """Account → the name that people read; "" stays ""."""
    with parts.database.read() as connection:
        called = collaborators.full_names(connection, {a for a in accounts if a})
    return {a: called.get(a) or a for a in accounts}
