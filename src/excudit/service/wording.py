"""The words of a publication's own route, for screens, mails and faces."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from excudit.domain.errors import Conflict
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


def refusals(
    parts: Parts, connection: Any, publication: Publication
) -> Callable[[str], str | None]:
    """Action → why the route does not have it where the publication stands; None = it has."""
    words = vocabulary(parts, publication.route)
    if not words.offers and not words.without:
        return lambda action: None
    return partial(words.refusal, status=status_now(parts, connection, publication))


def require(parts: Parts, connection: Any, publication: Publication, action: str) -> None:
    """Raises Conflict where the route does not have the action."""
    sentence = refusals(parts, connection, publication)(action)
    if sentence is not None:
        raise Conflict(sentence)


def offers(parts: Parts, connection: Any, publication: Publication) -> list[dict[str, str]]:
    """What the route's people can do where it stands, in their words; empty where the route has no
    table of its own."""
    words = vocabulary(parts, publication.route)
    status = status_now(parts, connection, publication)
    known = words.offered(status) if status else ()
    return [{"key": o.key, "label": o.label, "meaning": o.meaning} for o in known]
