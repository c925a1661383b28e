"""The sample users of the demo: one for each role. They sign in without a password, from this
machine only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from excudit.domain.model import Actor

if TYPE_CHECKING:
    from excudit.service.parts import Parts

OWNER = Actor("ada", frozenset(), "ada@example.org", full_name="Ada")
REVIEWER = Actor("rhea", frozenset({"reviewer"}), "rhea@example.org", full_name="Rhea")
CURATOR = Actor("cuno", frozenset({"curator"}), "cuno@example.org", full_name="Cuno")
ADMIN = Actor("adele", frozenset({"admin"}), "adele@example.org", full_name="Adele")
PEOPLE = (OWNER, REVIEWER, CURATOR, ADMIN)
NAMES = tuple(person.name for person in PEOPLE)


def settle(parts: Parts) -> None:
    """Let the sample users be known; idempotent. Roles that were changed in the demo stay."""
    from excudit.store import users

    with parts.database.write() as connection:
        for person in PEOPLE:
            if users.get(connection, person.name) is None:
                users.put(connection, person.name, email=person.email, roles=sorted(person.roles))
                users.change(connection, person.name, full_name=person.full_name)
