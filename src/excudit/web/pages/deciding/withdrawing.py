"""Withdrawing: the reason, and the tombstone as everybody will read it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Conflict
from excudit.metadata import citation
from excudit.service import verbs
from excudit.service.consequences import Standing
from excudit.service.parts import Parts
from excudit.store import publications
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.deciding import frame
from excudit.web.public import landing, words
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)
MISSING = "Give a reason: it stands on the tombstone, where everybody reads it."


@ROUTER.get("/publications/{publication}/withdraw")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """Ask for the reason; say what remains."""
    found = visible(parts, person.actor, publication)
    return _page(request, parts, person, found.id)


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    publication: str,
    *,
    reason: str = "",
    error: str = "",
    seen: bool = False,
) -> Response:
    def values(standing: Standing) -> dict[str, Any]:
        record = standing.record
        assert record is not None
        return {
            "template": "deciding/withdraw.html",
            "reason": reason,
            "error": error,
            "seen": seen,
            "today": words.day(publications.now()),
            "people": landing.people(record),
            "citation": citation.text(record.model_copy(update={"doi": standing.doi})),
        }

    status = 422 if error else 200
    return frame.look(request, parts, person, publication, "withdraw", values, status=status)


@ROUTER.post("/publications/{publication}/withdraw")
def withdraw(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Show the tombstone with the typed reason (`look`), or withdraw (`send`)."""
    found = visible(parts, person.actor, publication)
    reason = frame.typed(form, "reason").strip()
    error = frame.wrong_text(reason, frame.LONGEST_REASON, missing=MISSING)
    if error or frame.typed(form, "step") != "send":
        return _page(request, parts, person, found.id, reason=reason, error=error, seen=not error)
    try:
        verbs.withdraw(parts, person.actor, found.id, reason)
    except Conflict as refused:
        return frame.twice(parts, person, found.id, "withdraw", refused)
    return frame.told(parts, person, found.id, "It is being withdrawn; a tombstone stays.")
