"""Who works on a publication beside its owner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from excudit.domain.errors import Conflict, NotFound
from excudit.store import tables_people as p
from excudit.store import tables_review as t
from excudit.store.publications import now

_ONE = select(t.collaborators.c.user).where(
    t.collaborators.c.publication == bindparam("key"), t.collaborators.c.user == bindparam("user")
)


def collaborates(connection: Connection, publication: str, user: str) -> bool:
    """Whether this user works on the publication with its owner."""
    return connection.execute(_ONE, {"key": publication, "user": user}).first() is not None


def of(connection: Connection, publication: str) -> list[dict[str, Any]]:
    """The collaborators of a publication, first to last."""
    query = (
        select(t.collaborators)
        .where(t.collaborators.c.publication == publication)
        .order_by(t.collaborators.c.added_at, t.collaborators.c.user)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def add(connection: Connection, publication: str, user: str, *, by: str) -> bool:
    """Add one; False when they were there already. Raises NotFound for an unknown user."""
    if collaborates(connection, publication, user):
        return False
    row = {"publication": publication, "user": user, "added_by": by, "added_at": now()}
    try:
        with connection.begin_nested():
            connection.execute(insert(t.collaborators), row)
    except IntegrityError as error:
        raise NotFound(
            f"There is no user {user}.", hint="They must have signed in here once."
        ) from error
    return True


def remove(connection: Connection, publication: str, user: str) -> bool:
    """Take one off; False when they were not there."""
    where = (t.collaborators.c.publication == publication, t.collaborators.c.user == user)
    return bool(connection.execute(delete(t.collaborators).where(*where)).rowcount)


def whom(connection: Connection, who: str) -> str:
    """The account of this name or e-mail address. Raises NotFound, and Conflict when several have
    the address."""
    c = p.users.c
    query = select(c.name).where(c.disabled_at.is_(None))
    named = connection.execute(query.where(c.name == who)).scalar()
    if named is not None:
        return str(named)
    found = connection.execute(query.where(func.lower(c.email) == who.lower()).limit(2)).scalars()
    names = list(found) if who else []
    if not names:
        raise NotFound(
            f"There is no account {who!r} here.",
            hint="They must have signed in here once; take their account name or e-mail address.",
        )
    if len(names) > 1:
        raise Conflict(
            f"Several accounts have the address {who}.", hint="Take the account name instead."
        )
    return str(names[0])


def full_names(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """Accounts → what their people are called, where that is known."""
    c = p.users.c
    wanted = sorted(set(names))
    if not wanted:
        return {}
    query = select(c.name, c.full_name).where(c.name.in_(wanted), c.full_name != "")
    return {row[0]: row[1] for row in connection.execute(query)}


def previews(connection: Connection, publication: str) -> int:
    """How many preview links open it now."""
    c = t.previews.c
    query = select(func.count()).where(
        c.publication == publication, c.revoked_at.is_(None), c.expires_at > now()
    )
    return int(connection.execute(query).scalar_one())
