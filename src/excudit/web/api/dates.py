"""The publish date of a publication."""

from __future__ import annotations

from typing import Annotated

from fastapi import Response
from pydantic import AwareDatetime, Field

from excudit.service import schedule
from excudit.web.api.asks import Ask, PublicationId
from excudit.web.api.models import PublicationShown
from excudit.web.api.publications import tagged
from excudit.web.api.represent import visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import ETAG, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room("/publications/{publication}/publish-date", tag="actions")


class PublishDate(Ask):
    """When it may be published."""

    publish_at: Annotated[
        AwareDatetime,
        Field(description="With its zone; to come, and at most ten years ahead."),
    ]
    available: Annotated[
        bool,
        Field(description="Also write the day into the draft record, as date type Available."),
    ] = False


@ROUTER.put(
    "",
    summary="Set or move the publish date",
    responses={200: ETAG, **troubles(400, 403, 404, 409, 413, 415, 422)},
)
def set_publish_date(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    date: PublishDate,
) -> PublicationShown:
    """It is not published before. Where the route publishes by itself, it is published then, once
    it is approved; elsewhere it can be published from then on."""
    found = visible(parts, actor, publication)
    schedule.settle(parts, actor, found.id, date.publish_at, available=date.available)
    return tagged(parts, actor, found.id, response)


@ROUTER.delete(
    "", summary="Lift the publish date", responses={200: ETAG, **troubles(403, 404, 409, 422)}
)
def lift_publish_date(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """Take the date off. What is approved is then published now, where the route publishes by
    itself."""
    found = visible(parts, actor, publication)
    schedule.lift(parts, actor, found.id)
    return tagged(parts, actor, found.id, response)
