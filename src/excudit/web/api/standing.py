"""How a publication stands, as its page tells it: one sentence, who acts, what is outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import Field

from excudit.service import overview, reminders
from excudit.service.acting import Who
from excudit.service.outside import Fate
from excudit.service.overview import Overview
from excudit.web.api.asks import PublicationId
from excudit.web.api.models import Answer
from excudit.web.api.represent import visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import troubles
from excudit.web.identity import Caller, Wired

ROUTER = room("/publications/{publication}", tag="publications")


class ActsShown(Answer):
    """Who acts next."""

    who: Who
    name: Annotated[str, Field(description="The account, where it is one person.")]
    since: datetime | None
    you: Annotated[bool, Field(description="Whether that is who asks.")]


class PlaceShown(Answer):
    """What exists at one place, the landing page first."""

    place: str
    fate: Fate
    detail: Annotated[str, Field(description="The place's own word.")]
    url: str
    right: Annotated[bool, Field(description="Whether that is as it should be.")]


class Standing(Answer):
    """How a publication stands."""

    sentence: str
    acts: ActsShown
    locked: Annotated[str, Field(description="By what and since when; empty: it can be edited.")]
    next_reminder: datetime | None
    outside: Annotated[str, Field(description="What exists outside, in one sentence.")]
    places: list[PlaceShown]
    reviewer: str
    round: int
    label: str
    curated_by: Annotated[str, Field(description="Who approved; empty: nobody, or a rule.")]
    publish_at: datetime | None
    archived: bool
    comments: int
    suggestions: Annotated[int, Field(description="Those that nobody has decided on.")]
    previews: Annotated[int, Field(description="Links that open it now.")]


@ROUTER.get("/standing", summary="How it stands", responses=troubles(404, 422))
def standing(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> Standing:
    """The words of its page, for programs that show them."""
    found = visible(parts, actor, publication)
    seen = overview.overview(parts, actor, found.id)
    response.headers["Cache-Control"] = "private, no-cache"
    return _shown(seen, reminders.next_reminder(parts, found))


def _shown(seen: Overview, reminder: datetime | None) -> Standing:
    top, found = seen.head, seen.head.publication
    return Standing(
        sentence=str(top.sentence),
        acts=ActsShown(who=top.acts.who, name=top.acts.name, since=top.acts.since, you=top.acting),
        locked=str(top.lock or ""),
        next_reminder=reminder,
        outside=str(seen.outside),
        places=[PlaceShown.model_validate(side) for side in seen.sides],
        reviewer=found.reviewer,
        round=found.round,
        label=found.label,
        curated_by=found.approved_by,
        publish_at=found.publish_at,
        archived=found.archived,
        comments=top.comments,
        suggestions=top.suggestions,
        previews=seen.previews,
    )
