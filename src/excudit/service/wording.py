"""The words of a publication's own route, for screens, mails and faces."""

from __future__ import annotations

from typing import Any

from excudit.domain.publication import Publication
from excudit.domain.words import NONE, VOCABULARIES, Status, Vocabulary
from excudit.service.parts import Parts
from excudit.store import runs


def vocabulary(parts: Parts, route: str) -> Vocabulary:
    """The words of a route; empty where it has none or is gone."""
    known = parts.settings.routes.get(route)
    return VOCABULARIES.get(known.words, NONE) if known else NONE


def status(parts: Parts, publication: Publication) -> Status | None:
    """What the route's people call it, by state and health alone: for lists, without a query."""
    words = vocabulary(parts, publication.route)
    return words.status(publication.state, publication.health)


def status_now(parts: Parts, connection: Any, publication: Publication) -> Status | None:
    """As `status`, and by the step at which the newest run stands."""
    words = vocabulary(parts, publication.route)
    if not words.statuses:
        return None
    newest = runs.newest(connection, publication.id)
    step, plan = (newest["position"] or "", newest["plan"]) if newest else ("", "")
    return words.status(publication.state, publication.health, step=step, plan=plan)


def button(parts: Parts, route: str, action: str, label: str) -> str:
    """The words on a button; the lifecycle's own label where the route has none."""
    return vocabulary(parts, route).actions.get(action, label)
