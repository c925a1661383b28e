"""What no run looks after: runs that the engine gave up park and tell, and what was to wait for a
date is published when it has come."""

from __future__ import annotations

import logging
import math
import threading
import time
from contextlib import suppress

from excudit.domain.errors import ExcuditError
from excudit.engine import standing
from excudit.engine.outcome import Ending
from excudit.service.healing import heal
from excudit.service.ledger import RunLedger
from excudit.service.parts import Parts
from excudit.service.reminders import remind
from excudit.service.schedule import publish_due
from excudit.store import runs, sessions, throttle
from excudit.store.publications import now

log = logging.getLogger(__name__)
EVERY_S = 30.0
TIDY_EVERY_S = 3600.0


def sweep(parts: Parts, ledger: RunLedger) -> int:
    """Park every run that the engine lost, with its error and a mail; how many there were.

    A lost run is a fault of ours (its end could not be written down, or it was taken up too
    often), so a person looks at it before it goes on. Idempotent.
    """
    with parts.database.plainly():
        lost = parts.client.lost()
    for part in lost:
        with parts.database.read() as connection:
            row = runs.get(connection, part.run)
        if row is not None:
            error = ExcuditError(
                "The run was given up after a fault of excudit itself.",
                hint="Read the worker's log, then retry or stop it.",
                remote=part.error,
            )
            ledger.finished(
                part.run,
                Ending(
                    "parked",
                    step=row["position"],
                    error=error.as_data(),
                    after_final=row["past_final"],
                    cleanup=tuple(row["cleanup"] or ()),
                ),
            )
        with parts.database.plainly():
            parts.client.forget(part.run)
    return len(lost)


def tidy(parts: Parts) -> int:
    """Delete sessions and counted tries that are long over; how many there were. Idempotent."""
    with parts.database.write() as connection:
        return sessions.sweep(connection) + throttle.sweep(connection)


class Sweeper:
    """Sweeps every half minute in a thread of its own. `start` and `stop` once each."""

    def __init__(self, parts: Parts, ledger: RunLedger, every_s: float = EVERY_S) -> None:
        self._parts, self._ledger, self._every_s = parts, ledger, every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin; the first sweep is now."""
        self._thread.start()

    def stop(self) -> None:
        """End after the sweep in hand."""
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()
            with suppress(ExcuditError):
                self._beat(0)

    def _beat(self, lasts_s: float) -> None:
        # Workers on PostgreSQL hold leases, which tell the same.
        if self._parts.database.is_sqlite:
            with self._parts.database.write() as connection:
                standing.beat(connection, "local", lasts_s)

    def _run(self) -> None:
        tidied = -math.inf
        while not self._done.is_set():
            try:
                self._beat(standing.LOCAL_S)
                if time.monotonic() - tidied > TIDY_EVERY_S:
                    tidied = time.monotonic()
                    tidy(self._parts)
                if found := sweep(self._parts, self._ledger):
                    log.error("%d run(s) were given up by the engine and parked", found)
                if healed := heal(self._parts):
                    log.info("%d run(s) that stood still after publication go on", healed)
                if begun := publish_due(self._parts):
                    log.info("%d publication(s) were begun on the date that was set", begun)
                if reminded := remind(self._parts, now()):
                    log.info("Reminded of %d publication(s) that wait for somebody", reminded)
            except ExcuditError as error:
                log.warning("The sweep was put off: %s", error.message)
            self._done.wait(self._every_s)
