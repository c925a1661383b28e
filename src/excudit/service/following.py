"""What goes to follow-up targets once something is published: one run per target, one after the
other, none of which holds the publication back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from excudit.domain.model import SERVICE, Actor, Snapshot
from excudit.domain.problem import Problem
from excudit.engine.step import Call
from excudit.service import acting, acts, resume
from excudit.service.parts import Parts
from excudit.store import gates, publications, runs
from excudit.store.database import Connection


def go_on(connection: Connection, parts: Parts, publication: str) -> None:
    """Begin the next follow-up that is due, where no run is under way; else say how the whole
    stands. Nothing where the publication is not public, or not to its end."""
    found = publications.get(connection, publication)
    route = parts.settings.routes.get(found.route)
    if found.state != "published" or runs.active(connection, publication) is not None:
        return
    told = runs.follow_ups(connection, publication)
    for run in told.values():
        if run["given"].get("set_aside") and route is not None:
            given = {k: v for k, v in run["given"].items() if k != "set_aside"}
            resume.forward(connection, parts, SERVICE, {**run, "given": given})
            return
    due = [t for t in (route.follow_up if route else ()) if t not in told and t in parts.targets]
    if due and _published_to_its_end(connection, publication):
        given = {"target": due[0]}
        acts.start(connection, parts, found, "follow-up", actor=SERVICE, given=given)
        return
    _rest(connection, publication, told)


def _published_to_its_end(connection: Connection, publication: str) -> bool:
    every = runs.of(connection, publication)
    return any(r["plan"] in ("publish", "amend") and r["status"] == "done" for r in every)


def _rest(connection: Connection, publication: str, told: Mapping[str, Mapping[str, Any]]) -> None:
    """The health while nothing runs: a follow-up that stands aside, a question that is open."""
    last = runs.newest(connection, publication)
    if any(map(runs.stands_aside, told.values())):
        publications.set_health(connection, publication, "out_of_sync")
    elif any(gate.open for gate in gates.of(connection, publication)):
        publications.set_health(connection, publication, "waiting")
    elif last is not None and last["status"] in ("done", "cleaned", "undone", "stopped"):
        publications.set_health(connection, publication, "idle")


def forget_set_aside(parts: Parts, publication: str) -> None:
    """Keep the engine from going on with follow-ups that were set aside. Idempotent; were it lost,
    the follow-up would look first and find what it had done."""
    with parts.database.read() as connection:
        told = runs.follow_ups(connection, publication)
    for run in told.values():
        if run["given"].get("set_aside"):
            with parts.database.plainly():
                parts.client.cancel(run["id"])


def retry(connection: Connection, parts: Parts, actor: Actor, publication: str) -> None:
    """Let the first follow-up that stands aside go on, from where it stands or, where it was
    undone, from its beginning."""
    for target, run in runs.follow_ups(connection, publication).items():
        if not runs.stands_aside(run):
            continue
        if run["status"] == "parked":
            resume.forward(connection, parts, actor, dict(run))
        else:
            found = publications.get(connection, publication)
            given = {"target": target}
            acts.start(connection, parts, found, "follow-up", actor=actor, given=given)
        return


def warnings(parts: Parts, route: str, snapshot: Snapshot) -> list[Problem]:
    """What targets that hold nothing back would refuse."""
    names = parts.route(route).follow_up
    found = (p for name in names for p in parts.target(name).check(snapshot))
    return [replace(p, severity="warning") for p in found]


def nothing_there(parts: Parts, call: Call) -> bool:
    """Whether a step is for a follow-up that has not made anything public at its target."""
    if not call.args.get("if_there"):
        return False
    with parts.database.read() as connection:
        every = runs.of(connection, call.subject)
    mine = (r for r in every if r["given"].get("target") == call.target)
    return not any(r["plan"] == "follow-up" and acting.committed(r) for r in mine)
