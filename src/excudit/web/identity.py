"""Who calls: the holder of a bearer token (RFC 6750)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from excudit.domain.model import Actor
from excudit.service.parts import Parts
from excudit.store import users

_SCHEME = HTTPBearer(
    scheme_name="bearer",
    auto_error=False,
    bearerFormat="exc_…",
    description="A token of `excudit token issue`, as `Authorization: Bearer exc_…`.",
)


def wired(request: Request) -> Parts:
    """The parts that the app was made with."""
    parts: Parts = request.app.state.parts
    return parts


Wired = Annotated[Parts, Depends(wired)]


def caller(
    parts: Wired,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_SCHEME)],
) -> Actor:
    """The actor of a call; 401 without a token that counts."""
    if credentials is None:
        raise _unauthenticated("Send a token: `Authorization: Bearer exc_…`.", "")
    with parts.database.read() as connection:
        actor = users.holder(connection, credentials.credentials)
    if actor is None:
        why = "This token is unknown, expired or revoked."
        raise _unauthenticated(why, ', error="invalid_token"')
    return actor


def _unauthenticated(detail: str, more: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": f'Bearer realm="excudit"{more}'})


Caller = Annotated[Actor, Depends(caller)]
