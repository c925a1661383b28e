"""Users of the API and their tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from excudit.domain.errors import NotFound, Rejected
from excudit.domain.model import SERVICE, Actor
from excudit.store import tables_people as t
from excudit.store.publications import new_id, now

PREFIX = "exc_"


def put(connection: Connection, name: str, *, email: str, roles: list[str]) -> None:
    """Add a user, or change one's address and roles. Raises Rejected for the service's name."""
    if name.strip().lower() in ("", SERVICE.name):
        raise Rejected(
            f"{name!r} cannot be a user's name.",
            hint=f"{SERVICE.name} is how the service signs its own acts in the history.",
        )
    values = {"email": email, "roles": sorted(roles)}
    if connection.execute(update(t.users).where(t.users.c.name == name).values(**values)).rowcount:
        return
    connection.execute(insert(t.users), {"name": name, "created_at": now(), **values})


def every(connection: Connection) -> list[dict[str, Any]]:
    """All users by name, without what they sign in with."""
    shown = [c for c in t.users.c if c.name not in ("password", "issuer", "subject", "mail")]
    rows = connection.execute(select(*shown).order_by(t.users.c.name)).mappings()
    return [dict(row) for row in rows]


def get(connection: Connection, name: str) -> Actor | None:
    """The user as an actor; None when unknown."""
    row = connection.execute(select(t.users).where(t.users.c.name == name)).mappings().first()
    return actor_of(row) if row else None


def actor_of(row: Mapping[Any, Any]) -> Actor:
    """A row of users as who acts."""
    return Actor(
        row["name"],
        frozenset(row["roles"]),
        row["email"],
        full_name=row["full_name"],
        orcid=row["orcid"],
        affiliation=row["affiliation"],
    )


def issue_token(
    connection: Connection, user: str, label: str, expires_at: datetime | None
) -> tuple[str, str]:
    """A new token: (id, the token itself). Only its hash is kept; it is shown this once.

    Raises NotFound for an unknown user.
    """
    if get(connection, user) is None:
        raise NotFound(f"There is no user {user}.", hint="`excudit user add NAME` adds one.")
    token, key = PREFIX + secrets.token_urlsafe(32), new_id()
    row = {
        "id": key,
        "user": user,
        "label": label,
        "digest": _digest(token),
        "created_at": now(),
        "expires_at": expires_at,
    }
    connection.execute(insert(t.tokens), row)
    return key, token


def holder(connection: Connection, token: str) -> Actor | None:
    """Whose token it is; None when unknown, expired or revoked.

    The look-up is by hash, so comparing takes the same time whatever is wrong with the token.
    """
    query = (
        select(t.users)
        .join(t.tokens, t.tokens.c.user == t.users.c.name)
        .where(t.tokens.c.digest == _digest(token), t.tokens.c.revoked_at.is_(None))
        .where(or_(t.tokens.c.expires_at.is_(None), t.tokens.c.expires_at > now()))
        .where(t.users.c.disabled_at.is_(None))
    )
    row = connection.execute(query).mappings().first()
    return actor_of(row) if row else None


def tokens(connection: Connection) -> list[dict[str, Any]]:
    """All tokens without their hashes."""
    shown = [c for c in t.tokens.c if c.name != "digest"]
    rows = connection.execute(select(*shown).order_by(t.tokens.c.created_at)).mappings()
    return [dict(row) for row in rows]


def revoke(connection: Connection, token: str) -> None:
    """End a token at once; a token revoked already stays so. Raises NotFound."""
    place = t.tokens.c.id == token
    if connection.execute(select(t.tokens.c.id).where(place)).first() is None:
        raise NotFound(f"There is no token {token}.", hint="`excudit token list` shows them.")
    connection.execute(
        update(t.tokens).where(place, t.tokens.c.revoked_at.is_(None)).values(revoked_at=now())
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def remembered(connection: Connection, user: str, key: str) -> tuple[str, str] | None:
    """The (request digest, publication) of an earlier call with this Idempotency-Key."""
    row = connection.execute(
        select(t.idempotency.c.request, t.idempotency.c.publication).where(
            t.idempotency.c.user == user, t.idempotency.c.key == key
        )
    ).first()
    return (row[0], row[1]) if row else None


def remember(
    connection: Connection, user: str, key: str, request: str, publication: str
) -> tuple[str, str]:
    """Bind an Idempotency-Key to what it makes; returns the (request digest, publication) that
    count, which are the first that were bound, also when two calls come at once."""
    row = {"user": user, "key": key, "request": request, "publication": publication, "at": now()}
    try:
        with connection.begin_nested():
            connection.execute(insert(t.idempotency), row)
    except IntegrityError:
        first = remembered(connection, user, key)
        if first is None:
            raise
        return first
    return request, publication
