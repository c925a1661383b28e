"""People who may use this service, and the tokens of their programs."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from excudit.domain.errors import NotFound, Rejected
from excudit.domain.model import SERVICE, Actor
from excudit.store import tables_people as t
from excudit.store.publications import new_id, now

PREFIX = "exc_"
USED_EVERY = timedelta(minutes=1)
_SECRET = ("password", "mail")


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who holds a token, and what it may be used for (nothing named = everything)."""

    actor: Actor
    token: str
    scopes: tuple[str, ...]
    used_at: datetime | None


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
    hidden = (*_SECRET, "issuer", "subject")
    shown = [c for c in t.users.c if c.name not in hidden]
    rows = connection.execute(select(*shown).order_by(t.users.c.name)).mappings()
    return [dict(row) for row in rows]


def page(
    connection: Connection, *, words: str = "", after: str = "", limit: int = 50
) -> list[dict[str, Any]]:
    """Users by name, those after `after`, whose name, full name or address holds the words; each
    with `local`, whether they have a password here."""
    query = _shown().where(t.users.c.name > after).order_by(t.users.c.name).limit(limit)
    if words.strip():
        texts = (t.users.c.name, t.users.c.full_name, t.users.c.email)
        wanted = words.strip().lower()
        query = query.where(or_(*(func.lower(c).contains(wanted, autoescape=True) for c in texts)))
    return [dict(row) for row in connection.execute(query).mappings()]


def profile(connection: Connection, name: str) -> dict[str, Any] | None:
    """One of `page`."""
    row = connection.execute(_shown().where(t.users.c.name == name)).mappings().first()
    return dict(row) if row else None


def _shown() -> Select[Any]:
    plain = [c for c in t.users.c if c.name not in _SECRET]
    return select(*plain, (t.users.c.password != "").label("local"))


def by_subject(connection: Connection, issuer: str, subject: str) -> dict[str, Any] | None:
    """Whoever an OpenID Provider calls so; None when nobody."""
    where = (t.users.c.issuer == issuer, t.users.c.subject == subject, t.users.c.subject != "")
    row = connection.execute(_shown().where(*where)).mappings().first()
    return dict(row) if row else None


def password_of(connection: Connection, name: str) -> str | None:
    """The stored hash; None for a user who is unknown, disabled or without a password."""
    query = select(t.users.c.password).where(
        t.users.c.name == name, t.users.c.disabled_at.is_(None), t.users.c.password != ""
    )
    return connection.execute(query).scalar()


def change(connection: Connection, name: str, **values: Any) -> None:
    """Set columns of one user. Raises NotFound."""
    place = t.users.c.name == name
    if not connection.execute(update(t.users).where(place).values(**values)).rowcount:
        raise unknown(name)


def unknown(name: str) -> NotFound:
    """What is said of a user whom nobody knows."""
    return NotFound(f"There is no user {name}.", hint="`excudit user add NAME` adds one.")


def get(connection: Connection, name: str) -> Actor | None:
    """The user as an actor; None when unknown."""
    row = connection.execute(select(t.users).where(t.users.c.name == name)).mappings().first()
    return actor_of(row) if row else None


def by_email(connection: Connection, email: str) -> Actor | None:
    """The account that was given this address first; None for a stranger."""
    query = select(t.users).where(func.lower(t.users.c.email) == email.lower())
    row = connection.execute(query.order_by(t.users.c.name).limit(1)).mappings().first()
    return actor_of(row) if row and email else None


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
    connection: Connection,
    user: str,
    label: str,
    expires_at: datetime | None,
    scopes: Sequence[str] = (),
) -> tuple[str, str]:
    """A new token: (id, the token itself). Only its hash is kept; it is shown this once.

    Raises NotFound for an unknown user.
    """
    if get(connection, user) is None:
        raise unknown(user)
    token, key = PREFIX + secrets.token_urlsafe(32), new_id()
    row = {
        "id": key,
        "user": user,
        "label": label,
        "digest": _digest(token),
        "created_at": now(),
        "expires_at": expires_at,
        "scopes": sorted(scopes),
    }
    connection.execute(insert(t.tokens), row)
    return key, token


def bearer(connection: Connection, token: str) -> Bearer | None:
    """Whose token it is and what for; None when unknown, expired or revoked, or its user disabled.

    The look-up is by hash, so comparing takes the same time whatever is wrong with the token.
    """
    own = [t.tokens.c[c].label(f"token_{c}") for c in ("id", "scopes", "used_at")]
    query = (
        select(t.users, *own)
        .join(t.tokens, t.tokens.c.user == t.users.c.name)
        .where(t.tokens.c.digest == _digest(token), t.tokens.c.revoked_at.is_(None))
        .where(or_(t.tokens.c.expires_at.is_(None), t.tokens.c.expires_at > now()))
        .where(t.users.c.disabled_at.is_(None))
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    scopes = tuple(row["token_scopes"])
    return Bearer(actor_of(row), row["token_id"], scopes, row["token_used_at"])


def holder(connection: Connection, token: str) -> Actor | None:
    """Whose token it is; None as for `bearer`."""
    found = bearer(connection, token)
    return found.actor if found else None


def used(connection: Connection, token: str) -> None:
    """The token with this id was used now."""
    connection.execute(update(t.tokens).where(t.tokens.c.id == token).values(used_at=now()))


def tokens(connection: Connection, user: str | None = None) -> list[dict[str, Any]]:
    """All tokens, or one user's, without their hashes, oldest first."""
    shown = [c for c in t.tokens.c if c.name != "digest"]
    query = select(*shown).order_by(t.tokens.c.created_at, t.tokens.c.id)
    if user is not None:
        query = query.where(t.tokens.c.user == user)
    return [dict(row) for row in connection.execute(query).mappings()]


def revoke(connection: Connection, token: str, *, user: str | None = None) -> None:
    """End a token at once; a token revoked already stays so. Raises NotFound, also when it is
    not `user`'s."""
    place = t.tokens.c.id == token
    if user is not None:
        place &= t.tokens.c.user == user
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
