"""Enqueue and look after runs, from any process and without running any.

A run is enqueued in the caller's own transaction: with the state change or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from dbos import (
    DBOS,
    DBOSClient,
    DBOSPortableJSONSerializer,
    EnqueueOptions,
    WorkflowStatus,
    error,
)

from excudit.domain.errors import Conflict, Unsupported
from excudit.engine.breakers import Breakers
from excudit.engine.database import DBOS_SCHEMA, ensure_tables, is_sqlite
from excudit.engine.order import MARK, VERSION, WORKFLOW, Mode, Order, first_id
from excudit.engine.plan import Plan
from excudit.engine.quiet import quiet_dbos

APPLICATION = "excudit"
WAITING_OR_WORKING = ("DELAYED", "ENQUEUED", "PENDING")
LOST = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
PRUNE_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """The latest part of a run, as the engine sees it.

    `status`: "delayed" until `wakes_at`, "enqueued", "working", "ended" (its ending is in the
    ledger), "cancelled", or "lost": the engine gave up, which is always a fault to look into.
    `number` counts the parts, one more for each long wait. `worker` is who works on it.
    """

    run: str
    status: str
    number: int
    queue: str
    wakes_at: datetime | None = None
    worker: str = ""
    error: str = ""


class EngineClient:
    """For web processes and the service. Thread-safe; holds no thread and no connection of its own.

    `engine` is the application's SQLAlchemy engine on the database that it shares with the
    workers. `breakers` is the shared state of the targets. Methods without a connection argument
    open their own transaction: on SQLite never call them inside a write transaction. Any method
    raises `sqlalchemy.exc.DBAPIError` at once when the database is away.
    """

    def __init__(self, engine: sa.Engine) -> None:
        quiet_dbos()
        self._engine = engine
        self._schema = None if is_sqlite(engine) else DBOS_SCHEMA
        self._known: set[str] = set()
        self.breakers = Breakers(engine)
        self._client = DBOSClient(
            system_database_engine=engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,
        )

    def prepare(
        self, queues: Iterable[str], *, concurrency: int | None = None, poll_s: float = 0.1
    ) -> None:
        """Make the engine's tables, its version and these queues, so that runs can be enqueued
        before the first worker has started. Idempotent. Queues that exist stay as they are,
        unless `concurrency` is given: that is for workers."""
        ensure_tables(self._engine)
        DBOS.migrate(self._engine.url.render_as_string(hide_password=False))
        self._client._sys_db.create_application_version(VERSION)
        for queue in queues:
            self._client.register_queue(
                queue,
                worker_concurrency=concurrency or 1,
                polling_interval_sec=poll_s,
                on_conflict="always_update" if concurrency else "never_update",
            )

    def enqueue(
        self,
        connection: sa.Connection,
        run: str,
        plan: Plan,
        *,
        subject: str,
        queue: str,
        start: int = 0,
        mode: Mode = "forward",
        steps: Sequence[str] = (),
        committed: bool = False,
        delay_s: float = 0.0,
        priority: int = 0,
    ) -> None:
        """Enqueue a run in the caller's transaction; commit or rollback is the caller's.

        `start`: position of the first step (`plan.after(gate)`; after a parking, the parked step);
        the steps before it count as done. `committed`: an earlier run ended with `after_final`.
        `mode="undo"` undoes `steps`, for ever if need be. Lower `priority` first, 0 before all.
        Raises Conflict when the run id was used, Unsupported when no worker knows the queue or
        version, ValueError when plan and arguments do not fit; nothing is written then.
        """
        order = Order(
            run=run,
            subject=subject,
            plan=plan,
            queue=queue,
            mode=mode,
            position=start,
            committed=committed,
            steps=tuple(steps),
            priority=priority,
        )
        self._check_known(connection, queue)
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": queue,
            "app_version": VERSION,
            "workflow_id": first_id(run),
            "workflow_id_reuse_policy": "reject",
        }
        if priority:
            options["priority"] = priority
        if delay_s > 0:
            options["delay_seconds"] = delay_s
        try:
            self._client.enqueue_in_transaction(connection, options, order.as_data())
        except error.DBOSWorkflowIDInUseError as used:
            raise Conflict(f"The run {run} exists already; a run id is used once.") from used

    def _check_known(self, connection: sa.Connection, queue: str) -> None:
        # An unknown queue or version would leave the run enqueued for ever, without a word.
        if queue in self._known:
            return
        queues = sa.table("queues", sa.column("name"), schema=self._schema)
        versions = sa.table("application_versions", sa.column("version_name"), schema=self._schema)
        names = sa.select(sa.literal("queue")).where(queues.c.name == queue)
        both = names.union_all(
            sa.select(sa.literal("version")).where(versions.c.version_name == VERSION)
        )
        found = set(connection.execute(both).scalars())
        if found != {"queue", "version"}:
            missing = f"queue {queue!r}" if "queue" not in found else f"version {VERSION!r}"
            raise Unsupported(
                f"No worker of this database knows the {missing}.",
                hint="Start a worker of this version with this configuration once.",
            )
        self._known.add(queue)

    def queues_in_use(self) -> set[str]:
        """The queues in which runs wait or are at work, whoever made them."""
        rows = sa.table(
            "workflow_status",
            *(sa.column(c) for c in ("queue_name", "status", "application_version")),
            schema=self._schema,
        ).c
        query = sa.select(rows.queue_name).where(
            rows.status.in_(WAITING_OR_WORKING), rows.application_version == VERSION
        )
        with self._engine.begin() as connection:
            return {name for name in connection.execute(query.distinct()).scalars() if name}

    def describe(self, run: str) -> Part | None:
        """Where the run is now; None when it is not known, or pruned."""
        parts = self._parts(run)
        return _part(run, parts[-1]) if parts else None

    def try_now(self, run: str) -> bool:
        """End a long wait: the next attempt comes within about a second. False = it does not wait.

        Also makes a waiting run hear a stop request.
        """
        waiting = self._parts(run, "DELAYED")
        for part in waiting:
            self._client.set_workflow_delay(part.workflow_id, delay_seconds=0)
        return bool(waiting)

    def cancel(self, run: str) -> bool:
        """Stop the run hard: nothing further is recorded, the ledger hears nothing more, and the
        action at work, if any, still ends by itself. For a stop that takes back, set the flag that
        `Ledger.stop_requested` reads instead; after this call enqueue an undo run."""
        active = self._parts(run, *WAITING_OR_WORKING)
        self._client.cancel_workflows([part.workflow_id for part in active])
        return bool(active)

    def lost(self, limit: int = 100) -> list[Part]:
        """Runs that the engine gave up: an alert, and a case for a person."""
        rows = self._client.list_workflows(
            status=list(LOST), limit=limit, load_input=False, load_output=False
        )
        return [_part(row.workflow_id.rsplit(MARK, 1)[0], row) for row in rows]

    def forget(self, run: str) -> None:
        """Delete a lost or ended run's engine rows, once it was dealt with. Absent = done."""
        ended = [p for p in self._parts(run) if p.status not in WAITING_OR_WORKING]
        self._client.delete_workflows([part.workflow_id for part in ended])

    def prune(self, older_than: timedelta) -> int:
        """Delete engine rows that ended longer ago; lost runs stay. Returns how many."""
        before = (datetime.now(UTC) - older_than).isoformat()
        total = 0
        while True:
            rows = self._client.list_workflows(
                status=["SUCCESS", "CANCELLED"],
                completed_before=before,
                limit=PRUNE_AT_ONCE,
                load_input=False,
                load_output=False,
            )
            if not rows:
                return total
            self._client.delete_workflows([row.workflow_id for row in rows])
            total += len(rows)

    def _parts(self, run: str, *status: str) -> list[WorkflowStatus]:
        rows = self._client.list_workflows(
            workflow_id_prefix=run + MARK,
            status=list(status) or None,
            load_input=False,
            load_output=False,
        )
        own = [row for row in rows if row.workflow_id.startswith(run + MARK)]
        return sorted(own, key=lambda row: _number(row.workflow_id))


def _number(workflow_id: str) -> int:
    return int(workflow_id.rsplit(MARK, 1)[1])


def _part(run: str, row: WorkflowStatus) -> Part:
    words = {"PENDING": "working", "SUCCESS": "ended", **dict.fromkeys(LOST, "lost")}
    until = row.delay_until_epoch_ms if row.status == "DELAYED" else None
    return Part(
        run=run,
        status=words.get(row.status, row.status.lower()),
        number=_number(row.workflow_id),
        queue=row.queue_name or "",
        wakes_at=datetime.fromtimestamp(until / 1000, UTC) if until is not None else None,
        worker=(row.executor_id or "") if row.status == "PENDING" else "",
        error=str(row.error or ""),
    )
