"""Let a parked run go on, forward or back, under the very plan with which it began."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from excudit.domain.model import SERVICE, Actor
from excudit.service import acts
from excudit.service.parts import Parts
from excudit.store import gates, publications, runs
from excudit.store.database import Connection

# A parked run with nothing to take back ends at once, by this action.
BACK = {"take-in": "stopped", "publish": "undo"}


def forward(connection: Connection, parts: Parts, actor: Actor, run: dict[str, Any]) -> None:
    """Queue the rest of a parked run, from the step where it stands; what was being undone is
    undone further."""
    plan = acts.plan_of(run)
    if run["plan"] == "cleanup" or run["cleanup"]:
        steps = tuple(run["cleanup"] or plan.ways_back(len(plan.steps)))
        fresh = _successor(connection, actor, run, cleanup=list(steps))
        mode: dict[str, Any] = {"mode": "undo", "steps": steps}
    else:
        at, committed = run["position"], run["past_final"]
        fresh = _successor(connection, actor, run, position=at, past_final=committed)
        mode = {"start": plan.position(at) if at else 0, "committed": committed}
    _enqueue(connection, parts, run, fresh, **mode)


def backward(connection: Connection, parts: Parts, actor: Actor, run: dict[str, Any]) -> None:
    """Queue the undoing of what a parked run did, or end it where it did nothing outside."""
    plan = acts.plan_of(run)
    behind = plan.ways_back(plan.position(run["position"])) if run["position"] else ()
    gates.close(connection, run["publication"], runs.chain_of(run))
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
    _enqueue(connection, parts, run, fresh, mode="undo", steps=steps)


def onward(
    connection: Connection, parts: Parts, actor: Actor, run: dict[str, Any], gate: str
) -> None:
    """Queue what follows the gate at which a run stands."""
    plan = acts.plan_of(run)
    start, committed = plan.after(gate), run["past_final"]
    at = plan.steps[start].key if start < len(plan.steps) else ""
    fresh = _successor(connection, actor, run, position=at, past_final=committed)
    _enqueue(connection, parts, run, fresh, start=start, committed=committed)


def refused(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    run: dict[str, Any],
    error: dict[str, Any],
) -> None:
    """Queue the undoing of all that a run did before a no: of a gate, or of the first final step.
    How it ended is told when it is undone."""
    plan = acts.plan_of(run)
    steps = plan.ways_back(plan.position(run["position"]))
    given = {**run["given"], "refused": {"step": run["position"], "error": error}}
    if not steps:
        runs.change(connection, run["id"], status="stopped", ended_at=publications.now())
        tell_refused(connection, parts, {**run, "given": given})
        return
    fresh = _successor(connection, actor, {**run, "given": given}, cleanup=list(steps), error=error)
    _enqueue(connection, parts, run, fresh, mode="undo", steps=steps)


def tell_refused(connection: Connection, parts: Parts, run: Mapping[str, Any]) -> None:
    """Everything before a gate whose answer was no is undone: the owner mends it. A follow-up
    leaves what is public as it is, and waits for a person."""
    step, error = run["given"]["refused"]["step"], run["given"]["refused"]["error"]
    title = next((s["title"] for s in run["steps"] if s["key"] == step), "")
    told: dict[str, Any] = {
        "actor": SERVICE,
        "run": run["id"],
        "reason": error.get("remote", ""),
        "details": {"step": step, "step_title": title, "error": error, "cleanup": []},
    }
    key = run["publication"]
    if run["plan"] == "follow-up":
        publications.set_health(connection, key, "out_of_sync")
        found = publications.get(connection, key)
        acts.tell(connection, parts, found, action="out_of_sync", **told)
        return
    publications.set_health(connection, key, "needs_attention")
    actor = told.pop("actor")
    action = "refuse" if error.get("kind") in ("Drifted", "Rejected") else "undo"
    acts.act(connection, parts, actor, key, action, by_service=True, **told)


def _enqueue(
    connection: Connection, parts: Parts, run: dict[str, Any], fresh: str, **way: Any
) -> None:
    publication = publications.get(connection, run["publication"])
    parts.client.enqueue(
        connection,
        fresh,
        acts.plan_of(run),
        subject=publication.id,
        queue=acts.queue_for(parts, publication, run),
        **way,
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
        given={**run["given"], "chain": runs.chain_of(run)},
    )
    runs.change(connection, fresh, **known)
    return fresh
