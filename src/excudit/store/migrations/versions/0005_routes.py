"""What routes wait for outside, and what begins by itself."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    _gates()
    _intakes()
    _turns()
    _renewals()
    _facts()
    _dataset_uuids()


def _gates() -> None:
    op.create_table(
        "gates",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("chain", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", UTC, nullable=True),
        sa.Column("asked", PLAIN, nullable=False),
        sa.Column("digests", PLAIN, nullable=False),
        sa.Column("answered_at", UTC, nullable=True),
        sa.Column("verdict", sa.String(length=8), server_default="", nullable=False),
        sa.Column("by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("details", PLAIN, nullable=True),
        sa.Column("closed_at", UTC, nullable=True),
        sa.CheckConstraint("verdict IN ('', 'yes', 'no')", name=op.f("ck_gates_verdict")),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_gates_publication_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gates")),
        sa.UniqueConstraint(
            "publication", "chain", "key", name=op.f("uq_gates_publication_chain_key")
        ),
    )
    still_open = sa.text("opened_at IS NOT NULL AND closed_at IS NULL")
    op.create_index(
        "ix_gates_open",
        "gates",
        ["opened_at"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _intakes() -> None:
    op.create_table(
        "intakes",
        sa.Column("route", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=True),
        sa.Column("error", PLAIN, nullable=True),
        sa.Column("seen_at", UTC, nullable=False),
        sa.CheckConstraint(
            "status IN ('begun', 'held', 'failed', 'quarantined')",
            name=op.f("ck_intakes_status"),
        ),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_intakes_publication_publications")
        ),
        sa.PrimaryKeyConstraint("route", "source", "ref", name=op.f("pk_intakes")),
    )
    trouble = sa.text("status IN ('failed', 'quarantined')")
    op.create_index(
        "ix_intakes_trouble",
        "intakes",
        ["seen_at"],
        sqlite_where=trouble,
        postgresql_where=trouble,
    )


def _facts() -> None:
    op.add_column("snapshots", sa.Column("facts", PLAIN, server_default="{}", nullable=False))


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("held_until", UTC, nullable=False),
        sa.Column("asked_at", UTC, nullable=True),
        sa.Column("listed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", PLAIN, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_turns")),
    )


def _renewals() -> None:
    op.create_table(
        "renewals",
        sa.Column("run", sa.String(length=100), nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("error", PLAIN, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_renewals_run_runs")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_renewals")),
    )


def _dataset_uuids() -> None:
    op.create_table(
        "dataset_uuids",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_uuids")),
    )
