"""The engine's side of the shared database: connections, clock, and its own three small tables.

The tables hold nothing that must outlive a restart (leases, rates, breakers), so the engine makes
them itself when it starts; no migration looks after them.
"""

from __future__ import annotations

import threading
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

DBOS_SCHEMA = "dbos"
OWN_SCHEMA = "excudit"
ADVISORY_LOCK = 0x65786375
UNIX_EPOCH = 2440587.5  # as a Julian day

tables = sa.MetaData()
leases = sa.Table(
    "engine_leases",
    tables,
    sa.Column("worker", sa.Text, primary_key=True),
    sa.Column("expires_at", sa.Double, nullable=False),
    schema="own",
)
rates = sa.Table(
    "engine_rates",
    tables,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("free_at", sa.Double, nullable=False),
    schema="own",
)
breakers = sa.Table(
    "engine_breakers",
    tables,
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("open_until", sa.Double),
    sa.Column("probe_until", sa.Double),
    schema="own",
)

# For whoever compares the database with their own tables: on SQLite all share one namespace.
ENGINE_TABLES = frozenset(
    {
        *(t.name for t in tables.tables.values()),
        "application_versions",
        "datasource_outputs",
        "dbos_datasource_migrations",
        "dbos_migrations",
        "event_dispatch_kv",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)


def is_sqlite(bind: sa.Engine | sa.Connection | str) -> bool:
    """Is this a SQLite database? Else it is PostgreSQL."""
    if isinstance(bind, str):
        return bind.startswith("sqlite")
    return bind.dialect.name == "sqlite"


_write_locks: dict[str, threading.RLock] = {}
_WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE", "BEGIN IMMEDIATE")
LOCK_S = 120.0


def write_lock(url: str) -> threading.RLock:
    """The lock of this process on an SQLite file: who writes holds it until the commit.

    SQLite's own waiting is a sleep of growing length, which wastes most of the time when many
    threads write; here each hands over to the next at once. Other processes are still kept out by
    SQLite itself.
    """
    return _write_locks.setdefault(str(sa.make_url(url).database), threading.RLock())


def queued_writes(engine: sa.Engine) -> sa.Engine:
    """Let the transactions of an SQLite engine queue for the write lock of this process."""
    lock = write_lock(engine.url.render_as_string(hide_password=False))

    @event.listens_for(engine, "before_cursor_execute")
    def _before(c: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if "write_lock" not in c.info and statement.lstrip()[:15].upper().startswith(_WRITING):
            if not lock.acquire(timeout=LOCK_S):
                raise TimeoutError("the write lock of the database was not free for too long")
            c.info["write_lock"] = True

    # SQLAlchemy tells of a commit before it is made; the connection comes back after it.
    @event.listens_for(engine, "checkin")
    def _after(_connection: Any, record: Any) -> None:
        if record.info.pop("write_lock", False):
            lock.release()

    return engine


def _pragmas(engine: sa.Engine, isolation: str | None) -> sa.Engine:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = isolation
        for pragma in (
            "busy_timeout=30000",
            "foreign_keys=ON",
            "journal_mode=WAL",
            "synchronous=FULL",
            "wal_autocheckpoint=8000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def dbos_engine(url: str, size: int) -> sa.Engine:
    """The SQLite engine handed to DBOS, which would leave out WAL. Not for our own writes: its
    transactions take the write lock at the first write only, so a read before it may be stale."""
    engine = sa.create_engine(url, pool_size=size, max_overflow=size)
    return queued_writes(_pragmas(engine, "IMMEDIATE"))


def own_engine(url: str) -> sa.Engine:
    """For the engine's own tables: every statement on them is a transaction of its own.

    The caller disposes of it.
    """
    if is_sqlite(url):
        engine = _pragmas(sa.create_engine(url), None)
    else:
        limits = {"connect_timeout": 5, "options": "-c statement_timeout=10000"}
        engine = sa.create_engine(url, pool_size=4, pool_pre_ping=True, connect_args=limits)
    return placed(engine.execution_options(isolation_level="AUTOCOMMIT"))


def placed(engine: sa.Engine) -> sa.Engine:
    """The same engine, knowing in which schema the engine's own tables are."""
    own = None if is_sqlite(engine) else OWN_SCHEMA
    return engine.execution_options(schema_translate_map={"own": own})


def ensure_tables(engine: sa.Engine) -> None:
    """Make the engine's own tables where they are missing. Safe from several processes at once."""
    if is_sqlite(engine):
        with placed(engine).begin() as c:
            tables.create_all(c)
        return
    with placed(engine).execution_options(isolation_level="READ COMMITTED").begin() as c:
        c.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
        c.execute(sa.schema.CreateSchema(OWN_SCHEMA, if_not_exists=True))
        tables.create_all(c)


def clock(bind: sa.Engine | sa.Connection) -> sa.ColumnElement[float]:
    """Now, in seconds since 1970: the database's clock where several machines share it."""
    if is_sqlite(bind):
        return sa.cast((sa.func.julianday("now") - UNIX_EPOCH) * 86400.0, sa.Double)
    return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Double)


def outage(error: SQLAlchemyError) -> bool:
    """Is the database away or too busy, rather than the statement wrong?

    PostgreSQL by SQLSTATE class: 08 connection, 40 rolled back, 53 resources, 57 operator
    intervention (shutdown). Without a state the connection was lost before any answer. A time-out
    of our own connection pool counts, too.
    """
    if isinstance(error, sa.exc.TimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state)[:2] in {"08", "40", "53", "57"}
    if isinstance(error, sa.exc.OperationalError):
        text = str(error.orig)
        return "no such" not in text and "syntax" not in text and "already exists" not in text
    return False
