"""Who may review what: people whose account counts and whose role covers the route."""

from __future__ import annotations

from typing import Any

from excudit.domain import permissions
from excudit.domain.publication import Publication
from excudit.store import queue
from excudit.store.database import Connection

JUDGES = frozenset({"reviewer", "curator", "admin"})


def judges(roles: Any, route: str) -> bool:
    """Whether these roles decide on publications of the route."""
    return bool(permissions.roles_on(roles, route) & JUDGES)


def on(connection: Connection, route: str) -> dict[str, str]:
    """Everybody who may review on this route: account → name as people write it, in order."""
    return {
        person["name"]: person["full_name"]
        for person in queue.people_with_roles(connection)
        if judges(person["roles"], route)
    }


def by_role(connection: Connection, route: str) -> list[str]:
    """The accounts of those whose work it is to review on this route, in order; admins, who may
    too, are not among them for that alone."""
    work = JUDGES - {"admin"}
    return [
        person["name"]
        for person in queue.people_with_roles(connection)
        if permissions.roles_on(person["roles"], route) & work
    ]


def still_there(connection: Connection, publication: Publication) -> dict[str, Any]:
    """The reviewer of a request that comes back, as columns to change: nothing while they may
    still review it, else nobody."""
    gone = publication.reviewer and publication.reviewer not in on(connection, publication.route)
    return {"reviewer": ""} if gone else {}


def lost(publication: Publication) -> dict[str, str]:
    """What the event says when a request goes back to nobody."""
    return {
        "reviewer": "",
        "was": publication.reviewer,
        "why": f"{publication.reviewer} cannot review it any more.",
    }
