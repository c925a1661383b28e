"""The tables of what people say about a publication on its way."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    func,
    text,
)

from excudit.store.columns import Counter, Key, Plain, Utc, metadata, one_of

collaborators = Table(
    "collaborators",
    metadata,
    Column("publication", Key, ForeignKey("publications.id"), primary_key=True),
    Column("user", String(200), ForeignKey("users.name"), primary_key=True),
    Column("added_by", String(200), nullable=False),
    Column("added_at", Utc, nullable=False),
)
Index("ix_collaborators_user", collaborators.c.user)

comments = Table(
    "comments",
    metadata,
    Column("id", Key, primary_key=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("author", String(200), nullable=False),
    Column("text", Text, nullable=False),
    # Seen by reviewers, curators and admins only.
    Column("internal", Boolean, nullable=False, server_default=text("false")),
    # The field it is about, as a JSON pointer into the record; "" = the whole.
    Column("field", String(300), nullable=False, server_default=""),
    Column("round", Integer, nullable=False),
)
Index("ix_comments_publication", comments.c.publication, comments.c.id)

# A curator's better value, which the owner accepts or declines.
suggestions = Table(
    "suggestions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("author", String(200), nullable=False),
    Column("field", String(300), nullable=False),
    # JSON null = the member is not there.
    Column("before", Plain, nullable=True),
    Column("after", Plain, nullable=True),
    Column("note", Text, nullable=False, server_default=""),
    Column("status", String(24), nullable=False),
    Column("decided_by", String(200), nullable=False, server_default=""),
    Column("decided_at", Utc),
    one_of("status", ("open", "accepted", "declined", "taken_back")),
)
Index("ix_suggestions_publication", suggestions.c.publication, suggestions.c.id)

# Status words that curators define (never a state).
labels = Table(
    "labels",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("meaning", Text, nullable=False, server_default=""),
    Column("created_by", String(200), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("retired_at", Utc),
)
Index("uq_labels_name", func.lower(labels.c.name), unique=True)
labelings = Table(
    "labelings",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor", String(200), nullable=False),
    # "" = the label was taken off.
    Column("label", String(60), nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
)
Index("ix_labelings_publication", labelings.c.publication, labelings.c.id)

# One decision on many publications, as its maker saw it before pressing the button.
bulks = Table(
    "bulks",
    metadata,
    Column("id", Key, primary_key=True),
    Column("actor", String(200), nullable=False),
    Column("at", Utc, nullable=False),
    Column("action", String(24), nullable=False),
    # What was given with it when it was carried out: a reason, a label, a reviewer.
    Column("given", Plain, nullable=False, server_default="{}"),
    Column("begun_at", Utc),
    one_of("action", ("assign", "label", "approve", "return", "reject")),
)
bulk_rows = Table(
    "bulk_rows",
    metadata,
    Column("bulk", Key, ForeignKey("bulks.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False),
    # What was frozen then: an approval binds to it.
    Column("digest", String(64), nullable=False, server_default=""),
    Column("status", String(24), nullable=False),
    # Why it is not possible, or why it failed.
    Column("words", Text, nullable=False, server_default=""),
    one_of("status", ("planned", "impossible", "done", "failed")),
)

# What the draft was, so that an older one can be restored as a new one.
editions = Table(
    "editions",
    metadata,
    Column("publication", Key, ForeignKey("publications.id"), primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("author", String(200), nullable=False),
    Column("record", Plain, nullable=False),
    Column("note", String(300), nullable=False, server_default=""),
    # When the first of the automatic saves came that it gathers; none for every other save.
    Column("since", Utc),
    # The edition to which an undo went back; none for every other save.
    Column("undone_to", Integer),
)

# Read-only links for people without an account. What it is called by stands only as a hash.
previews = Table(
    "previews",
    metadata,
    Column("id", Key, primary_key=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False, index=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("note", String(200), nullable=False, server_default=""),
    Column("anonymous", Boolean, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)
