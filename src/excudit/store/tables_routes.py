"""The tables of what routes wait for outside, and of what begins by itself."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from excudit.store.columns import Key, Plain, Utc, metadata, one_of

# A question that a run put to somebody, and the one answer. It may be answered before the run has
# come to it.
gates = Table(
    "gates",
    metadata,
    Column("id", Key, primary_key=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False),
    # The first run of those that go on from one another.
    Column("chain", String(100), nullable=False),
    Column("key", String(100), nullable=False),
    Column("title", Text, nullable=False, server_default=""),
    # Since when a run stands here; none = no run has come to it yet.
    Column("opened_at", Utc),
    # What somebody outside was told, and SHA-256 digests of the secrets that they may answer with.
    Column("asked", Plain, nullable=False),
    Column("digests", Plain, nullable=False),
    Column("answered_at", Utc),
    Column("verdict", String(8), nullable=False, server_default=""),
    Column("by", String(200), nullable=False, server_default=""),
    Column("words", Text, nullable=False, server_default=""),
    Column("details", Plain),
    # Over: the answer was carried out, or nobody needs it any more.
    Column("closed_at", Utc),
    UniqueConstraint("publication", "chain", "key"),
    one_of("verdict", ("", "yes", "no")),
)
_OPEN = text("opened_at IS NOT NULL AND closed_at IS NULL")
Index("ix_gates_open", gates.c.opened_at, sqlite_where=_OPEN, postgresql_where=_OPEN)

# What a source said is ready, the last revision of each dataset that was looked at.
intakes = Table(
    "intakes",
    metadata,
    Column("route", String(100), primary_key=True),
    Column("source", String(100), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("title", Text, nullable=False, server_default=""),
    Column("status", String(24), nullable=False),
    Column("publication", Key, ForeignKey("publications.id")),
    # Why it was not begun.
    Column("error", Plain),
    Column("seen_at", Utc, nullable=False),
    # "held": its work is under way, look again; "failed": try again later; "quarantined": not again
    # before it changes or somebody says so.
    one_of("status", ("begun", "held", "failed", "quarantined")),
)
_TROUBLE = text("status IN ('failed', 'quarantined')")
Index("ix_intakes_trouble", intakes.c.seen_at, sqlite_where=_TROUBLE, postgresql_where=_TROUBLE)

# Whose turn it is to ask a source what is ready, and how the last time came out.
turns = Table(
    "turns",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("due_at", Utc, nullable=False),
    Column("held_until", Utc, nullable=False),
    Column("asked_at", Utc),
    Column("listed", Integer, nullable=False, server_default="0"),
    Column("error", Plain),
)

# A claim that runs out at its source, held by a run: when it is to be renewed, and why it could
# not be.
renewals = Table(
    "renewals",
    metadata,
    Column("run", String(100), ForeignKey("runs.id"), primary_key=True),
    Column("due_at", Utc, nullable=False),
    Column("error", Plain),
)

# The UUIDs by which clients of another system's API name datasets: made from source and reference,
# so that a dataset has one, and kept, so that it can be found by it.
dataset_uuids = Table(
    "dataset_uuids",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(100), nullable=False),
    Column("ref", Text, nullable=False),
)
