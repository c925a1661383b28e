"""Which mails an event causes, to whom, with which words; written in the event's transaction."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from excudit.domain.events import MAILED, Event
from excudit.domain.publication import Publication
from excudit.service import letter_values
from excudit.service.mail import EVENTS, compose
from excudit.service.parts import Parts
from excudit.service.recipients import recipients, who_acts
from excudit.settings import Mail
from excudit.store import mail_choices, mails, publications
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
    # As it stands after what happened: that is what the page will say.
    publication = publications.get(connection, publication.id)
    told = recipients(connection, parts, publication, event, kind)
    choices = mail_choices.of_addresses(connection, told)
    acts, acting = who_acts(connection, parts, publication)
    shared = letter_values.of(connection, parts, publication, event, kind, acts) if told else {}
    for recipient, why in sorted(told.items()):
        choice = choices.get(recipient, {}).get(kind, "")
        if choice == "off" and not EVENTS[kind].must:
            continue
        hold = _hold(connection, parts.settings.mail, event, kind, recipient, choice)
        context = {**shared, "why": why}
        yours = recipient in acting
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
    if kind == "labelled" and not (route is not None and route.label_mails):
        return ""
    # What reviewers note among themselves stands in no mail at all.
    return "" if event.details.get("internal") else kind


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
