"""Who calls: the holder of a bearer token (RFC 6750)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from excudit.domain import permissions
from excudit.domain.errors import Denied
from excudit.domain.model import Actor
from excudit.service.parts import Parts
from excudit.store import users
from excudit.store.publications import now

SCHEME = HTTPBearer(
    scheme_name="bearer",
    auto_error=False,
    bearerFormat="exc_…",
    description="A token of your account page or of `excudit token create`, as "
    "`Authorization: Bearer exc_…`.",
)


def wired(request: Request) -> Parts:
    """The parts that the app was made with."""
    parts: Parts = request.app.state.parts
    return parts


Wired = Annotated[Parts, Depends(wired)]


def caller(
    request: Request,
    parts: Wired,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(SCHEME)],
) -> Actor:
    """The actor of a call, with the roles that the token may use; 401 without a token that counts,
    Denied when the token has not the scope for such calls."""
    if credentials is None:
        raise _unauthenticated("Send a token: `Authorization: Bearer exc_…`.", "")
    with parts.database.read() as connection:
        found = users.bearer(connection, credentials.credentials)
    if found is None:
        why = "This token is unknown, expired or revoked."
        raise _unauthenticated(why, ', error="invalid_token"')
    if found.used_at is None or now() - found.used_at > users.USED_EVERY:
        with parts.database.write() as connection:
            users.used(connection, found.token)
    request.state.bearer = found
    needed = permissions.scope_for(request.method)
    if found.scopes and needed not in found.scopes:
        may = "read" if needed == "write" else "change something"
        raise Denied(f"This token may only {may}.", hint=f"Make one with the scope {needed}.")
    return replace(found.actor, roles=permissions.within(found.actor.roles, found.scopes))


def _unauthenticated(detail: str, more: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": f'Bearer realm="excudit"{more}'})


Caller = Annotated[Actor, Depends(caller)]
