"""Signing in without a password: only where whoever starts the service names the sample users, and
only on the machine itself. The demo does so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import NotFound
from excudit.service.parts import Parts
from excudit.store import site_events, users
from excudit.web import shell
from excudit.web.auth import browser
from excudit.web.identity import Wired
from excudit.web.visitors import Posted, Visiting, text

ROUTER = APIRouter(include_in_schema=False)


def users_for(request: Request, parts: Parts) -> list[Mapping[str, Any]]:
    """The sample users whom this visitor may become: name, full_name, role_words."""
    names = request.app.state.sample_users
    if not names or not _at_home(request, parts):
        return []
    with parts.database.read() as connection:
        known = [users.profile(connection, name) for name in names]
    return [
        {**row, "role_words": shell.role_words(row["roles"])}
        for row in known
        if row is not None and row["disabled_at"] is None
    ]


def _at_home(request: Request, parts: Parts) -> bool:
    """Whether service and visitor are on this machine, and nothing stands between them."""
    client = request.client.host if request.client else ""
    hosts = (parts.settings.service.host, client, request.url.hostname or "")
    forwarded = any(
        name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via")
    )
    return not forwarded and all(browser.is_loopback(host) for host in hosts)


@ROUTER.post("/sign-in/sample")
def sign_in(request: Request, parts: Wired, visitor: Visiting, form: Posted) -> Response:
    """Become one of the sample users."""
    name = text(form, "name")
    if name not in {row["name"] for row in users_for(request, parts)}:
        raise NotFound("There is nothing at this address.")
    with parts.database.write() as connection:
        actor = users.get(connection, name)
        details = {"sample": True}
        site_events.append(connection, actor=name, action="sign_in", about=name, details=details)
    assert actor is not None
    answer = shell.go(parts, browser.onward(visitor, str(form.get("next", ""))))
    return browser.signed_in(parts, visitor.session, actor, answer)
