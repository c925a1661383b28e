"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

NEVER = "events are append-only"
PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _idempotency()
    _publications()
    _users()
    _claims()
    _datasets()
    _deposits()
    _events()
    _identifiers()
    _runs()
    _snapshots()
    _tokens()
    _attempts()
    _files()
    _mails()
    _keep_events()


def _keep_events() -> None:
    """The audit trail is only ever added to, whoever holds the connection."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
                f"BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION excudit.keep_events() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{NEVER}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON excudit.events "
        "FOR EACH STATEMENT EXECUTE FUNCTION excudit.keep_events()"
    )


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user", "key", name=op.f("pk_idempotency")),
    )


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=32), nullable=False),
        sa.Column("route", sa.String(length=100), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("owner_email", sa.String(length=320), server_default="", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("health", sa.String(length=24), server_default="idle", nullable=False),
        sa.Column("record", PLAIN, nullable=False),
        sa.Column("edited", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("edition", sa.Integer(), server_default="1", nullable=False),
        sa.Column("concept", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("previous", sa.String(length=36), nullable=True),
        sa.Column("snapshot", sa.String(length=36), nullable=True),
        sa.Column("approved_digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("page_open", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("withdrawn_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "health IN ('idle', 'running', 'waiting', 'needs_attention', 'out_of_sync', 'cleanup_pending')",
            name=op.f("ck_publications_health"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'in_review', 'changes_requested', 'approved', 'rejected', 'cancelled', 'publishing', 'published', 'withdrawn')",
            name=op.f("ck_publications_state"),
        ),
        sa.ForeignKeyConstraint(
            ["previous"], ["publications.id"], name=op.f("fk_publications_previous_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("concept", "version", name=op.f("uq_publications_concept_version")),
        sa.UniqueConstraint("slug", name=op.f("uq_publications_slug")),
    )
    op.create_index(
        "ix_publications_owner_updated", "publications", ["owner", "updated_at"], unique=False
    )
    op.create_index(
        "ix_publications_state_updated", "publications", ["state", "updated_at"], unique=False
    )
    op.create_index("ix_publications_updated", "publications", ["updated_at", "id"], unique=False)


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), server_default="", nullable=False),
        sa.Column("roles", PLAIN, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("concept", sa.String(length=36), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_claims_publication_publications")
        ),
        sa.PrimaryKeyConstraint("source", "ref", name=op.f("pk_claims")),
    )


def _datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_datasets_publication_publications")
        ),
        sa.PrimaryKeyConstraint("publication", "position", name=op.f("pk_datasets")),
    )


def _deposits() -> None:
    op.create_table(
        "deposits",
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("target", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=50), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("doi", sa.Text(), server_default="", nullable=False),
        sa.Column("doi_state", sa.String(length=24), server_default="", nullable=False),
        sa.Column("remembered", PLAIN, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_deposits_publication_publications")
        ),
        sa.PrimaryKeyConstraint("publication", "target", name=op.f("pk_deposits")),
        sa.UniqueConstraint("target", "key", name=op.f("uq_deposits_target_key")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("before", sa.String(length=24), server_default="", nullable=False),
        sa.Column("after", sa.String(length=24), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("run", sa.String(length=100), server_default="", nullable=False),
        sa.Column("details", PLAIN, nullable=False),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_events_publication_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_publication", "events", ["publication", "id"], unique=False)


def _identifiers() -> None:
    op.create_table(
        "identifiers",
        sa.Column("doi", sa.Text(), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("target", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('chosen', 'asked', 'draft', 'registered', 'findable', 'foreign')",
            name=op.f("ck_identifiers_state"),
        ),
        sa.ForeignKeyConstraint(
            ["publication"],
            ["publications.id"],
            name=op.f("fk_identifiers_publication_publications"),
        ),
        sa.PrimaryKeyConstraint("doi", name=op.f("pk_identifiers")),
    )
    op.create_index(
        "uq_identifiers_publication_target",
        "identifiers",
        ["publication", "target"],
        unique=True,
        sqlite_where=sa.text("state <> 'foreign'"),
        postgresql_where=sa.text("state <> 'foreign'"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("plan", sa.String(length=50), nullable=False),
        sa.Column("steps", PLAIN, nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("position", sa.String(length=100), server_default="", nullable=False),
        sa.Column("error", PLAIN, nullable=True),
        sa.Column("cleanup", PLAIN, nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "stop_requested", sa.Boolean(), server_default=sa.text("(false)"), nullable=False
        ),
        sa.Column("past_final", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("began_by", sa.String(length=200), nullable=False),
        sa.Column("given", PLAIN, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'waiting', 'parked', 'done', 'undone', 'stopped', 'cleaned')",
            name=op.f("ck_runs_status"),
        ),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_runs_publication_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_publication", "runs", ["publication", "begun_at"], unique=False)
    op.create_index(
        "uq_runs_active",
        "runs",
        ["publication"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("record", PLAIN, nullable=False),
        sa.Column("manifest_digest", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("files_of", sa.String(length=36), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_snapshots_publication_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
        sa.UniqueConstraint("publication", "number", name=op.f("uq_snapshots_publication_number")),
    )
    op.create_index(op.f("ix_snapshots_publication"), "snapshots", ["publication"], unique=False)


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name=op.f("fk_tokens_user_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("run", sa.String(length=100), nullable=False),
        sa.Column("step", sa.String(length=100), nullable=False),
        sa.Column("undoing", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unit", sa.String(length=20), server_default="", nullable=False),
        sa.Column("outcome", PLAIN, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_attempts_run_runs")),
        sa.PrimaryKeyConstraint("run", "step", "undoing", "attempt", name=op.f("pk_attempts")),
    )


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("snapshot", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot"], ["snapshots.id"], name=op.f("fk_files_snapshot_snapshots")
        ),
        sa.PrimaryKeyConstraint("snapshot", "position", name=op.f("pk_files")),
    )


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("event", COUNTER, nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("status IN ('due', 'sent', 'failed')", name=op.f("ck_mails_status")),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_mails_event_events")),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_mails_publication_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("event", "recipient", name=op.f("uq_mails_event_recipient")),
    )
    op.create_index(op.f("ix_mails_publication"), "mails", ["publication"], unique=False)
    op.create_index("ix_mails_status_next_try", "mails", ["status", "next_try_at"], unique=False)
