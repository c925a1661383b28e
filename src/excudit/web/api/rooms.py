"""Rooms of the API: routers with their whole addresses and the ids that the description uses.

The app takes their routes as they are. Including a router would have the framework read the
signature of every endpoint a second time, at each start.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from excudit.web.api.represent import PREFIX


def by_name(route: APIRoute) -> str:
    """An operation's id: the name of its function, which is the only one of that name."""
    return route.name


def room(prefix: str = "", *, tag: str = "") -> APIRouter:
    """An empty room below the address of the API; `tag` is of all its operations."""
    return APIRouter(
        prefix=PREFIX + prefix,
        tags=[tag] if tag else None,
        generate_unique_id_function=by_name,
    )


def below(made: APIRouter) -> list[BaseRoute]:
    """The routes of a room. Raises ValueError for one that is not below the API's address: its
    router was not made by `room`."""
    for route in made.routes:
        if not isinstance(route, APIRoute) or not route.path.startswith(f"{PREFIX}/"):
            raise ValueError(f"{route} is not below {PREFIX}: make its router with rooms.room()")
    return made.routes
