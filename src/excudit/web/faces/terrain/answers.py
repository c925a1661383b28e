"""Bodies of terrain: its error codes, its times, and how the errors of the service become them."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import anyio.from_thread
from fastapi import Request
from fastapi.security import HTTPAuthorizationCredentials
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from excudit.domain.errors import (
    Conflict,
    Denied,
    ExcuditError,
    NotFound,
    Rejected,
    Retryable,
)
from excudit.domain.model import Actor
from excudit.domain.problem import Problem, blocking
from excudit.domain.storable import UNSTORABLE
from excudit.service.parts import Parts
from excudit.web import identity
from excudit.web.identity import Wired

NOT_OWNER = "User does not own given folder."
Call = Callable[..., Any]


class Refused(Exception):
    """A call that is not carried out, with terrain's error code."""

    def __init__(self, status: int, code: str, reason: Any, **more: Any) -> None:
        super().__init__(code)
        self.status, self.body = status, {"error_code": code, "reason": reason, **more}


def told(call: Call) -> Callable[..., Response]:
    """The call as an endpoint: `call(parts, actor, request, …)` gives what becomes JSON, and every
    failure becomes terrain's body."""

    @functools.wraps(call)
    def endpoint(request: Request, parts: Wired, **named: str) -> Response:
        try:
            actor = caller(request, parts)
            found = call(parts, actor, request, **named)
        except Refused as error:
            return _sent(error.body, error.status)
        except ExcuditError as error:
            refused = translated(error)
            return _sent(refused.body, refused.status)
        return found if isinstance(found, Response) else _sent(found, 200)

    # FastAPI reads the parameters: those of the path by their names.
    endpoint.__signature__ = _signature(call)  # type: ignore[attr-defined]
    return endpoint


def _signature(call: Call) -> Any:
    named = [p for name, p in inspect.signature(call).parameters.items() if name not in _GIVEN]
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [
            inspect.Parameter("request", kind, annotation=Request),
            inspect.Parameter("parts", kind, annotation=Wired),
            *(inspect.Parameter(p.name, kind, annotation=str) for p in named),
        ]
    )


_GIVEN = ("parts", "actor", "request")


def _sent(body: Any, status: int) -> Response:
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})


def caller(request: Request, parts: Parts) -> Actor:
    """Who calls with a bearer token. Raises Refused."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = HTTPAuthorizationCredentials(scheme=scheme, credentials=token.strip())
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused(401, "ERR_NOT_AUTHORIZED", "Send a bearer token.")
    try:
        return identity.caller(request, parts, given)
    except HTTPException as error:
        raise Refused(error.status_code, "ERR_NOT_AUTHORIZED", error.detail) from error


def translated(error: ExcuditError) -> Refused:
    """The service's error in terrain's words."""
    problem = next(iter(error.problems), Problem("", ""))
    if problem.rule in _CODES:
        code, key = _CODES[problem.rule]
        return Refused(400, code, _words(error, problem), **({key: problem.where} if key else {}))
    if isinstance(error, Rejected) and error.problems:
        return _all_problems(error)
    for kind, status, code in _KINDS:
        if isinstance(error, kind):
            return Refused(
                status, code, error.message, **({"hint": error.hint} if error.hint else {})
            )
    return Refused(400, "ERR_BAD_REQUEST", error.message)


# rule → error code, and the further key that holds the problem's place
_CODES: dict[str, tuple[str, str]] = {
    "name-in-staging": ("ERR_EXISTS", "path"),
    "name-in-curated": ("ERR_EXISTS", "path"),
    "requested": ("ERR_NOT_UNIQUE", "request"),
    "minted": ("ERR_BAD_REQUEST", "permanent-id"),
    "empty": ("ERR_BAD_OR_MISSING_FIELD", "folder"),
    "not-a-folder": ("ERR_BAD_OR_MISSING_FIELD", "file"),
}
_SAID: dict[str, str] = {
    "name-in-staging": "A folder with this name has already been submitted for a Permanent ID "
    "request.",
    "name-in-curated": "A folder with this name has already been published.",
    "empty": "The given folder appears to be empty.",
    "not-a-folder": "The given data ID does not belong to a folder.",
}
_KINDS: tuple[tuple[type[ExcuditError], int, str], ...] = (
    (NotFound, 404, "ERR_NOT_FOUND"),
    (Denied, 403, "ERR_FORBIDDEN"),
    (Conflict, 409, "ERR_CONFLICT"),
    (Retryable, 503, "ERR_UNAVAILABLE"),
)


def _words(error: ExcuditError, problem: Problem) -> str:
    return _SAID.get(problem.rule, error.message)


def _all_problems(error: Rejected) -> Refused:
    """A document with mistakes: all of them, warnings apart."""
    wrong = blocking(list(error.problems))
    if any(p.rule == "identifier" for p in wrong) and len(wrong) == 1:
        return Refused(400, "ERR_BAD_REQUEST", wrong[0].message, attribute="identifier")
    if any(p.rule == "template" for p in wrong):
        return Refused(400, "ERR_BAD_REQUEST", "No metadata found for Permanent ID Request.")
    plural = "s" * (len(wrong) != 1)
    return Refused(
        400,
        "ERR_BAD_REQUEST",
        f"The folder's metadata has {len(wrong)} problem{plural}.",
        problems=[shown(p) for p in wrong],
        warnings=[shown(p) for p in error.problems if p not in wrong],
    )


def shown(problem: Problem, attribute: str = "") -> dict[str, Any]:
    """A problem as this face tells it."""
    return {
        "pointer": problem.where,
        **({"attribute": attribute} if attribute else {}),
        "severity": problem.severity,
        "rule": problem.rule,
        "message": f"{problem.message} {problem.mend}".strip(),
    }


def milliseconds(moment: datetime) -> int:
    """A moment as terrain tells it."""
    return int(moment.timestamp() * 1000)


def body(request: Request, *, required: bool = True) -> Mapping[str, Any]:
    """The JSON object of a call. Raises Refused for anything else."""
    try:
        raw: bytes = anyio.from_thread.run(request.body)
        found = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError, ClientDisconnect) as error:
        raise Refused(400, "ERR_ILLEGAL_ARGUMENT", {"body": "not JSON"}) from error
    if not isinstance(found, dict) or (required and not found):
        raise Refused(400, "ERR_ILLEGAL_ARGUMENT", {"body": "a JSON object is due"})
    return found


def text_of(found: Mapping[str, Any], *names: str, longest: int = 10_000) -> list[str]:
    """Members that are texts or absent. Raises Refused with every one that is neither."""
    wrong: dict[str, str] = {}
    for name in names:
        value = found.get(name)
        if value is not None and not isinstance(value, str):
            wrong[name] = "a text is due"
        elif value is not None and (len(value) > longest or UNSTORABLE.search(value)):
            wrong[name] = f"a text of at most {longest} characters without NUL is due"
    unknown = set(found) - set(names)
    wrong |= dict.fromkeys(sorted(unknown), "disallowed key")
    if wrong:
        raise Refused(400, "ERR_ILLEGAL_ARGUMENT", wrong)
    return [found.get(name) or "" for name in names]
