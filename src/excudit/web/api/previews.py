"""Read-only links to what is not public yet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from excudit.service import previews
from excudit.service.parts import Parts
from excudit.store.previews import Preview
from excudit.web.api.asks import Ask, PublicationId, Text
from excudit.web.api.models import Answer
from excudit.web.api.represent import visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import troubles
from excudit.web.identity import Caller, Wired

ROUTER = room("/publications/{publication}/previews", tag="previews")


class NewPreview(Ask):
    """A link to make."""

    days: Annotated[
        int, Field(ge=1, le=previews.LONGEST_DAYS, description="It ends after so many days.")
    ] = 30
    anonymous: Annotated[
        bool, Field(description="Without authors, owner, funding, paths and links.")
    ] = False
    note: Annotated[Text, Field(max_length=200, description="For whom it is.")] = ""


class PreviewShown(Answer):
    """A link, without what it is called by."""

    id: str
    note: str
    anonymous: bool
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    open: Annotated[bool, Field(description="Neither revoked nor ended.")]


class PreviewMade(PreviewShown):
    """A new link with its address, which is told this once only."""

    url: str


class Previews(Answer):
    """All links of a publication, newest first."""

    previews: list[PreviewShown]


@ROUTER.get("", summary="List preview links", responses=troubles(403, 404, 422))
def preview_links(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> Previews:
    """Those that are open, and those that have ended."""
    found = visible(parts, actor, publication)
    response.headers["Cache-Control"] = "private, no-cache"
    _, links = previews.of(parts, actor, found.id)
    return Previews(previews=[PreviewShown.model_validate(one) for one in links])


@ROUTER.post(
    "",
    summary="Make a preview link",
    status_code=201,
    responses=troubles(400, 403, 404, 409, 413, 415, 422),
)
def make_preview(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId, ask: NewPreview
) -> PreviewMade:
    """Whoever has its `url` reads the page as it would be. It ends when it is published."""
    found = visible(parts, actor, publication)
    made, token = previews.make(
        parts, actor, found.id, days=ask.days, anonymous=ask.anonymous, note=ask.note
    )
    response.headers["Cache-Control"] = "no-store"
    return PreviewMade(**_known(made), url=_url(parts, token))


def _known(made: Preview) -> dict[str, object]:
    return PreviewShown.model_validate(made).model_dump()


def _url(parts: Parts, token: str) -> str:
    return f"{parts.settings.site.base_url.rstrip('/')}/preview/{token}"


@ROUTER.delete(
    "/{preview}",
    status_code=204,
    summary="Revoke a preview link",
    responses=troubles(403, 404, 422),
)
def revoke_preview(
    parts: Wired,
    actor: Caller,
    publication: PublicationId,
    preview: Annotated[Text, Path(max_length=100, description="The link's own id.")],
) -> None:
    """It leads nowhere from now on; possible at any moment."""
    found = visible(parts, actor, publication)
    previews.revoke(parts, actor, found.id, preview)
