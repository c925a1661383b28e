"""The tables and indexes of those who run the service."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, text

from excudit.store.columns import Plain, Utc, metadata
from excudit.store.tables import attempts, events
from excudit.store.tables_people import site_events

# How a source or target answered when it was last looked at; the name says which of the two.
probes = Table(
    "probes",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("probed_at", Utc, nullable=False),
    Column("well_at", Utc),
    Column("failed_at", Utc),
    Column("problems", Plain, nullable=False),
)

# The audit reads both trails backwards in time, by who and by what.
for _trail in (events, site_events):
    Index(f"ix_{_trail.name}_at", _trail.c.at, _trail.c.id)
    Index(f"ix_{_trail.name}_actor", _trail.c.actor, _trail.c.at, _trail.c.id)
    Index(f"ix_{_trail.name}_action", _trail.c.action, _trail.c.at, _trail.c.id)
Index(
    "ix_events_reason",
    events.c.at,
    events.c.id,
    sqlite_where=text("reason <> ''"),
    postgresql_where=text("reason <> ''"),
)
# What attempts came to lately.
Index("ix_attempts_ended", attempts.c.ended_at, attempts.c.status)
