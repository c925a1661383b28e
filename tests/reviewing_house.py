"""Requests that wait for reviewers, and the people around them."""

from __future__ import annotations

from typing import Any

from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.store import collaborators, publications, users
from excudit.store import events as stored
from web_house import House


def person(house: House, name: str, *roles: str) -> Actor:
    """Somebody with an account and these roles."""
    house.token(name, *roles)
    with house.parts.database.read() as connection:
        found = users.get(connection, name)
    assert found is not None
    return found


def waiting(house: House, **columns: Any) -> Publication:
    """A request of ada's that was frozen and taken in; with other columns as asked."""
    values = {"state": "in_review", "round": 1, "page_open": False, "published_at": None}
    return house.opened(doi="", **values | columns)


def with_help_of(house: House, publication: Publication, name: str) -> None:
    """Let somebody work on it with its owner."""
    with house.parts.database.write() as connection:
        collaborators.add(connection, publication.id, name, by="ada")


def now(house: House, publication: Publication) -> Publication:
    """How it stands."""
    with house.parts.database.read() as connection:
        return publications.get(connection, publication.id)


def told(house: House, publication: Publication, action: str) -> list[Any]:
    """What its history says of one action."""
    with house.parts.database.read() as connection:
        return [e for e in stored.of(connection, publication.id) if e.action == action]
