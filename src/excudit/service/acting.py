"""Who acts next: the one answer for pages, mails and reminders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from excudit.domain.errors import KINDS, ExcuditError, Permanent
from excudit.domain.publication import Publication
from excudit.settings import Route

Who = Literal["owner", "reviewer", "reviewers", "operators", "outside", "service", "nobody"]


@dataclass(frozen=True, slots=True)
class Acts:
    """Who acts next: a person by account `name` where it is known, and since when."""

    who: Who
    name: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Going:
    """What matters of a run that is not at its end: whether it moves by itself, whether something
    may be public by it, since when it is so, and whether it waits for an answer from outside."""

    active: bool
    committed: bool
    since: datetime
    asks: bool = False


def acts_next(publication: Publication, going: Going | None, route: Route | None) -> Acts:
    """Who must act before it goes on; `going` is its run that is not at its end."""
    since = publication.waiting_since or publication.updated_at
    if going is not None:
        return _on_run(publication, going)
    if publication.state in ("draft", "changes_requested"):
        return Acts("owner", publication.owner, since)
    if publication.state == "in_review":
        who: Who = "reviewer" if publication.reviewer else "reviewers"
        return Acts(who, publication.reviewer, since)
    if publication.state == "approved":
        asked = by_hand(route) or publication.health == "needs_attention"
        return Acts("owner", publication.owner, since) if asked else Acts("service")
    if publication.health in ("needs_attention", "out_of_sync"):
        return Acts("operators", since=since)
    if publication.state == "published" and publication.health == "waiting":
        return Acts("outside", since=publication.updated_at)
    return Acts("service") if publication.state in ("submitted", "publishing") else Acts("nobody")


def _on_run(publication: Publication, going: Going) -> Acts:
    if going.asks:
        return Acts("outside", since=going.since)
    if going.active:
        return Acts("service", since=going.since)
    if going.committed or publication.state in ("published", "withdrawn"):
        return Acts("operators", since=going.since)
    return Acts("owner", publication.owner, going.since)


def by_hand(route: Route | None) -> bool:
    """Whether somebody must press Publish; so also where the route is gone."""
    return route is None or route.publish == "manual"


def going_of(run: Mapping[str, Any] | None) -> Going | None:
    """A stored run that is not at its end."""
    if run is None or run["ended_at"] is not None:
        return None
    asks = run["status"] == "waiting" and run["next_try_at"] is None
    return Going(run["status"] != "parked", committed(run), run["begun_at"], asks)


def committed(run: Mapping[str, Any]) -> bool:
    """Whether something may be public by this run.

    A refusal outright at the first final step is none: nothing was made public, and the undo
    looks at the target again before it removes a draft.
    """
    first = next((s["key"] for s in run["steps"] if s.get("final")), "")
    kind = (run["error"] or {}).get("kind", "")
    refused = issubclass(KINDS.get(kind, ExcuditError), Permanent)
    stands = run["status"] == "parked" and run["position"] == first
    return bool(run["past_final"]) and not (stands and refused)
