"""Sessions of browsers, kept on the server: a cookie holds a random name and nothing else."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from excudit.domain.model import Actor
from excudit.store import tables_people as t
from excudit.store.publications import now
from excudit.store.users import actor_of

SEEN_EVERY = timedelta(minutes=1)
_COLUMNS = [c for c in t.sessions.c if c.name != "user"]


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. `actor` is who signed in, none before that; `csrf` must come with every form;
    `kept` is what a sign-in under way must remember and what is to be shown once."""

    digest: str
    csrf: str
    expires_at: datetime
    seen_at: datetime
    actor: Actor | None = None
    issuer: str = ""
    sid: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)


def begin(
    connection: Connection,
    *,
    user: str | None,
    lasts: timedelta,
    issuer: str = "",
    sid: str = "",
    kept: Mapping[str, Any] | None = None,
) -> tuple[str, str]:
    """A new session: (its name for the cookie, its digest). Only the digest is stored."""
    name = secrets.token_urlsafe(32)
    moment = now()
    row = {
        "digest": digest_of(name),
        "user": user,
        "csrf": secrets.token_urlsafe(32),
        "created_at": moment,
        "seen_at": moment,
        "expires_at": moment + lasts,
        "issuer": issuer,
        "sid": sid,
        "kept": dict(kept or {}),
    }
    connection.execute(insert(t.sessions), row)
    return name, str(row["digest"])


def find(connection: Connection, name: str) -> Session | None:
    """The session of this cookie; None when unknown, expired, or its user was disabled.

    The look-up is by hash, so it takes the same time whatever is wrong with the name.
    """
    people = [c.label(f"user_{c.name}") for c in t.users.c]
    query = (
        select(*_COLUMNS, *people)
        .join(t.users, t.users.c.name == t.sessions.c.user, isouter=True)
        .where(t.sessions.c.digest == digest_of(name), t.sessions.c.expires_at > now())
    )
    row = connection.execute(query).mappings().first()
    if row is None or row["user_disabled_at"] is not None:
        return None
    person = {c.name: row[f"user_{c.name}"] for c in t.users.c}
    values = {f: row[f] for f in ("digest", "csrf", "expires_at", "seen_at", "issuer", "sid")}
    actor = actor_of(person) if person["name"] is not None else None
    return Session(**values, kept=dict(row["kept"]), actor=actor)


def prolong(connection: Connection, digest: str, lasts: timedelta) -> None:
    """It was used now: it ends so much later."""
    moment = now()
    _change(connection, digest, seen_at=moment, expires_at=moment + lasts)


def keep(connection: Connection, digest: str, kept: Mapping[str, Any]) -> None:
    """Replace what the session remembers."""
    _change(connection, digest, kept=dict(kept))


def _change(connection: Connection, digest: str, **values: Any) -> None:
    connection.execute(update(t.sessions).where(t.sessions.c.digest == digest).values(**values))


def end(connection: Connection, digest: str) -> None:
    """Sign out; gone already = done."""
    connection.execute(delete(t.sessions).where(t.sessions.c.digest == digest))


def end_all(connection: Connection, *, user: str, but: str = "") -> int:
    """Sign somebody out everywhere, except in the session with the digest `but`."""
    where = (t.sessions.c.user == user, t.sessions.c.digest != but)
    return connection.execute(delete(t.sessions).where(*where)).rowcount


def end_at_provider(connection: Connection, issuer: str, *, sid: str) -> int:
    """End the sessions that belong to one session at the OpenID Provider."""
    where = (t.sessions.c.issuer == issuer, t.sessions.c.sid == sid)
    return connection.execute(delete(t.sessions).where(*where)).rowcount


def sweep(connection: Connection) -> int:
    """Delete what has expired; how many there were."""
    return connection.execute(delete(t.sessions).where(t.sessions.c.expires_at <= now())).rowcount


def digest_of(name: str) -> str:
    """How a session's name is stored: 256 random bits need no slow hash."""
    return hashlib.sha256(name.encode()).hexdigest()
