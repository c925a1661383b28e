"""What those who run the service look at: probes, and both trails by time, person and action."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "probes",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("probed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("well_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problems", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_probes")),
    )
    for trail in ("events", "site_events"):
        op.create_index(f"ix_{trail}_at", trail, ["at", "id"])
        op.create_index(f"ix_{trail}_actor", trail, ["actor", "at", "id"])
        op.create_index(f"ix_{trail}_action", trail, ["action", "at", "id"])
    told = sa.text("reason <> ''")
    op.create_index(
        "ix_events_reason", "events", ["at", "id"], sqlite_where=told, postgresql_where=told
    )
    op.create_index("ix_attempts_ended", "attempts", ["ended_at", "status"])
