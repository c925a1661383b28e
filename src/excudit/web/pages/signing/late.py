"""Nothing typed is lost: what is sent too late waits until its person has signed in."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from excudit.service.parts import Parts
from excudit.web import kinds, problems, rendering, shell
from excudit.web.auth import browser, held
from excudit.web.identity import Wired
from excudit.web.visitors import (
    SENT_AGAIN,
    Forged,
    Posted,
    SignedIn,
    SignInNeeded,
    Visitor,
    form_of,
    give_cookie,
    is_from_here,
    remember,
)
from excudit.web.visitors import visitor as visitor_of

ROUTER = APIRouter(include_in_schema=False)
SHOWN = 2000
"""Signs of one field that the page shows; all of them are sent."""


def install(app: FastAPI) -> None:
    """Answer requests of people who are not signed in, and forms with an old mark."""
    app.add_exception_handler(SignInNeeded, _late)
    app.add_exception_handler(Forged, _late)


def _late(request: Request, error: Exception) -> Response:
    parts: Parts = request.app.state.parts
    visitor = visitor_of(request, parts)
    if request.method == "POST" and not is_from_here(request):
        return _stranger(request)
    if request.headers.get("hx-request") == "true" or "x-csrf-token" in request.headers:
        return _for_script(signed_in=visitor.actor is not None)
    if request.method != "POST":
        return _to_sign_in(parts, _address(request))
    return _kept(request, parts, visitor)


def _stranger(request: Request) -> Response:
    return problems.answer(
        request,
        kinds.of_status(403),
        "This form does not come from a page of this service; nothing was done.",
        more={"hint": "Open the page here, and send it from there."},
    )


def _for_script(*, signed_in: bool) -> Response:
    """The page stays as it is; the script says what to do."""
    state = "stale" if signed_in else "ended"
    words = "The page is too old." if signed_in else "Your session has ended."
    headers = {"HX-Reswap": "none", "Excudit-Session": state, "Cache-Control": "no-store"}
    return JSONResponse({"session": state, "detail": words}, 401, headers)


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _to_sign_in(parts: Parts, back: str, *, cookie: str = "") -> Response:
    to = f"{rendering.root(parts.settings.site)}/sign-in?{urlencode({'next': back})}"
    answer = RedirectResponse(to, 303, {"Cache-Control": "no-store"})
    if cookie:
        give_cookie(answer, parts, cookie)
    return answer


def _kept(request: Request, parts: Parts, visitor: Visitor) -> Response:
    """Keep the form in the browser's session, and show what to do with it."""
    try:
        place = held.hold(parts, request, form_of(request))
    except HTTPException as error:
        return problems.answer(request, kinds.of_status(error.status_code), error.detail)
    if place is None and visitor.actor is None and request.url.path.startswith("/sign-in"):
        return _to_sign_in(parts, "")
    cookie, session = "", visitor.session
    if session is None:
        cookie, session = browser.anonymous(parts)
    if place is not None:
        held.forget(parts, session)
        remember(parts, session, {**session.kept, "held": place})
    if visitor.actor is None:
        return _to_sign_in(parts, "", cookie=cookie)
    if place is None:
        return _too_old(request)
    return _page(request, parts, Visitor(session), place=place, status=403)


def _too_old(request: Request) -> Response:
    return problems.answer(
        request,
        kinds.of_status(403),
        "This page was too old to be sent.",
        more={"hint": "Go back, load the page again, and send it once more."},
    )


def _page(
    request: Request, parts: Parts, visitor: Visitor, *, place: str = "", status: int = 200
) -> Response:
    assert visitor.session is not None
    session = visitor.session
    found = held.at(parts, place or session.kept.get("held", ""))
    name = visitor.actor.name if visitor.actor else ""
    # What another person typed in this browser waits on for that person.
    if found is None or found.person not in ("", name):
        return shell.go(parts, browser.HOME)
    values: Mapping[str, object] = {
        "held": found,
        "shown": SHOWN,
        "stale": status == 403,
        "sent_again": SENT_AGAIN,
    }
    return shell.show(request, visitor, "signing/held.html", values, status=status)


@ROUTER.get("/sign-in/held")
def waiting(request: Request, parts: Wired, person: SignedIn) -> Response:
    """What was typed before, with a button that sends it now."""
    return _page(request, parts, Visitor(person.session))


@ROUTER.post("/sign-in/held/forget")
def forget(parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Do not send it."""
    found = held.at(parts, person.session.kept.get("held", ""))
    held.forget(parts, person.session)
    back = found.page.removeprefix(rendering.root(parts.settings.site)) if found else ""
    return shell.go(parts, browser.ours(back) if back else browser.HOME)
