"""Amending what is public: typed or uploaded, checked whole, compared field by field, then sent."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from excudit.domain.errors import Conflict, Rejected
from excudit.domain.problem import Problem
from excudit.metadata.field_words import label
from excudit.service import amendments, verbs
from excudit.service.consequences import Standing
from excudit.service.parts import Parts
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.deciding import frame
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
MISSING = "Give a reason: it stands in the history, and its owner gets it by mail."
LONGEST_RECORD = 1_000_000


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
    errors: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response:
    def values(standing: Standing) -> dict[str, Any]:
        assert standing.frozen is not None
        present = standing.frozen.record
        shown = {
            "title": amendments.title_of(present),
            "description": amendments.abstract_of(present),
            "record": amendments.as_text(present),
            "reason": "",
            "base": standing.frozen.digest,
        }
        return {
            "template": "deciding/amend.html",
            "typed": {**shown, **typed},
            "errors": errors or {},
            "problems": [(_field(p), _words(p)) for p in problems],
        }

    return frame.look(request, parts, person, publication, "amend", values, status=status)


@ROUTER.post("/publications/{publication}/amend")
def amend(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Check and compare (`look`), or change what is public (`send`)."""
    found = visible(parts, person.actor, publication)
    names = ("title", "description", "record", "reason", "base")
    typed = {name: frame.typed(form, name) for name in names}
    if frame.typed(form, "step") == "edit":
        return _page(request, parts, person, found.id, typed)
    errors = _wrong(typed)
    if errors:
        return _page(request, parts, person, found.id, typed, errors=errors, status=422)
    try:
        record = amendments.read(parts, found.id, typed, upload=_upload(form))
        verbs.must_be_complete(parts, found.id, record)
    except Rejected as wrong:
        problems = wrong.problems or (Problem("", wrong.message, wrong.hint),)
        return _page(request, parts, person, found.id, typed, problems=problems, status=422)
    if frame.typed(form, "step") != "send":
        return _compared(request, parts, person, found.id, typed, record)
    return _send(request, parts, person, found.id, typed, record)


def _field(problem: Problem) -> str:
    """The field to mend it in."""
    place = problem.where
    return "title" if place.startswith("/titles/0") else "record" if place else ""


def _words(problem: Problem) -> str:
    line = f" (line {problem.line})" if problem.line is not None else ""
    place = f"{label(problem.where)}{line}: " if problem.where or line else ""
    return f"{place}{problem.message} {problem.mend}".strip()


def _wrong(typed: dict[str, str]) -> dict[str, str]:
    limits = {
        "reason": (frame.LONGEST_REASON, MISSING),
        "title": (10_000, "The title is missing."),
        "description": (100_000, ""),
        "record": (LONGEST_RECORD, ""),
    }
    found = {
        name: frame.wrong_text(typed[name], longest, missing=missing)
        for name, (longest, missing) in limits.items()
    }
    return {name: words for name, words in found.items() if words}


def _upload(form: FormData) -> bytes:
    file = form.get("file")
    return file.file.read() if isinstance(file, UploadFile) and file.filename else b""


def _compared(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    typed: dict[str, str],
    record: dict[str, Any],
) -> Response:
    def values(standing: Standing) -> dict[str, Any]:
        assert standing.frozen is not None
        return {
            "template": "deciding/amend_look.html",
            "changes": amendments.changes(standing.frozen.record, record),
            "outdated": bool(typed["base"]) and typed["base"] != standing.frozen.digest,
            "typed": {
                "reason": typed["reason"].strip(),
                "base": standing.frozen.digest,
                "title": amendments.title_of(record),
                "description": amendments.abstract_of(record),
                "record": json.dumps(record, ensure_ascii=False),
            },
        }

    return frame.look(request, parts, person, publication, "amend", values)


def _send(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    typed: dict[str, str],
    record: dict[str, Any],
) -> Response:
    try:
        verbs.amend(
            parts, person.actor, publication, record, typed["reason"].strip(), base=typed["base"]
        )
    except Conflict as refused:
        if amendments.sent_already(parts, publication, record):
            words = "The public record is being changed already; nothing was done twice."
            return frame.told(parts, person, publication, words)
        kept = {name: text for name, text in typed.items() if name != "base"}
        problem = Problem("", refused.message, refused.hint)
        return _page(request, parts, person, publication, kept, problems=(problem,), status=409)
    return frame.told(parts, person, publication, "The public record is being changed.")
