"""What a decision would do, told before it is taken; reading only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from excudit.domain import lifecycle
from excudit.domain.errors import Conflict
from excudit.domain.model import Actor
from excudit.domain.publication import Frozen, Publication
from excudit.domain.record import Record
from excudit.domain.sentence import Sentence
from excudit.engine.step import Step
from excudit.metadata import datacite_json
from excudit.ports import Capabilities
from excudit.service import acts, findings
from excudit.service.parts import Parts
from excudit.store import deposits, publications, runs, snapshots
from excudit.store.database import Connection


@dataclass(frozen=True, slots=True)
class Destination:
    """A target of the publication; `can` is none when the settings do not know it any more."""

    name: str
    can: Capabilities | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a publication stands when somebody is about to decide. `record` and `frozen` are what
    was frozen, none before that; `doi` is the name that was chosen, "" while none is."""

    publication: Publication
    frozen: Frozen | None
    record: Record | None
    doi: str
    landing_url: str
    targets: tuple[Destination, ...]
    run: Mapping[str, Any] | None

    @property
    def drifted(self) -> bool:
        """Whether what is frozen is not what was approved."""
        return self.frozen is None or self.frozen.digest != self.publication.approved_digest

    @property
    def missing(self) -> tuple[str, ...]:
        """Targets that the settings do not know any more."""
        return tuple(t.name for t in self.targets if t.can is None)

    @property
    def registry(self) -> str:
        """Where a DOI is registered; "" when nowhere."""
        return next((t.name for t in self.targets if t.can and t.can.identifier), "")

    @property
    def amendable(self) -> bool:
        """Whether every target can change the metadata later."""
        return all(t.can and t.can.amend for t in self.targets)


def standing(parts: Parts, actor: Actor, publication: str, action: str) -> Standing:
    """How it stands, for somebody who may do `action` now.

    Raises Denied without the role, Conflict when the state or a run forbids, each with its reason.
    """
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        now = acts.situation(connection, parts, found, actor, reason="to be asked for")
        lifecycle.step(action, now, acts.roles_of(connection, actor, found))
        return _standing(connection, parts, found)


def publishes_by_itself(parts: Parts, found: Publication) -> bool:
    """Whether a submission that passes all checks becomes public at once, without a person."""
    route = parts.settings.routes.get(found.route)
    return route is not None and route.review == "auto" and approval_publishes(parts, found)


def approval_publishes(parts: Parts, found: Publication) -> bool:
    """Whether its approval makes it public at once."""
    return published_with_approval(parts, found.route, found.publish_at)


def published_with_approval(parts: Parts, route: str, publish_at: datetime | None) -> bool:
    """Whether what is approved on this route, with this publish date, becomes public at once."""
    rules = parts.settings.routes.get(route)
    waits = publish_at is not None and publish_at > publications.now()
    return rules is not None and rules.publish == "auto" and not waits


def foreseen(parts: Parts, actor: Actor, publication: str) -> Standing:
    """How a draft would stand once it is submitted; `record` is that of the draft, nothing is
    frozen yet. Raises like `standing`."""
    now = standing(parts, actor, publication, "submit")
    looks = findings.as_it_looks(findings.read(now.publication.record))
    return replace(now, record=looks, frozen=None)


def as_it_is(parts: Parts, publication: str) -> Standing:
    """How it stands, whatever may be done with it now. Raises NotFound."""
    with parts.database.read() as connection:
        return _standing(connection, parts, publications.get(connection, publication))


def _standing(connection: Connection, parts: Parts, found: Publication) -> Standing:
    frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
    route = parts.settings.routes.get(found.route)
    names = route.targets if route else [d.target for d in deposits.of(connection, found.id)]
    known = ((n, parts.targets.get(n)) for n in names)
    return Standing(
        publication=found,
        frozen=frozen,
        record=datacite_json.from_rest(frozen.record) if frozen else None,
        doi=deposits.doi_of(connection, found.id),
        landing_url=parts.landing_url(found.slug),
        targets=tuple(Destination(n, t.capabilities if t else None) for n, t in known),
        run=runs.active(connection, found.id),
    )


def done_already(parts: Parts, publication: str, action: str) -> str:
    """Words for a second press of the same button: what the first one did; "" when it was not
    pressed before."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        run = runs.active(connection, publication)
    plan = run["plan"] if run else ""
    asked = bool(run and run["stop_requested"])
    going = run is not None and run["status"] != "parked"
    told = {
        "publish": (
            found.state == "publishing",
            Sentence("It is being published already; once is enough."),
        ),
        "withdraw": (plan == "withdraw", Sentence("It is being withdrawn already.")),
        "amend": (
            plan == "amend" and going,
            Sentence("The public record is being changed already."),
        ),
        "stop": (asked, Sentence("It was asked to stop already; it ends at the next safe moment.")),
        "retry": (going, Sentence("It goes on already.")),
    }
    ended = {
        ("publish", "published"): Sentence("It is published already; nothing was done twice."),
        ("withdraw", "withdrawn"): Sentence("It is withdrawn already."),
        ("recall", "draft"): Sentence("It is a draft again already."),
        ("cancel", "cancelled"): Sentence("It is cancelled already."),
        ("delete", "cancelled"): Sentence("The draft is deleted already."),
    }
    holds, words = told.get(action, (False, ""))
    return words if holds else ended.get((action, found.state), "")


def version_under_way(parts: Parts, found: Publication) -> str:
    """The id of the version that follows this one and is its owner's too; "" when none is under
    way."""
    with parts.database.read() as connection:
        every = publications.versions(connection, found.concept)
    going = (
        v.id
        for v in reversed(every)
        if v.previous == found.id
        and v.owner == found.owner
        and v.state not in ("published", "withdrawn", "cancelled", "rejected")
    )
    return next(going, "")


def undone_by_stop(standing: Standing) -> list[str]:
    """The steps that a stop would take back, last first, as their titles."""
    if standing.run is None:
        raise Conflict("No run is under way.")
    plan = acts.plan_of(standing.run)
    at = standing.run["position"]
    begun = plan.position(at) + 1 if at else 0
    return [s.title for s in reversed(plan.steps[:begun]) if isinstance(s, Step) and s.undo]
