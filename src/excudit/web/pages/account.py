"""One's own account: profile, password, tokens of programs, sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain import permissions
from excudit.domain.errors import Denied, ExcuditError, NotFound, RateLimited, Rejected
from excudit.domain.sentence import Sentence
from excudit.service import profile
from excudit.service.parts import Parts
from excudit.store import sessions, users
from excudit.store.publications import now
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.pages.signing import front
from excudit.web.visitors import Person, Posted, SignedIn, storable, text

ROUTER = APIRouter(prefix="/account", include_in_schema=False)
PROFILE = ("full_name", "orcid", "affiliation", "email")


@ROUTER.get("")
def account(request: Request, parts: Wired, person: SignedIn) -> Response:
    """Everything about one's own account."""
    return _page(request, parts, person)


@ROUTER.post("")
def change_profile(request: Request, parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Change what one says of oneself."""
    typed = {name: text(form, name) for name in PROFILE}
    try:
        profile.change_profile(
            parts,
            person.actor,
            full_name=typed["full_name"],
            orcid=typed["orcid"],
            affiliation=typed["affiliation"],
            email=typed["email"] if "email" in form else None,
        )
    except Rejected as error:
        return _page(request, parts, person, typed=typed, error=error)
    shell.say(parts, person, "Your profile is saved.")
    return shell.go(parts, "/account")


@ROUTER.post("/password")
def change_password(request: Request, parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Change one's password; one's other sessions end."""
    current, new = str(form.get("current_password", "")), str(form.get("new_password", ""))
    try:
        profile.change_password(parts, person.actor, current, new, session=person.session.digest)
    except Denied as error:
        return _page(request, parts, person, error=error, wrong="current_password")
    except RateLimited as error:
        return _page(request, parts, person, error=error, status=429)
    except Rejected as error:
        return _page(request, parts, person, error=error, wrong="new_password")
    shell.say(parts, person, "Your password is changed, and your other sessions have ended.")
    return shell.go(parts, "/account")


@ROUTER.post("/tokens")
def make_token(request: Request, parts: Wired, person: SignedIn, form: Posted) -> Response:
    """Make a token for one's programs; this answer is the only one that shows it."""
    typed = {"label": text(form, "label"), "days": text(form, "days")}
    scopes = [storable(scope, "scopes") for scope in form.getlist("scopes")]
    try:
        made = profile.make_token(
            parts, person.actor, label=typed["label"], scopes=scopes, days=_days(typed["days"])
        )
    except Rejected as error:
        return _page(request, parts, person, typed={**typed, "scopes": scopes}, error=error)
    return shell.show(
        request,
        person,
        "account/token.html",
        {"made": made, "label": typed["label"].strip()},
        headers={"Cache-Control": "no-store"},
    )


@ROUTER.post("/tokens/{token}/revoke")
def revoke_token(parts: Wired, person: SignedIn, form: Posted, token: str) -> Response:
    """End one of one's own tokens at once."""
    profile.revoke_token(parts, person.actor, storable(token, "the address"))
    shell.say(parts, person, "The token is revoked: it does not work any more.")
    return shell.go(parts, "/account#tokens")


@ROUTER.post("/sessions/{session}/end")
def end_session(parts: Wired, person: SignedIn, form: Posted, session: str) -> Response:
    """Sign out one of one's own browsers."""
    if not profile.end_session(parts, person.actor, storable(session, "the address")):
        raise NotFound("There is no such session of yours.")
    shell.say(parts, person, "That session has ended.")
    return shell.go(parts, "/account#sessions")


def _days(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    *,
    typed: Mapping[str, Any] | None = None,
    error: ExcuditError | None = None,
    wrong: str = "",
    status: int = 422,
) -> Response:
    with parts.database.read() as connection:
        mine = users.profile(connection, person.actor.name)
        tokens = users.tokens(connection, person.actor.name)
        open_sessions = sessions.of(connection, person.actor.name)
    assert mine is not None
    errors = _errors(error, wrong)
    values = {
        "mine": mine,
        "typed": {**_blank(mine), **(typed or {})},
        "errors": defaultdict(str, errors),
        "problems": [(id_of(field), words) for field, words in errors.items()],
        "tokens": [t for t in tokens if t["revoked_at"] is None],
        "now": now(),
        "sessions": open_sessions,
        "this_session": person.session.digest,
        "scopes": list(permissions.SCOPES.items()),
        "longest_days": profile.LONGEST_DAYS,
        "failed": error is not None,
    }
    headers = front.wait_of(error) if error else {}
    code = status if error else 200
    return shell.show(request, person, "account/account.html", values, status=code, headers=headers)


def _blank(mine: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: mine[name] for name in PROFILE}
    return {**shown, "label": "", "days": str(profile.DEFAULT_DAYS), "scopes": ["read"]}


def _errors(error: ExcuditError | None, wrong: str) -> dict[str, str]:
    """Field → what is wrong with it; "" is the whole."""
    if error is None:
        return {}
    if wrong or not error.problems:
        return {wrong: Sentence.joined(error.message, error.hint)}
    said: dict[str, str] = {}
    for problem in error.problems:
        place = problem.where.lstrip("/")
        said[place] = f"{said.get(place, '')} {problem.message} {problem.mend}".strip()
    return said


def id_of(field: str) -> str:
    """Where the summary leads to: a group of boxes begins with its first."""
    return "scopes-read" if field == "scopes" else field
