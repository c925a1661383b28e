"""What a mail says of an event: the values of its words, each from where the page has it too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from excudit.domain.errors import may_heal
from excudit.domain.events import Event
from excudit.domain.publication import Part, Publication
from excudit.metadata import citation, datacite_json
from excudit.metadata.field_words import label
from excudit.service import particulars
from excudit.service.acting import Acts, by_hand
from excudit.service.changes import differing
from excudit.service.mail import EVENTS
from excudit.service.parts import Parts
from excudit.service.wording import button
from excudit.store import collaborators, deposits, durations, events, runs, snapshots
from excudit.store.database import Connection

CHANGES = 20
"""Changed fields that a mail lists; the page has them all."""
LONGEST = 300


def of(
    connection: Connection,
    parts: Parts,
    publication: Publication,
    event: Event,
    kind: str,
    acts: Acts,
) -> dict[str, Any]:
    """The context of `mail.compose`, but for what differs by recipient."""
    error = event.details.get("error") or {}
    target = event.details.get("target") or _first_target(parts, publication)
    part = publication.parts[0] if publication.parts else None
    known = {key.name for key in EVENTS[kind].keys}
    context: dict[str, Any] = {
        "yours": False,
        "acting": _acting(connection, parts, acts),
        "by_hand": by_hand(parts.settings.routes.get(publication.route)),
        "by": _called(connection, _who(connection, publication, event, kind)),
        "reason": event.reason or event.details.get("reason") or _reasons(error),
        "round": publication.round or None,
        "when": _when(publication, event),
        "about": event.details.get("about") or event.details.get("label") or None,
        "label": event.details.get("label") or None,
        "comment": event.details.get("comment") or event.reason or None,
        "depositor": _called(connection, publication.owner),
        "since": publication.waiting_since,
        "next_action": ASK if _asks(publication) else NEXT_ACTION.get(publication.state, STUCK),
        "stop": ANSWER if _asks(publication) else STOP.get(publication.state, UNSTUCK),
        "doi": deposits.doi_of(connection, publication.id) or None,
        "step": event.details.get("step_title") or event.details.get("step") or "",
        "target": parts.settings.target_title(target),
        "source": _source(parts, part, error),
        "heals": may_heal(str(error.get("kind", ""))),
        "cause": _cause(error) or "Somebody asked to stop it.",
        "remote": error.get("remote") or None,
        "what": "What an earlier mail spoke of is over; nothing more is needed.",
        "tombstone": f"/d/{publication.slug}",
    }
    slow: dict[str, Callable[[], Any]] = {
        "places": lambda: _places(connection, parts, publication),
        "drafts": lambda: _drafts(parts, publication, event),
        "citation": lambda: _citation(connection, publication),
        "changes": lambda: _changes(connection, publication, event),
        "days": lambda: usual_days(connection, parts, publication.route),
        "next_try": lambda: _next_try(connection, publication),
        "particulars": lambda: particulars.of(connection, parts, publication, event),
        "retry": lambda: button(parts, publication.route, "retry", "Retry"),
    }
    context |= {name: look() for name, look in slow.items() if name in known}
    return {k: v for k, v in context.items() if k in known and v is not None} | {
        "title": publication.title or publication.id,
        "preferences": "/preferences",
    }


def _source(parts: Parts, part: Part | None, error: dict[str, Any]) -> str:
    """Whose record is not up to date: ours, or the source's."""
    if error.get("kind") == "Unrecorded":
        return parts.settings.site.name
    return parts.settings.source_title(part.source) if part else ""


def usual_days(connection: Connection, parts: Parts, route: str) -> int | None:
    """How many days an answer usually takes on a route: as its settings say, else the median of
    its last decisions, at least one; None while too few were taken to tell."""
    rules = parts.settings.routes.get(route)
    if rules is not None and rules.answer_days:
        return rules.answer_days
    return durations.usual_days(connection, route)


def _who(connection: Connection, publication: Publication, event: Event, kind: str) -> str:
    """Who did it; whoever asked, where the service only found nothing wrong with it."""
    if kind == "submitted":
        asked = events.of(connection, publication.id, action="submit")
        return asked[-1].actor if asked else publication.owner
    return str(event.details.get("by") or event.actor)


def _acting(connection: Connection, parts: Parts, acts: Acts) -> str:
    """Who acts next, as a sentence for those who do not."""
    if acts.who in ("owner", "reviewer"):
        return f"{_called(connection, acts.name)} acts next."
    return {
        "reviewers": "A reviewer acts next.",
        "operators": "The operators of this service act next.",
        "outside": "Somebody outside answers next.",
        "service": f"{parts.settings.site.name} goes on by itself.",
    }.get(acts.who, "")


def _called(connection: Connection, user: str) -> str:
    return collaborators.full_names(connection, [user]).get(user, user)


def _when(publication: Publication, event: Event) -> datetime | None:
    """The publish date that people set, where it is still to come."""
    if event.action == "schedule":
        said = str(event.details.get("publish_at", ""))
        return datetime.fromisoformat(said) if said else None
    return publication.publish_at if publication.waits(event.at) else None


ASK = "Ask those who are to answer, or answer for them on the page."
ANSWER = "Answer for them, or stop the run."


def _asks(publication: Publication) -> bool:
    return (publication.state, publication.health) == ("publishing", "waiting")


NEXT_ACTION = {
    "changes_requested": "Make the changes and submit it again.",
    "in_review": "Take it for review, then approve it, return it or reject it.",
    "approved": "Look at what becomes public, and publish it.",
}
UNSTUCK = "Retry or stop the run."
STUCK = "Look at the cause on the page, mend it, and retry or stop it."
STOP = {
    "changes_requested": "Submit or cancel it.",
    "in_review": "Decide on it, or give it to somebody else.",
    "approved": "Publish or cancel it, or set a publish date.",
}


def _next_try(connection: Connection, publication: Publication) -> datetime | None:
    run = runs.active(connection, publication.id)
    at: datetime | None = run["next_try_at"] if run else None
    return at


def _first_target(parts: Parts, publication: Publication) -> str:
    route = parts.settings.routes.get(publication.route)
    return route.targets[0] if route else ""


def _cause(error: dict[str, Any]) -> str:
    return " ".join(p for p in (error.get("message", ""), error.get("hint", "")) if p)


def _reasons(error: dict[str, Any]) -> str:
    lines = [error.get("message", "")]
    lines += [
        f"– {_place(str(p.get('where', '')))}: {p.get('message', '')} {p.get('mend', '')}".rstrip()
        for p in error.get("problems", ())
    ]
    return "\n".join(line for line in lines if line)


def _place(where: str) -> str:
    """A field by its name, a file by its path."""
    return label(where) if where.startswith("/") else where or "The record"


def _drafts(parts: Parts, publication: Publication, event: Event) -> list[dict[str, str]]:
    route = parts.settings.routes.get(publication.route)
    kept = event.details.get("cleanup", ())
    parked = event.action == "attention"
    return [
        {
            "target": parts.settings.target_title(name),
            "fate": "kept" if parked or f"reserve.{name}" in kept else "removed",
        }
        for name in (
            route.targets if route and event.action in ("undo", "refuse", "attention") else ()
        )
    ]


def _places(connection: Connection, parts: Parts, publication: Publication) -> list[dict[str, str]]:
    page = {"name": parts.settings.site.name, "url": parts.landing_url(publication.slug)}
    rest = [
        {"name": parts.settings.target_title(d.target), "url": d.url}
        for d in deposits.of(connection, publication.id)
        if d.url and d.url != page["url"]
    ]
    return [page, *rest]


def _citation(connection: Connection, publication: Publication) -> str | None:
    """As the landing page has it."""
    if publication.snapshot is None:
        return None
    record = datacite_json.from_rest(snapshots.get(connection, publication.snapshot).record)
    doi = deposits.doi_of(connection, publication.id)
    return citation.text(record.model_copy(update={"doi": doi}))


def _changes(
    connection: Connection, publication: Publication, event: Event
) -> list[dict[str, str]] | None:
    """What an amendment changed, against what was public before."""
    before = str(event.details.get("before") or "")
    if not before or publication.snapshot is None:
        return None
    was, now = (snapshots.get(connection, key).record for key in (before, publication.snapshot))
    found = differing(was, now)
    told = [
        {"label": c.label, "before": _short(c.before), "after": _short(c.after)}
        for c in found[:CHANGES]
    ]
    more = len(found) - len(told)
    if more > 0:
        words = "1 more field" if more == 1 else f"{more} more fields"
        told.append({"label": words, "before": "see the page", "after": "see the page"})
    return told


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
