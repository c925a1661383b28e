"""Claims that run out at their source are renewed as long as a run holds them: while it works,
while it waits for its next try, and while it stands still."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from excudit.domain.errors import ExcuditError, Permanent, from_data
from excudit.domain.model import Claim
from excudit.domain.publication import Publication
from excudit.engine.step import Action, Call
from excudit.ports import Renewing
from excudit.service.parts import Parts
from excudit.store import publications, renewals, runs
from excudit.store.publications import now

log = logging.getLogger(__name__)
SHARE = 4
"""How often within the time of a claim it is looked whether it is due, and a failure repeated."""


def guarded(parts: Parts, action: Action) -> Action:
    """The same action, which begins only while the run holds its claims."""

    def act(call: Call) -> Mapping[str, Any] | None:
        if not call.undoing and call.step != "claim":
            _must_hold(parts, call)
        return action(call)

    return act


def sources(parts: Parts) -> dict[str, float]:
    """Routes whose claims run out → every how many seconds they are renewed."""
    found: dict[str, float] = {}
    for name, route in parts.settings.routes.items():
        source = parts.sources.get(route.source)
        if isinstance(source, Renewing):
            found[name] = source.renew_s
    return found


def _must_hold(parts: Parts, call: Call) -> None:
    """Raises what the source said when the claim was lost. A run that goes on after a person let
    it asks the source first."""
    routes = sources(parts)
    if not routes:
        return
    with parts.database.read() as connection:
        found = publications.get(connection, call.subject)
        run = runs.get(connection, call.run)
        known = renewals.known(connection, call.run)
    if run is None or found.route not in routes or not _holds(parts, run, call.step):
        return
    if _is_over(run, call.step):
        return
    if known is not None and known["error"]:
        raise from_data(dict(known["error"]))
    if known is None and _taken(parts, call.run, routes[found.route]):
        _renew(parts, found)


def _holds(parts: Parts, run: Mapping[str, Any], step: str) -> bool:
    """Whether its plan has taken custody before this step."""
    keys = [s["key"] for s in run["steps"]]
    if "claim" not in keys:
        return bool(run["plan"] == "publish")  # in custody since it was submitted
    return step in keys and keys.index(step) > keys.index("claim")


def _is_over(run: Mapping[str, Any], step: str) -> bool:
    """Whether all that cannot be taken back is done before this step: what is public is confirmed
    and reported even where the claim was lost since."""
    keys = [s["key"] for s in run["steps"]]
    final = (n for n, s in enumerate(run["steps"]) if s.get("final") and s["do"] != "release")
    return step in keys and keys.index(step) > max(final, default=len(keys))


def _taken(parts: Parts, run: str, every_s: float) -> bool:
    moment = now()
    with parts.database.write() as connection:
        return renewals.take(connection, run, moment, moment + timedelta(seconds=every_s))


def _renew(parts: Parts, found: Publication) -> None:
    for part in found.parts:
        source = parts.source(part.source)
        if isinstance(source, Renewing):
            source.renew(Claim(part.source, part.ref, found.id))


def renew_due(parts: Parts) -> int:
    """Renew all that is due, whichever worker has the run; how many runs these were."""
    routes = sources(parts)
    if not routes:
        return 0
    with parts.database.read() as connection:
        held = renewals.holders(connection, list(routes))
    return sum(_one(parts, run, routes) for run in held)


def _one(parts: Parts, run: Mapping[str, Any], routes: Mapping[str, float]) -> bool:
    with parts.database.read() as connection:
        found = publications.get(connection, run["publication"])
    every_s = routes.get(found.route, 0.0)
    if not _holds(parts, run, run["position"]) or not _taken(parts, run["id"], every_s):
        return False
    try:
        _renew(parts, found)
    except Permanent as error:
        log.warning("The claim of %s was lost: %s", run["id"], error.message)
        with parts.database.write() as connection:
            renewals.lost(connection, run["id"], error.as_data())
    except ExcuditError as error:
        log.warning("The claim of %s was not renewed yet: %s", run["id"], error.message)
        with parts.database.write() as connection:
            renewals.again(connection, run["id"], now() + timedelta(seconds=every_s / SHARE))
    return True


class Renewer:
    """Renews in a thread of its own, which sleeps where no source wants it. `start` and `stop`
    once each."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="renewer", daemon=True)

    def start(self) -> None:
        """Begin; nothing where no claim runs out."""
        if sources(self._parts):
            self._thread.start()

    def stop(self) -> None:
        """Renew no more; a call under way is not waited for."""
        self._done.set()

    def _run(self) -> None:
        pause = min(sources(self._parts).values()) / SHARE
        while not self._done.is_set():
            try:
                renew_due(self._parts)
                with self._parts.database.write() as connection:
                    renewals.tidy(connection)
            except ExcuditError as error:
                log.warning("Claims were not renewed: %s", error.message)
            self._done.wait(pause)
