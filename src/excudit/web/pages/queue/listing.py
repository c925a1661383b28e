"""The queue itself: what waits for reviewers, as the filters in its address say."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from excudit.domain.lifecycle import HEALTHS, STATE_WORDS
from excudit.service import bulk, labels, queries, queue, reviewers
from excudit.service.parts import Parts
from excudit.service.queue import Filters
from excudit.store.queue import people_with_roles
from excudit.web import rendering, shell
from excudit.web.api import cursors
from excudit.web.identity import Wired
from excudit.web.pages.reviewing.asked import cleaned
from excudit.web.visitors import Person, SignedIn

ROUTER = APIRouter(include_in_schema=False)
PAGE = 50
MOST_DAYS = 3_650
FILTER_WORDS = {
    "state": "State",
    "reviewer": "Reviewer",
    "route": "Route",
    "source": "Source",
    "label": "Label",
    "older": "Waiting for more than (days)",
    "health": "Run",
    "title": "Title",
}


def filters_of(asked: QueryParams | FormData) -> Filters:
    """The filters that an address or a form names; what none knows is as if it were not there."""
    given = {
        name: cleaned(str(asked.get(name, "")).strip()) for name in FILTER_WORDS if name != "older"
    }
    days = str(asked.get("older", "")).strip()
    older = int(days) if days.isascii() and days.isdigit() and len(days) < 9 else 0
    return Filters(**given, older=min(older, MOST_DAYS))


@ROUTER.get("/queue")
def page(request: Request, parts: Wired, person: SignedIn) -> Response:
    """What is nobody's and what is mine, oldest first, or what the filters ask for."""
    return listed(request, parts, person, filters_of(request.query_params))


def listed(
    request: Request,
    parts: Parts,
    person: Person,
    filters: Filters,
    *,
    problem: str = "",
    chosen: tuple[str, ...] = (),
) -> Response:
    """The queue as a page; with `problem` it says what was wrong with a selection."""
    cursor = request.query_params.get("after", "") if request.method == "GET" else ""
    after = cursors.moment_and_id(cursor) if cursor else None
    found = queue.listing(parts, person.actor, filters, after=after, limit=PAGE)
    active = filters.active()
    here = rendering.root(parts.settings.site) + "/queue"
    values = {
        "queue": found,
        "filters": filters,
        "active": [(name, FILTER_WORDS[name], value) for name, value in active.items()],
        "options": _options(parts, person, filters),
        "first": _address(here, active) if cursor else "",
        "next": _address(here, active | {"after": _end(found)}) if found.more else "",
        "actions": [(a, w) for a, w in bulk.ACTIONS.items()],
        "most": bulk.MOST,
        "counted": queue.COUNTED,
        "problem": problem,
        "chosen": chosen,
    }
    return shell.show(request, person, "queue.html", values, status=422 if problem else 200)


def _address(here: str, query: dict[str, str]) -> str:
    return f"{here}?{urlencode(query)}" if query else here


def _end(found: queue.Queue) -> str:
    last = found.rows[-1].publication
    return cursors.write(last.waiting_since, last.id)


def _options(parts: Parts, person: Person, filters: Filters) -> dict[str, Any]:
    """What each filter offers: pairs of value and words."""
    sight = queries.sight(parts, person.actor)
    routes = [r for r in sorted(parts.settings.routes) if sight.everything or r in sight.routes]
    with parts.database.read() as connection:
        people = people_with_roles(connection)
    able = [p for p in people if any(reviewers.judges(p["roles"], r) for r in routes)]
    known = {p["name"] for p in able}
    gone = [filters.reviewer] if filters.reviewer not in (*_WHO, *known) else []
    return {
        "state": [("", "Open"), *STATE_WORDS.items(), (queue.EVERY, "Every state")],
        "reviewer": [
            *_WHO.items(),
            *((p["name"], p["full_name"] or p["name"]) for p in able),
            *((name, name) for name in gone),
        ],
        "route": [("", "Every route"), *((r, parts.settings.routes[r].title or r) for r in routes)],
        "source": [
            ("", "Every source"),
            *((s, s) for s in sorted({parts.settings.routes[r].source for r in routes})),
        ],
        "label": [("", "Any"), *((name, name) for name in labels.names(parts))],
        "health": [("", "Any"), *((h, h.replace("_", " ").capitalize()) for h in HEALTHS)],
    }


_WHO = {
    "": "Nobody and me",
    queue.ME: "Me",
    queue.NOBODY: "Nobody",
    queue.ANYBODY: "Anyone",
}
