"""The schema, as migrations make it, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from excudit.domain.errors import Rejected
from excudit.store import migrate
from excudit.store.database import Database
from excudit.store.schema import metadata


@pytest.fixture
def database(database_url):
    found = Database(database_url)
    yield found
    found.close()


def test_the_names_of_the_files_tell_the_revisions_in_their_order():
    scripts = ScriptDirectory(str(migrate.FOLDER)).walk_revisions()
    assert migrate.revisions() == [s.revision for s in scripts][::-1]


def ours(change):
    """The engine's tables share the database and are none of Alembic's business."""
    return not (change[0] == "remove_table" and change[1].name not in metadata.tables)


# SQLite's own description of an index has no expressions: the next test looks at that one.
@pytest.mark.filterwarnings("ignore:.*expression-based index '?uq_labels_name")
@pytest.mark.parametrize("revision", migrate.revisions())
def test_every_released_revision_migrates_up_to_the_tables_of_the_code(database, revision):
    migrate.upgrade(database, revision)
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.newest()
    with database.read() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [c for c in found if ours(c)] == []


def test_names_of_labels_are_told_apart_however_they_are_capitalised(database):
    migrate.upgrade(database)
    table = "sqlite_master" if database.is_sqlite else "pg_indexes"
    columns = ("sql", "name") if database.is_sqlite else ("indexdef", "indexname")
    with database.read() as connection:
        made = connection.execute(
            sa.text(f"SELECT {columns[0]} FROM {table} WHERE {columns[1]} = 'uq_labels_name'")
        ).scalar_one()
    made = made.replace("(name)::text", "name")
    assert made.startswith("CREATE UNIQUE INDEX uq_labels_name")
    assert made.endswith("(lower(name))")


def test_migrating_twice_changes_nothing(database):
    migrate.upgrade(database)
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.newest()


def test_a_database_of_a_newer_excudit_is_left_alone(database):
    migrate.upgrade(database)
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Rejected, match="9999"):
        migrate.upgrade(database)


@pytest.mark.parametrize("verb", ["UPDATE events SET actor = 'x'", "DELETE FROM events"])
def test_events_can_be_added_but_never_changed(database, verb, add_publication):
    migrate.upgrade(database)
    add_publication(database)
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        database.write() as connection,
    ):
        connection.execute(sa.text(verb))


def test_a_word_that_is_no_state_is_refused_by_the_database(database, add_publication):
    migrate.upgrade(database)
    key = add_publication(database)
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.execute(
            sa.text("UPDATE publications SET state = 'done' WHERE id = :key"), {"key": key}
        )
