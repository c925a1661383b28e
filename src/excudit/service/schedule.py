"""When a publication goes public: the date that people set, and what is done when it has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import Conflict, ExcuditError, Rejected
from excudit.domain.model import SERVICE, Actor
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.service import acts, verbs
from excudit.service.parts import Parts
from excudit.store import publications
from excudit.store import schedule as dates
from excudit.store.database import Connection

LONGEST = timedelta(days=3653)
"""How far ahead a publish date may be: ten years."""
SLACK = timedelta(minutes=1)
WRITABLE = ("draft", "changes_requested")
"""The states in which the record may still be given a date."""


def settle(
    parts: Parts, actor: Actor, publication: str, at: datetime, *, available: bool = False
) -> Publication:
    """Set or move the publish date. The same date again changes nothing.

    `at` is aware. With `available` the record's date of type "Available" becomes the same day,
    where the record is not frozen. Raises Rejected for a date in the past or too far ahead.
    """
    moment = _in_utc(at)
    _must_be_ahead(moment)
    with parts.database.write() as connection:
        found = _may(connection, actor, publication)
        values: dict[str, Any] = {"publish_at": moment}
        if available and found.state in WRITABLE:
            record = with_available(found.record, moment)
            if record != found.record:
                values |= {"record": record, "edited": True}
        if found.publish_at == moment and len(values) == 1:
            return found
        return _change(connection, parts, actor, found, values)


def open_to(parts: Parts, actor: Actor, publication: str) -> Publication:
    """The publication, for somebody who may set its date now. Raises NotFound, Denied or
    Conflict."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        roles = acts.roles_of(connection, actor, found)
    permissions.require("schedule", found.state, roles)
    return found


def lift(parts: Parts, actor: Actor, publication: str) -> Publication:
    """Take the publish date off. No date = nothing to do.

    Where the route publishes by itself and it is approved already, this publishes it now.
    """
    with parts.database.write() as connection:
        found = _may(connection, actor, publication)
        if found.publish_at is None:
            return found
        after = _change(connection, parts, actor, found, {"publish_at": None})
        if not goes_at_once(parts, found):
            return after
        return verbs.publish_in(connection, parts, actor, publication)


def publish_now(parts: Parts, actor: Actor, publication: str, *, digest: str) -> Publication:
    """Lift the publish date and publish, both or neither.

    Raises Conflict when `digest` is not that of what is approved, or when it is under way already.
    """
    with parts.database.write() as connection:
        found = _may(connection, actor, publication)
        if found.state == "approved" and digest != found.approved_digest:
            raise Conflict("What you saw is not what is approved now.", hint="Look at it again.")
        if found.publish_at is not None:
            _change(connection, parts, actor, found, {"publish_at": None})
        return verbs.publish_in(connection, parts, actor, publication)


def goes_at_once(parts: Parts, publication: Publication) -> bool:
    """Whether it is published as soon as no date holds it back."""
    route = parts.settings.routes.get(publication.route)
    return publication.state == "approved" and route is not None and route.publish == "auto"


def _may(connection: Connection, actor: Actor, publication: str) -> Publication:
    found = publications.get(connection, publication, lock=True)
    roles = acts.roles_of(connection, actor, found)
    permissions.require("schedule", found.state, roles)
    return found


def _change(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    found: Publication,
    values: Mapping[str, Any],
) -> Publication:
    at: datetime | None = values["publish_at"]
    publications.change(connection, found.id, **values)
    acts.tell(
        connection,
        parts,
        found,
        actor=actor,
        action="schedule",
        details={"publish_at": at.isoformat() if at else ""},
    )
    return publications.get(connection, found.id)


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        raise Rejected(
            Sentence("%(at)s is no time that a clock shows.", at=at), hint="Choose another."
        ) from error


def _must_be_ahead(moment: datetime) -> None:
    now = publications.now()
    if moment < now - SLACK:
        raise Rejected(
            Sentence("%(moment)s UTC is in the past.", moment=format(moment, "%Y-%m-%d %H:%M")),
            hint="Choose a moment that is to come.",
        )
    if moment > now + LONGEST:
        raise Rejected(
            Sentence(
                "%(moment)s UTC is more than ten years ahead.",
                moment=format(moment, "%Y-%m-%d %H:%M"),
            ),
            hint=Sentence(
                "Choose a moment before %(value)s.", value=format(now + LONGEST, "%Y-%m-%d")
            ),
        )


def with_available(record: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """The record with this day as its one date of type "Available" (DataCite 4.7, property 8)."""
    known = record.get("dates")
    dates = known if isinstance(known, list | tuple) else ()
    others = [d for d in dates if not (isinstance(d, dict) and d.get("dateType") == "Available")]
    return {
        **record,
        "dates": [*others, {"date": f"{moment:%Y-%m-%d}", "dateType": "Available"}],
    }


def publish_due(parts: Parts) -> int:
    """Publish what is approved and whose date has come; how many runs were begun.

    Each in one transaction that looks again first: several workers, or a crash in between, begin
    it once. What cannot begin is told to people, once, and waits for them.
    """
    with parts.database.read() as connection:
        ready = dates.due(connection, publications.now(), but=_by_hand(parts))
    return sum(_publish_one(parts, one) for one in ready)


def _by_hand(parts: Parts) -> list[str]:
    """The routes where somebody presses the button: there the date only holds it back."""
    return [name for name, route in parts.settings.routes.items() if route.publish != "auto"]


def _publish_one(parts: Parts, publication: str) -> bool:
    try:
        with parts.database.write() as connection:
            found = publications.get(connection, publication, lock=True)
            if not _is_due(found):
                return False
            parts.route(found.route)
            verbs.publish_in(connection, parts, SERVICE, publication, by_service=True)
            return True
    except ExcuditError as error:
        if type(error.__cause__).__module__.startswith("sqlalchemy"):
            raise  # the database's own trouble: the next sweep finds it again
        _tell_overdue(parts, publication, error)
        return False


def _is_due(found: Publication) -> bool:
    at = found.publish_at
    waiting = found.state == "approved" and found.health == "idle"
    return waiting and at is not None and at <= publications.now()


def _tell_overdue(parts: Parts, publication: str, error: ExcuditError) -> None:
    with parts.database.write() as connection:
        found = publications.get(connection, publication, lock=True)
        if not _is_due(found):
            return
        publications.set_health(connection, publication, "needs_attention")
        acts.tell(
            connection,
            parts,
            found,
            actor=SERVICE,
            action="overdue",
            details={"step_title": "Publish on the date that was set", "error": error.as_data()},
        )
