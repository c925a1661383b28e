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
    """Queue the rest of a parked run, from the step where it stands."""
    plan = acts.plan_of(run)
    fresh = _successor(connection, actor, run)
    publication = publications.get(connection, run["publication"])
    if run["plan"] == "cleanup":
        steps = tuple(run["cleanup"] or plan.ways_back(len(plan.steps)))
        mode: dict[str, Any] = {"mode": "undo", "steps": steps}
    else:
        start = plan.position(run["position"]) if run["position"] else 0
        mode = {"start": start, "committed": run["past_final"]}
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
    steps = plan.ways_back(plan.position(run["position"])) if run["position"] else ()
    publication = publications.get(connection, run["publication"])
    if not steps:
        runs.change(connection, run["id"], status="stopped", ended_at=publications.now())
        acts.act(
            connection,
            parts,
            SERVICE,
            publication.id,
            BACK[run["plan"]],
            run=run["id"],
            by_service=True,
        )
        publications.set_health(connection, publication.id, "idle")
        return
    fresh = _successor(connection, actor, run)
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


def _successor(connection: Connection, actor: Actor, run: dict[str, Any]) -> str:
    runs.change(connection, run["id"], ended_at=publications.now())
    return runs.begin(
        connection,
        run["publication"],
        run["plan"],
        run["steps"],
        actor=actor.name,
        given=run["given"],
    )
