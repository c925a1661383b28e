"""Let a parked run go on, forward or back, under the very plan with which it began."""

from __future__ import annotations

from typing import Any

from excudit.domain.model import SERVICE, Actor
from excudit.service import acts
from excudit.service.parts import Parts
from excudit.store import publications, runs
from excudit.store.database import Connection

# A parked run with nothing to take back ends at once, by this action.
BACK = {"take-in": "stopped", "publish": "undo"}


def forward(connection: Connection, parts: Parts, actor: Actor, run: dict[str, Any]) -> None:
    """Queue the rest of a parked run, from the step where it stands; what was being undone is
    undone further."""
    plan = acts.plan_of(run)
    publication = publications.get(connection, run["publication"])
    if run["plan"] == "cleanup" or run["cleanup"]:
        steps = tuple(run["cleanup"] or plan.ways_back(len(plan.steps)))
        fresh = _successor(connection, actor, run, cleanup=list(steps))
        mode: dict[str, Any] = {"mode": "undo", "steps": steps}
    else:
        at, committed = run["position"], run["past_final"]
        fresh = _successor(connection, actor, run, position=at, past_final=committed)
        mode = {"start": plan.position(at) if at else 0, "committed": committed}
    parts.client.enqueue(
        connection,
        fresh,
        plan,
        subject=publication.id,
        queue=acts.queue_for(parts, publication),
        **mode,
    )
    publications.set_health(connection, publication.id, "running")


def backward(connection: Connection, parts: Parts, actor: Actor, run: dict[str, Any]) -> None:
    """Queue the undoing of what a parked run did, or end it where it did nothing outside."""
    plan = acts.plan_of(run)
    behind = plan.ways_back(plan.position(run["position"])) if run["position"] else ()
    steps = tuple(run["cleanup"] or behind)
    publication = publications.get(connection, run["publication"])
    if not steps:
        runs.change(connection, run["id"], status="stopped", ended_at=publications.now())
        after = acts.act(
            connection,
            parts,
            SERVICE,
            publication.id,
            BACK[run["plan"]],
            run=run["id"],
            by_service=True,
        )
        if run["plan"] == "take-in":
            publications.unclaim(connection, after)
        publications.set_health(connection, publication.id, "idle")
        return
    fresh = _successor(connection, actor, run, cleanup=list(steps))
    parts.client.enqueue(
        connection,
        fresh,
        plan,
        subject=publication.id,
        queue=acts.queue_for(parts, publication),
        mode="undo",
        steps=steps,
    )
    publications.set_health(connection, publication.id, "running")


def _successor(connection: Connection, actor: Actor, run: dict[str, Any], **known: Any) -> str:
    """`known`: what its row says before its first step begins, should it be lost until then."""
    runs.change(connection, run["id"], ended_at=publications.now())
    fresh = runs.begin(
        connection,
        run["publication"],
        run["plan"],
        run["steps"],
        actor=actor.name,
        given=run["given"],
    )
    runs.change(connection, fresh, **known)
    return fresh
