"""The eleven calls about requests for permanent identifiers."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from excudit.domain.errors import Denied, NotFound
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import permanent_id_folders, permanent_id_story, permanent_ids
from excudit.service.parts import Parts
from excudit.store.requests import ORDERS, Requested
from excudit.web.faces.terrain import folders
from excudit.web.faces.terrain.answers import NOT_OWNER, Refused, body, milliseconds, text_of, told

ROUTER = APIRouter(include_in_schema=False)
_NAMES = uuid.UUID("7d9e2f54-2d3b-5a4e-9b0a-6f6c1f1a7c20")
DESCRIPTIONS = {"DOI": "Data Object Identifier"}


def _named(what: str, word: str) -> str:
    return str(uuid.uuid5(_NAMES, f"{what} {word}"))


@ROUTER.get("/permanent-id-requests/status-codes")
@told
def status_codes(parts: Parts, actor: Actor, request: Request) -> Any:
    """All status words, the curators' own among them."""
    return {
        "status_codes": [
            {"id": _named("status", word), "name": word, "description": meaning}
            for word, meaning in permanent_ids.code_words(parts)
        ]
    }


@ROUTER.get("/permanent-id-requests/types")
@told
def types(parts: Parts, actor: Actor, request: Request) -> Any:
    """The types that can be minted."""
    return {
        "request_types": [
            {"id": _named("type", kind), "type": kind, "description": DESCRIPTIONS[kind]}
            for kind in permanent_ids.KINDS
        ]
    }


@ROUTER.get("/permanent-id-requests")
@told
def own(parts: Parts, actor: Actor, request: Request) -> Any:
    """The caller's own requests."""
    return _list(parts, actor, request, everybody=False)


@ROUTER.get("/admin/permanent-id-requests")
@told
def every(parts: Parts, actor: Actor, request: Request) -> Any:
    """Everybody's requests, for curators."""
    return _list(parts, actor, request, everybody=True)


def _list(parts: Parts, actor: Actor, request: Request, *, everybody: bool) -> Any:
    asked = _asked(request)
    total, rows = permanent_ids.page(parts, actor, everybody=everybody, **asked)
    seen = folders.listed(parts, actor, [row.publication for row in rows])
    return {"total": total, "requests": [_row(parts, row, seen) for row in rows]}


def _asked(request: Request) -> dict[str, Any]:
    """What the query of a list asks for. Raises Refused with all that is wrong."""
    query = request.query_params
    wrong: dict[str, str] = {}

    def number(name: str, least: int) -> int | None:
        said = query.get(name)
        if said is None:
            return None
        # The number is the database's; what no list has is refused here.
        if said.isascii() and said.isdigit() and least <= int(said[:18]) < 2**53:
            return int(said[:18])
        wrong[name] = f"an integer of at least {least} is due"
        return None

    limit, offset = number("limit", 1), number("offset", 0)
    order = query.get("sort-field", "date_submitted")
    if order not in ORDERS:
        wrong["sort-field"] = f"one of {', '.join(ORDERS)} is due"
    direction = query.get("sort-dir", "ASC" if "sort-field" in query else "DESC")
    if direction not in ("ASC", "DESC"):
        wrong["sort-dir"] = "ASC or DESC is due"
    if wrong:
        raise Refused(400, "ERR_ILLEGAL_ARGUMENT", wrong)
    down = direction == "DESC" or "sort-field" not in query
    said = [word for some in query.getlist("statuses") for word in some.split(",") if word]
    return {
        "limit": limit,
        "offset": offset or 0,
        "order": order,
        "descending": down,
        "statuses": said,
    }


def _row(parts: Parts, row: Requested, seen: dict[str, folders.Seen]) -> dict[str, Any]:
    found = row.publication
    place = seen[found.id]
    return {
        "id": found.id,
        "type": "DOI",
        "requested_by": found.owner,
        "original_path": place.original,
        "date_submitted": milliseconds(row.submitted_at),
        "status": row.status,
        "date_updated": milliseconds(found.updated_at),
        "updated_by": row.updated_by,
        "folder": place.folder,
    }


@ROUTER.post("/permanent-id-requests")
@told
def ask(parts: Parts, actor: Actor, request: Request) -> Any:
    """Ask for an identifier of a folder."""
    kind, folder = text_of(body(request), "type", "folder", longest=64)
    lacks = {
        name: "missing required key" for name, v in (("type", kind), ("folder", folder)) if not v
    }
    if lacks:
        raise Refused(400, "ERR_ILLEGAL_ARGUMENT", lacks)
    if kind not in permanent_ids.KINDS:
        raise Refused(
            400,
            "ERR_BAD_OR_MISSING_FIELD",
            f"Permanent ID Request type '{kind}' not supported by this service.",
            **{"request-type": kind},
        )
    source, ref = permanent_id_folders.locate(parts, actor, folder)
    try:
        made = permanent_ids.ask(parts, actor, source, ref)
    except Denied as error:
        if error.message != NOT_OWNER:
            raise
        more = {"user": actor.name, "folder-id": folder}
        raise Refused(403, "ERR_NOT_OWNER", NOT_OWNER, **more) from error
    return _details(parts, actor, made)


@ROUTER.get("/permanent-id-requests/{key}")
@told
def one_own(parts: Parts, actor: Actor, request: Request, key: str) -> Any:
    """One of the caller's own requests."""
    return _details(parts, actor, _found(parts, actor, key, everybody=False))


@ROUTER.get("/permanent-id-requests/{key}/preview-submission")
@told
def preview_own(parts: Parts, actor: Actor, request: Request, key: str) -> Any:
    """What DataCite would get, for the requester, too."""
    _found(parts, actor, key, everybody=False)
    return _xml(permanent_ids.submission(parts, actor, key, everybody=False))


@ROUTER.get("/admin/permanent-id-requests/{key}")
@told
def one(parts: Parts, actor: Actor, request: Request, key: str) -> Any:
    """Anybody's request, for curators."""
    return _details(parts, actor, _found(parts, actor, key, everybody=True))


@ROUTER.post("/admin/permanent-id-requests/{key}/status")
@told
def set_status(parts: Parts, actor: Actor, request: Request, key: str) -> Any:
    """Say how a request stands, or add a comment."""
    _found(parts, actor, key, everybody=True)
    word, comments = text_of(body(request, required=False), "status", "comments")
    if len(word) > 64:
        raise Refused(400, "ERR_ILLEGAL_ARGUMENT", {"status": "at most 64 characters are due"})
    return _details(parts, actor, permanent_ids.set_status(parts, actor, key, word, comments))


@ROUTER.post("/admin/permanent-id-requests/{key}/doi")
@told
def mint(parts: Parts, actor: Actor, request: Request, key: str) -> Any:
    """Give the identifier."""
    _found(parts, actor, key, everybody=True)
    return _details(parts, actor, permanent_ids.mint(parts, actor, key))


@ROUTER.post("/admin/permanent-id-requests/{key}/ezid")
@told
def mint_as_before(parts: Parts, actor: Actor, request: Request, key: str) -> Any:
    """The older name of the same call."""
    _found(parts, actor, key, everybody=True)
    return _details(parts, actor, permanent_ids.mint(parts, actor, key))


@ROUTER.get("/admin/permanent-id-requests/{key}/preview-submission")
@told
def preview(parts: Parts, actor: Actor, request: Request, key: str) -> Any:
    """What DataCite would get."""
    _found(parts, actor, key, everybody=True)
    return _xml(permanent_ids.submission(parts, actor, key, everybody=True))


def _xml(text: str) -> Response:
    return PlainTextResponse(text, headers={"Cache-Control": "no-store"})


def _found(parts: Parts, actor: Actor, key: str, *, everybody: bool) -> Publication:
    try:
        return permanent_ids.request(parts, actor, key, everybody=everybody)
    except NotFound as error:
        if everybody:
            reason = "A Permanent ID Request with this ID was not found."
            raise Refused(404, "ERR_NOT_FOUND", reason, id=key) from error
        reason = "A Permanent ID Request with this ID was not found for this user."
        raise Refused(404, "ERR_NOT_FOUND", reason, user=actor.name, id=key) from error


def _details(parts: Parts, actor: Actor, found: Publication) -> dict[str, Any]:
    place = folders.listed(parts, actor, [found])[found.id]
    doi = permanent_ids.doi(parts, found)
    return {
        "id": found.id,
        "type": "DOI",
        "original_path": place.original,
        **({"permanent_id": doi} if doi else {}),
        "requested_by": _person(parts, found.owner),
        "history": [
            {
                "status": entry.status,
                "status_date": milliseconds(entry.at),
                "updated_by": entry.by,
                **({"comments": entry.comments} if entry.comments else {}),
            }
            for entry in permanent_id_story.history(parts, found)
        ],
        "folder": place.folder,
    }


def _person(parts: Parts, name: str) -> Any:
    known = permanent_ids.requester(parts, name)
    if known is None:
        return name
    whole = known["full_name"] or name
    first, _, last = whole.rpartition(" ")
    return {
        "username": name,
        "firstname": first,
        "lastname": last,
        "name": whole,
        "email": known["email"],
        "institution": known["affiliation"],
    }
