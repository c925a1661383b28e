"""Every failure as an answer: problem+json (RFC 9457) for programs, a page for people.

What went wrong inside is logged under an incident number; the answer carries the number only.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from excudit.domain.errors import ExcuditError, RateLimited, Rejected
from excudit.domain.problem import Problem
from excudit.metadata.shape import pointer
from excudit.settings import Site
from excudit.web import kinds, trouble
from excudit.web.kinds import Kind
from excudit.web.visitors import Visitor

log = logging.getLogger("excudit.web")

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

# The framework's own words and ours for them.
SENTENCES = {
    "Not Found": "There is nothing at this address.",
    "Method Not Allowed": "This address does not know that method.",
    "Content Too Large": "The body is too large.",
    "There was an error parsing the body": "The body is not JSON, or is nested too deeply.",
}


class ProblemJson(JSONResponse):
    """An answer in problem+json."""

    media_type = MEDIA_TYPE


def install(app: FastAPI) -> None:
    """Answer every failure of the app in the form that its reader understands."""
    app.add_exception_handler(ExcuditError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def answer(
    request: Request,
    kind: Kind,
    detail: str,
    *,
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    who: Visitor | None = None,
) -> Response:
    """One failure, as problem+json under /api and as a page elsewhere: for `who`, or else for
    whom the cookie names."""
    site = request.app.state.parts.settings.site
    body = described(site, kind, detail, request.url.path) | dict(more or {})
    sent = {"Cache-Control": "no-store", **(headers or {})}
    if _for_programs(request):
        return ProblemJson(body, kind.status, sent)
    return trouble.page(request, body, sent, who=who)


def described(site: Site, kind: Kind, detail: str, path: str) -> dict[str, Any]:
    """The members that every problem+json answer has."""
    return {
        "type": kind.url(site),
        "title": kind.sentence,
        "status": kind.status,
        "detail": detail,
        "instance": path,
        "kind": kind.name,
    }


def _for_programs(request: Request) -> bool:
    return request.url.path.startswith("/api/") or request.url.path in ("/health", "/metrics")


def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, ExcuditError)
    if type(error.__cause__).__module__.startswith("sqlalchemy"):
        return _database(request, error)
    kind = kinds.of_error(error)
    said = error.as_data()
    more = {k: v for k, v in said.items() if k in ("hint", "remote", "problems")}
    headers = {}
    if kind.status in (429, 503):
        delay = error.delay_s if isinstance(error, RateLimited) and error.delay_s else RETRY_AFTER_S
        headers["Retry-After"] = str(max(1, round(delay)))
    return answer(request, kind, error.message, more=more, headers=headers)


def _database(request: Request, error: ExcuditError) -> Response:
    """The address and user of the database are for the operator's log, not for strangers."""
    incident = _incident()
    log.error("incident %s: %s %s (%s)", incident, error.message, error.hint, error.remote)
    return answer(
        request,
        kinds.UNAVAILABLE,
        "The service's own database cannot be used at the moment.",
        more={"hint": "Try again in a moment.", "incident": incident},
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        why = f"The body is not JSON: {found[0]['ctx']['error']} (character {found[0]['loc'][1]})."
        return answer(request, kinds.of_status(400), why)
    if isinstance(error.body, bytes):
        how = "Send the body with Content-Type: application/json."
        return answer(request, kinds.of_status(415), how)
    return answer(
        request,
        kinds.of_error(Rejected("")),
        "The request does not fit the description of this call.",
        more={
            "hint": "GET /api/v1/openapi.json describes every call.",
            "problems": [_problem(e).as_data() for e in found],
        },
    )


def _problem(found: Mapping[str, Any]) -> Problem:
    place, *path = found["loc"]
    where = pointer(path) if place == "body" else f"{place} {'.'.join(map(str, path))}"
    return Problem(where, found["msg"].removeprefix("Value error, "), rule="request")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = SENTENCES.get(error.detail, error.detail)
    return answer(request, kinds.of_status(error.status_code), detail, headers=error.headers)


def _unexpected(request: Request, error: Exception) -> Response:
    incident = _incident()
    # Whoever reads the log must not read what a preview link leads to.
    path = re.sub(r"(/preview/).+", r"\1…", request.url.path)
    log.error("incident %s: %s %s", incident, request.method, path, exc_info=error)
    return answer(
        request,
        kinds.of_status(500),
        "Nothing of what you asked for was done halfway: each call is one transaction.",
        more={"hint": f"Tell the operator the number {incident}.", "incident": incident},
    )


def _incident() -> str:
    return uuid.uuid4().hex[:12]
