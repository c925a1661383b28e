"""The tables of people: who they are, how they are known, what they keep at hand."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from excudit.store.columns import Bytewise, Counter, Key, Plain, Utc, metadata, one_of

users = Table(
    "users",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("email", String(320), nullable=False, server_default=""),
    # Words of the lifecycle table, or "curator:ROUTE" for one route only.
    Column("roles", Plain, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("full_name", String(200), nullable=False, server_default=""),
    Column("orcid", String(40), nullable=False, server_default=""),
    Column("affiliation", String(500), nullable=False, server_default=""),
    # Argon2id, PHC format; "" = signs in elsewhere, or not at all.
    Column("password", Text, nullable=False, server_default=""),
    # Who they are at the OpenID Provider: issuer and subject never change, names do.
    Column("issuer", String(500), nullable=False, server_default=""),
    Column("subject", String(255), nullable=False, server_default=""),
    Column("disabled_at", Utc),
    # Kinds of mail that are not to come at once: kind → "digest" or "off".
    Column("mail", Plain, nullable=False, server_default="{}"),
)
Index("ix_users_email", users.c.email)
Index(
    "uq_users_subject",
    users.c.issuer,
    users.c.subject,
    unique=True,
    sqlite_where=text("subject <> ''"),
    postgresql_where=text("subject <> ''"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Key, primary_key=True),
    Column("user", String(200), ForeignKey("users.name"), nullable=False),
    Column("label", String(200), nullable=False),
    # SHA-256 of the token: it has 256 random bits, so no slow hash is needed.
    Column("digest", String(64), nullable=False, unique=True),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc),
    Column("revoked_at", Utc),
    # What it may be used for; [] = everything that its user may do.
    Column("scopes", Plain, nullable=False, server_default="[]"),
    Column("used_at", Utc),
)

# Answers to repeated calls with the same Idempotency-Key.
idempotency = Table(
    "idempotency",
    metadata,
    Column("user", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("publication", Key, nullable=False),
    Column("at", Utc, nullable=False),
)

# One browser, signed in or not yet. What it is called by stands only as a hash.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", String(200), ForeignKey("users.name"), index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    # The OpenID Provider's own session, for single logout.
    Column("issuer", String(500), nullable=False, server_default=""),
    Column("sid", String(255), nullable=False, server_default="", index=True),
    # What a sign-in under way must remember, and words to show once.
    Column("kept", Plain, nullable=False, server_default="{}"),
)

# How often something was tried lately, such as a password.
throttle = Table(
    "throttle",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", Utc, nullable=False),
)

# Datasets that somebody has picked and not asked for yet.
baskets = Table(
    "baskets",
    metadata,
    Column("user", String(200), ForeignKey("users.name"), primary_key=True),
    Column("source", String(100), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("files", Integer),
    Column("bytes", BigInteger),
    Column("added_at", Utc, nullable=False),
)

# People and organisations with a lasting identifier (ORCID, ROR), and the subjects of what was
# published, for the pickers. A forgotten person keeps the identifier alone, to stay forgotten.
names = Table(
    "names",
    metadata,
    Column("id", Bytewise(200), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(500), nullable=False),
    # What tells two of the same name apart: an affiliation, a country.
    Column("note", String(500), nullable=False, server_default=""),
    Column("origin", String(60), nullable=False),
    # What else a choice fills in, by the words of `domain/names.py`.
    Column("fills", Plain, nullable=False, server_default="{}"),
    one_of("kind", ("person", "organisation", "subject")),
)
name_words = Table(
    "name_words",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("word", Bytewise(60), primary_key=True),
    Column("name", Bytewise(200), ForeignKey("names.id"), primary_key=True),
)
Index("ix_name_words_name", name_words.c.name, name_words.c.word)

# What happened to no publication in particular: sign-ins, users, tokens, labels. Append-only.
site_events = Table(
    "site_events",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(50), nullable=False),
    Column("about", String(300), nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("details", Plain, nullable=False),
    sqlite_autoincrement=True,
)
