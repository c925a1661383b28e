"""Signing in with a password of ours, and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from excudit.domain.errors import Denied, NotFound, RateLimited
from excudit.service import accounts
from excudit.store import sessions
from excudit.web import shell
from excudit.web.auth import browser
from excudit.web.identity import Wired
from excudit.web.pages.signing import front
from excudit.web.visitors import Posted, SignedIn, Visiting, Visitor, give_cookie, text

ROUTER = APIRouter(include_in_schema=False)
Next = Annotated[str, Query(alias="next")]


@ROUTER.get("/sign-in")
def ways(request: Request, parts: Wired, visitor: Visiting, asked: Next = "") -> Response:
    """The ways to sign in; whoever is signed in goes on."""
    if visitor.actor is not None:
        return shell.go(parts, browser.onward(visitor, asked))
    return front.page(request, parts, visitor, asked)


@ROUTER.post("/sign-in")
def sign_in(request: Request, parts: Wired, visitor: Visiting, form: Posted) -> Response:
    """Sign in with name and password."""
    if not parts.settings.signin.local:
        raise NotFound("Nobody signs in with a password here.")
    name, asked = text(form, "name").strip(), str(form.get("next", ""))
    try:
        actor = accounts.sign_in(
            parts, name, str(form.get("password", "")), address=browser.address_of(request)
        )
    except (Denied, RateLimited) as error:
        # Which of the two is wrong is not said, so both fields are marked by one sentence.
        waits = isinstance(error, RateLimited)
        return front.page(
            request,
            parts,
            visitor,
            asked,
            name=name,
            problems=[("" if waits else "name", error.message), ("", error.hint)],
            status=429 if waits else 422,
            headers=front.wait_of(error),
        )
    answer = shell.go(parts, browser.onward(visitor, asked))
    return browser.signed_in(parts, visitor.session, actor, answer)


@ROUTER.post("/sign-out")
def sign_out(request: Request, parts: Wired, person: SignedIn, form: Posted) -> Response:
    """End this session, or with `everywhere` all of them; then the provider's, if it began there.

    The way to the provider is a page and no redirect: browsers hold `form-action` against where a
    form's answer leads.
    """
    everywhere = form.get("everywhere") == "yes"
    accounts.sign_out(parts, person.actor, person.session.digest, everywhere=everywhere)
    ending = person.session.kept.get("id_token", "")
    name, session = browser.anonymous(parts, {"ending": ending} if ending else {})
    openid = parts.settings.signin.openid if ending else None
    values = {"openid": openid, "everywhere": everywhere}
    answer = shell.show(request, Visitor(session), "signing/signed_out.html", values)
    give_cookie(answer, parts, name)
    return answer


@ROUTER.post("/sign-out/elsewhere")
def sign_out_elsewhere(parts: Wired, person: SignedIn, form: Posted) -> Response:
    """End all of one's other sessions."""
    with parts.database.write() as connection:
        count = sessions.end_all(connection, user=person.actor.name, but=person.session.digest)
    words = f"Signed out of {count} other session{'' if count == 1 else 's'}."
    shell.say(parts, person, words)
    return shell.go(parts, "/account#sessions")
