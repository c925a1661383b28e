"""Who gets the mails that an event causes, why they get them, and who acts next."""

from __future__ import annotations

from excudit.domain.events import Event
from excudit.domain.publication import Publication
from excudit.service.parts import Parts
from excudit.settings import Route
from excudit.store import collaborators, mail_choices, mails
from excudit.store.database import Connection

Told = dict[str, str]
"""Address → why, as words after "because"."""

# Who besides the owner and who works with them is told: the reviewer and the route's `notify`,
# and the site's contact.
REVIEW_TOO = {
    "submitted",
    "published",
    "failed_before_publication",
    "failed_at_final_step",
    "out_of_sync",
    "cleanup_pending",
    "solved",
    "cancelled",
    "scheduled",
}
OPERATORS_TOO = {"failed_at_final_step", "out_of_sync", "cleanup_pending", "solved"}
NOT_AUTHORS = {"cleanup_pending", "assigned", "invited"}
# Nobody is told what they did themselves just now.
NOT_ACTOR = {"comment", "suggested", "labelled", "scheduled"}
# "Solved" goes to those who got the last of these.
TROUBLES = (
    "failed_before_publication",
    "failed_at_final_step",
    "out_of_sync",
    "cleanup_pending",
)
WORK_OF_OPERATORS = {"out_of_sync", "cleanup_pending", "failed_at_final_step"}


def recipients(
    connection: Connection, parts: Parts, publication: Publication, event: Event, kind: str
) -> Told:
    """Who gets this mail, each address once."""
    if kind == "reminder":
        return who_acts(connection, parts, publication)
    if kind == "comment":
        told = _other_side(connection, parts, publication, event)
    elif kind in ("assigned", "invited"):
        told = _named(connection, event, kind)
    else:
        told = {} if kind in NOT_AUTHORS else authors(connection, publication)
        if kind in REVIEW_TOO:
            told = reviewing(connection, parts, publication) | told
        if kind in OPERATORS_TOO:
            told = {parts.settings.site.contact: "you run this service"} | told
    if kind in NOT_ACTOR:
        own = mail_choices.addresses(connection, [event.actor]).get(event.actor)
        told = {address: why for address, why in told.items() if address != own}
    if kind == "solved":
        heard = mails.last_told(connection, publication.id, TROUBLES)
        told = {address: why for address, why in told.items() if address in heard}
    return told


def authors(connection: Connection, publication: Publication) -> Told:
    """The owner, and who works with them."""
    every = [c["user"] for c in collaborators.of(connection, publication.id)]
    found = mail_choices.addresses(connection, [*every, publication.owner])
    told = {found[user]: "you work on it" for user in every if user in found}
    owner = publication.owner_email or found.get(publication.owner, "")
    return told | ({owner: "you are its depositor"} if owner else {})


def reviewing(connection: Connection, parts: Parts, publication: Publication) -> Told:
    """The reviewer, and the curators of the route."""
    route = parts.settings.routes.get(publication.route)
    told = dict.fromkeys(route.notify if route else (), f"you curate the route {publication.route}")
    return told | _reviewer(connection, publication)


def _reviewer(connection: Connection, publication: Publication) -> Told:
    found = mail_choices.addresses(connection, [publication.reviewer])
    return dict.fromkeys(found.values(), "you review it")


def _other_side(
    connection: Connection, parts: Parts, publication: Publication, event: Event
) -> Told:
    by_author = event.actor == publication.owner or collaborators.collaborates(
        connection, publication.id, event.actor
    )
    if not by_author:
        return authors(connection, publication)
    if publication.state == "draft" and not publication.round:
        return {}  # nobody reviews it yet
    return _reviewer(connection, publication) or reviewing(connection, parts, publication)


def _named(connection: Connection, event: Event, kind: str) -> Told:
    word, why = {
        "assigned": ("reviewer", "you review it"),
        "invited": ("user", "you work on it"),
    }[kind]
    user = str(event.details.get(word, ""))
    if user == event.actor:
        return {}
    return dict.fromkeys(mail_choices.addresses(connection, [user]).values(), why)


def who_acts(connection: Connection, parts: Parts, publication: Publication) -> Told:
    """Whom the publication waits for; nobody when it waits for the service or for nothing."""
    route = parts.settings.routes.get(publication.route)
    if publication.state == "changes_requested":
        return authors(connection, publication)
    if publication.state == "in_review":
        return _reviewer(connection, publication) or reviewing(connection, parts, publication)
    if publication.state == "approved" and _by_hand(route):
        return authors(connection, publication)
    if publication.health in ("needs_attention", "out_of_sync"):
        return {parts.settings.site.contact: "you run this service"}
    return {}


def _by_hand(route: Route | None) -> bool:
    return route is not None and route.publish == "manual"


def acts_next(parts: Parts, publication: Publication, kind: str, recipient: str, why: str) -> bool:
    """Whether this recipient, told for this reason, acts next."""
    if kind == "submitted":
        return why == "you review it" or (not publication.reviewer and "curate" in why)
    if kind in WORK_OF_OPERATORS:
        return recipient == parts.settings.site.contact
    if kind == "approved":
        return "depositor" in why and _by_hand(parts.settings.routes.get(publication.route))
    return "depositor" in why
