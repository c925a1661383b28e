"""The first page of a new publication: which way it goes."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.ports import Receiving
from excudit.service import picking
from excudit.service.parts import Parts
from excudit.settings import Route
from excudit.web import shell
from excudit.web.identity import Wired
from excudit.web.visitors import SignedIn

ROUTER = APIRouter(include_in_schema=False)
KINDS = {
    "registry": "gives it an identifier",
    "repository": "keeps its files",
    "catalogue": "keeps its record",
}
REVIEWS = {
    "one": "A reviewer of this service looks at it first.",
    "auto": "Nobody looks at it first: it is published when all checks pass.",
}


def path_of(route: str, *more: str) -> str:
    """The address of a route's picker."""
    return "/".join(("/publications/new", quote(route, safe=""), *more))


def handing_in(parts: Parts, name: str, route: Route) -> str:
    """Where documents are handed in for the route; "" where its source takes none."""
    takes = isinstance(parts.sources.get(route.source), Receiving)
    return f"/hand-in/{quote(name, safe='')}" if takes else ""


def words_of(parts: Parts, name: str, route: Route) -> dict[str, Any]:
    """A route as pages tell of it."""
    return {
        "name": name,
        "title": route.title or name,
        "source": route.source,
        "places": picking.places(parts, route),
        "review": REVIEWS[route.review],
        "by_hand": route.review == "one" and route.publish == "manual",
        "path": path_of(name),
        "hand_in": handing_in(parts, name, route),
    }


@ROUTER.get("/publications/new")
def new(request: Request, parts: Wired, person: SignedIn) -> Response:
    """All routes; where there is only one, its datasets at once."""
    every = parts.settings.routes
    if len(every) == 1:
        return shell.go(parts, path_of(next(iter(every))))
    shown = [words_of(parts, name, route) for name, route in every.items()]
    values = {"routes": shown, "kinds": KINDS}
    return shell.show(request, person, "picking/routes.html", values)
