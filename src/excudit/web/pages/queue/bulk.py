"""Decisions on many at once: choose, look, confirm the count, see what became of each."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from excudit.domain.errors import Rejected
from excudit.domain.sentence import Sentence
from excudit.service import bulk, consequences, labels, queue
from excudit.service.bulk import Bulk, Given
from excudit.service.parts import Parts
from excudit.store.queue import people_with_roles
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.pages.queue import listing
from excudit.web.pages.reviewing import asked
from excudit.web.pages.reviewing.review import names
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.post("/queue/bulk")
def prepare(request: Request, parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Plan an action for the rows that were chosen, or for all that match the filters."""
    filters = listing.filters_of(form)
    chosen = tuple(str(v) for v in form.getlist("chosen") if _is_key(v))
    if form.get("every"):
        chosen = tuple(queue.matches(parts, person.actor, filters, limit=bulk.MOST + 1))
    try:
        made = bulk.prepare(parts, person.actor, asked.text(form, "action"), chosen)
    except Rejected as refused:
        said = Sentence.joined(refused.message, refused.hint)
        return listing.listed(request, parts, person, filters, problem=said, chosen=chosen)
    return shell.go(parts, f"/queue/bulk/{made.id}")


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 36 and value.replace("-", "").isalnum()


@ROUTER.get("/queue/bulk/{key}")
def look(request: Request, parts: Wired, person: SignedIn, key: str) -> Response:
    """What is affected, and why the rest is not; afterwards, what became of each."""
    plan = bulk.get(parts, person.actor, asked.cleaned(key, 36))
    return _page(request, parts, person, plan)


@ROUTER.post("/queue/bulk/{key}")
def carry_out(request: Request, parts: Wired, person: SignedIn, key: str, form: Posted) -> Response:
    """Do it, once for each row, however often the button is pressed."""
    plan = bulk.get(parts, person.actor, asked.cleaned(key, 36))
    given = Given(
        reason=asked.text(form, "reason"),
        reviewer=asked.cleaned(asked.text(form, "reviewer")),
        label=asked.cleaned(asked.text(form, "label")),
    )
    wrong = {"reason": asked.wrong(given.reason)} if asked.wrong(given.reason) else {}
    try:
        if not wrong or plan.begun:
            bulk.carry_out(parts, person.actor, plan.id, given, count=_count(form))
    except Rejected as refused:
        wrong |= {p.where.lstrip("/"): Sentence.joined(p.message, p.mend) for p in refused.problems}
    if wrong:
        typed = {**vars_of(given), "count": asked.text(form, "count")}
        return _page(request, parts, person, plan, typed=typed, errors=wrong)
    return shell.go(parts, f"/queue/bulk/{plan.id}")


def _count(form: FormData) -> int:
    typed = asked.text(form, "count").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1


def vars_of(given: Given) -> dict[str, str]:
    """What was typed, to show it again."""
    return {name: getattr(given, name) for name in Given.__slots__}


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    plan: Bulk,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    with parts.database.read() as connection:
        people = people_with_roles(connection)
    values = {
        "plan": plan,
        "word": bulk.ACTIONS[plan.action],
        "people": [("", "Nobody"), *((p["name"], p["full_name"] or p["name"]) for p in people)],
        "labels": [
            ("", "No label"),
            *((la["name"], la["name"]) for la in labels.every(parts) if not la["retired_at"]),
        ],
        "typed": {"count": "", "reason": "", "reviewer": person.actor.name, "label": ""}
        | (typed or {}),
        "errors": errors or {},
        **_public(parts, plan),
        "called": names(parts, *(row.owner for row in plan.rows)),
    }
    template = "queue_result.html" if plan.begun else "queue_bulk.html"
    return shell.show(request, person, template, values, status=422 if errors else 200)


def _public(parts: Parts, plan: Bulk) -> dict[str, Any]:
    """Which of them the decision makes public at once, and what can never change where."""
    at_once = [
        row
        for row in plan.rows
        if plan.action == "approve"
        and row.status != "impossible"
        and consequences.published_with_approval(parts, row.route, row.publish_at)
    ]
    routes = {row.route for row in at_once}
    targets = dict.fromkeys(t for r in sorted(routes) for t in parts.route(r).targets)
    return {
        "at_once": {row.publication for row in at_once},
        "places": [
            (name, parts.targets[name].capabilities.final)
            for name in targets
            if name in parts.targets
        ],
    }
