"""Older editions of a draft."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import BaseModel, Field

from excudit.service import drafts
from excudit.store.editions import Edition
from excudit.web.api.asks import IfMatch, Limit, PublicationId
from excudit.web.api.models import PublicationShown
from excudit.web.api.publications import compared, tagged
from excudit.web.api.represent import visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import ETAG, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room("/publications/{publication}", tag="drafts")

Number = Annotated[
    int, Path(ge=1, le=2**31 - 1, description="The number of an edition that was kept.")
]


class EditionShown(BaseModel):
    """One state of a draft."""

    edition: Annotated[int, Field(description="Its number; higher is newer.")]
    at: datetime
    author: Annotated[str, Field(description="Who saved it.")]
    note: Annotated[str, Field(description="Where it came from, where it was not typed.")]
    gathered_since: Annotated[
        datetime | None,
        Field(description="When the first of the automatic saves came that it gathers."),
    ]


class Editions(BaseModel):
    """The states of a draft that were kept, newest first."""

    editions: list[EditionShown]
    next: Annotated[
        int | None, Field(description="Send it as `before` for the older ones; null: no more.")
    ]


class EditionRecord(EditionShown):
    """One state of a draft with its record."""

    record: Annotated[dict[str, Any], Field(description="DataCite REST JSON as it was typed.")]


def _shown(edition: Edition) -> dict[str, Any]:
    return {
        "edition": edition.edition,
        "at": edition.at,
        "author": edition.author,
        "note": edition.note,
        "gathered_since": edition.since,
    }


@ROUTER.get("/editions", responses=troubles(404, 422), summary="List the editions of a draft")
def editions(
    parts: Wired,
    actor: Caller,
    publication: PublicationId,
    before: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="Only editions older than this one.")
    ] = None,
    limit: Limit = 50,
) -> Editions:
    """Who changed the draft when, newest first; empty while nobody has."""
    found = visible(parts, actor, publication)
    rows = drafts.history(parts, found.id, before=before, limit=limit + 1)
    page, more = rows[:limit], len(rows) > limit
    return Editions(
        editions=[EditionShown(**_shown(e)) for e in page],
        next=page[-1].edition if more else None,
    )


@ROUTER.get("/editions/{edition}", responses=troubles(404, 422), summary="Read an edition")
def edition(
    parts: Wired, actor: Caller, publication: PublicationId, edition: Number
) -> EditionRecord:
    """The record as it was then."""
    found = visible(parts, actor, publication)
    kept, record = drafts.edition(parts, found.id, edition)
    return EditionRecord(**_shown(kept), record=dict(record))


@ROUTER.post(
    "/editions/{edition}/restore",
    responses={200: ETAG, **troubles(403, 404, 409, 412, 422)},
    summary="Restore an edition",
)
def restore_edition(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    edition: Number,
    if_match: IfMatch = None,
) -> PublicationShown:
    """The older state as a new edition; nothing between is lost."""
    found = visible(parts, actor, publication)
    with compared(parts, actor, found, if_match) as expected:
        drafts.restore(parts, actor, found.id, edition, expected=expected)
    return tagged(parts, actor, found.id, response)


@ROUTER.post(
    "/undo",
    responses={200: ETAG, **troubles(403, 404, 409, 412, 422)},
    summary="Undo the last change of a draft",
)
def undo_edit(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    if_match: IfMatch = None,
) -> PublicationShown:
    """Back by one edition, as a new one; again, and it goes back further."""
    found = visible(parts, actor, publication)
    with compared(parts, actor, found, if_match) as expected:
        drafts.undo(parts, actor, found.id, expected=expected)
    return tagged(parts, actor, found.id, response)


class Reserved(BaseModel):
    """The DOI chosen for a draft. It does not resolve before the publication."""

    doi: str


@ROUTER.post(
    "/reserve-doi",
    responses=troubles(403, 404, 409, 422),
    summary="Reserve the DOI of a draft",
)
def reserve_doi(parts: Wired, actor: Caller, publication: PublicationId) -> Reserved:
    """The name that the publication will have; again gives the same one. No call is made."""
    found = visible(parts, actor, publication)
    return Reserved(doi=drafts.reserve_doi(parts, actor, found.id))
