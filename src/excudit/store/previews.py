"""Links by which people without an account may read what is not public yet."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from excudit.store import tables_review as t
from excudit.store.publications import new_id, now

_COLUMNS = [c for c in t.previews.c if c.name != "digest"]


@dataclass(frozen=True, slots=True)
class Preview:
    """One link, without what it is called by. `anonymous`: nobody is named on its page."""

    id: str
    publication: str
    note: str
    anonymous: bool
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it leads anywhere: neither revoked nor expired."""
        return self.revoked_at is None and self.expires_at > now()


def add(
    connection: Connection,
    publication: str,
    *,
    by: str,
    note: str,
    anonymous: bool,
    expires_at: datetime,
) -> tuple[Preview, str]:
    """A new link and the token that it is called by; only the token's digest is stored."""
    token = secrets.token_urlsafe(32)
    made = Preview(
        id=new_id(),
        publication=publication,
        note=note,
        anonymous=anonymous,
        created_by=by,
        created_at=now(),
        expires_at=expires_at,
        revoked_at=None,
    )
    values = {c.name: getattr(made, c.name) for c in _COLUMNS}
    connection.execute(insert(t.previews), {**values, "digest": digest_of(token)})
    return made, token


def of(connection: Connection, publication: str) -> list[Preview]:
    """All links of a publication, newest first."""
    query = (
        select(*_COLUMNS)
        .where(t.previews.c.publication == publication)
        .order_by(t.previews.c.id.desc())
    )
    return [Preview(**row) for row in connection.execute(query).mappings()]


def find(connection: Connection, token: str) -> Preview | None:
    """The link that is called by this token; None when unknown, revoked or expired.

    The look-up is by hash, so it takes the same time whatever is wrong with the token.
    """
    query = select(*_COLUMNS).where(t.previews.c.digest == digest_of(token))
    row = connection.execute(query).mappings().first()
    found = Preview(**row) if row else None
    return found if found is not None and found.open else None


def revoke(connection: Connection, publication: str, preview: str) -> bool:
    """Close it at once and for good; False when there is none, or it was closed before."""
    c = t.previews.c
    where = (c.id == preview, c.publication == publication, c.revoked_at.is_(None))
    statement = update(t.previews).where(*where).values(revoked_at=now())
    return bool(connection.execute(statement).rowcount)


def digest_of(token: str) -> str:
    """How a token is stored: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
