"""Bring a database to the newest revision."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from excudit.domain.errors import Rejected
from excudit.store.database import SCHEMA, Database

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7411806022  # any number of our own: only one migration at a time on PostgreSQL


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate up; idempotent, one at a time, all or nothing. Where nothing is to be done, nothing
    is written.

    Raises Rejected when a newer version of excudit has set the database up.
    """
    script = ScriptDirectory.from_config(_config())
    found = current(database)
    if found is not None and found not in {r.revision for r in script.walk_revisions()}:
        raise Rejected(
            f"The database is at revision {found}, which this version of excudit does not know.",
            hint="Start the version of excudit that set it up, or a newer one.",
        )
    if found is not None and found == script.as_revision_number(revision):
        return
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def current(database: Database) -> str | None:
    """The revision of the database; None when it was never set up."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this version of excudit needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return str(head)
