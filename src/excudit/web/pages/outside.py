"""What the service waits for outside, and what begins there: open questions, and intake."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import NotFound
from excudit.service import gates, intake
from excudit.web import rendering, shell
from excudit.web.api import cursors
from excudit.web.identity import Wired
from excudit.web.pages.deciding import frame
from excudit.web.pages.operations import TABS
from excudit.web.visitors import Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
ROWS = 50
STATUS_WORDS = {
    "failed": "Failed; tried again by itself",
    "quarantined": "Refused; not again before it changes",
}
DONE = {
    "look_again": "It is looked at again within seconds.",
    "quarantine": "It is not begun again before it changes.",
}


@ROUTER.get("/operations/questions")
def questions(request: Request, parts: Wired, person: SignedIn) -> Response:
    """The questions for which runs wait, the longest waiting first."""
    cursor = request.query_params.get("after", "")
    after = cursors.moment_and_id(cursor) if cursor else None
    rows = gates.listing(parts, person.actor, after=after, limit=ROWS + 1)
    here = f"{rendering.root(parts.settings.site)}/operations/questions"
    last = rows[ROWS - 1][0] if len(rows) > ROWS else None
    end = cursors.write(last.opened_at, last.id) if last else ""
    values = {
        "rows": rows[:ROWS],
        "asked_of": lambda gate: parts.settings.target_title(gates.target_of(gate.key)),
        "first": here if cursor else "",
        "next": f"{here}?{urlencode({'after': end})}" if end else "",
        "tabs": TABS,
    }
    return shell.show(request, person, "operations/questions.html", values)


@ROUTER.get("/operations/intake")
def taken(request: Request, parts: Wired, person: SignedIn) -> Response:
    """How the sources were asked, and what is ready there and was not begun."""
    cursor = request.query_params.get("before", "")
    before = cursors.moment_and_id(cursor) if cursor else None
    rows = intake.listing(parts, person.actor, before=before, limit=ROWS + 1)
    here = f"{rendering.root(parts.settings.site)}/operations/intake"
    end = cursors.write(rows[ROWS - 1].seen_at, rows[ROWS - 1].ref) if len(rows) > ROWS else ""
    values = {
        "rows": rows[:ROWS],
        "turns": intake.turns(parts, person.actor),
        "status_words": STATUS_WORDS,
        "first": here if cursor else "",
        "next": f"{here}?{urlencode({'before': end})}" if end else "",
        "tabs": TABS,
    }
    return shell.show(request, person, "operations/intake.html", values)


@ROUTER.post("/operations/intake")
def decide(parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Look at a dataset again, or never again before it changes."""
    action = frame.typed(form, "action")
    route, ref = frame.typed(form, "route"), frame.typed(form, "ref")
    if action == "look_again":
        intake.look_again(parts, person.actor, route, ref)
    elif action == "quarantine":
        intake.quarantine(parts, person.actor, route, ref)
    else:
        raise NotFound("There is nothing at this address.")
    shell.say(parts, person, DONE[action])
    return shell.go(parts, "/operations/intake")
