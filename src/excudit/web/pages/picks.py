"""What the pickers ask while somebody types; importing metadata is a neighbour of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from starlette.responses import Response

from excudit.service import names
from excudit.web.identity import Wired
from excudit.web.pages import imports
from excudit.web.shell import PRIVATE
from excudit.web.visitors import SignedIn

ROUTER = APIRouter(include_in_schema=False)
ROUTER.routes.extend(imports.ROUTER.routes)


@ROUTER.get("/pick/{kind}")
def pick(
    parts: Wired,
    person: SignedIn,
    kind: Annotated[str, Path(max_length=40)],
    text: Annotated[str, Query()] = "",
) -> Response:
    """The choices for what was typed, as JSON for `60-picks.js`."""
    found = names.find(parts, person.actor, kind, text)
    shown = [
        {"value": p.value, "name": p.name, "note": p.note, "id": p.id, "fills": dict(p.fills)}
        for p in found
    ]
    words = {"said": _said(len(shown)), "chosen": "%s chosen."}
    return JSONResponse({"picks": shown, **words}, headers=PRIVATE)


def _said(count: int) -> str:
    """What a screen reader says while the list opens."""
    if count == 0:
        return "No match. What you typed is kept."
    if count == 1:
        return "1 match. Use the arrow keys to choose."
    more = "The best " if count == names.LIMIT else ""
    return f"{more}{count} matches. Use the arrow keys to choose."
