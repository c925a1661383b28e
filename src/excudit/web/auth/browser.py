"""Sessions of browsers: begun anew at every sign-in, so that a name planted before is worth
nothing; and where a visitor comes from and may go to."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from excudit.domain.model import Actor
from excudit.service.parts import Parts
from excudit.store import sessions
from excudit.store.sessions import Session
from excudit.web.visitors import Visitor, give_cookie, lasts

ANONYMOUS = timedelta(hours=12)
HOME = "/desk"
# What a browser brings along when it signs in.
_BROUGHT = ("held",)


def anonymous(parts: Parts, kept: Mapping[str, Any] | None = None) -> tuple[str, Session]:
    """A session of nobody: its name for the cookie, and itself."""
    with parts.database.write() as connection:
        name, _ = sessions.begin(connection, user=None, lasts=ANONYMOUS, kept=kept)
        found = sessions.find(connection, name)
    assert found is not None
    return name, found


def signed_in(
    parts: Parts,
    before: Session | None,
    actor: Actor,
    response: Response,
    *,
    issuer: str = "",
    sid: str = "",
    kept: Mapping[str, Any] | None = None,
) -> Response:
    """`response` with the name of a new session of this person; the session before ends."""
    brought = {k: before.kept[k] for k in _BROUGHT if k in before.kept} if before else {}
    with parts.database.write() as connection:
        if before is not None:
            sessions.end(connection, before.digest)
        name, _ = sessions.begin(
            connection,
            user=actor.name,
            lasts=lasts(parts),
            issuer=issuer,
            sid=sid,
            kept={**brought, **(kept or {})},
        )
    give_cookie(response, parts, name)
    return response


def onward(visitor: Visitor, asked: str) -> str:
    """Where to go after signing in: what was typed before comes first."""
    if visitor.session is not None and visitor.session.kept.get("held"):
        return "/sign-in/held"
    return ours(asked)


def ours(path: str) -> str:
    """The path, when it is one of this service's own pages; else the first page."""
    plain = path.isprintable() and "\\" not in path and len(path) <= 2000
    if not plain or not path.startswith("/") or path.startswith("//"):
        return HOME
    try:
        there = urlsplit(path)
    except ValueError:
        return HOME
    if there.scheme or there.netloc or there.path.startswith(("/sign-in", "/sign-out", "//")):
        return HOME
    return path


def address_of(request: Request) -> str:
    """From where a visitor comes, as the reverse proxy tells; a network of IPv6 counts as one."""
    peer = request.client.host if request.client else ""
    # Some proxies append a line of their own to those that the visitor sent.
    told = ",".join(request.headers.getlist("x-forwarded-for"))
    if told and peer in request.app.state.parts.settings.signin.proxies:
        peer = told.rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer[:100]
    if address.version == 6 and not address.is_loopback:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)


def is_loopback(host: str) -> bool:
    """Whether this is the machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
