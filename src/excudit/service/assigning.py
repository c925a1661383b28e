"""Who reviews a request: claimed by oneself, given to another, given back to nobody.

The reviewer stays with a request that is returned, so that it comes back to the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import Conflict, Rejected
from excudit.domain.model import SERVICE, Actor
from excudit.domain.publication import Publication
from excudit.domain.sentence import Sentence
from excudit.service import acts, reviewers
from excudit.service.parts import Parts
from excudit.store import publications, queue
from excudit.store.database import Connection

STATES = ("submitted", "in_review", "changes_requested", "approved")


def claim(parts: Parts, actor: Actor, publication: str) -> Publication:
    """Take it for oneself; what is one's own already stays so. Of two people at once the second
    gets a Conflict that names the first."""
    return assign(parts, actor, publication, actor.name, seen="")


def assign(
    parts: Parts, actor: Actor, publication: str, reviewer: str, *, seen: str | None = None
) -> Publication:
    """Give it to a reviewer, "" = to nobody; the same twice is done once.

    `seen` is the reviewer that the actor saw: Conflict when it is another by now. Raises Denied,
    Rejected for somebody who may not review it, Conflict when the state forbids.
    """
    with parts.database.write() as connection:
        return assign_in(connection, parts, actor, publication, reviewer, seen=seen)


def assign_in(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    publication: str,
    reviewer: str,
    *,
    seen: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Publication:
    """`assign` inside the caller's transaction."""
    before = publications.get(connection, publication, lock=True)
    permissions.require("assign", before.state, acts.roles_of(connection, actor, before))
    if before.reviewer == reviewer:
        return before
    able = reviewers.on(connection, before.route)
    if seen is not None and before.reviewer != seen and before.reviewer in able:
        raise _taken(before, able)
    if reviewer:
        _must_be_independent(connection, parts, before, reviewer, able)
    queue.set_reviewer(connection, publication, reviewer)
    said = {"reviewer": reviewer, "was": before.reviewer, **(details or {})}
    acts.tell(connection, parts, before, actor=actor, action="assign", details=said)
    return publications.get(connection, publication)


def _taken(publication: Publication, able: Mapping[str, str]) -> Conflict:
    name = able[publication.reviewer] or publication.reviewer
    return Conflict(
        Sentence("%(name)s has taken this review meanwhile.", name=name),
        hint=Sentence("Agree with %(name)s, or assign it to yourself knowing that.", name=name),
    )


def _must_be_independent(
    connection: Connection,
    parts: Parts,
    publication: Publication,
    reviewer: str,
    able: Mapping[str, str],
) -> None:
    if reviewer not in able:
        raise Rejected(
            Sentence(
                "%(reviewer)s cannot review on the route %(route)s.",
                reviewer=reviewer,
                route=publication.route,
            ),
            hint=Sentence("These can: %(value)s.", value=", ".join(sorted(able)) or "nobody yet"),
        )
    if four_eyes(parts, publication) and acts.is_author(connection, reviewer, publication):
        raise Rejected(
            Sentence("%(reviewer)s owns this publication or works on it.", reviewer=reviewer),
            hint="Somebody else has to review it; the route asks for four eyes.",
        )


def free(connection: Connection, parts: Parts, name: str) -> int:
    """Give back to nobody what this person cannot review any more, in the transaction that closes
    the account or takes the role away; returns how many requests that were."""
    lost = 0
    for key in queue.reviewed_by(connection, name, STATES):
        before = publications.get(connection, key, lock=True)
        if name in reviewers.on(connection, before.route):
            continue
        queue.set_reviewer(connection, key, "")
        told = reviewers.lost(before)
        acts.tell(connection, parts, before, actor=SERVICE, action="assign", details=told)
        lost += 1
    return lost


def four_eyes(parts: Parts, publication: Publication) -> bool:
    """Whether the route forbids people to decide on what is their own."""
    route = parts.settings.routes.get(publication.route)
    return route.four_eyes if route else True


def choices(parts: Parts, publication: Publication) -> dict[str, str]:
    """Who may be given this review: account → name."""
    with parts.database.read() as connection:
        able = reviewers.on(connection, publication.route)
        if not four_eyes(parts, publication):
            return able
        return {
            name: words
            for name, words in able.items()
            if not acts.is_author(connection, name, publication)
        }
