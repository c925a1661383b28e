"""Sessions of browsers, kept on the server: a cookie holds a random name and nothing else."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from excudit.domain.model import Actor
from excudit.store import tables_people as t
from excudit.store.publications import now
from excudit.store.users import actor_of

SEEN_EVERY = timedelta(minutes=1)
LONGEST = timedelta(days=7)
"""Nobody stays signed in longer, however often the session is used."""
KNOWN_FOR = timedelta(days=7)
"""An ended session is still recognised so long, so that what it sends late is kept."""
_COLUMNS = [c for c in t.sessions.c if c.name != "user"]


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. `actor` is who signed in, none before that; `csrf` must come with every form;
    `kept` is what a sign-in under way must remember and what is to be shown once."""

    digest: str
    csrf: str
    created_at: datetime
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
    plain = ("digest", "csrf", "created_at", "expires_at", "seen_at", "issuer", "sid")
    values = {f: row[f] for f in plain}
    actor = actor_of(person) if person["name"] is not None else None
    return Session(**values, kept=dict(row["kept"]), actor=actor)


def prolong(connection: Connection, session: Session, lasts: timedelta) -> datetime:
    """It was used now: it ends so much later, but not after `LONGEST`; returns when."""
    moment = now()
    ends = min(moment + lasts, session.created_at + LONGEST)
    _change(connection, session.digest, seen_at=moment, expires_at=ends)
    return ends


def keep(connection: Connection, digest: str, kept: Mapping[str, Any]) -> None:
    """Replace what the session remembers."""
    _change(connection, digest, kept=dict(kept))


def _change(connection: Connection, digest: str, **values: Any) -> None:
    connection.execute(update(t.sessions).where(t.sessions.c.digest == digest).values(**values))


def whose(connection: Connection, name: str) -> str:
    """Who was signed in by this name within `KNOWN_FOR`, also when it has ended; "" = nobody."""
    found = select(t.sessions.c.user).where(t.sessions.c.digest == digest_of(name))
    return connection.execute(found).scalar() or ""


def of(connection: Connection, user: str) -> list[dict[str, Any]]:
    """The sessions of somebody that have not ended, the last used first."""
    shown = ("digest", "created_at", "seen_at", "expires_at", "issuer")
    query = (
        select(*(t.sessions.c[c] for c in shown))
        .where(t.sessions.c.user == user, t.sessions.c.expires_at > now())
        .order_by(t.sessions.c.seen_at.desc())
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def end(connection: Connection, digest: str) -> None:
    """Sign out; gone already = done. What it remembered is forgotten."""
    _end(connection, t.sessions.c.digest == digest)


def end_all(connection: Connection, *, user: str, but: str = "") -> int:
    """Sign somebody out everywhere, except in the session with the digest `but`."""
    return _end(connection, t.sessions.c.user == user, t.sessions.c.digest != but)


def end_at_provider(
    connection: Connection, issuer: str, *, sid: str = "", user: str | None = None
) -> int:
    """End the sessions that belong to one session at the OpenID Provider, or, without `sid`, all
    that `user` began there; how many there were."""
    where = [t.sessions.c.issuer == issuer]
    if user is not None:
        where.append(t.sessions.c.user == user)
    if sid:
        where.append(t.sessions.c.sid.in_((sid, "") if user is not None else (sid,)))
    return _end(connection, *where)


def _end(connection: Connection, *where: Any) -> int:
    moment = now()
    open_ones = (t.sessions.c.expires_at > moment, *where)
    query = update(t.sessions).where(*open_ones).values(expires_at=moment, kept={})
    return connection.execute(query).rowcount


def sweep(connection: Connection) -> int:
    """Delete what ended more than `KNOWN_FOR` ago, and sessions of nobody as soon as they end; how
    many there were."""
    c = t.sessions.c
    known = or_(c.user.is_(None), c.expires_at <= now() - KNOWN_FOR)
    return connection.execute(delete(t.sessions).where(c.expires_at <= now(), known)).rowcount


def put_aside(
    connection: Connection, body: Mapping[str, Any], lasts: timedelta = timedelta(days=1)
) -> str:
    """Keep something large for a session without making its every look-up slower; returns the
    place, which the session has to remember."""
    return begin(connection, user=None, lasts=lasts, kept={"aside": dict(body)})[1]


def aside(connection: Connection, place: str) -> dict[str, Any] | None:
    """What was put aside; None when it is gone."""
    query = select(t.sessions.c.kept).where(
        t.sessions.c.digest == place, t.sessions.c.expires_at > now()
    )
    kept = connection.execute(query).scalar()
    return dict(kept["aside"]) if kept and "aside" in kept else None


def digest_of(name: str) -> str:
    """How a session's name is stored: 256 random bits need no slow hash."""
    return hashlib.sha256(name.encode()).hexdigest()
