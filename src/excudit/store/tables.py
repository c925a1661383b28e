"""The tables of publications. One schema for both databases; migrations in `migrations/` lead to
exactly this, with `tables_people` and `tables_review`.

Keys are UUIDv7 as text. Times are UTC. JSON holds no secrets. States and health are bound to the
words of `domain/lifecycle.py` by CHECKs.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from excudit.domain.lifecycle import HEALTHS, STATES
from excudit.store.columns import Counter, Key, Plain, Utc, metadata, one_of

publications = Table(
    "publications",
    metadata,
    Column("id", Key, primary_key=True),
    Column("slug", String(32), nullable=False, unique=True),
    Column("route", String(100), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("owner_email", String(320), nullable=False, server_default=""),
    Column("title", Text, nullable=False),
    # The title's beginning, folded: what is looked for in lists.
    Column("title_sought", String(200), nullable=False, server_default=""),
    Column("state", String(24), nullable=False),
    Column("health", String(24), nullable=False, server_default="idle"),
    # The draft record as people typed it, DataCite REST JSON, possibly incomplete.
    Column("record", Plain, nullable=False),
    Column("edited", Boolean, nullable=False, server_default=text("false")),
    # Rises with every change; the ETag of the API.
    Column("edition", Integer, nullable=False, server_default="1"),
    Column("concept", Key, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("previous", Key, ForeignKey("publications.id")),
    Column("snapshot", Key),
    Column("approved_digest", String(64), nullable=False, server_default=""),
    Column("page_open", Boolean, nullable=False, server_default=text("false")),
    Column("withdrawn_reason", Text, nullable=False, server_default=""),
    # Who has taken the review; stays when it is returned, so that it comes back to the same one.
    Column("reviewer", String(200), nullable=False, server_default=""),
    # How often it was taken in for review.
    Column("round", Integer, nullable=False, server_default="0"),
    # What a reviewer last decided on; changes are shown against it.
    Column("reviewed_snapshot", Key),
    # Who approved; "" when a rule did. The mark "Curated" stays with it.
    Column("approved_by", String(200), nullable=False, server_default=""),
    # Not before this moment is it published; none = at once.
    Column("publish_at", Utc),
    # A word of the curators', never a state.
    Column("label", String(60), nullable=False, server_default=""),
    # Since when whoever acts next has had it.
    Column("waiting_since", Utc),
    Column("reminded_at", Utc),
    # Hidden from its owner's own list.
    Column("archived", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("published_at", Utc),
    Column("withdrawn_at", Utc),
    one_of("state", STATES),
    one_of("health", HEALTHS),
    UniqueConstraint("concept", "version"),
)
# Lists, newest change first: each walks one of these backwards, which must hold the whole order.
_NEWEST = (publications.c.updated_at, publications.c.id)
Index("ix_publications_updated", *_NEWEST)
Index("ix_publications_state_updated", publications.c.state, *_NEWEST)
Index("ix_publications_owner_updated", publications.c.owner, *_NEWEST)
Index("ix_publications_route_updated", publications.c.route, *_NEWEST)

# The review queue, oldest first. Both hold all that it filters by, so that looking for little among
# much reads no rows.
_QUEUE = (
    publications.c.state,
    publications.c.waiting_since,
    publications.c.id,
    publications.c.route,
    publications.c.label,
    publications.c.health,
    publications.c.title_sought,
)
Index("ix_publications_queue", *_QUEUE, publications.c.reviewer)
Index("ix_publications_reviewer_queue", publications.c.reviewer, *_QUEUE)
Index(
    "ix_publications_label",
    publications.c.label,
    sqlite_where=text("label <> ''"),
    postgresql_where=text("label <> ''"),
)
# Somebody's own publications on the desk: each walk asks for one state or one health, and maybe for
# words of the title, which the index holds too.
Index(
    "ix_publications_owner_list",
    publications.c.owner,
    publications.c.archived,
    publications.c.state,
    publications.c.updated_at,
    publications.c.id,
    publications.c.title_sought,
)
Index(
    "ix_publications_owner_health",
    publications.c.owner,
    publications.c.health,
    *_NEWEST,
)
Index("ix_publications_health", publications.c.health, *_NEWEST)

datasets = Table(
    "datasets",
    metadata,
    Column("publication", Key, ForeignKey("publications.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("source", String(100), nullable=False),
    Column("ref", Text, nullable=False),
    Column("title", Text, nullable=False, server_default=""),
    Column("revision", Text, nullable=False, server_default=""),
)
# Equal or not is all that is asked; other indexes of PostgreSQL take no references of thousands of
# bytes.
Index("ix_datasets_ref", datasets.c.ref, postgresql_using="hash")

# Whose dataset it is: from submission on, one concept holds it, and keeps it once published.
claims = Table(
    "claims",
    metadata,
    Column("source", String(100), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("concept", Key, nullable=False),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False),
    Column("claimed_at", Utc, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Key, primary_key=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("source", String(100), nullable=False),
    Column("ref", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("record", Plain, nullable=False),
    Column("manifest_digest", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("files", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    # The snapshot whose file rows these are: an amended record does not copy a million rows.
    Column("files_of", Key, nullable=False),
    Column("frozen_at", Utc, nullable=False),
    # What the source knew beyond a record, for targets.
    Column("facts", Plain, nullable=False, server_default="{}"),
    UniqueConstraint("publication", "number"),
)

files = Table(
    "files",
    metadata,
    Column("snapshot", Key, ForeignKey("snapshots.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(200), nullable=False, server_default=""),
)

identifiers = Table(
    "identifiers",
    metadata,
    Column("doi", Text, primary_key=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False),
    Column("target", String(100), nullable=False),
    # chosen → asked (a call may have been sent) → draft → registered / findable; "foreign" when
    # the name turned out to be taken.
    Column("state", String(24), nullable=False),
    Column("chosen_at", Utc, nullable=False),
    one_of("state", ("chosen", "asked", "draft", "registered", "findable", "foreign")),
)
Index(
    "uq_identifiers_publication_target",
    identifiers.c.publication,
    identifiers.c.target,
    unique=True,
    sqlite_where=text("state <> 'foreign'"),
    postgresql_where=text("state <> 'foreign'"),
)

deposits = Table(
    "deposits",
    metadata,
    Column("publication", Key, ForeignKey("publications.id"), primary_key=True),
    Column("target", String(100), primary_key=True),
    Column("key", String(100), nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("state", String(50), nullable=False),
    Column("url", Text, nullable=False, server_default=""),
    Column("doi", Text, nullable=False, server_default=""),
    Column("doi_state", String(24), nullable=False, server_default=""),
    Column("remembered", Plain, nullable=False),
    Column("updated_at", Utc, nullable=False),
    UniqueConstraint("target", "key"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False),
    Column("plan", String(50), nullable=False),
    Column("steps", Plain, nullable=False),
    Column("status", String(24), nullable=False),
    Column("position", String(100), nullable=False, server_default=""),
    Column("error", Plain),
    Column("cleanup", Plain),
    Column("next_try_at", Utc),
    Column("stop_requested", Boolean, nullable=False, server_default=text("false")),
    Column("past_final", Boolean, nullable=False, server_default=text("false")),
    Column("began_by", String(200), nullable=False),
    # What the action that began it gave along, such as a reason.
    Column("given", Plain, nullable=False),
    Column("begun_at", Utc, nullable=False),
    Column("ended_at", Utc),
    one_of(
        "status",
        ("queued", "running", "waiting", "parked", "done", "undone", "stopped", "cleaned"),
    ),
)
Index("ix_runs_publication", runs.c.publication, runs.c.begun_at)
Index(
    "uq_runs_active",
    runs.c.publication,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("run", String(100), ForeignKey("runs.id"), primary_key=True),
    Column("step", String(100), primary_key=True),
    Column("undoing", Boolean, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("status", String(24), nullable=False),
    Column("begun_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, nullable=False, server_default="0"),
    Column("unit", String(20), nullable=False, server_default=""),
    Column("outcome", Plain),
)

events = Table(
    "events",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(50), nullable=False),
    Column("before", String(24), nullable=False, server_default=""),
    Column("after", String(24), nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("run", String(100), nullable=False, server_default=""),
    Column("details", Plain, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_events_publication", events.c.publication, events.c.id)

mails = Table(
    "mails",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("event", Counter, ForeignKey("events.id"), nullable=False),
    Column("publication", Key, ForeignKey("publications.id"), nullable=False, index=True),
    Column("kind", String(50), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("status", String(24), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_try_at", Utc),
    Column("sent_at", Utc),
    Column("error", Text, nullable=False, server_default=""),
    # What goes out in one mail: the held ones of a recipient with the same word.
    Column("bundle", String(100), nullable=False, server_default=""),
    # Why this recipient gets it, after "because".
    Column("why", String(300), nullable=False, server_default=""),
    UniqueConstraint("event", "recipient"),
    # "held" waits for others of its bundle, "bundled" went out in one of them.
    one_of("status", ("due", "sent", "failed", "held", "bundled")),
)
Index("ix_mails_status_next_try", mails.c.status, mails.c.next_try_at)
Index("ix_mails_recipient_bundle", mails.c.recipient, mails.c.bundle, mails.c.status)
