"""Which mails people want at once, once a day, or not at all; and where they are reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select, update

from excudit.store import tables_people as t


def get(connection: Connection, user: str) -> dict[str, str]:
    """The choices of a user: kind of mail → "digest" or "off"; the others come at once."""
    query = select(t.users.c.mail).where(t.users.c.name == user)
    return dict(connection.execute(query).scalar() or {})


def put(connection: Connection, user: str, choices: Mapping[str, str]) -> None:
    """Replace the choices of a user."""
    connection.execute(update(t.users).where(t.users.c.name == user).values(mail=dict(choices)))


def of_addresses(connection: Connection, addresses: Iterable[str]) -> dict[str, dict[str, str]]:
    """Address → the choices of whose it is; addresses of nobody here are left out."""
    c = t.users.c
    query = select(c.email, c.mail).where(c.email.in_(sorted(addresses)), c.email != "")
    return {row[0]: dict(row[1] or {}) for row in connection.execute(query.order_by(c.name))}


def addresses(connection: Connection, users: Iterable[str]) -> dict[str, str]:
    """User → mail address, for those who have one and whose account counts."""
    c = t.users.c
    wanted = sorted(set(users) - {""})
    query = select(c.name, c.email).where(
        c.name.in_(wanted), c.email != "", c.disabled_at.is_(None)
    )
    found = {row[0]: row[1] for row in connection.execute(query)} if wanted else {}
    return {user: found[user] for user in wanted if user in found}
