"""Connections: one database for the application's and the engine's tables.

SQLite: WAL, synchronous FULL, and every write unit begins with BEGIN IMMEDIATE, because a
deferred BEGIN fails under load whatever the busy timeout (facts/engine.md §10). PostgreSQL:
psycopg 3, the application in schema `excudit`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, SQLAlchemyError

from excudit.domain.errors import (
    Denied,
    ExcuditError,
    Permanent,
    Rejected,
    Unavailable,
    Unrecorded,
)
from excudit.engine.database import queued_writes

SCHEMA = "excudit"


class Database:
    """The application's database. `close` it when done; safe to use from several threads.

    `patience_s`: how long to wait for another program that holds an SQLite file.
    """

    def __init__(self, url: str, *, pool_size: int = 40, patience_s: float = 30.0) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            size = (pool_size, round(1000 * patience_s))
            self._writer = queued_writes(_sqlite_engine(url, "IMMEDIATE", *size))
            self._reader = _sqlite_engine(url, "DEFERRED", *size)
        else:
            self._writer = self._reader = _postgresql_engine(url, pool_size)

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine for write units, for the rooms that must have it."""
        return self._writer

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write unit: committed at the end, rolled back on any error. No network I/O inside."""
        with _told_plainly(self.url), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that only reads, and waits for no writer on SQLite."""
        with _told_plainly(self.url), self._reader.connect() as connection:
            yield connection

    def plainly(self) -> AbstractContextManager[None]:
        """Whatever goes wrong with the database inside is raised in our own words."""
        return _told_plainly(self.url)

    def close(self) -> None:
        """Give all connections back; idempotent."""
        self._writer.dispose()
        self._reader.dispose()


def with_password(url: str, password: str) -> str:
    """The URL with the password in it: for connecting, never for showing."""
    return make_url(url).set(password=password).render_as_string(hide_password=False)


def sqlite_url(path: Path) -> str:
    """The database URL of an SQLite file."""
    return f"sqlite:///{path.absolute()}"


@contextmanager
def _told_plainly(url: str) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise _explained(error, url) from error
    except DataError as error:
        if "NUL" not in str(error.orig) and "\\u0000" not in str(error.orig):
            raise
        raise Rejected("A text holds a NUL character.", hint="Remove it.") from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _explained(error, url) from error
        raise


def _explained(error: DBAPIError, url: str) -> Exception:
    words = str(error.orig).strip()
    shown = make_url(url).render_as_string(hide_password=True)
    low = words.lower()
    if "authentication failed" in low or "permission denied" in low:
        return Denied(
            f"The database {shown} refused the user.",
            hint="Check user and password of service.database.",
            remote=words,
        )
    if "no such table" in low or "undefinedtable" in low:
        return Rejected(
            f"The database {shown} has not been set up.", hint="Run `excudit init`.", remote=words
        )
    if "readonly" in low or "read-only" in low:
        return Denied(
            f"The database {shown} cannot be written.",
            hint="Give the service's user write permission on the file and its folder.",
            remote=words,
        )
    if "disk is full" in low or "no space" in low:
        return Unavailable(
            f"The disk of the database {shown} is full.",
            hint="Free some space; excudit goes on by itself.",
            remote=words,
        )
    if "locked" in low:
        return Unavailable(
            f"The database {shown} is locked by another program.",
            hint="Close the program that holds it, such as a backup or a database shell.",
            remote=words,
        )
    return Unavailable(
        f"The database {shown} does not answer.",
        hint="Check that it runs and that service.database names it.",
        remote=words,
    )


def _sqlite_engine(url: str, begin: str, pool_size: int, busy_ms: int) -> Engine:
    engine = create_engine(url, pool_size=pool_size, max_overflow=10)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={busy_ms}",
            "foreign_keys=ON",
            "journal_mode=WAL",
            "synchronous=FULL",
            "wal_autocheckpoint=8000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def _postgresql_engine(url: str, pool_size: int) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        connect_args={
            "options": f"-csearch_path={SCHEMA},public -cidle_in_transaction_session_timeout=60000",
            "connect_timeout": 10,
        },
    )


@contextmanager
def recording(target: str) -> Iterator[None]:
    """A database that answers, but refuses what a target has made public, makes it Unrecorded: it
    is no failure of the publication, and nothing of it may be undone. An outage passes by itself
    and stays Unavailable."""
    try:
        yield
    except Unavailable:
        raise
    except ExcuditError as error:
        if not isinstance(error.__cause__, SQLAlchemyError):
            raise
        words = f"{error.message} {error.remote}".strip()
        raise _unrecorded(target, words) from error.__cause__
    except SQLAlchemyError as error:
        words = str(error.orig if isinstance(error, DBAPIError) else error)
        raise _unrecorded(target, words) from error


@contextmanager
def storing() -> Iterator[None]:
    """A database that answers, but refuses what a step wants to store before anything is public, is
    a failure of that step: Permanent, so that the run takes itself back."""
    try:
        yield
    except SQLAlchemyError as error:
        raise Permanent(
            "The database of this service refused to store it.",
            hint="Mend the database, then publish again.",
            remote=str(error.orig if isinstance(error, DBAPIError) else error),
        ) from error


def _unrecorded(target: str, words: str) -> Unrecorded:
    return Unrecorded(
        f"It is published at {target}, but the database of this service did not take it.",
        hint="Mend the database; excudit looks at the target and brings itself up to date.",
        remote=words,
    )


def ping(database: Database) -> None:
    """Raises Unavailable or Denied, with what to do, when the database cannot be used."""
    with database.read() as connection:
        connection.execute(text("SELECT 1"))
