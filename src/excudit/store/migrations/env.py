"""What Alembic runs: migrations go through the connection that `store.migrate` opened."""

from alembic import context

from excudit.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite changes tables by copying them
    render_as_batch=True,
)
context.run_migrations()
