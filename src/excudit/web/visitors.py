"""Who visits with a browser: the session behind the cookie, and the forms it sends."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import anyio.from_thread
from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from excudit.domain.errors import Rejected
from excudit.domain.model import Actor
from excudit.domain.storable import UNSTORABLE
from excudit.service.parts import Parts
from excudit.store import sessions
from excudit.store.publications import now
from excudit.store.sessions import Session
from excudit.web.identity import Wired

COOKIE = "excudit"
FIELDS = 50_000
"""Fields of one form at most; a page of the metadata form has a few hundred."""
FIELD_BYTES = 2 * 1024 * 1024
_DOOR = re.compile(r"[A-Za-z0-9_-]{43}")
SENT_AGAIN = "sent_again"
"""The field of a form that waited for a sign-in: where it waited."""


class SignInNeeded(Exception):
    """Nobody is signed in; the visitor is led to the sign-in page and back here."""


class Forged(Exception):
    """A form without the session's own mark: an old page, or somebody else's."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser. `session` is none while there is nothing to keep for it; `door` is then the name
    in its cookie, which stands in no database."""

    session: Session | None
    door: str = ""

    @property
    def actor(self) -> Actor | None:
        """Who is signed in."""
        return self.session.actor if self.session else None

    @property
    def csrf(self) -> str:
        """What every form must carry; before there is a session it is made from the cookie's name,
        which no page and no script can read."""
        if self.session is not None:
            return self.session.csrf
        made = hmac.new(self.door.encode(), b"the mark of a form", hashlib.sha256)
        return made.hexdigest() if self.door else ""


@dataclass(frozen=True, slots=True)
class Person:
    """A visitor who is signed in."""

    actor: Actor
    session: Session

    @property
    def csrf(self) -> str:
        """What every form must carry."""
        return self.session.csrf


def lasts(parts: Parts) -> timedelta:
    """How long a session lasts after its last use."""
    return timedelta(minutes=parts.settings.signin.session_minutes)


def at_the_door() -> Visitor:
    """A browser that comes for the first time; its cookie is to be called as its `door`."""
    return Visitor(None, secrets.token_urlsafe(32))


def visitor(request: Request, parts: Wired) -> Visitor:
    """The session behind the cookie; using it prolongs it."""
    name = request.cookies.get(COOKIE, "")
    if not name:
        return Visitor(None)
    with parts.database.read() as connection:
        found = sessions.find(connection, name)
    if found and found.actor and now() - found.seen_at > sessions.SEEN_EVERY:
        with parts.database.write() as connection:
            ends = sessions.prolong(connection, found, lasts(parts))
        found = replace(found, expires_at=ends)
    if found is None:
        return Visitor(None, name if _DOOR.fullmatch(name) else "")
    return Visitor(found)


Visiting = Annotated[Visitor, Depends(visitor)]


def person(visiting: Visiting) -> Person:
    """Who is signed in. Raises SignInNeeded."""
    if visiting.session is None or visiting.session.actor is None:
        raise SignInNeeded
    return Person(visiting.session.actor, visiting.session)


SignedIn = Annotated[Person, Depends(person)]


def posted(request: Request, visiting: Visiting) -> FormData:
    """The form of a POST, after its mark and its origin were compared with the session's.

    Raises Forged. The mark comes as the field `csrf` or the header X-CSRF-Token.
    """
    form = form_of(request)
    sent = request.headers.get("x-csrf-token", "") or str(form.get("csrf", ""))
    known = visiting.csrf
    if not known or not hmac.compare_digest(known.encode(), sent.encode()):
        raise Forged
    if not is_from_here(request):
        raise Forged
    _sent_again(request, visiting.session, form)
    return form


def _sent_again(request: Request, session: Session | None, form: FormData) -> None:
    """What was kept because it came too late has come again."""
    place = str(form.get(SENT_AGAIN, ""))
    if session is None or not place or session.kept.get("held") != place:
        return
    kept = {k: v for k, v in session.kept.items() if k != "held"}
    with request.app.state.parts.database.write() as connection:
        sessions.end(connection, place)
        sessions.keep(connection, session.digest, kept)


def form_of(request: Request) -> FormData:
    """The body as a form, read once; 400 for a broken one."""
    if not hasattr(request.state, "form"):
        request.state.form = anyio.from_thread.run(_read, request)
    form: FormData = request.state.form
    return form


def _read(request: Request) -> Any:
    return request.form(max_fields=FIELDS, max_part_size=FIELD_BYTES)


def is_from_here(request: Request) -> bool:
    """Whether the browser says that the form was on a page of ours (Fetch Metadata, Origin)."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin", "")
    if not origin or origin == "null":
        return origin != "null"
    site = urlsplit(request.app.state.parts.settings.site.base_url)
    said = urlsplit(origin).netloc
    return said in (site.netloc, request.headers.get("host", ""))


Posted = Annotated[FormData, Depends(posted)]


def text(form: FormData, name: str) -> str:
    """One field as text, "" when it was not sent. Raises Rejected for what no database keeps."""
    return storable(form.get(name, ""), name)


def storable(said: object, where: str) -> str:
    """What somebody said, as text. Raises Rejected for a NUL or half a surrogate pair."""
    words = said if isinstance(said, str) else ""
    if UNSTORABLE.search(words):
        raise Rejected(
            f"The text in {where} holds a NUL character or half a surrogate pair.",
            hint="Remove it.",
        )
    return words


def give_cookie(response: Response, parts: Parts, name: str) -> None:
    """Tell the browser the name of its session; empty takes it away."""
    secure = parts.settings.site.base_url.startswith("https:")
    path = urlsplit(parts.settings.site.base_url).path.rstrip("/") or "/"
    if name:
        response.set_cookie(COOKIE, name, httponly=True, secure=secure, samesite="lax", path=path)
    else:
        response.delete_cookie(COOKIE, httponly=True, secure=secure, samesite="lax", path=path)


def remember(parts: Parts, session: Session, kept: Mapping[str, Any]) -> None:
    """Replace what the session remembers."""
    with parts.database.write() as connection:
        sessions.keep(connection, session.digest, kept)
