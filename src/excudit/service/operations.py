"""What those who run the service see and do: queues, targets, runs in trouble, mails."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from excudit import __version__
from excudit.domain import permissions
from excudit.domain.errors import ExcuditError, NotFound, Rejected
from excudit.domain.lifecycle import Health
from excudit.domain.model import Actor
from excudit.engine import standing
from excudit.engine.breakers import Breaker
from excudit.engine.standing import Alive, Depth
from excudit.service import acting, acts, fixity, probing, verbs
from excudit.service.parts import Parts
from excudit.service.plans import PLANS, follow_up
from excudit.settings import Route
from excudit.store import migrate, operations, publications, site_events
from excudit.store.operations import Place, Probe, Trouble

TROUBLED: tuple[Health, ...] = ("needs_attention", "out_of_sync", "cleanup_pending", "waiting")
"""The healths that somebody may have to look at, the gravest first."""
MOST = 200
"""Publications that one press retries at most."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A source or target as operators see it. `rate`: calls a second at most, 0 = no limit.
    `pause`: who holds its calls back by hand, since when and why."""

    kind: str
    name: str
    plugin: str
    rate: float
    probe: Probe | None
    breaker: Breaker | None
    depth: Depth | None
    pause: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The service at a glance. `disk`: free and whole bytes of the service's own folder."""

    places: Sequence[Outside]
    depths: Sequence[Depth]
    workers: Sequence[Alive]
    fixity: Sequence[fixity.Last]
    troubled: Mapping[str, int]
    mails: Mapping[str, int]
    version: str
    database: str
    revision: str
    disk: tuple[int, int]


def overview(parts: Parts, actor: Actor) -> Overview:
    """Everything at a glance, no call outside. Raises Denied."""
    permissions.require_site("operate", actor.roles)
    with parts.database.read() as connection:
        depths = list(standing.depths(connection))
        workers = list(standing.workers(connection))
        troubled = operations.counts(connection, TROUBLED)
        mails = operations.outbox(connection)
        probes = operations.probes(connection)
    with parts.database.plainly():
        breakers = parts.client.breakers.seen()
    pauses = _pauses(parts, breakers)
    places = [*_sources(parts, probes), *_targets(parts, probes, breakers, depths, pauses)]
    return Overview(
        places=places,
        depths=depths,
        workers=workers,
        fixity=fixity.last(parts),
        troubled=troubled,
        mails=mails,
        version=__version__,
        database="SQLite" if parts.database.is_sqlite else "PostgreSQL",
        revision=migrate.current(parts.database) or "",
        disk=_disk(parts),
    )


def _disk(parts: Parts) -> tuple[int, int]:
    folder = parts.settings.service.data_dir
    try:
        usage = shutil.disk_usage(folder if folder.exists() else ".")
    except OSError:
        return (0, 0)
    return (usage.free, usage.total)


def _sources(parts: Parts, probes: Mapping[str, Probe]) -> list[Outside]:
    return [
        Outside("source", name, _plugin(parts.settings.sources, name), 0.0, probe, None, None)
        for name in parts.sources
        for probe in [probes.get(f"source:{name}")]
    ]


def _targets(
    parts: Parts,
    probes: Mapping[str, Probe],
    breakers: Mapping[str, Breaker],
    depths: Sequence[Depth],
    pauses: Mapping[str, Mapping[str, Any]],
) -> list[Outside]:
    by_queue = {d.queue: d for d in depths}
    return [
        Outside(
            kind="target",
            name=name,
            plugin=_plugin(parts.settings.targets, name),
            rate=_rate(parts, name),
            probe=probes.get(f"target:{name}"),
            breaker=breakers.get(name),
            depth=by_queue.get(f"target-{name}"),
            pause=pauses.get(name),
        )
        for name in parts.targets
    ]


def _pauses(parts: Parts, breakers: Mapping[str, Breaker]) -> dict[str, Mapping[str, Any]]:
    """What was written down when the targets that are paused by hand were paused."""
    paused = [name for name, breaker in breakers.items() if breaker.paused]
    with parts.database.read() as connection:
        found = {n: site_events.last(connection, "pause", f"target:{n}") for n in paused}
    return {name: event for name, event in found.items() if event is not None}


def _plugin(tables: Mapping[str, Any], name: str) -> str:
    return tables[name].kind if name in tables else ""


def _rate(parts: Parts, target: str) -> float:
    table = parts.settings.targets.get(target)
    rate = table.own().get("per_second", 0.0) if table else 0.0
    return float(rate) if isinstance(rate, int | float) else 0.0


def troubled(
    parts: Parts, actor: Actor, health: str, *, after: Place | None = None, limit: int = 50
) -> list[Trouble]:
    """Publications in this health, the latest change first. Raises Denied or NotFound."""
    permissions.require_site("operate", actor.roles)
    if health not in TROUBLED:
        raise NotFound(f"There is no such list: {health[:50]}.")
    with parts.database.read() as connection:
        return operations.troubled(connection, health, after=after, limit=limit)


def stoppable(trouble: Trouble) -> bool:
    """Whether its run may still be stopped and undone: nothing of it can be public."""
    run = trouble.run
    going = trouble.state in ("submitted", "publishing")
    return run is not None and going and run["ended_at"] is None and not acting.committed(run)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of several: `words` say why not, "" when it was done."""

    id: str
    title: str
    words: str = ""


def retry_many(
    parts: Parts, actor: Actor, chosen: Sequence[str], *, reason: str = ""
) -> list[Result]:
    """Let the runs of these publications go on, each in a transaction of its own: one failure
    stops no other. Raises Denied, or Rejected when there are too many."""
    permissions.require_site("operate", actor.roles)
    if len(chosen) > MOST:
        raise Rejected(f"At most {MOST} at once, not {len(chosen)}.", hint="Choose fewer.")
    results = [_retry_one(parts, actor, one) for one in dict.fromkeys(chosen)]
    done = sum(not r.words for r in results)
    with parts.database.write() as connection:
        details = {"asked": len(results), "done": done}
        site_events.append(
            connection, actor=actor.name, action="retry_many", reason=reason, details=details
        )
    return results


def _retry_one(parts: Parts, actor: Actor, publication: str) -> Result:
    title = ""
    try:
        title = verbs.visible(parts, actor, publication).title
        verbs.retry(parts, actor, publication)
    except ExcuditError as error:
        return Result(publication, title, f"{error.message} {error.hint}".strip())
    return Result(publication, title)


def pause(parts: Parts, actor: Actor, target: str, reason: str) -> None:
    """Make no call to a target, for all workers, until it is resumed; runs wait at their step.

    Idempotent. Raises Denied, NotFound, or Rejected without a reason.
    """
    _must_operate(parts, actor, target)
    if not reason.strip():
        raise Rejected("A reason must be given.", hint="Say why, for those who come after you.")
    with parts.database.plainly():
        parts.client.breakers.pause(target)
    _write_down(parts, actor, "pause", target, reason)


def resume(parts: Parts, actor: Actor, target: str, reason: str = "") -> int:
    """Let calls go to a target again, and the runs that wait for it try now; how many they are.

    Also ends the pause of a breaker that had opened by itself. Raises Denied or NotFound.
    """
    _must_operate(parts, actor, target)
    with parts.database.plainly():
        parts.client.breakers.resume(target)
        parts.client.breakers.worked(target)
    _write_down(parts, actor, "resume", target, reason)
    with parts.database.read() as connection:
        held = [r["id"] for r in operations.waiting(connection) if _target_of(r) == target]
    with parts.database.plainly():
        return sum(parts.client.try_now(run) for run in held)


def _target_of(run: Mapping[str, Any]) -> str:
    """At which target it stands; "" when at none."""
    at = (s.get("target", "") for s in run["steps"] if s["key"] == run["position"])
    return str(next(at, ""))


def _must_operate(parts: Parts, actor: Actor, target: str) -> None:
    permissions.require_site("operate", actor.roles)
    parts.target(target)


def _write_down(parts: Parts, actor: Actor, action: str, target: str, reason: str) -> None:
    with parts.database.write() as connection:
        about = f"target:{target}"
        site_events.append(
            connection, actor=actor.name, action=action, about=about, reason=reason.strip()
        )


def probe(parts: Parts, actor: Actor) -> int:
    """Look at every source and target now; how many do not answer as they should."""
    permissions.require_site("operate", actor.roles)
    found = probing.look(parts, probing.names(parts))
    return sum(any(p.severity == "error" for p in problems) for problems in found.values())


def failed_mails(
    parts: Parts, actor: Actor, *, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Mails that were given up, newest first. Raises Denied."""
    permissions.require_site("operate", actor.roles)
    with parts.database.read() as connection:
        return operations.failed_mails(connection, before=before, limit=limit)


def resend(parts: Parts, actor: Actor, mails: Sequence[int]) -> int:
    """Let mails that were given up be tried again now; how many there were. Others are left as
    they are."""
    permissions.require_site("operate", actor.roles)
    return sum(_resend_one(parts, actor, one) for one in mails)


def _resend_one(parts: Parts, actor: Actor, mail: int) -> bool:
    with parts.database.write() as connection:
        row = operations.requeue(connection, mail)
        if row is None:
            return False
        found = publications.get(connection, row["publication"])
        details = {"mail": row["id"], "kind": row["kind"]}
        acts.tell(connection, parts, found, actor=actor, action="resend_mail", details=details)
        return True


def drawn(parts: Parts, route: Route) -> dict[str, list[dict[str, Any]]]:
    """The plans of a route as their steps; a plan that cannot be made is left out."""
    plans: dict[str, list[dict[str, Any]]] = {}
    for kind, make in PLANS.items():
        try:
            plans[kind] = acts.shown(make(parts, route))
        except NotFound:
            continue
    for name in route.follow_up:
        if name in parts.targets and route.source in parts.sources:
            title = parts.settings.target_title(name)
            plans[f"follow-up at {title}"] = acts.shown(follow_up(parts, route, name))
    return plans
