"""Bring a database to the newest revision."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from excudit.domain.errors import Rejected
from excudit.store.database import SCHEMA, Database

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7411806022  # any number of our own: only one migration at a time on PostgreSQL


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate up; idempotent, one at a time, all or nothing. Where nothing is to be done, nothing
    is written.

    Raises Rejected when a newer version of excudit has set the database up.
    """
    known, found = revisions(), current(database)
    if found is not None and found not in known:
        raise Rejected(
            f"The database is at revision {found}, which this version of excudit does not know.",
            hint="Start the version of excudit that set it up, or a newer one.",
        )
    if found != (known[-1] if revision == "head" else revision):
        _migrate(database, revision)


def _migrate(database: Database, revision: str) -> None:
    # Reading Alembic takes longer than all else of a start, and most starts have no use for it.
    from alembic import command
    from alembic.config import Config

    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def current(database: Database) -> str | None:
    """The revision of the database; None when it was never set up."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def revisions() -> list[str]:
    """All revisions that this version of excudit knows, oldest first: each file is called by its
    own."""
    return sorted(p.name.partition("_")[0] for p in FOLDER.glob("versions/[0-9]*.py"))


def newest() -> str:
    """The revision that this version of excudit needs."""
    return revisions()[-1]
