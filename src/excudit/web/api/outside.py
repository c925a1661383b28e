"""What the service waits for outside, and what begins there, for those who run it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field

from excudit.service import gates, intake
from excudit.web.api import cursors
from excudit.web.api.asks import Ask, Cursor, Limit, Text
from excudit.web.api.models import Answer
from excudit.web.api.paging import next_page
from excudit.web.api.represent import address
from excudit.web.api.rooms import room
from excudit.web.api.troubles import NEXT, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room("/operations", tag="operations")
_BODIES = (400, 413, 415)


class OpenGate(Answer):
    """A question for which a run waits."""

    publication: str
    title: str
    route: str
    key: str
    question: str
    opened_at: datetime | None


class OpenGates(Answer):
    """A page of them, the longest waiting first."""

    gates: list[OpenGate]
    next: str | None


class NotBegun(Answer):
    """A dataset that is ready at its source and was not begun."""

    route: str
    ref: str
    revision: str
    title: str
    status: Literal["failed", "quarantined"]
    error: dict[str, Any] | None
    seen_at: datetime


class Turn(Answer):
    """How a route's source was last asked what is ready."""

    route: str
    asked_at: datetime | None
    due_at: datetime | None
    listed: int
    error: dict[str, Any] | None


class IntakeShown(Answer):
    """The routes on which publications begin by themselves, and what was not begun."""

    turns: list[Turn]
    datasets: list[NotBegun]
    next: str | None


class IntakeDecision(Ask):
    """What is to be done about a dataset that was not begun."""

    route: Annotated[Text, Field(max_length=100)]
    ref: Annotated[Text, Field(max_length=4096)]
    action: Literal["look_again", "quarantine"]


@ROUTER.get("/gates", summary="Open questions", responses={200: NEXT, **troubles(403, 422)})
def open_gates(
    parts: Wired, actor: Caller, response: Response, limit: Limit = 50, cursor: Cursor = None
) -> OpenGates:
    """Those for which runs wait now."""
    after = cursors.moment_and_id(cursor) if cursor else None
    rows = gates.listing(parts, actor, after=after, limit=limit + 1)
    following = None
    if len(rows) > limit:
        last = rows[limit - 1][0]
        end = cursors.write(last.opened_at, last.id)
        here = address(parts, "operations", "gates")
        following = next_page(here, {"limit": str(limit)}, end, response)
    shown = [
        OpenGate(
            publication=g.publication,
            title=title,
            route=route,
            key=g.key,
            question=g.title,
            opened_at=g.opened_at,
        )
        for g, title, route in rows[:limit]
    ]
    return OpenGates(gates=shown, next=following)


@ROUTER.get("/intake", summary="What began by itself", responses={200: NEXT, **troubles(403, 422)})
def intake_shown(
    parts: Wired, actor: Caller, response: Response, limit: Limit = 50, cursor: Cursor = None
) -> IntakeShown:
    """How the sources were asked, and what is ready there and was not begun, newest first."""
    before = cursors.moment_and_id(cursor) if cursor else None
    rows = intake.listing(parts, actor, before=before, limit=limit + 1)
    following = None
    if len(rows) > limit:
        end = cursors.write(rows[limit - 1].seen_at, rows[limit - 1].ref)
        here = address(parts, "operations", "intake")
        following = next_page(here, {"limit": str(limit)}, end, response)
    return IntakeShown(
        turns=[
            Turn(**{name: one[name] for name in Turn.model_fields})
            for one in intake.turns(parts, actor)
        ],
        datasets=[
            NotBegun(**{name: getattr(one, name) for name in NotBegun.model_fields})
            for one in rows[:limit]
        ],
        next=following,
    )


@ROUTER.post(
    "/intake",
    summary="Decide on a dataset that was not begun",
    status_code=204,
    responses=troubles(403, 404, 422, *_BODIES),
)
def decide_intake(parts: Wired, actor: Caller, decision: IntakeDecision) -> None:
    """Look at it again now, or not again before it changes."""
    does = intake.look_again if decision.action == "look_again" else intake.quarantine
    does(parts, actor, decision.route, decision.ref)
