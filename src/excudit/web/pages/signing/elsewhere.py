"""Signing in at the OpenID Provider, and hearing from it when somebody signed out there."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from excudit.domain.errors import Denied, ExcuditError, NotFound, RateLimited
from excudit.service import accounts
from excudit.service.parts import Parts
from excudit.store import throttle
from excudit.store.publications import now
from excudit.web import kinds, shell
from excudit.web.auth import browser
from excudit.web.auth.provider import Provider
from excudit.web.identity import Wired
from excudit.web.pages.signing import front
from excudit.web.pages.signing.here import Next
from excudit.web.visitors import Visiting, Visitor, form_of, give_cookie, remember

ROUTER = APIRouter(prefix="/sign-in/openid", include_in_schema=False)
UNDER_WAY = 5
"""Sign-ins that one browser may have begun in several tabs."""
BY_STRANGERS = 200
"""Sign-ins that new browsers of one address may begin within a quarter of an hour."""
LASTS_S = 900
_TEXT = Query(max_length=4000)


def provider_of(request: Request) -> Provider:
    """The OpenID Provider of the settings. Raises NotFound."""
    found: Provider | None = request.app.state.provider
    if found is None:
        raise NotFound("This service knows no sign-in service of an organisation.")
    return found


@ROUTER.get("")
def begin(request: Request, parts: Wired, visitor: Visiting, asked: Next = "") -> Response:
    """Send the browser to the provider; its session remembers what must come back."""
    provider = provider_of(request)
    try:
        if visitor.session is None:
            _count(request, parts)
        url, begun = provider.start()
    except ExcuditError as error:
        return _failed(request, parts, visitor, error)
    fresh, session = "", visitor.session
    if session is None:
        fresh, session = browser.anonymous(parts)
    under_way = [*session.kept.get("openid", ()), {**begun, "next": asked, "at": time.time()}]
    remember(parts, session, {**session.kept, "openid": under_way[-UNDER_WAY:]})
    answer = RedirectResponse(url, 303, dict(shell.PRIVATE))
    if fresh:
        give_cookie(answer, parts, fresh)
    return answer


def _count(request: Request, parts: Parts) -> None:
    with parts.database.write() as connection:
        waits = throttle.take(connection, f"begin {browser.address_of(request)}", BY_STRANGERS)
    if (wait_s := (waits - now()).total_seconds()) > 0:
        raise accounts.too_often(wait_s)


@ROUTER.get("/back")
def back(
    request: Request,
    parts: Wired,
    visitor: Visiting,
    state: Annotated[str, _TEXT] = "",
    code: Annotated[str, _TEXT] = "",
    iss: Annotated[str, _TEXT] = "",
    error: Annotated[str, _TEXT] = "",
    error_description: Annotated[str, _TEXT] = "",
) -> Response:
    """The browser comes back from the provider, with a code or a refusal."""
    provider = provider_of(request)
    try:
        begun = _begun(parts, visitor, state)
        if error or not code:
            raise Denied(
                "Your organisation's sign-in service did not let you in.",
                hint="Begin again from the sign-in page, or ask your organisation's helpdesk.",
                remote=f"{error}: {error_description}".strip(": "),
            )
        found = provider.finish(code, begun, iss)
        address = browser.address_of(request)
        actor = accounts.admit(parts, provider.openid, found.claims, address=address)
    except ExcuditError as refusal:
        return _failed(request, parts, visitor, refusal)
    return browser.signed_in(
        parts,
        visitor.session,
        actor,
        shell.go(parts, browser.onward(visitor, begun["next"])),
        issuer=provider.openid.issuer,
        sid=found.sid,
        kept={"id_token": found.id_token},
    )


def _begun(parts: Parts, visitor: Visitor, state: str) -> Mapping[str, Any]:
    """The sign-in that this very browser began; it counts once."""
    session = visitor.session
    under_way = session.kept.get("openid", []) if session else []
    found = [s for s in under_way if state and hmac.compare_digest(_b(s["state"]), _b(state))]
    if session is None or not found or time.time() - found[0]["at"] > LASTS_S:
        raise Denied(
            "This sign-in was not begun in this browser, or it is over.",
            hint="Begin again from the sign-in page; cookies have to be allowed.",
        )
    rest = [s for s in under_way if s is not found[0]]
    remember(parts, session, {**session.kept, "openid": rest})
    begun: Mapping[str, Any] = found[0]
    return begun


def _b(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _failed(request: Request, parts: Parts, visitor: Visitor, error: ExcuditError) -> Response:
    return front.refused(request, parts, visitor, error, kinds.of_error(error).status)


@ROUTER.get("/end")
def end(request: Request, parts: Wired, visitor: Visiting) -> Response:
    """Signed out here: now at the provider (RP-Initiated Logout 1.0)."""
    provider, session = provider_of(request), visitor.session
    id_token = session.kept.get("ending", "") if session else ""
    if session is None or not id_token:
        return shell.go(parts, "/sign-in/openid/ended")
    remember(parts, session, {k: v for k, v in session.kept.items() if k != "ending"})
    try:
        url = provider.end_url(id_token)
    except ExcuditError as error:
        return _failed(request, parts, visitor, error)
    to = url or f"{parts.settings.site.base_url.rstrip('/')}/sign-in/openid/ended"
    return RedirectResponse(to, 303, dict(shell.PRIVATE))


@ROUTER.get("/ended")
def ended(request: Request, visitor: Visiting) -> Response:
    """Signed out here and there."""
    values = {"openid": None, "everywhere": False}
    return shell.show(request, visitor, "signing/signed_out.html", values)


@ROUTER.post("/logout")
def logout(request: Request, parts: Wired) -> Response:
    """The provider tells that somebody signed out (Back-Channel Logout 1.0). A token counts once:
    a copy of it must not end sessions that began later."""
    provider = provider_of(request)
    try:
        claims = provider.signed_out(str(form_of(request).get("logout_token", "")))
        key = f"logout {hashlib.sha256(_b(claims['jti'])).hexdigest()}"
        with parts.database.write() as connection:
            if throttle.take(connection, key, 1) > now():
                raise Denied("This logout token was used already.")
        accounts.signed_out_there(
            parts,
            provider.openid.issuer,
            subject=claims.get("sub") or "",
            sid=claims.get("sid") or "",
        )
    except NotFound:
        # Nobody of that name has a session here: as asked.
        pass
    except RateLimited:
        raise
    except ExcuditError as error:
        words = f"{error.message} {error.remote}".strip()
        status = 400 if isinstance(error, Denied) else kinds.of_error(error).status
        return JSONResponse(
            {"error": "invalid_request", "error_description": words},
            status,
            {"Cache-Control": "no-store"},
        )
    return Response(status_code=200, headers={"Cache-Control": "no-store"})
