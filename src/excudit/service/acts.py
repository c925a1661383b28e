"""The one place where a publication's state changes, with its event and its mails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from excudit.domain import lifecycle, permissions
from excudit.domain.lifecycle import Situation
from excudit.domain.model import SERVICE, Actor
from excudit.domain.publication import Publication
from excudit.engine.plan import Plan
from excudit.service import acting, letters, reviewers, wording
from excudit.service.parts import Parts
from excudit.service.plans import plan_for, queue_of
from excudit.store import collaborators as people
from excudit.store import editions, events, publications, runs
from excudit.store.database import Connection

DECISIONS = ("approve", "return", "reject")
# States in which a dataset may be in custody that was taken at submission.
GIVEN_BACK = ("in_review", "approved", "publishing", "changes_requested")


def roles_of(connection: Connection, actor: Actor, publication: Publication) -> frozenset[str]:
    """The actor's roles towards one publication; empty for a stranger."""
    roles = permissions.roles_on(actor.roles, publication.route)
    if actor.name == publication.owner:
        return roles | {"owner"}
    if "service" not in roles and people.collaborates(connection, publication.id, actor.name):
        return roles | {"collaborator"}
    return roles - {"collaborator"}


def is_author(connection: Connection, name: str, publication: Publication) -> bool:
    """Whether it is this person's own work: as its owner, or as one who works on it, or who has
    written in it as such and left."""
    if name == publication.owner or people.collaborates(connection, publication.id, name):
        return True
    if not editions.written_by(connection, publication.id, name):
        return False
    joined = events.of(connection, publication.id, action="collaborate")
    return any(event.details.get("user") == name for event in joined)


def situation(
    connection: Connection,
    parts: Parts,
    publication: Publication,
    actor: Actor,
    *,
    reason: str = "",
) -> Situation:
    """What the lifecycle's guards look at."""
    run = runs.active(connection, publication.id)
    route = parts.settings.routes.get(publication.route)
    parked = run is not None and run["status"] == "parked"
    return Situation(
        state=publication.state,
        run_active=run is not None
        and not ((parked or runs.gives_way(run)) and _replaceable(publication, run)),
        run_parked=_stands_still(connection, publication, run),
        past_final=run is not None and acting.committed(run),
        is_author=is_author(connection, actor.name, publication),
        four_eyes=route.four_eyes if route else True,
        reason=reason,
    )


def _stands_still(
    connection: Connection, publication: Publication, run: Mapping[str, Any] | None
) -> bool:
    """Whether a person can let something go on: the run under way, else a follow-up."""
    if run is not None:
        return run["status"] in ("parked", "waiting") and not runs.at_gate(run)
    if publication.state != "published" or publication.health != "out_of_sync":
        return False
    return any(map(runs.stands_aside, runs.follow_ups(connection, publication.id).values()))


def _replaceable(publication: Publication, run: Mapping[str, Any]) -> bool:
    """What is public can be amended or withdrawn although a run of it stands still; what is half
    withdrawn is withdrawn to the end."""
    return publication.state == "published" and run["plan"] != "withdraw"


def act(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    publication: str,
    action: str,
    *,
    reason: str = "",
    run: str = "",
    details: Mapping[str, Any] | None = None,
    by_service: bool = False,
    **values: Any,
) -> Publication:
    """Do one action of the lifecycle table: state, event and mails in the caller's transaction.

    `by_service` skips what guards look at, for the ends of runs, where the active run is the
    caller itself. `values` are further columns to change. Returns the publication after it.
    Raises NotFound, Denied or Conflict.
    """
    before = publications.get(connection, publication, lock=True)
    now = (
        Situation(before.state)
        if by_service
        else situation(connection, parts, before, actor, reason=reason)
    )
    after = lifecycle.step(action, now, roles_of(connection, actor, before))
    if not by_service and "service" not in actor.roles:
        wording.require(parts, connection, before, action)
    values |= _standing(before, action, after, actor)
    if action in DECISIONS and now.is_author:
        details = {**(details or {}), "by_author": True}
    if action == "take_in":
        values |= reviewers.still_there(connection, before)
    publications.change(connection, publication, state=after, **values)
    tell(
        connection,
        parts,
        before,
        actor=actor,
        action=action,
        after=after,
        reason=reason,
        run=run,
        details=details,
    )
    if values.get("reviewer") == "":
        lost = reviewers.lost(before)
        tell(connection, parts, before, actor=SERVICE, action="assign", after=after, details=lost)
    return replace(before, state=after, edition=before.edition + 1, **values)


def _standing(before: Publication, action: str, after: str, actor: Actor) -> dict[str, Any]:
    """What a step of the lifecycle says about the review beside the state."""
    values: dict[str, Any] = {}
    if after != before.state:
        values |= {"waiting_since": publications.now(), "reminded_at": None}
    if action == "take_in":
        values["round"] = before.round + 1
    if action in DECISIONS:
        values |= {"reviewed_snapshot": before.snapshot, "reviewer": before.reviewer or actor.name}
    if action == "approve":
        values["approved_by"] = actor.name
    return values


def tell(
    connection: Connection,
    parts: Parts,
    publication: Publication,
    *,
    actor: Actor,
    action: str,
    after: str | None = None,
    reason: str = "",
    run: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write an event and the mails that it causes."""
    event = events.append(
        connection,
        publication.id,
        actor=actor.name,
        action=action,
        before=publication.state,
        after=after or publication.state,
        reason=reason,
        run=run,
        details=details,
    )
    letters.write(connection, parts, publication, event)


def start(
    connection: Connection,
    parts: Parts,
    publication: Publication,
    kind: str,
    *,
    actor: Actor,
    given: dict[str, Any] | None = None,
) -> str:
    """Begin a run of one of the route's plans, in the caller's transaction; returns its id.

    A run that stands still is superseded. Raises Conflict when one is under way.
    """
    route = parts.route(publication.route)
    plan = plan_for(parts, route, kind, given or {})
    if kind == "amend":
        plan = _with_report(plan, runs.active(connection, publication.id))
    runs.supersede(connection, publication.id)
    runs.set_aside(connection, publication.id)
    run = runs.begin(connection, publication.id, kind, shown(plan), actor=actor.name, given=given)
    publications.set_health(connection, publication.id, "running")
    parts.client.enqueue(
        connection, run, plan, subject=publication.id, queue=queue_of(route, given)
    )
    return run


def give_back(
    connection: Connection, parts: Parts, publication: Publication, *, actor: Actor
) -> bool:
    """Begin to give back what was taken into custody at submission; whether there is a run now.
    `publication` is as it was before the decision."""
    custody = parts.source(parts.route(publication.route).source).custody
    if custody != "submit" or publication.state not in GIVEN_BACK:
        return False
    start(connection, parts, publication, "give-back", actor=actor)
    return True


def _with_report(plan: Plan, replaced: Mapping[str, Any] | None) -> Plan:
    """The source still waits for the report of a run that stands still before it."""
    steps = plan_of(replaced).steps if replaced else ()
    return Plan(plan.name, (*plan.steps, *(s for s in steps if s.key == "report")))


def plan_of(run: Mapping[str, Any]) -> Plan:
    """The very plan under which a run began."""
    return Plan.from_data({"name": run["plan"], "steps": run["steps"]})


def queue_for(parts: Parts, publication: Publication, run: Mapping[str, Any]) -> str:
    """The queue in which what goes on from a run belongs."""
    return queue_of(parts.route(publication.route), run["given"])


def shown(plan: Plan) -> list[dict[str, Any]]:
    """A plan as the runs table keeps it for screens and for resuming."""
    return list(plan.as_data()["steps"])
