"""Fixity: what targets keep is read again, whole, and compared with what was approved.

The report of a check is an event of each publication, and one of the site. Damage makes a
publication out of sync and is told by mail; the next check that finds everything well ends that.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from excudit.domain import permissions
from excudit.domain.errors import ExcuditError, NotFound, Rejected, Retryable, Unsupported
from excudit.domain.model import SERVICE, Actor
from excudit.domain.problem import Problem
from excudit.ports import Keeping, Watch
from excudit.service import acts
from excudit.service.frozen import snapshot_of
from excudit.service.parts import Parts
from excudit.store import deposits, events, publications, site_events
from excudit.store.publications import now

log = logging.getLogger(__name__)
EVERY_S = 60.0
LISTED = 100
CHECKED, ASKED, BEGUN = "fixity", "fixity_asked", "fixity_begun"
# A check that began so long ago and never ended was lost with its worker.
LOST = timedelta(days=1)
Told = Callable[[str, Sequence[Problem]], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found: how much was read, and the publications with damage, each with what is
    wrong; `unread` are those that could not be read now."""

    target: str
    publications: int
    files: int
    bytes: int
    damaged: Mapping[str, int]
    unread: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Last:
    """The last check of a target, for operators. `at` is None before the first; `every_days` 0 =
    only when asked; `waiting`: somebody asked for one that has not ended yet."""

    target: str
    every_days: int
    at: datetime | None
    report: Mapping[str, Any]
    waiting: bool


def keepers(parts: Parts) -> dict[str, Keeping]:
    """The targets that can read what they keep."""
    return {name: t for name, t in parts.targets.items() if isinstance(t, Keeping)}


def check(parts: Parts, target: str, *, actor: Actor, watch: Watch, told: Told) -> Report:
    """Read everything that `target` keeps. `told` hears of each publication and its problems.

    Raises Unsupported for a target that keeps nothing to read, Retryable when `watch` says to stop.
    """
    keeper = keepers(parts).get(target)
    if keeper is None:
        parts.target(target)
        raise Unsupported(
            f"{target} keeps nothing that could be read again.",
            hint=f"Targets that do: {', '.join(keepers(parts)) or 'none'}.",
        )
    with parts.database.write() as connection:
        site_events.append(connection, actor=actor.name, action=BEGUN, about=target)
        kept = deposits.at(connection, target)
    files = size = 0
    damaged: dict[str, int] = {}
    unread: dict[str, str] = {}
    for key in kept:
        if watch.stop():
            raise Retryable("The check was stopped.", hint="It begins anew.")
        try:
            problems = _one(parts, keeper, target, key, actor, watch)
        except ExcuditError as error:
            unread[key] = error.message
            continue
        told(key, problems)
        _, snapshot = snapshot_of(parts, key)
        files, size = files + len(snapshot.files), size + snapshot.bytes
        if problems:
            damaged[key] = len(problems)
    report = Report(target, len(kept), files, size, damaged, unread)
    with parts.database.write() as connection:
        details = {
            "publications": len(kept),
            "files": files,
            "bytes": size,
            "damaged": dict(list(damaged.items())[:LISTED]),
            "unread": dict(list(unread.items())[:LISTED]),
        }
        site_events.append(
            connection, actor=actor.name, action=CHECKED, about=target, details=details
        )
    return report


def _one(
    parts: Parts, keeper: Keeping, target: str, key: str, actor: Actor, watch: Watch
) -> Sequence[Problem]:
    _, snapshot = snapshot_of(parts, key)
    with parts.database.read() as connection:
        deposit = deposits.find(connection, key, target)
    if deposit is None:
        raise NotFound(f"There is no deposit at {target} any more.")
    problems = keeper.fixity(deposit, snapshot, watch)
    with parts.database.write() as connection:
        _write_down(connection, parts, target, key, actor, problems)
    return problems


def _write_down(
    connection: Any,
    parts: Parts,
    target: str,
    key: str,
    actor: Actor,
    problems: Sequence[Problem],
) -> None:
    publication = publications.get(connection, key, lock=True)
    earlier = [
        e for e in events.of(connection, key, action=CHECKED) if e.details.get("target") == target
    ]
    was_damaged = bool(earlier and earlier[-1].details.get("problems"))
    details = {"target": target, "problems": [p.as_data() for p in problems[:LISTED]]}
    acts.tell(connection, parts, publication, actor=actor, action=CHECKED, details=details)
    if problems and publication.health == "idle":
        publications.set_health(connection, key, "out_of_sync")
        told = {**_ENDED, "target": target, "error": _damage(target, problems).as_data()}
        acts.tell(connection, parts, publication, actor=SERVICE, action="out_of_sync", details=told)
    elif not problems and was_damaged and publication.health == "out_of_sync":
        publications.set_health(connection, key, "idle")
        told = {**_ENDED, "target": target, "error": None}
        acts.tell(connection, parts, publication, actor=SERVICE, action="solved", details=told)


_ENDED: dict[str, Any] = {
    "step": "fixity",
    "step_title": "Read the files again",
    "cleanup": [],
    "past_final": True,
    "by": "",
    "reason": "",
    "before": "",
}


def _damage(target: str, problems: Sequence[Problem]) -> Rejected:
    return Rejected(
        f"Files at {target} are not what was published.",
        problems=tuple(problems[:LISTED]),
        hint="Restore them from a copy; the next check says when all is well.",
    )


def ask(parts: Parts, actor: Actor, target: str) -> None:
    """Have a worker check a target soon. Raises Denied, NotFound."""
    permissions.require_site("operate", actor.roles)
    if target not in keepers(parts):
        raise NotFound(f"There is no target {target!r} that could be checked.")
    with parts.database.write() as connection:
        site_events.append(connection, actor=actor.name, action=ASKED, about=target)


def last(parts: Parts) -> list[Last]:
    """How the last check of each target ended."""
    found = []
    with parts.database.read() as connection:
        for name, keeper in keepers(parts).items():
            told = site_events.listing(connection, about=name, limit=LISTED)
            done = next((e for e in told if e["action"] == CHECKED), None)
            asked = next((e for e in told if e["action"] == ASKED), None)
            waiting = asked is not None and (done is None or asked["id"] > done["id"])
            at, report = (done["at"], done["details"]) if done else (None, {})
            found.append(Last(name, keeper.fixity_days, at, report, waiting))
    return found


def due(parts: Parts) -> list[str]:
    """Targets whose time has come, or that somebody asked for; none that is being checked."""
    found = []
    for one in last(parts):
        age = now() - one.at if one.at else timedelta.max
        if not (one.waiting or (one.every_days and age > timedelta(days=one.every_days))):
            continue
        with parts.database.read() as connection:
            told = site_events.listing(connection, about=one.target, limit=LISTED)
        newest = next((e for e in told if e["action"] in (CHECKED, BEGUN)), None)
        if newest is None or newest["action"] == CHECKED or now() - newest["at"] > LOST:
            found.append(one.target)
    return found


class Keeper:
    """Checks what is due, in a thread of its own. `start` and `stop` once each."""

    def __init__(self, parts: Parts, every_s: float = EVERY_S) -> None:
        self._parts, self._every_s = parts, every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fixity", daemon=True)

    def start(self) -> None:
        """Begin; the first look is after the first pause."""
        self._thread.start()

    def stop(self) -> None:
        """End after the file in hand; a check that is cut off begins anew."""
        self._done.set()

    def progress(self, done: int, total: int, unit: str) -> None:
        """Nobody follows it."""

    def _run(self) -> None:
        while not self._done.wait(self._every_s):
            try:
                for name in due(self._parts):
                    report = check(
                        self._parts, name, actor=SERVICE, watch=_Until(self._done), told=_heard
                    )
                    log.info("%s: %d files read again", name, report.files)
            except ExcuditError as error:
                log.warning("The files were not read again: %s", error.message)


@dataclass(frozen=True, slots=True)
class _Until:
    """A watch that stops with its worker."""

    done: threading.Event

    def progress(self, done: int, total: int, unit: str) -> None:
        """Nobody follows it."""

    def stop(self) -> bool:
        """Whether the worker ends."""
        return self.done.is_set()


def _heard(publication: str, problems: Sequence[Problem]) -> None:
    if problems:
        log.error("%s: %d damaged files", publication, len(problems))
