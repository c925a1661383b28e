"""What reviewers look through, and what they decide on many at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _queue()
    _bulks()


def _queue() -> None:
    op.add_column(
        "publications",
        sa.Column("title_sought", sa.String(length=200), server_default="", nullable=False),
    )
    op.execute("UPDATE publications SET title_sought = lower(substr(title, 1, 200))")
    queue = ["state", "waiting_since", "id", "route", "label", "health", "title_sought"]
    for name in ("state_updated", "owner_updated"):
        op.drop_index(f"ix_publications_{name}", "publications")
    for name, columns in (
        ("queue", [*queue, "reviewer"]),
        ("reviewer_queue", ["reviewer", *queue]),
        ("state_updated", ["state", "updated_at", "id"]),
        ("owner_updated", ["owner", "updated_at", "id"]),
        ("route_updated", ["route", "updated_at", "id"]),
        ("owner_list", ["owner", "archived", "state", "updated_at", "id", "title_sought"]),
    ):
        op.create_index(f"ix_publications_{name}", "publications", columns, unique=False)
    labelled = sa.text("label <> ''")
    op.create_index(
        "ix_publications_label",
        "publications",
        ["label"],
        unique=False,
        sqlite_where=labelled,
        postgresql_where=labelled,
    )


def _bulks() -> None:
    op.create_table(
        "bulks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("given", PLAIN, server_default="{}", nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "action IN ('assign', 'label', 'approve', 'return', 'reject')",
            name=op.f("ck_bulks_action"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulks")),
    )
    op.create_table(
        "bulk_rows",
        sa.Column("bulk", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "status IN ('planned', 'impossible', 'done', 'failed')",
            name=op.f("ck_bulk_rows_status"),
        ),
        sa.ForeignKeyConstraint(["bulk"], ["bulks.id"], name=op.f("fk_bulk_rows_bulk_bulks")),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_bulk_rows_publication_publications")
        ),
        sa.PrimaryKeyConstraint("bulk", "position", name=op.f("pk_bulk_rows")),
    )
