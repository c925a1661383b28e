"""Who gets the mails that an event causes, and why they get them."""

from __future__ import annotations

from collections.abc import Sequence

from excudit.domain.events import Event
from excudit.domain.publication import Publication
from excudit.service import reviewers
from excudit.service.acting import Acts, acts_next, going_of
from excudit.service.parts import Parts
from excudit.settings import Route
from excudit.store import collaborators, mail_choices, mails, runs
from excudit.store.database import Connection

Told = dict[str, str]
"""Address → why, as words after "because"."""

# Who besides the owner and who works with them is told: the reviewers, and the site's contact.
REVIEW_TOO = {
    "submitted",
    "asked",
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


def recipients(
    connection: Connection, parts: Parts, publication: Publication, event: Event, kind: str
) -> Told:
    """Who gets this mail, each address once."""
    if kind == "reminder":
        return reminded(connection, parts, publication)
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
    return _of_author(connection, publication, every)


def _of_author(connection: Connection, publication: Publication, every: Sequence[str]) -> Told:
    """The owner with these others."""
    found = mail_choices.addresses(connection, [*every, publication.owner])
    told = {found[user]: "you work on it" for user in every if user in found}
    owner = publication.owner_email or found.get(publication.owner, "")
    return told | ({owner: "you are its depositor"} if owner else {})


def reviewing(connection: Connection, parts: Parts, publication: Publication) -> Told:
    """The route's `notify`, and the reviewer; while nobody has taken a request that waits for a
    decision, all who may decide on it by their role."""
    route = parts.settings.routes.get(publication.route)
    title = route.title if route and route.title else publication.route
    told = dict.fromkeys(route.notify if route else (), f"you curate the route “{title}”")
    if publication.state == "in_review" and not publication.reviewer:
        told = _by_role(connection, publication, route, f"you may review on “{title}”") | told
        # Else it would wait unseen.
        alone = f"you run this service, and nobody else reviews on “{title}”"
        told = told or {parts.settings.site.contact: alone}
    return told | _reviewer(connection, publication)


def _by_role(
    connection: Connection, publication: Publication, route: Route | None, why: str
) -> Told:
    """Reviewers and curators of the route by their role; not its authors, where nobody decides on
    their own."""
    names = set(reviewers.by_role(connection, publication.route))
    if route is None or route.four_eyes:
        others = (c["user"] for c in collaborators.of(connection, publication.id))
        names -= {publication.owner, *others}
    return dict.fromkeys(mail_choices.addresses(connection, names).values(), why)


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


def who_acts(connection: Connection, parts: Parts, publication: Publication) -> tuple[Acts, Told]:
    """Who acts next, and where they are reached; nobody when it waits for the service or for
    nothing."""
    going = going_of(runs.active(connection, publication.id))
    acts = acts_next(publication, going, parts.settings.routes.get(publication.route))
    told: Told = {}
    if acts.who == "owner" and publication.state == "approved":
        told = _of_author(connection, publication, ())  # who works with them cannot publish it
    elif acts.who == "owner":
        told = authors(connection, publication)
    elif acts.who in ("reviewer", "reviewers"):
        told = _reviewer(connection, publication) or reviewing(connection, parts, publication)
    elif acts.who == "outside" and publication.state == "publishing":
        told = reviewing(connection, parts, publication)
        told = told or {parts.settings.site.contact: "you run this service"}
    elif acts.who == "operators":
        told = {parts.settings.site.contact: "you run this service"}
    return acts, told


def reminded(connection: Connection, parts: Parts, publication: Publication) -> Told:
    """Whom the publication waits for; a draft keeps nobody waiting."""
    if publication.state == "draft":
        return {}
    return who_acts(connection, parts, publication)[1]
