"""Looking after sources and targets from time to time: do they answer, and do they let us in?"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from excudit.domain.errors import ExcuditError
from excudit.domain.model import SERVICE
from excudit.domain.problem import Problem, blocking
from excudit.ports import Probing
from excudit.service.parts import Parts
from excudit.store import operations
from excudit.store.publications import now

log = logging.getLogger(__name__)
EVERY_S = 600.0
AT_ONCE = 8


def names(parts: Parts) -> list[str]:
    """All sources and targets, as "source:NAME" and "target:NAME"."""
    return [*(f"source:{n}" for n in parts.sources), *(f"target:{n}" for n in parts.targets)]


def look(parts: Parts, which: Iterable[str]) -> dict[str, list[Problem]]:
    """Look at these sources and targets, some at a time, and write down how they answered.

    Takes as long as the slowest may take to answer. No side effect outside.
    """
    asked = list(which)
    with ThreadPoolExecutor(AT_ONCE, "probe") as pool:
        found = dict(zip(asked, pool.map(lambda name: _look_at(parts, name), asked), strict=True))
    with parts.database.write() as connection:
        for name, problems in found.items():
            told = [p.as_data() for p in blocking(problems)]
            operations.put_probe(connection, name, told)
    return found


def _look_at(parts: Parts, name: str) -> list[Problem]:
    kind, _, own = name.partition(":")
    try:
        if kind == "target":
            return list(parts.target(own).probe())
        source = parts.source(own)
        if isinstance(source, Probing):
            return list(source.probe())
        for _ in source.search("", actor=SERVICE, limit=1):
            break
    except ExcuditError as error:
        words = f"{error.message} {error.remote}".strip()
        return [Problem("", words, error.hint)]
    return []


def stale(parts: Parts) -> Sequence[str]:
    """Those that nobody has looked at for ten minutes."""
    before = now() - timedelta(seconds=EVERY_S)
    with parts.database.read() as connection:
        known = operations.probes(connection)
    return [n for n in names(parts) if n not in known or known[n].probed_at < before]


class Prober:
    """Looks every ten minutes, in a thread of its own, because a place that is down takes its
    time. `start` and `stop` once each."""

    def __init__(self, parts: Parts, every_s: float = EVERY_S) -> None:
        self._parts, self._every_s = parts, every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prober", daemon=True)

    def start(self) -> None:
        """Begin; the first look is after the first pause."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a look under way is not waited for."""
        self._done.set()

    def _run(self) -> None:
        while not self._done.wait(self._every_s):
            try:
                look(self._parts, stale(self._parts))
            except ExcuditError as error:
                log.warning("Sources and targets were not looked at: %s", error.message)
