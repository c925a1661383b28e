"""Which mails an event causes, to whom, with which words; written in the event's transaction."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from excudit.domain.events import MAILED, Event
from excudit.domain.publication import Publication
from excudit.service.mail import EVENTS, compose
from excudit.service.parts import Parts
from excudit.service.recipients import acts_next, recipients
from excudit.settings import Mail
from excudit.store import collaborators, deposits, mail_choices, mails
from excudit.store.database import Connection
from excudit.store.mails import Hold
from excudit.store.publications import now

DIGEST = "digest"
BULK_QUIET = timedelta(seconds=10)
"""So long after the last mail of a bulk action its recipients get their one mail."""
GATHERED = {"comment", "suggested"}
DECISIONS = {"returned", "approved", "rejected"}
"""They take along what the reviewer said on the way to them."""


def write(connection: Connection, parts: Parts, publication: Publication, event: Event) -> None:
    """Put the event's mails in the outbox: one per recipient, none twice, and as each recipient
    wants them."""
    kind = _kind(parts, publication, event)
    if not kind:
        return
    told = recipients(connection, parts, publication, event, kind)
    choices = mail_choices.of_addresses(connection, told)
    shared = _context(connection, parts, publication, event, kind) if told else {}
    for recipient, why in sorted(told.items()):
        choice = choices.get(recipient, {}).get(kind, "")
        if choice == "off" and not EVENTS[kind].must:
            continue
        hold = _hold(connection, parts.settings.mail, event, kind, recipient, choice)
        context = {**shared, "why": why}
        yours = acts_next(parts, publication, kind, recipient, why)
        if "yours" in context:
            context["yours"] = yours
        context["link"] = f"/publications/{publication.id}{_page(kind, publication, yours=yours)}"
        letter = compose(
            kind,
            context,
            site=parts.settings.site,
            recipient=recipient,
            section=hold is not None,
        )
        mails.add(
            connection,
            event,
            kind=kind,
            recipient=recipient,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            why=why,
            hold=hold,
        )


def _hold(
    connection: Connection, mail: Mail, event: Event, kind: str, recipient: str, choice: str
) -> Hold | None:
    """With what it goes out together, and when; None = by itself, at once."""
    if choice == DIGEST:
        return Hold(DIGEST, next_digest(now(), mail.digest_hour))
    if event.details.get("bulk"):
        return Hold(f"bulk:{event.details['bulk']}"[:100], now() + BULK_QUIET)
    talk = f"talk:{event.publication}"
    if kind in GATHERED and mail.gather_s:
        return Hold(talk, now() + timedelta(seconds=mail.gather_s))
    if kind in DECISIONS and mails.any_held(connection, recipient, talk):
        return Hold(talk, now())
    return None


def next_digest(moment: datetime, hour: int) -> datetime:
    """The first time after `moment` that it is this hour (UTC)."""
    today = datetime.combine(moment.date(), time(hour), tzinfo=moment.tzinfo)
    return today if today > moment else today + timedelta(days=1)


def _kind(parts: Parts, publication: Publication, event: Event) -> str:
    """The mail that the event causes; "" = none."""
    route = parts.settings.routes.get(publication.route)
    if event.action == "attention" and not event.details.get("past_final"):
        return "failed_before_publication"
    kind = MAILED.get(event.action, "")
    if kind == "submitted" and route is not None and route.review == "auto":
        return ""  # nobody reviews it: the next mail tells how it ended
    if kind == "labelled" and not (route is not None and route.label_mails):
        return ""
    # What reviewers note among themselves stands in no mail at all.
    return "" if event.details.get("internal") else kind


def _context(
    connection: Connection, parts: Parts, publication: Publication, event: Event, kind: str
) -> dict[str, Any]:
    error = event.details.get("error") or {}
    doi = deposits.doi_of(connection, publication.id)
    target = event.details.get("target") or _first_target(parts, publication)
    part = publication.parts[0] if publication.parts else None
    context: dict[str, Any] = {
        "yours": False,
        "by": _called(connection, event.details.get("by") or event.actor),
        "reason": event.reason or event.details.get("reason") or _reasons(error),
        "round": publication.round or None,
        "when": _when(publication, event),
        "about": event.details.get("about") or event.details.get("label") or None,
        "label": event.details.get("label") or None,
        "comment": event.details.get("comment") or event.reason or None,
        "depositor": _called(connection, publication.owner),
        "since": publication.waiting_since,
        "next_action": _next_action(publication),
        "stop": STOP.get(publication.state, "Retry or stop the run."),
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
    }
    known = {key.name for key in EVENTS[kind].keys}
    return {k: v for k, v in context.items() if k in known and v is not None} | {
        "title": publication.title or publication.id,
        "preferences": "/preferences",
    }


PAGES = {
    "returned": "/edit",
    "comment": "/discussion",
    "suggested": "/suggestions",
    "assigned": "/review",
}
WHERE_TO_ACT = {"changes_requested": "/edit", "in_review": "/review", "approved": "/publish"}


def _page(kind: str, publication: Publication, *, yours: bool) -> str:
    """The page below the publication's own on which the recipient goes on; "" = its own."""
    if kind == "reminder":
        return WHERE_TO_ACT.get(publication.state, "")
    if yours and kind in ("submitted", "approved"):
        return {"submitted": "/review", "approved": "/publish"}[kind]
    return PAGES.get(kind, "")


def _called(connection: Connection, user: str) -> str:
    return collaborators.full_names(connection, [user]).get(user, user)


def _when(publication: Publication, event: Event) -> datetime | None:
    """The publish date that people set, where it is still to come."""
    if event.action == "schedule":
        said = str(event.details.get("publish_at", ""))
        return datetime.fromisoformat(said) if said else None
    return publication.publish_at if publication.waits(event.at) else None


NEXT_ACTION = {
    "changes_requested": "Make the changes and submit it again.",
    "in_review": "Take it for review, then approve it, return it or reject it.",
    "approved": "Look at what becomes public, and publish it.",
}
STOP = {
    "changes_requested": "Submit or cancel it.",
    "in_review": "Decide on it, or give it to somebody else.",
    "approved": "Publish or cancel it, or set a publish date.",
}


def _next_action(publication: Publication) -> str:
    stuck = "Look at the cause on the page, mend it, and retry or stop it."
    return NEXT_ACTION.get(publication.state, stuck)


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
