"""What was typed into a page whose session had ended, or whose mark was too old: kept on the server
until the same browser has signed in, and sent only when the person says so."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData

from excudit.service.parts import Parts
from excudit.store import sessions, throttle
from excudit.store.publications import now
from excudit.store.sessions import Session
from excudit.web.auth.browser import address_of
from excudit.web.visitors import COOKIE, remember

LARGEST = 2 * 1024 * 1024
BY_STRANGERS = 20
"""Forms kept from one address within a quarter of an hour, where nobody was signed in before."""
_NEVER = ("/sign-in", "/sign-out", "/account/password")


@dataclass(frozen=True, slots=True)
class Held:
    """A form that waits: where it was going to, from which page, and its fields in their order;
    `person` is whose it is, "" where that is not known."""

    place: str
    path: str
    page: str
    fields: tuple[tuple[str, str], ...]
    person: str = ""


def hold(parts: Parts, request: Request, form: FormData) -> str | None:
    """Put a form aside; its place, or None when it is not to be kept: a password, a file too large,
    or too many from somebody unknown. Files are left out."""
    if request.url.path.startswith(_NEVER):
        return None
    fields = [[k, v] for k, v in form.multi_items() if isinstance(v, str) and k != "csrf"]
    if any("password" in name.lower() for name, _ in fields):
        return None
    if sum(len(part.encode("utf-8", "replace")) for pair in fields for part in pair) > LARGEST:
        return None
    if any("\x00" in part or not _encodable(part) for pair in fields for part in pair):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    with parts.database.write() as connection:
        person = sessions.whose(connection, request.cookies.get(COOKIE, ""))
        if not person:
            waits = throttle.take(connection, f"held {address_of(request)}", BY_STRANGERS)
            if waits > now():
                return None
        body = {
            "path": request.url.path + query,
            "page": urlsplit(request.headers.get("referer", "")).path,
            "fields": fields,
            "person": person,
        }
        return sessions.put_aside(connection, body)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def at(parts: Parts, place: str) -> Held | None:
    """What was put there; None when nothing is any more."""
    if not place:
        return None
    with parts.database.read() as connection:
        found = sessions.aside(connection, place)
    if found is None:
        return None
    fields = tuple((name, value) for name, value in found["fields"])
    return Held(place, found["path"], found["page"], fields, found.get("person", ""))


def forget(parts: Parts, session: Session) -> None:
    """Nothing waits any more."""
    if place := session.kept.get("held"):
        with parts.database.write() as connection:
            sessions.end(connection, place)
        remember(parts, session, {k: v for k, v in session.kept.items() if k != "held"})
