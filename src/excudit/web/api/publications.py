"""Publications: create, list, read, edit, delete."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import orjson
from fastapi import Body, Query, Response
from starlette.exceptions import HTTPException

from excudit.domain.errors import Conflict
from excudit.domain.lifecycle import Health, State
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import queries, verbs
from excudit.service.once import Once
from excudit.service.parts import Parts
from excudit.web.api import cursors
from excudit.web.api.asks import (
    Cursor,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    Limit,
    NewPublication,
    PublicationId,
    Record,
    Text,
)
from excudit.web.api.models import Publications, PublicationShown
from excudit.web.api.paging import next_page
from excudit.web.api.represent import address, brief, edition_of, visible, whole
from excudit.web.api.rooms import room
from excudit.web.api.troubles import (
    ETAG,
    LOCATION,
    NEXT,
    NOT_MODIFIED,
    troubles,
)
from excudit.web.identity import Caller, Wired
from excudit.web.rendering import asked_tags, known

ROUTER = room("/publications", tag="publications")


def tagged(parts: Parts, actor: Actor, publication: str, response: Response) -> PublicationShown:
    """A publication as an answer with its ETag."""
    shown, tag = whole(parts, actor, publication)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return shown


@ROUTER.get("", responses={200: NEXT, **troubles(422)}, summary="List publications")
def publications(
    parts: Wired,
    actor: Caller,
    response: Response,
    state: State | None = None,
    health: Health | None = None,
    route: Annotated[Text | None, Query(max_length=100)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Publications:
    """Those that you may see, newest change first."""
    after = cursors.moment_and_id(cursor) if cursor else None
    rows = queries.listing(
        parts, actor, state=state, health=health, route=route, after=after, limit=limit + 1
    )
    page, more = rows[:limit], len(rows) > limit
    following = None
    if more:
        filters = {"state": state, "health": health, "route": route, "limit": str(limit)}
        end = cursors.write(page[-1].updated_at, page[-1].id)
        following = next_page(address(parts, "publications"), filters, end, response)
    return Publications(publications=[brief(parts, p) for p in page], next=following)


@ROUTER.post(
    "",
    status_code=201,
    responses={201: LOCATION, **troubles(400, 403, 404, 409, 413, 415, 422, 501, 502)},
    summary="Begin a publication",
)
def create(
    parts: Wired,
    actor: Caller,
    response: Response,
    ask: NewPublication,
    idempotency_key: IdempotencyKey = None,
) -> PublicationShown:
    """A draft for datasets of the route's source, prefilled from them; with `submit` also
    submitted. With an Idempotency-Key a repeated call makes nothing new."""
    made = verbs.create(
        parts,
        actor,
        ask.route,
        ask.chosen(),
        record=ask.record,
        submitting=ask.submit,
        from_basket=ask.from_basket,
        once=_once(ask, idempotency_key),
    )
    response.headers["Location"] = address(parts, "publications", made.id)
    return tagged(parts, actor, made.id, response)


def _once(ask: NewPublication, key: str | None) -> Once | None:
    if key is None:
        return None
    body = orjson.dumps(ask.model_dump(), option=orjson.OPT_SORT_KEYS)
    return Once(key, hashlib.sha256(body).hexdigest())


@ROUTER.get(
    "/{publication}",
    responses={200: ETAG, 304: NOT_MODIFIED, **troubles(404, 422)},
    summary="Read a publication",
    response_model=PublicationShown,
)
def publication(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    if_none_match: IfNoneMatch = None,
) -> PublicationShown | Response:
    """State, health, run with its steps, what happens next, and what you can do."""
    shown = tagged(parts, actor, visible(parts, actor, publication).id, response)
    if known(response.headers["ETag"], if_none_match):
        kept = {k: response.headers[k] for k in ("ETag", "Cache-Control")}
        return Response(status_code=304, headers=kept)
    return shown


@ROUTER.put(
    "/{publication}/record",
    responses={200: ETAG, **troubles(400, 403, 404, 409, 412, 413, 415, 422)},
    summary="Replace the draft record",
)
def edit(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    record: Annotated[Record, Body()],
    if_match: IfMatch = None,
) -> PublicationShown:
    """The record may be incomplete. Send If-Match, so that nobody's change is lost."""
    before = visible(parts, actor, publication)
    with compared(parts, actor, before, if_match) as edition:
        verbs.edit(parts, actor, before.id, record, edition=edition)
    return tagged(parts, actor, before.id, response)


@contextmanager
def compared(
    parts: Parts, actor: Actor, before: Publication, if_match: str | None
) -> Iterator[int | None]:
    """The edition that a change must meet, None where the caller did not say; 412 when it met
    another."""
    _must_match(if_match, before.edition)
    try:
        yield before.edition if _compared(if_match) else None
    except Conflict:
        _must_match(if_match, visible(parts, actor, before.id).edition)
        raise


def _compared(if_match: str | None) -> bool:
    return if_match is not None and if_match.strip() != "*"


def _must_match(if_match: str | None, edition: int) -> None:
    if if_match is None or not _compared(if_match):
        return
    if edition not in [edition_of(tag) for tag in asked_tags(if_match)]:
        raise HTTPException(
            412,
            f"The record was changed meanwhile: it has edition {edition}. "
            "Read it again, compare, and send your change with the new ETag.",
        )


@ROUTER.delete(
    "/{publication}",
    status_code=204,
    responses=troubles(403, 404, 409, 422),
    summary="Delete a draft",
)
def delete(parts: Wired, actor: Caller, publication: PublicationId) -> None:
    """Drafts only; what was published is withdrawn instead, and leaves a tombstone."""
    verbs.step_back(parts, actor, visible(parts, actor, publication).id, "delete")
