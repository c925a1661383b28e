"""Who works on a publication beside its owner."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from excudit.domain.errors import NotFound
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
