"""People who sign in, review and talk; what they pick, prefer and preview."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

NEVER = "events are append-only"
PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _labels()
    _names()
    _site_events()
    _throttle()
    _baskets()
    _collaborators()
    _comments()
    _editions()
    _labelings()
    _name_words()
    _previews()
    _sessions()
    _suggestions()
    _publications()
    _tokens()
    _users()
    _mail_statuses()
    _keep_site_events()


def _mail_statuses() -> None:
    with op.batch_alter_table("mails") as batch:
        batch.drop_constraint(op.f("ck_mails_status"), type_="check")
        batch.create_check_constraint(
            op.f("ck_mails_status"), "status IN ('due', 'sent', 'failed', 'held', 'bundled')"
        )
        batch.add_column(
            sa.Column("bundle", sa.String(length=100), server_default="", nullable=False)
        )
        batch.add_column(sa.Column("why", sa.String(length=300), server_default="", nullable=False))
    op.create_index("ix_mails_recipient_bundle", "mails", ["recipient", "bundle", "status"])
    op.create_index("ix_datasets_ref", "datasets", ["ref"], unique=False, postgresql_using="hash")


def _keep_site_events() -> None:
    """This trail, too, is only ever added to."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER site_events_no_{verb.lower()} BEFORE {verb} ON site_events "
                f"BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER site_events_keep BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON excudit.site_events FOR EACH STATEMENT EXECUTE FUNCTION excudit.keep_events()"
    )


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("meaning", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_labels")),
    )
    op.create_index("uq_labels_name", "labels", [sa.text("lower(name)")], unique=True)


def bytewise(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _names() -> None:
    op.create_table(
        "names",
        sa.Column("id", bytewise(200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("origin", sa.String(length=60), nullable=False),
        sa.Column("fills", PLAIN, server_default="{}", nullable=False),
        sa.CheckConstraint(
            "kind IN ('person', 'organisation', 'subject')", name=op.f("ck_names_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_names")),
    )


def _site_events() -> None:
    op.create_table(
        "site_events",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("about", sa.String(length=300), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("details", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_events")),
        sqlite_autoincrement=True,
    )


def _throttle() -> None:
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )


def _baskets() -> None:
    op.create_table(
        "baskets",
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name=op.f("fk_baskets_user_users")),
        sa.PrimaryKeyConstraint("user", "source", "ref", name=op.f("pk_baskets")),
    )


def _collaborators() -> None:
    op.create_table(
        "collaborators",
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication"],
            ["publications.id"],
            name=op.f("fk_collaborators_publication_publications"),
        ),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name=op.f("fk_collaborators_user_users")),
        sa.PrimaryKeyConstraint("publication", "user", name=op.f("pk_collaborators")),
    )
    op.create_index("ix_collaborators_user", "collaborators", ["user"], unique=False)


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("internal", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("field", sa.String(length=300), server_default="", nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_comments_publication_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index("ix_comments_publication", "comments", ["publication", "id"], unique=False)


def _editions() -> None:
    op.create_table(
        "editions",
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("record", PLAIN, nullable=False),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_to", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_editions_publication_publications")
        ),
        sa.PrimaryKeyConstraint("publication", "edition", name=op.f("pk_editions")),
    )


def _labelings() -> None:
    op.create_table(
        "labelings",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_labelings_publication_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labelings")),
    )
    op.create_index("ix_labelings_publication", "labelings", ["publication", "id"], unique=False)


def _name_words() -> None:
    op.create_table(
        "name_words",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("word", bytewise(60), nullable=False),
        sa.Column("name", bytewise(200), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["names.id"], name=op.f("fk_name_words_name_names")),
        sa.PrimaryKeyConstraint("kind", "word", "name", name=op.f("pk_name_words")),
    )
    op.create_index("ix_name_words_name", "name_words", ["name", "word"], unique=False)


def _previews() -> None:
    op.create_table(
        "previews",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication"], ["publications.id"], name=op.f("fk_previews_publication_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_previews")),
        sa.UniqueConstraint("digest", name=op.f("uq_previews_digest")),
    )
    op.create_index(op.f("ix_previews_publication"), "previews", ["publication"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=True),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issuer", sa.String(length=500), server_default="", nullable=False),
        sa.Column("sid", sa.String(length=255), server_default="", nullable=False),
        sa.Column("kept", PLAIN, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name=op.f("fk_sessions_user_users")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_sid"), "sessions", ["sid"], unique=False)
    op.create_index(op.f("ix_sessions_user"), "sessions", ["user"], unique=False)


def _suggestions() -> None:
    op.create_table(
        "suggestions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("publication", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=300), nullable=False),
        sa.Column("before", PLAIN, nullable=True),
        sa.Column("after", PLAIN, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("decided_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'accepted', 'declined', 'taken_back')",
            name=op.f("ck_suggestions_status"),
        ),
        sa.ForeignKeyConstraint(
            ["publication"],
            ["publications.id"],
            name=op.f("fk_suggestions_publication_publications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
    )
    op.create_index(
        "ix_suggestions_publication", "suggestions", ["publication", "id"], unique=False
    )


def _publications() -> None:
    op.add_column(
        "publications",
        sa.Column("reviewer", sa.String(length=200), server_default="", nullable=False),
    )
    op.add_column(
        "publications", sa.Column("round", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "publications", sa.Column("reviewed_snapshot", sa.String(length=36), nullable=True)
    )
    op.add_column(
        "publications",
        sa.Column("approved_by", sa.String(length=200), server_default="", nullable=False),
    )
    op.add_column(
        "publications", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "publications", sa.Column("label", sa.String(length=60), server_default="", nullable=False)
    )
    op.add_column(
        "publications", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "publications", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "publications",
        sa.Column("archived", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "ix_publications_health", "publications", ["health", "updated_at", "id"], unique=False
    )
    owned = {
        "owner_health": ["owner", "health", "updated_at", "id"],
    }
    for name, columns in owned.items():
        op.create_index(f"ix_publications_{name}", "publications", columns, unique=False)
    # Whoever acts next has had it since its last change.
    op.execute("UPDATE publications SET waiting_since = updated_at")


def _tokens() -> None:
    op.add_column("tokens", sa.Column("scopes", PLAIN, server_default="[]", nullable=False))
    op.add_column("tokens", sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))


def _users() -> None:
    op.add_column(
        "users", sa.Column("full_name", sa.String(length=200), server_default="", nullable=False)
    )
    op.add_column(
        "users", sa.Column("orcid", sa.String(length=40), server_default="", nullable=False)
    )
    op.add_column(
        "users", sa.Column("affiliation", sa.String(length=500), server_default="", nullable=False)
    )
    op.add_column("users", sa.Column("password", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "users", sa.Column("issuer", sa.String(length=500), server_default="", nullable=False)
    )
    op.add_column(
        "users", sa.Column("subject", sa.String(length=255), server_default="", nullable=False)
    )
    op.add_column("users", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("mail", PLAIN, server_default="{}", nullable=False))
    op.create_index("ix_users_email", "users", ["email"])
    op.create_index(
        "uq_users_subject",
        "users",
        ["issuer", "subject"],
        unique=True,
        sqlite_where=sa.text("subject <> ''"),
        postgresql_where=sa.text("subject <> ''"),
    )
