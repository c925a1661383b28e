"""Comments, collaborators, what changed since the last review, and the owner's own list."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from excudit.domain.model import Actor
from excudit.service import changes, talk
from excudit.service.parts import Parts
from excudit.web.api.asks import Ask, Limit, PublicationId, Text
from excudit.web.api.models import Answer, PublicationShown
from excudit.web.api.paging import next_page
from excudit.web.api.publications import tagged
from excudit.web.api.represent import address, visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import ETAG, NEXT, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room("/publications/{publication}", tag="talk")
_AFTER = "Where the page before ended: its `next`."
_BODIES = (400, 403, 404, 409, 413, 415, 422)


class NewComment(Ask):
    """Something to say; it stays as it is."""

    text: Annotated[Text, Field(min_length=1, max_length=talk.LONGEST)]
    internal: Annotated[
        bool, Field(description="Among reviewers only; owners and collaborators never see it.")
    ] = False
    field: Annotated[
        Text,
        Field(
            max_length=talk.FIELD_LONGEST,
            description="What it is about: a JSON pointer into the record; empty: all of it.",
            examples=["/titles/0"],
        ),
    ] = ""


class CommentShown(Answer):
    """One thing said."""

    id: str
    at: datetime
    author: str
    called: Annotated[str, Field(description="The author's name, where it is known.")]
    text: str
    internal: bool
    field: str
    about: Annotated[str, Field(description="The field in words.")]
    round: Annotated[int, Field(description="Of the review; 0: before the first.")]


class Comments(Answer):
    """A page of the thread, first to last."""

    comments: list[CommentShown]
    next: str | None


class NewCollaborator(Ask):
    """Somebody to work on it."""

    who: Annotated[
        Text, Field(min_length=1, max_length=320, description="Account name or e-mail address.")
    ]


class CollaboratorShown(Answer):
    """Somebody who works on it with the owner."""

    user: str
    called: str
    added_by: str
    added_at: datetime


class Collaborators(Answer):
    """Everybody who works on it with the owner."""

    collaborators: list[CollaboratorShown]


class FieldChangeShown(Answer):
    """A field that is not what it was; empty = it was or is not there."""

    label: str
    pointer: str
    before: str
    after: str


class FileSide(Answer):
    """One side of a changed file."""

    size: Annotated[int, Field(description="Bytes.")]
    sha256: str


class FileChangeShown(Answer):
    """A file that is not what it was."""

    path: str
    what: Literal["added", "removed", "changed"]
    before: FileSide | None
    after: FileSide | None


class Changes(Answer):
    """What differs from what was last decided on; the fields stand on the first page only."""

    reviewed: Annotated[
        datetime | None,
        Field(description="When that was frozen; null: nothing was reviewed before."),
    ]
    fields: list[FieldChangeShown]
    files: list[FileChangeShown]
    next: str | None


@ROUTER.get("/comments", summary="Read the discussion", responses={200: NEXT, **troubles(404, 422)})
def comments(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    limit: Limit = 100,
    cursor: Annotated[Text, Query(max_length=36, description=_AFTER)] = "",
) -> Comments:
    """First to last; internal notes are told to reviewers only."""
    found = visible(parts, actor, publication)
    rows = talk.comments(parts, actor, found.id, after=cursor, limit=limit + 1)
    page, following = rows[:limit], None
    if len(rows) > limit:
        here = address(parts, "publications", found.id, "comments")
        following = next_page(here, {"limit": str(limit)}, page[-1].id, response)
    return Comments(comments=[CommentShown.model_validate(c) for c in page], next=following)


@ROUTER.post("/comments", summary="Say something", status_code=201, responses=troubles(*_BODIES))
def say(
    parts: Wired, actor: Caller, publication: PublicationId, comment: NewComment
) -> CommentShown:
    """Appended to the thread; nobody can change or delete it."""
    found = visible(parts, actor, publication)
    made = talk.comment(
        parts, actor, found.id, comment.text, internal=comment.internal, field=comment.field
    )
    return CommentShown.model_validate(made)


@ROUTER.get("/collaborators", summary="List collaborators", responses=troubles(404, 422))
def collaborators(parts: Wired, actor: Caller, publication: PublicationId) -> Collaborators:
    """Who works on it beside the owner."""
    return _everybody(parts, actor, publication)


@ROUTER.post("/collaborators", summary="Add a collaborator", responses=troubles(*_BODIES))
def collaborate(
    parts: Wired, actor: Caller, publication: PublicationId, somebody: NewCollaborator
) -> Collaborators:
    """They see and edit it from now on; adding again changes nothing."""
    talk.collaborate(parts, actor, visible(parts, actor, publication).id, somebody.who)
    return _everybody(parts, actor, publication)


@ROUTER.delete(
    "/collaborators/{user}",
    summary="Take a collaborator off",
    status_code=204,
    responses=troubles(403, 404, 409, 422),
)
def leave_out(
    parts: Wired,
    actor: Caller,
    publication: PublicationId,
    user: Annotated[Text, Path(max_length=200, description="The account's name.")],
) -> None:
    """Collaborators may also take themselves off. Gone already: done."""
    talk.leave_out(parts, actor, visible(parts, actor, publication).id, user)


def _everybody(parts: Parts, actor: Actor, publication: str) -> Collaborators:
    rows = talk.collaborators(parts, visible(parts, actor, publication).id)
    return Collaborators(collaborators=[CollaboratorShown.model_validate(c) for c in rows])


@ROUTER.get(
    "/changes",
    summary="What changed since the last review",
    responses={200: NEXT, **troubles(404, 422)},
)
def changed(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    limit: Limit = 100,
    cursor: Annotated[Text, Query(max_length=4096, description=_AFTER)] = "",
) -> Changes:
    """Against what was last decided on; for a new version against the version before."""
    found = visible(parts, actor, publication)
    sides = changes.compared(parts, found.id)
    rows = changes.file_changes(parts, found.id, after=cursor, limit=limit + 1)
    fields = [] if cursor else changes.field_changes(parts, found.id)
    return Changes(
        reviewed=sides.reviewed.frozen_at if sides.reviewed else None,
        fields=[FieldChangeShown.model_validate(c) for c in fields],
        files=[FileChangeShown.model_validate(c) for c in rows[:limit]],
        next=_next_files(parts, found.id, rows, limit, response),
    )


def _next_files(
    parts: Parts, key: str, rows: list[changes.FileChange], limit: int, response: Response
) -> str | None:
    if len(rows) <= limit:
        return None
    here = address(parts, "publications", key, "changes")
    return next_page(here, {"limit": str(limit)}, rows[limit - 1].path, response)


@ROUTER.post(
    "/archive",
    summary="Hide it from your own list",
    responses={200: ETAG, **troubles(403, 404, 409, 422)},
)
def archive(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """For its owner only; nobody else sees a difference."""
    talk.archive(parts, actor, visible(parts, actor, publication).id, archived=True)
    return tagged(parts, actor, publication, response)


@ROUTER.post(
    "/unarchive",
    summary="Show it in your own list again",
    responses={200: ETAG, **troubles(403, 404, 409, 422)},
)
def unarchive(
    parts: Wired, actor: Caller, response: Response, publication: PublicationId
) -> PublicationShown:
    """For its owner only."""
    talk.archive(parts, actor, visible(parts, actor, publication).id, archived=False)
    return tagged(parts, actor, publication, response)
