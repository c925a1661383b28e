"""Leases on PostgreSQL: a dead worker's runs move to a live one, a live one's never do.

Two threads and a watch. The heartbeat shares no thread and no lock with the takeover, because a
frozen worker may hold row locks that block the takeover for seconds. The watch ends a process that
could not renew its lease in time: others are about to take its runs.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from excudit.engine.database import DBOS_SCHEMA, clock, leases, placed
from excudit.engine.order import VERSION

log = logging.getLogger("excudit.engine")

LOST_EXIT_CODE = 75
LEASE_S = 30.0
FORGOTTEN_AFTER_S = 86_400.0
# Of the lease: a worker that is silent longer stops itself before the others act.
LAST_MOMENT = 0.8

workflow_status = sa.table(
    "workflow_status",
    sa.column("status"),
    sa.column("executor_id"),
    sa.column("application_version"),
    schema=DBOS_SCHEMA,
)


class Leases:
    """This worker's lease, and the watch over the others'.

    `take_over` is given the ids of dead workers; it may be called again with the same ids and must
    then do no harm. `lost` is called when the lease could not be renewed in time; by default it
    ends the process at once.
    """

    def __init__(
        self,
        engine: sa.Engine,
        worker: str,
        *,
        lease_s: float,
        take_over: Callable[[list[str]], object],
        lost: Callable[[], object] = lambda: os._exit(LOST_EXIT_CODE),
    ) -> None:
        self.worker = worker
        self._engine = placed(engine)
        self._lease_s = lease_s
        self._take_over = take_over
        self._lost = lost
        self._beaten = _now()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def register(self) -> None:
        """Take the lease: before the first run is claimed, or another worker would take it over."""
        self._beat()

    def start(self) -> None:
        """Keep the lease and watch the others', until `release`."""
        loops = (
            ("beat", self._beat, self._lease_s / 3),
            ("takeover", self._recover, min(10.0, self._lease_s / 3)),
            ("watch", self.check, min(0.2, self._lease_s / 20)),
        )
        for name, turn, pause in loops:
            thread = threading.Thread(
                target=self._loop, args=(turn, pause), name=f"excudit-{name}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def check(self) -> None:
        """End this process when its lease may run out. Asked before every attempt, too."""
        if _now() - self._beaten > LAST_MOMENT * self._lease_s and not self._stop.is_set():
            log.critical("Worker %s lost its lease; it stops at once.", self.worker)
            self._lost()

    def release(self, *, at_once: bool = True) -> None:
        """Stop the threads and give the lease back, so that the others may take what is left;
        else they may when it has run out."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)
        if not at_once:
            return
        try:
            with self._engine.begin() as c:
                c.execute(sa.delete(leases).where(leases.c.worker == self.worker))
        except SQLAlchemyError as error:
            log.warning("The lease of %s stays until it runs out: %s", self.worker, error)

    def _loop(self, turn: Callable[[], object], pause: float) -> None:
        while not self._stop.is_set():
            try:
                turn()
            except SQLAlchemyError as error:
                log.warning("Lease of %s: the database does not answer: %s", self.worker, error)
            self._stop.wait(pause)

    def _beat(self) -> None:
        # A thawed worker must not renew what it has lost already, before the watch wakes up.
        self.check()
        before = _now()
        until = clock(self._engine) + self._lease_s
        statement = insert(leases).values(worker=self.worker, expires_at=until)
        statement = statement.on_conflict_do_update(
            index_elements=[leases.c.worker], set_={"expires_at": until}
        )
        with self._engine.begin() as c:
            c.execute(statement)
        self._beaten = before

    def dead(self) -> Sequence[str]:
        """Workers that hold runs of this version but no lease."""
        runs = workflow_status.c
        held = leases.c.expires_at >= clock(self._engine)
        query = (
            sa.select(runs.executor_id)
            .distinct()
            .select_from(workflow_status)
            .outerjoin(leases, (leases.c.worker == runs.executor_id) & held)
            .where(
                runs.status == "PENDING",
                runs.application_version == VERSION,
                runs.executor_id.is_not(None),
                leases.c.worker.is_(None),
            )
        )
        with self._engine.begin() as c:
            return list(c.execute(query).scalars())

    def _recover(self) -> None:
        dead = self.dead()
        if dead:
            log.warning("Taking over the runs of %s.", ", ".join(dead))
            self._take_over(list(dead))
        forgotten = leases.c.expires_at < clock(self._engine) - FORGOTTEN_AFTER_S
        with self._engine.begin() as c:
            c.execute(sa.delete(leases).where(forgotten))


def _now() -> float:
    # Counts on through a suspended machine, which the plain monotonic clock does not on Linux.
    clock_id = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock_id)
