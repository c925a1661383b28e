"""Which mails an event causes, to whom, with which words; written in the event's transaction."""

from __future__ import annotations

from typing import Any

from excudit.domain.events import MAILED, Event
from excudit.domain.publication import Publication
from excudit.service.mail import EVENTS, compose
from excudit.service.parts import Parts
from excudit.store import deposits, mails
from excudit.store.database import Connection

# Who besides the owner is told; the curators are the route's `notify`, the operator the site's
# contact.
CURATORS_TOO = {
    "submitted",
    "published",
    "failed_before_publication",
    "failed_at_final_step",
    "out_of_sync",
    "cleanup_pending",
    "solved",
    "cancelled",
}
OPERATORS_TOO = {"failed_at_final_step", "out_of_sync", "cleanup_pending", "solved"}
# "Solved" goes to those who got the last of these.
TROUBLES = (
    "failed_before_publication",
    "failed_at_final_step",
    "out_of_sync",
    "cleanup_pending",
)
OWNER_TOO = {"cleanup_pending"}
WORK_OF_OPERATORS = {"out_of_sync", "cleanup_pending", "failed_at_final_step"}


def write(connection: Connection, parts: Parts, publication: Publication, event: Event) -> None:
    """Put the event's mails in the outbox: one per recipient, none twice."""
    kind = _kind(event)
    route = parts.settings.routes.get(publication.route)
    if not kind or (kind == "submitted" and route is not None and route.review == "auto"):
        return  # nobody reviews it: the next mail tells how it ended
    recipients = _recipients(parts, publication, kind)
    if kind == "solved":
        heard = mails.last_told(connection, publication.id, TROUBLES)
        recipients = {who: why for who, why in recipients.items() if who in heard}
    for recipient, why in recipients.items():
        context = _context(connection, parts, publication, event, kind)
        context["why"] = why
        if "yours" in context:
            context["yours"] = _acts_next(parts, publication, kind, recipient)
        letter = compose(kind, context, site=parts.settings.site, recipient=recipient)
        mails.add(
            connection,
            event,
            kind=kind,
            recipient=recipient,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
        )


def _kind(event: Event) -> str:
    if event.action == "attention" and not event.details.get("past_final"):
        return "failed_before_publication"
    return MAILED.get(event.action, "")


def _recipients(parts: Parts, publication: Publication, kind: str) -> dict[str, str]:
    route = parts.settings.routes.get(publication.route)
    told: dict[str, str] = {}
    if publication.owner_email and kind not in OWNER_TOO:
        told[publication.owner_email] = "you are its depositor"
    if route and kind in CURATORS_TOO:
        for address in route.notify:
            told.setdefault(address, f"you curate the route {publication.route}")
    if kind in OPERATORS_TOO:
        told.setdefault(parts.settings.site.contact, "you run this service")
    return told


def _acts_next(parts: Parts, publication: Publication, kind: str, recipient: str) -> bool:
    route = parts.settings.routes.get(publication.route)
    curates = bool(route) and recipient in (route.notify if route else ())
    if kind == "submitted":
        return curates
    if kind in WORK_OF_OPERATORS:
        return recipient == parts.settings.site.contact
    if kind == "approved":
        return recipient == publication.owner_email and bool(route and route.publish == "manual")
    return recipient == publication.owner_email


def _context(
    connection: Connection, parts: Parts, publication: Publication, event: Event, kind: str
) -> dict[str, Any]:
    error = event.details.get("error") or {}
    doi = deposits.doi_of(connection, publication.id)
    target = event.details.get("target") or _first_target(parts, publication)
    part = publication.parts[0] if publication.parts else None
    context: dict[str, Any] = {
        "yours": False,
        "by": event.actor,
        "reason": event.reason or _reasons(error),
        "doi": doi or None,
        "step": event.details.get("step_title") or event.details.get("step") or "",
        "target": target,
        "source": part.source if part else "",
        "cause": _cause(error) or "Somebody asked to stop it.",
        "remote": error.get("remote") or None,
        "what": "What an earlier mail spoke of is over; nothing more is needed.",
        "places": _places(connection, parts, publication),
        "drafts": _drafts(parts, publication, event),
        "tombstone": f"/d/{publication.slug}",
        "when": publication.publish_at if publication.waits(event.at) else None,
    }
    known = {key.name for key in EVENTS[kind].keys}
    return {k: v for k, v in context.items() if k in known and v is not None} | {
        "title": publication.title or publication.id,
        "link": f"/publications/{publication.id}",
    }


def _first_target(parts: Parts, publication: Publication) -> str:
    route = parts.settings.routes.get(publication.route)
    return route.targets[0] if route else ""


def _cause(error: dict[str, Any]) -> str:
    return " ".join(p for p in (error.get("message", ""), error.get("hint", "")) if p)


def _reasons(error: dict[str, Any]) -> str:
    lines = [error.get("message", "")]
    lines += [
        f"– {p.get('where', '') or 'record'}: {p.get('message', '')}"
        for p in error.get("problems", ())
    ]
    return "\n".join(line for line in lines if line)


def _drafts(parts: Parts, publication: Publication, event: Event) -> list[dict[str, str]]:
    route = parts.settings.routes.get(publication.route)
    kept = event.details.get("cleanup", ())
    parked = event.action == "attention"
    return [
        {"target": name, "fate": "kept" if parked or f"reserve.{name}" in kept else "removed"}
        for name in (route.targets if route and event.action in ("undo", "attention") else ())
    ]


def _places(connection: Connection, parts: Parts, publication: Publication) -> list[dict[str, str]]:
    page = {"name": parts.settings.site.name, "url": parts.landing_url(publication.slug)}
    rest = [
        {"name": d.target, "url": d.url}
        for d in deposits.of(connection, publication.id)
        if d.url and d.url != page["url"]
    ]
    return [page, *rest]
