"""A worker process's engine: it claims runs from its queues and carries them out.

One per process, because DBOS is. On SQLite one per database; on PostgreSQL any number, on any
machines, each with a lease.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from excudit.domain.errors import Conflict
from excudit.engine.attempt import Attempts
from excudit.engine.breakers import Breakers, Trip
from excudit.engine.client import APPLICATION, EngineClient
from excudit.engine.database import dbos_engine, is_sqlite, own_engine
from excudit.engine.leases import LEASE_S, Leases
from excudit.engine.ledger import Ledger
from excudit.engine.limits import Limiter
from excudit.engine.order import VERSION, WORKFLOW
from excudit.engine.outcome import Patience
from excudit.engine.runner import Runner
from excudit.engine.step import Action

log = logging.getLogger("excudit.engine")

SPARE_CONNECTIONS = 12
IDLE_TRANSACTION_S = 5.0
PRUNE_EVERY_S = 86_400.0
_THE_ONE = threading.Lock()
"""Held by the worker that is at work in this process."""


class Worker:
    """Carries out the runs of some queues until it is stopped.

    `actions` by name, safe to call from many threads. `concurrency`: runs at a time for each queue
    and process. `poll_s`: how often each queue looks for new runs, 0.05 to 0.2 seconds. `keep`: the
    rows of ended runs are deleted after so long, daily. `lease_s` (PostgreSQL): after so many
    seconds of silence a worker counts as dead, and its runs move to another.
    """

    def __init__(
        self,
        database_url: str,
        actions: Mapping[str, Action],
        ledger: Ledger,
        queues: Iterable[str],
        *,
        concurrency: int = 8,
        poll_s: float = 0.1,
        patience: Patience | None = None,
        trip: Trip | None = None,
        keep: timedelta = timedelta(days=30),
        lease_s: float = LEASE_S,
    ) -> None:
        self.url = database_url
        self.queues = tuple(dict.fromkeys(queues))
        self._concurrency = concurrency
        self._poll_s = poll_s
        self._keep = keep
        self._lease_s = lease_s
        self._engine = own_engine(database_url)
        self.limiter = Limiter(self._engine)
        self.breakers = Breakers(self._engine, trip)
        self._attempts = Attempts(
            actions,
            ledger,
            self.breakers,
            patience or Patience(),
            fence=self._fence,
        )
        self._lock: IO[str] | None = None
        self._leases: Leases | None = None
        self._dbos_engine: sa.Engine | None = None
        self._stopped = threading.Event()
        self._running = False

    def start(self) -> None:
        """Begin to work; returns at once. A second call does nothing.

        Runs that a dead worker left are taken up. Raises Conflict when another worker is at work
        in this process, on SQLite also when one of another process works on this database.
        """
        if self._running:
            return
        lock = lock_file(self.url) if is_sqlite(self.url) else None
        if not _THE_ONE.acquire(blocking=False):
            if lock is not None:
                lock.close()
            raise Conflict(
                "Another worker is at work in this process already.",
                hint="Stop it first, or start this one in a process of its own.",
            )
        self._lock = lock
        self._running = True
        self._stopped.clear()
        self._attempts.open()
        try:
            # Before the launch: DBOS would find the queues, and how often to look, a second later.
            client = EngineClient(self._engine)
            client.prepare(self.queues, concurrency=self._concurrency, poll_s=self._poll_s)
            self._launch()
        except BaseException:
            self.stop(0)
            raise
        threading.Thread(target=self._prune_daily, name="excudit-prune", daemon=True).start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Begin no further attempt, wait up to `timeout_s` for those at work, give the runs back.

        They go on in the next worker. Attempts still at work after the time go on in their
        threads: end the process then. Until that, nobody else gets their runs (SQLite:
        the lock stays; PostgreSQL: the lease runs out). A second call does nothing.
        """
        if not self._running:
            return
        self._running = False
        self._stopped.set()
        left = self._attempts.close(timeout_s)
        DBOS.destroy(destroy_registry=True)
        _THE_ONE.release()
        self._attempts.abandon()
        if left:
            log.warning("%d attempts are still at work; they go on until the process ends.", left)
        if self._leases is not None:
            self._leases.release(at_once=not left)
            self._leases = None
        if self._lock is not None and not left:
            self._lock.close()
        if self._dbos_engine is not None:
            self._dbos_engine.dispose()
        self._engine.dispose()

    def _launch(self) -> None:
        sqlite = is_sqlite(self.url)
        me = "local" if sqlite else f"{socket.gethostname()}-{uuid.uuid4()}"
        if not sqlite:
            self._leases = Leases(
                self._engine, me, lease_s=self._lease_s, take_over=DBOS._recover_pending_workflows
            )
            self._leases.register()
        DBOS(config=self._config(me))
        runner = Runner(self._attempts)

        @DBOS.workflow(name=WORKFLOW)
        def run(order: dict[str, Any]) -> dict[str, Any] | None:
            return runner.run(order)

        DBOS.listen_queues(list(self.queues))
        DBOS.launch()
        if self._leases is not None:
            self._leases.start()

    def _config(self, me: str) -> DBOSConfig:
        size = self._concurrency * len(self.queues) + SPARE_CONNECTIONS
        config = DBOSConfig(
            name=APPLICATION,
            system_database_url=self.url,
            application_version=VERSION,
            executor_id=me,
            serializer=DBOSPortableJSONSerializer(),
            log_level="WARNING",
            sys_db_pool_size=min(size, 20),
            sys_db_idle_transaction_timeout_sec=min(IDLE_TRANSACTION_S, self._lease_s / 4),
        )
        if is_sqlite(self.url):
            self._dbos_engine = dbos_engine(self.url, min(size, 20))
            config["system_database_engine"] = self._dbos_engine
        return config

    def _fence(self) -> None:
        if self._leases is not None:
            self._leases.check()

    def _prune_daily(self) -> None:
        client = EngineClient(self._engine)
        while True:
            try:
                removed = client.prune(self._keep)
                log.info("Deleted %d engine rows older than %s.", removed, self._keep)
            except SQLAlchemyError as error:
                log.warning("Old engine rows stay for now: %s", error)
            if self._stopped.wait(PRUNE_EVERY_S):
                return


def lock_file(url: str) -> IO[str]:
    """Take the lock beside a SQLite database, held until it is closed or the process ends.

    Raises Conflict when another process holds it: two workers would both do the same runs.
    """
    path = Path(f"{sa.make_url(url).database}.worker")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise Conflict(
            f"Another worker (process {holder}) already works on {path.with_suffix('')}.",
            hint="Stop it first. For several workers use PostgreSQL.",
        ) from None
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
