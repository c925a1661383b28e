"""What would become public of the basket, with all that stands against it, and the draft of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import ExcuditError, Permanent, Rejected, Retryable
from excudit.domain.problem import Problem, blocking
from excudit.domain.sentence import Sentence
from excudit.service import prospect, queries, selection, verbs
from excudit.service.parts import Parts
from excudit.service.prospect import Looked, Prospect
from excudit.store import baskets
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.pages.picking.routes import KINDS, path_of, words_of
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
PEOPLE = 20
ROWS = 100
"""Datasets told one by one; those with problems come first."""
PROBLEMS = 30


def _chosen(parts: Parts, person: Person, route: str) -> dict[str, str]:
    """What the basket holds of the route's source: reference and title."""
    source = parts.route(route).source
    with parts.database.read() as connection:
        rows = baskets.page(connection, person.actor.name, source=source, limit=selection.LIMIT + 1)
    return {row.ref: row.title for row in rows}


@ROUTER.get("/publications/new/{route}/summary")
def foresee(request: Request, parts: Wired, person: SignedIn, route: str) -> Response:
    """Look at everything before there is a draft."""
    return _page(request, parts, person, route, _chosen(parts, person, route))


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    route: str,
    refs: dict[str, str],
    *,
    seen: Prospect | None = None,
    refused: ExcuditError | None = None,
) -> Response:
    failed: ExcuditError | None = None
    found = seen or Prospect(route, parts.route(route).source, ())
    try:
        if refs and seen is None:
            found = prospect.of(parts, person.actor, route, [*refs], titles=refs)
    except Retryable as error:
        failed = error
    people = prospect.people(found.record)
    values: dict[str, Any] = {
        "route": words_of(parts, route, parts.route(route)),
        "kinds": KINDS,
        "seen": found,
        "rows": _first(found),
        "count": len(refs),
        "title": prospect.title(found.record),
        "people": people[:PEOPLE],
        "more_people": max(0, len(people) - PEOPLE),
        "licences": prospect.licences(found.record),
        "unanswered": failed,
        "problems": _problems(_first(found), found, refused),
        "copies": _copies(parts, person, route),
        "path": path_of(route, "summary"),
    }
    status = 422 if refused else 503 if failed else 200
    return shell.show(request, person, "picking/prospect.html", values, status=status)


def _first(seen: Prospect) -> list[Looked]:
    """The datasets to tell one by one."""
    return sorted(seen.datasets, key=lambda d: (not blocking(d.problems), not d.problems))[:ROWS]


def _problems(
    rows: list[Looked], seen: Prospect, refused: ExcuditError | None
) -> list[tuple[str, str]]:
    """All at once, each leading to its dataset."""
    if refused is None:
        return []
    place = {d.ref: f"dataset-{at}" for at, d in enumerate(rows)}
    found = [("", p.message) for p in blocking(seen.whole)]
    found += [
        (place.get(d.ref, ""), f"{d.title}: {p.message}")
        for d in rows
        for p in blocking(d.problems)
    ]
    if not found:
        own = refused.problems or (Problem("", Sentence.joined(refused.message, refused.hint)),)
        found = [(place.get(p.where, ""), p.message) for p in own]
    more = max(len(found), seen.blockers) - PROBLEMS
    return found[:PROBLEMS] + ([("", f"… and {more} more problems.")] if more > 0 else [])


def _copies(parts: Parts, person: Person, route: str) -> list[tuple[str, str]]:
    """Earlier publications of one's own whose record can be the beginning."""
    own = queries.listing(parts, person.actor, route=route, limit=50)
    mine = [p for p in own if p.owner == person.actor.name and p.state != "cancelled"]
    return [(p.id, p.title) for p in mine[:10]]


@ROUTER.post("/publications/new/{route}/summary")
def make(request: Request, parts: Wired, person: SignedIn, form: Posted, route: str) -> Response:
    """Make the draft of what the basket holds of the source; the basket gives it away with it."""
    refs = _chosen(parts, person, route)
    earlier = str(form.get("record", "")).replace("\0", "")
    seen: Prospect | None = None
    try:
        seen = prospect.of(parts, person.actor, route, [*refs], titles=refs)
        if seen.blockers:
            raise Rejected("The selection has problems.", hint="Take those datasets out.")
        if earlier:
            made = verbs.copy(parts, person.actor, earlier, refs=[*refs], from_basket=True)
        else:
            made = verbs.create(parts, person.actor, route, [*refs], from_basket=True)
    except (Permanent, Retryable) as error:
        return _page(request, parts, person, route, refs, seen=seen, refused=error)
    shell.say(parts, person, "The draft is made. Complete it; nothing is public yet.")
    return shell.go(parts, f"/publications/{made.id}/edit")
