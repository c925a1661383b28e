"""The six calls of CAT's publish service."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anyio.from_thread
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from excudit.domain.errors import (
    Conflict,
    Denied,
    ExcuditError,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import handing_in, stored
from excudit.service.parts import Parts
from excudit.service.stored import Stored
from excudit.web.faces.cat import words
from excudit.web.faces.cat.answers import (
    Refused,
    caller,
    deposit,
    envelope,
    info,
    refusal,
    signed_in,
    where,
)
from excudit.web.identity import Wired

ROUTER = APIRouter(include_in_schema=False)
VOCABULARY = "assessment-zenodo"
Call = Callable[[Request, Parts, str], Response]


def _answered(call: Call) -> Call:
    """The call with every failure in CAT's envelope."""

    def answered(request: Request, parts: Wired, named: str) -> Response:
        try:
            return call(request, parts, named)
        except Refused as error:
            return refusal(parts, error)
        except (Unavailable, Uncertain, RateLimited) as error:
            return envelope(502, error.message, error.remote or error.hint, headers={})
        except NotFound as error:
            return envelope(404, error.message, headers={})
        except Denied:
            return envelope(403, words.DENIED, headers={})
        except Conflict as error:
            return envelope(409, error.message, error.hint, headers={})
        except ExcuditError as error:
            told = [str(p) for p in error.problems] or [error.hint]
            return envelope(400, error.message, *told, headers={})

    answered.__name__, answered.__doc__ = call.__name__, call.__doc__
    return answered


def _route(parts: Parts) -> str:
    found = stored.route_called(parts, VOCABULARY)
    if not found:
        raise Refused(404, "This service publishes no assessments.")
    return found


@ROUTER.post("/v2/zenodo/publish/assessment/{named}")
@_answered
def publish_assessment(request: Request, parts: Parts, named: str) -> Response:
    """Begin to publish an assessment with the PDF in the body; its changed form as a version."""
    actor, route = signed_in(request, parts), _route(parts)
    dataset = _current(parts, actor, route, named)
    content = _body(request)
    if not content.startswith(b"%PDF"):
        raise Refused(400, words.NOT_PDF)
    if not _is_theirs(parts, actor, route, named):
        raise Refused(403, words.DENIED)
    if dataset.access == "private":
        raise Refused(400, words.private(named))
    _not_there_yet(parts, route, named)
    try:
        handing_in.receive(parts, actor, route, {"rendering": content}, ref=named)
    except Rejected as error:
        told = (f"{p.where or '/'}: {p.message} {p.mend}".strip() for p in error.problems)
        status = 413 if any(p.rule == "pdf.size" for p in error.problems) else 400
        raise Refused(status, words.NOT_PDF, *told) from error
    try:
        begun = handing_in.put_forward(parts, actor, route, named)
    except Conflict as error:
        _not_there_yet(parts, route, named)
        standing = handing_in.newest(parts, route, named)
        raise Refused(409, words.under_way(named), publication=standing) from error
    return _begun(parts, words.accepted(named), begun)


def _current(parts: Parts, actor: Actor, route: str, named: str) -> Any:
    """The assessment as it is now, fetched anew where CAT is asked. Raises Refused."""
    source = handing_in.receiving(parts, route)
    try:
        if source.fetches:
            with suppress(Conflict):  # it is being published: then it stays as it is
                return handing_in.receive(parts, actor, route, {}, ref=named)
        return parts.source(parts.route(route).source).look(named)
    except NotFound as error:
        raise Refused(404, words.unknown(named)) from error


def _is_theirs(parts: Parts, actor: Actor, route: str, named: str) -> bool:
    source: Any = parts.source(parts.route(route).source)
    return bool(source.sees(named, actor=actor))


def _body(request: Request) -> bytes:
    try:
        content: bytes = anyio.from_thread.run(request.body)
    except ClientDisconnect as error:
        raise Refused(400, words.NOT_PDF) from error
    return content


def _not_there_yet(parts: Parts, route: str, named: str) -> None:
    """Raises Refused where the same is there already, or on its way."""
    held = handing_in.newest(parts, route, named)
    if held is None or handing_in.may_begin(parts, held, named):
        return
    there = stored.of(parts, held)
    if there:
        message = words.already(named, there[0].deposit, there[0].status)
        raise Refused(409, message, publication=held)
    raise Refused(409, words.under_way(named), publication=held)


def _begun(parts: Parts, message: str, publication: Publication) -> Response:
    headers = {"Location": where(parts, publication)}
    return envelope(parts.settings.faces.cat_accepts, message, headers=headers, code=202)


@ROUTER.post("/v2/zenodo/publish/deposit/{named}")
@_answered
def publish_deposit(request: Request, parts: Parts, named: str) -> Response:
    """Publish a draft again, or bring what is published but not known here up to date."""
    actor, route = signed_in(request, parts), _route(parts)
    held = stored.by_deposit(parts, route, named)
    if held is None:
        raise Refused(404, words.unknown_retry(named))
    if not stored.entitled(parts, actor, held):
        raise Refused(403, words.DENIED)
    if held.state in ("published", "withdrawn") and held.health == "idle":
        raise Refused(409, words.published(named), publication=held)
    try:
        again = handing_in.retry(parts, actor, held.id)
    except Conflict as error:
        raise Refused(409, words.under_way(named), error.message, publication=held) from error
    return _begun(parts, words.retried(named), again)


@ROUTER.get("/v2/zenodo/assessment/{named}")
@_answered
def assessment_info(request: Request, parts: Parts, named: str) -> Response:
    """What is stored of an assessment; a draft for its owner and whom it is shared with."""
    actor, route = caller(request, parts), _route(parts)
    held, known = _stored(parts, route, named)
    if not known.is_published:
        _may_see(parts, actor, held, words.DRAFT_ASSESSMENT_LOGIN, words.DRAFT_ASSESSMENT_OTHER)
    return _told(info(known))


@ROUTER.get("/v2/zenodo/deposit/{named}")
@_answered
def deposit_info(request: Request, parts: Parts, named: str) -> Response:
    """The deposit as Zenodo shows it now; a draft for its owner and whom it is shared with."""
    actor, route = caller(request, parts), _route(parts)
    held, known = _deposited(parts, route, named)
    if not known.is_published:
        _may_see(parts, actor, held, words.DRAFT_DEPOSIT_LOGIN, words.DRAFT_DEPOSIT_OTHER)
    return _told(_live(parts, known))


@ROUTER.get("/v1/admin/zenodo/assessment/{named}")
@_answered
def assessment_info_for_admins(request: Request, parts: Parts, named: str) -> Response:
    """The same of any assessment."""
    _administrator(request, parts)
    return _told(info(_stored(parts, _route(parts), named)[1]))


@ROUTER.get("/v1/admin/zenodo/deposit/{named}")
@_answered
def deposit_info_for_admins(request: Request, parts: Parts, named: str) -> Response:
    """The same of any deposit."""
    _administrator(request, parts)
    return _told(_live(parts, _deposited(parts, _route(parts), named)[1]))


def _administrator(request: Request, parts: Parts) -> None:
    if "admin" not in signed_in(request, parts).roles:
        raise Refused(403, words.DENIED)


def _stored(parts: Parts, route: str, named: str) -> tuple[Publication, Stored]:
    held = handing_in.newest(parts, route, named)
    there = stored.of(parts, held) if held else []
    if held is None:
        try:
            parts.source(parts.route(route).source).look(named)
        except NotFound as error:
            raise Refused(404, words.unknown(named)) from error
    if held is None or not there:
        raise Refused(404, words.unpublished(named))
    return held, there[0]


def _deposited(parts: Parts, route: str, named: str) -> tuple[Publication, Stored]:
    held = stored.by_deposit(parts, route, named)
    there = [s for s in stored.of(parts, held) if s.deposit == named] if held else []
    if held is None or not there:
        raise Refused(404, words.unknown_deposit(named))
    return held, there[0]


def _live(parts: Parts, known: Stored) -> dict[str, Any]:
    try:
        return deposit(known, stored.live(parts, known))
    except NotFound as error:
        raise Refused(502, words.unknown_deposit(known.deposit), error.message) from error


def _may_see(parts: Parts, actor: Actor | None, held: Publication, login: str, other: str) -> None:
    if actor is None:
        raise Refused(401, login)
    if not stored.entitled(parts, actor, held):
        raise Refused(403, other)


def _told(body: dict[str, Any]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
