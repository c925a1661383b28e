"""Amending what is public: edited in the form of drafts or uploaded, checked whole, compared field
by field, then sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from excudit.domain.errors import Conflict, Rejected
from excudit.domain.problem import Problem
from excudit.service import amendments, verbs
from excudit.service.consequences import Standing
from excudit.service.parts import Parts
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.deciding import editing, frame
from excudit.web.pages.deciding.editing import Edited
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
MISSING = "Give a reason: it stands in the history, and its owner gets it by mail."
LONGEST_RECORD = 4_000_000


@ROUTER.get("/publications/{publication}/amend")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """The public record, to be changed."""
    found = visible(parts, person.actor, publication)
    return _page(request, parts, person, found.id, {})


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    typed: dict[str, str],
    *,
    now: Edited | None = None,
    errors: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response:
    def values(standing: Standing) -> dict[str, Any]:
        assert standing.frozen is not None
        seen = now or Edited(amendments.plain(standing.frozen.record))
        carried = {"record": _json(seen.record), "base": standing.frozen.digest}
        kept = {"reason": "", "pasted": "", **typed}
        return {
            "template": "deciding/amend.html",
            "errors": errors or {},
            "typed": {
                **kept,
                "record": carried["record"],
                "base": kept.get("base") or carried["base"],
            },
            **editing.shown(seen, problems),
        }

    return frame.look(request, parts, person, publication, "amend", values, status=status)


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


@ROUTER.post("/publications/{publication}/amend")
def amend(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Go on editing, check and compare (`look`), or change what is public (`send`)."""
    found = visible(parts, person.actor, publication)
    typed = {name: frame.typed(form, name) for name in ("reason", "base", "pasted")}
    step = frame.typed(form, "step")
    try:
        now = _meant(parts, person, found.id, typed, form)
    except Rejected as wrong:
        return _page(request, parts, person, found.id, typed, problems=_told(wrong), status=422)
    if now.refused:
        return _page(request, parts, person, found.id, typed, now=now, status=422)
    if step not in ("look", "send"):
        return _page(request, parts, person, found.id, typed, now=now)
    errors = {"reason": frame.wrong_text(typed["reason"], frame.LONGEST_REASON, missing=MISSING)}
    if errors["reason"]:
        return _page(request, parts, person, found.id, typed, now=now, errors=errors, status=422)
    try:
        verbs.must_be_complete(parts, found.id, now.record)
    except Rejected as wrong:
        return _page(
            request, parts, person, found.id, typed, now=now, problems=_told(wrong), status=422
        )
    if step != "send":
        return _compared(request, parts, person, found.id, typed, now)
    return _send(request, parts, person, found.id, typed, now)


def _meant(
    parts: Parts, person: Person, publication: str, typed: dict[str, str], form: FormData
) -> Edited:
    """The record as it is meant now: a file or a pasted text takes the place of all of it. Raises
    Rejected."""
    given = _upload(form) or typed["pasted"].encode()
    if given.strip():
        record = amendments.read(given)
        typed["pasted"] = ""
        return Edited(record)
    text = frame.typed(form, "record")
    if wrong := frame.wrong_text(text, LONGEST_RECORD):
        raise Rejected(wrong)
    present = amendments.public_record(parts, publication)
    return editing.edited(amendments.kept(text, present), form, person.actor)


def _told(wrong: Rejected) -> tuple[Problem, ...]:
    return wrong.problems or (Problem("", wrong.message, wrong.hint),)


def _upload(form: FormData) -> bytes:
    file = form.get("file")
    return file.file.read() if isinstance(file, UploadFile) and file.filename else b""


def _compared(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    typed: dict[str, str],
    now: Edited,
) -> Response:
    def values(standing: Standing) -> dict[str, Any]:
        assert standing.frozen is not None
        return {
            "template": "deciding/amend_look.html",
            "changes": amendments.changes(standing.frozen.record, now.record),
            "outdated": bool(typed["base"]) and typed["base"] != standing.frozen.digest,
            "typed": {
                "reason": typed["reason"].strip(),
                "base": standing.frozen.digest,
                "record": _json(now.record),
            },
        }

    return frame.look(request, parts, person, publication, "amend", values)


def _send(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    typed: dict[str, str],
    now: Edited,
) -> Response:
    record, reason = amendments.plain(now.record), typed["reason"].strip()
    try:
        verbs.amend(parts, person.actor, publication, record, reason, base=typed["base"])
    except Conflict as refused:
        if amendments.sent_already(parts, publication, record):
            words = "The public record is being changed already; nothing was done twice."
            return frame.told(parts, person, publication, words)
        kept = {name: text for name, text in typed.items() if name != "base"}
        problem = Problem("", refused.message, refused.hint)
        return _page(
            request, parts, person, publication, kept, now=now, problems=(problem,), status=409
        )
    return frame.told(parts, person, publication, "The public record is being changed.")
