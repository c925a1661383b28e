"""The publish date: set, move, lift."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Rejected
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.service import schedule
from excudit.service.parts import Parts
from excudit.store import publications
from excudit.web import shell
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.deciding import frame
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/publications/{publication}/schedule")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """The date as it is, and what can be done with it."""
    found = _may(parts, person, publication)
    return _page(request, parts, person, found, {})


def _may(parts: Parts, person: Person, publication: str) -> Publication:
    return schedule.open_to(parts, person.actor, visible(parts, person.actor, publication).id)


def _page(
    request: Request,
    parts: Parts,
    person: Person,
    found: Publication,
    errors: dict[str, str],
    typed: dict[str, Any] | None = None,
) -> Response:
    at = found.publish_at
    now = publications.now()
    known = {"date": f"{at:%Y-%m-%d}" if at else "", "time": f"{at:%H:%M}" if at else "00:00"}
    values = {
        "publication": found,
        "errors": errors,
        "typed": typed or {**known, "available": True},
        "writable": found.state in schedule.WRITABLE,
        "by_hand": _by_hand(parts, found),
        "goes_now": schedule.goes_at_once(parts, found),
        "first_day": f"{now:%Y-%m-%d}",
        "last_day": f"{now + schedule.LONGEST:%Y-%m-%d}",
    }
    status = 422 if errors else 200
    return shell.show(request, person, "deciding/schedule.html", values, status=status)


def _by_hand(parts: Parts, found: Publication) -> bool:
    route = parts.settings.routes.get(found.route)
    return route is not None and route.publish == "manual"


@ROUTER.post("/publications/{publication}/schedule")
def settle(
    request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
) -> Response:
    """Set or move the date, or take it off with `lift`."""
    found = _may(parts, person, publication)
    if frame.typed(form, "lift"):
        return _lift(parts, person, found)
    typed = {name: frame.typed(form, name).strip() for name in ("date", "time")}
    available = bool(frame.typed(form, "available"))
    try:
        at = _moment(typed["date"], typed["time"])
        schedule.settle(parts, person.actor, found.id, at, available=available)
    except Rejected as wrong:
        sentence = Sentence.joined(wrong.message, wrong.hint)
        return _page(
            request, parts, person, found, {"date": sentence}, {**typed, "available": available}
        )
    return frame.told(
        parts,
        person,
        found.id,
        Sentence("It will not be published before %(at)s UTC.", at=format(at, "%Y-%m-%d %H:%M")),
    )


def _lift(parts: Parts, person: Person, found: Publication) -> Response:
    if schedule.goes_at_once(parts, found) and found.publish_at is not None:
        # It would publish: that has a page of its own.
        return shell.go(parts, f"{frame.home(found.id)}/publish")
    schedule.lift(parts, person.actor, found.id)
    return frame.told(parts, person, found.id, "The publish date is lifted.")


def _moment(day: str, clock: str) -> datetime:
    """Raises Rejected for what is no date or no time."""
    try:
        return datetime.strptime(f"{day} {clock or '00:00'}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError as error:
        raise Rejected(
            "This is no date and time." if day else "Choose a date.",
            hint="Write the date as 2027-03-31 and the time as 14:30 (UTC).",
        ) from error
