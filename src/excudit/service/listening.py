"""Looking every minute whether people outside have answered; any worker may, all at once, too."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

from excudit.domain.errors import Conflict, ExcuditError
from excudit.ports import Asking
from excudit.service import gates
from excudit.service.frozen import snapshot_of
from excudit.service.parts import Parts
from excudit.store import deposits
from excudit.store import gates as stored
from excudit.store.gates import Asked

log = logging.getLogger(__name__)
EVERY_S = 60.0
AT_ONCE = 200


def listen(parts: Parts) -> int:
    """Ask once at every target where a run waits for people, and carry out what was answered
    while another run was under way; how many answers there were. One target that does not answer
    keeps no other from it."""
    return sum(_one(parts, gate) for gate in _waiting(parts))


def _waiting(parts: Parts) -> Iterator[Asked]:
    after = None
    while True:
        with parts.database.read() as connection:
            found = stored.waiting(connection, after=after, limit=AT_ONCE)
        yield from found
        if len(found) < AT_ONCE or found[-1].opened_at is None:
            return
        after = (found[-1].opened_at, found[-1].id)


def _one(parts: Parts, gate: Asked) -> bool:
    try:
        if gate.verdict:
            return gates.go_on(parts, gate.id)
        return ask_again(parts, gate)
    except Conflict:
        return False  # somebody answered at this very moment
    except ExcuditError as error:
        log.warning("%s was not asked for %s: %s", gate.key, gate.publication, error.message)
        return False


def ask_again(parts: Parts, gate: Asked) -> bool:
    """Ask the target of a gate now; whether it answered. Raises what the target raises."""
    name = gates.target_of(gate.key)
    target = parts.targets.get(name)
    if not isinstance(target, Asking):
        return False
    _, snapshot = snapshot_of(parts, gate.publication)
    with parts.database.read() as connection:
        deposit = deposits.find(connection, gate.publication, name)
    if deposit is None or not deposit.remote_id:
        return False
    said = target.answered(deposit, snapshot)
    if said is None:
        return False
    gates.answered(parts, gate.id, said, by=parts.settings.target_title(name))
    return True


class Listener:
    """Listens every minute, in a thread of its own, because a target that is down takes its time.
    `start` and `stop` once each."""

    def __init__(self, parts: Parts, every_s: float = EVERY_S) -> None:
        self._parts, self._every_s = parts, every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Begin; the first look is now."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; a look under way is not waited for."""
        self._done.set()

    def _run(self) -> None:
        while not self._done.is_set():
            try:
                if heard := listen(self._parts):
                    log.info("%d answer(s) came from outside", heard)
            except ExcuditError as error:
                log.warning("Nobody was asked for an answer: %s", error.message)
            self._done.wait(self._every_s)
