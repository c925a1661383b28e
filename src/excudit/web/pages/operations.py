"""Operations: what runs, what stands still, what does not answer, and what to do about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from excudit.domain import permissions
from excudit.domain.errors import NotFound
from excudit.service import fixity, operations
from excudit.service.parts import Parts
from excudit.service.steps import PLAN_WORDS
from excudit.web import rendering, shell
from excudit.web.api import cursors
from excudit.web.identity import Wired
from excudit.web.pages.deciding import frame
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
ROWS = 50
LISTS = {
    "needs_attention": "Needs attention",
    "out_of_sync": "Out of sync",
    "cleanup_pending": "Cleanup pending",
    "waiting": "Waiting for the next try",
}
MISSING = "Give a reason: it stands in the audit, for those who come after you."


@ROUTER.get("/operations")
def page(request: Request, parts: Wired, person: SignedIn) -> Response:
    """Everything at a glance."""
    return _overview(request, parts, person)


def _overview(
    request: Request,
    parts: Parts,
    person: Person,
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    values = {
        "seen": operations.overview(parts, person.actor),
        "lists": LISTS,
        "errors": errors or {},
        "typed": typed or {},
        "tabs": TABS,
        "queue_called": lambda queue: _queue(parts, queue),
    }
    status = 422 if errors else 200
    return shell.show(request, person, "operations/overview.html", values, status=status)


def _queue(parts: Parts, queue: str) -> str:
    """A queue by the title of the target whose runs wait in it."""
    return parts.settings.target_title(queue.removeprefix("target-"))


TABS = (
    ("/operations", "At a glance"),
    *((f"/operations/runs/{health}", words) for health, words in LISTS.items()),
    ("/operations/questions", "Open questions"),
    ("/operations/intake", "Intake"),
    ("/operations/mails", "Failed mails"),
    ("/operations/routes", "Routes"),
    ("/audit", "Audit"),
)


@ROUTER.get("/operations/runs/{health}")
def runs(request: Request, parts: Wired, person: SignedIn, health: str) -> Response:
    """The publications whose runs are in this health, the latest change first."""
    before = request.query_params.get("before", "")
    after = cursors.moment_and_id(before) if before else None
    rows = operations.troubled(parts, person.actor, health, after=after, limit=ROWS + 1)
    here = f"{rendering.root(parts.settings.site)}/operations/runs/{health}"
    end = cursors.write(rows[ROWS - 1].updated_at, rows[ROWS - 1].id) if len(rows) > ROWS else ""
    values = {
        "rows": [(one, operations.stoppable(one)) for one in rows[:ROWS]],
        "health": health,
        "words": LISTS[health],
        "plan_words": PLAN_WORDS,
        "route_called": lambda name: _route(parts, name),
        "first": here if before else "",
        "next": f"{here}?{urlencode({'before': end})}" if end else "",
        "tabs": TABS,
    }
    return shell.show(request, person, "operations/runs.html", values)


def _route(parts: Parts, name: str) -> str:
    known = parts.settings.routes.get(name)
    return (known.title if known else "") or name


@ROUTER.post("/operations/retry")
def retry(request: Request, parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Retry one, or several: those are shown with their number first, then each with its
    result."""
    permissions.require_site("operate", person.actor.roles)
    health = frame.typed(form, "health")
    if health not in LISTS:
        raise NotFound("There is no such list.")
    chosen = _chosen(parts, person, form, health)
    values: dict[str, Any] = {"health": health, "words": LISTS[health], "tabs": TABS}
    if frame.typed(form, "sure") != "yes":
        asked = {**values, "chosen": chosen, "most": operations.MOST}
        return shell.show(request, person, "operations/bulk.html", asked)
    results = operations.retry_many(parts, person.actor, [key for key, _ in chosen])
    done = sum(not r.words for r in results)
    return shell.show(
        request, person, "operations/result.html", {**values, "results": results, "done": done}
    )


def _chosen(parts: Parts, person: Person, form: FormData, health: str) -> list[tuple[str, str]]:
    """The publications that were named, else all of the list."""
    rows = operations.troubled(parts, person.actor, health, limit=operations.MOST)
    named = {v for v in form.getlist("publication") if isinstance(v, str)}
    known = [(r.id, r.title) for r in rows if not named or r.id in named]
    gone = named - {key for key, _ in known}
    return [*known, *((key, "") for key in sorted(gone)[: operations.MOST])]


@ROUTER.post("/operations/targets/{target}/{action}")
def hold(
    request: Request, parts: Wired, person: SignedIn, target: str, action: str, form: Posted
) -> Response:
    """Pause the calls to a target, or resume them."""
    permissions.require_site("operate", person.actor.roles)
    reason = frame.typed(form, "reason").strip()
    missing = MISSING if action == "pause" else ""
    error = frame.wrong_text(reason, frame.LONGEST_REASON, missing=missing)
    if error:
        field = f"reason-{target}"
        return _overview(request, parts, person, errors={field: error}, typed={field: reason})
    called = parts.settings.target_title(target)
    if action == "pause":
        operations.pause(parts, person.actor, target, reason)
        words = f"No call is made to {called} until it is resumed."
    elif action == "resume":
        count = operations.resume(parts, person.actor, target, reason)
        runs = "1 waiting run tries" if count == 1 else f"{count} waiting runs try"
        words = f"Calls go to {called} again; {runs} now."
    else:
        raise NotFound("There is nothing at this address.")
    return _said(parts, person, words, "/operations")


@ROUTER.post("/operations/probe")
def probe(parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Look at every source and target now."""
    failing = operations.probe(parts, person.actor)
    words = "All answer as they should."
    if failing:
        which = "1 does" if failing == 1 else f"{failing} do"
        words = f"{which} not answer as they should."
    return _said(parts, person, words, "/operations")


@ROUTER.post("/operations/fixity/{target}")
def read_again(parts: Wired, person: SignedIn, target: str, form: Posted) -> Response:
    """Have all files that a target keeps read again by a worker."""
    fixity.ask(parts, person.actor, target)
    words = "A worker reads the files within a minute; the report appears here."
    return _said(parts, person, words, "/operations")


@ROUTER.get("/operations/mails")
def mails(request: Request, parts: Wired, person: SignedIn) -> Response:
    """The mails that were given up, newest first."""
    asked = request.query_params.get("before", "")
    before = cursors.position(asked) if asked else None
    rows = operations.failed_mails(parts, person.actor, before=before, limit=ROWS + 1)
    here = f"{rendering.root(parts.settings.site)}/operations/mails"
    end = cursors.write(rows[ROWS - 1]["id"]) if len(rows) > ROWS else ""
    values = {
        "rows": rows[:ROWS],
        "first": here if before is not None else "",
        "next": f"{here}?{urlencode({'before': end})}" if end else "",
        "sends": bool(parts.settings.mail.host),
        "tabs": TABS,
    }
    return shell.show(request, person, "operations/mails.html", values)


@ROUTER.post("/operations/mails")
def resend(parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Let some of them, or all on the page, be tried again."""
    numbers = [v for v in form.getlist("mail") if isinstance(v, str)]
    known = [int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 18]
    count = operations.resend(parts, person.actor, known[:ROWS])
    words = "1 mail is tried" if count == 1 else f"{count} mails are tried"
    return _said(parts, person, f"{words} again now.", "/operations/mails")


@ROUTER.get("/operations/routes")
def routes(request: Request, parts: Wired, person: SignedIn) -> Response:
    """The ways to the public as this service is configured, with their plans drawn."""
    permissions.require_site("operate", person.actor.roles)
    known = parts.settings.routes
    values = {
        "plan_words": PLAN_WORDS,
        "routes": [(name, r, operations.drawn(parts, r)) for name, r in sorted(known.items())],
        "tabs": TABS,
    }
    return shell.show(request, person, "operations/routes.html", values)


def _said(parts: Parts, person: Person, words: str, path: str) -> Response:
    shell.say(parts, person, words)
    return shell.go(parts, path)
