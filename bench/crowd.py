"""A site with many publications, written straight into its database."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert

from excudit.store import sessions, tables, users
from excudit.store.database import Database
from excudit.store.publications import new_id, new_slug

BATCH = 5_000
OWNERS = 200
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
# As a site looks after some years: most is published, some waits for people.
STATES = (
    *["published"] * 80,
    *["draft"] * 6,
    *["in_review"] * 5,
    *["changes_requested"] * 3,
    *["approved", "publishing", "withdrawn", "rejected", "cancelled", "submitted"],
)
STEPS = ("freeze", "check", "compare", "reserve.registry", "page", "publish.registry")
PEOPLE = {"reviewer": ["reviewer"], "curator": ["curator"], "admin": ["admin"]}


def fill(database: Database, record: dict[str, Any], count: int) -> dict[str, str]:
    """Write `count` publications with their history; returns a cookie for each kind of person."""
    dice = random.Random(7)
    with database.write() as connection:
        for name in (*(f"owner{n}" for n in range(OWNERS)), *PEOPLE):
            users.put(connection, name, email=f"{name}@example.org", roles=PEOPLE.get(name, []))
    rows = _publications(record, count, dice)
    while batch := list(islice(rows, BATCH)):
        with database.write() as connection:
            _write(connection, batch, record)
    with database.write() as connection:
        return {
            name: sessions.begin(connection, user=name, lasts=timedelta(hours=2))[0]
            for name in ("owner1", *PEOPLE)
        }


def _publications(
    record: dict[str, Any], count: int, dice: random.Random
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        key, state = new_id(), dice.choice(STATES)
        moment = BEGAN + timedelta(minutes=5 * number)
        reviewed = state in ("in_review", "changes_requested", "approved")
        yield {
            "id": key,
            "slug": new_slug(),
            "route": "to-doi",
            "owner": f"owner{dice.randrange(OWNERS)}",
            "owner_email": "owner@example.org",
            "title": f"Sea surface temperature, station {number}",
            "state": state,
            "health": "needs_attention" if dice.random() < 0.002 else "idle",
            "record": record,
            "concept": key,
            "snapshot": new_id() if state not in ("draft", "cancelled") else None,
            "reviewer": dice.choice(("", "reviewer", "curator")) if reviewed else "",
            "round": 1,
            "waiting_since": moment,
            "created_at": moment,
            "updated_at": moment + timedelta(minutes=3),
            "published_at": moment if state == "published" else None,
            "page_open": state == "published",
        }


def _write(connection: Connection, batch: list[dict[str, Any]], record: dict[str, Any]) -> None:
    frozen = [p for p in batch if p["snapshot"]]
    _add(connection, tables.publications, batch)
    _add(connection, tables.datasets, [_dataset(p) for p in batch])
    _add(connection, tables.snapshots, [_snapshot(p, record) for p in frozen])
    _add(connection, tables.files, [f for p in frozen for f in _files(p)])
    runs = [_run(p) for p in frozen]
    _add(connection, tables.runs, runs)
    _add(connection, tables.attempts, [a for r in runs for a in _attempts(r)])
    _add(connection, tables.events, [e for p in batch for e in _events(p)])


def _add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _dataset(publication: dict[str, Any]) -> dict[str, Any]:
    return {
        "publication": publication["id"],
        "position": 0,
        "source": "shelf",
        "ref": publication["slug"],
        "title": publication["title"],
    }


def _snapshot(publication: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": publication["snapshot"],
        "publication": publication["id"],
        "number": 1,
        "source": "shelf",
        "ref": publication["slug"],
        "revision": "r1",
        "record": record,
        "manifest_digest": "0" * 64,
        "digest": "1" * 64,
        "files": 3,
        "bytes": 3_000_000,
        "files_of": publication["snapshot"],
        "frozen_at": publication["created_at"],
    }


def _files(publication: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for position in range(3):
        yield {
            "snapshot": publication["snapshot"],
            "position": position,
            "path": f"data/{position}.csv",
            "size": 1_000_000,
            "sha256": "ab" * 32,
            "media_type": "text/csv",
        }


def _run(publication: dict[str, Any]) -> dict[str, Any]:
    going = publication["state"] == "publishing"
    return {
        "id": new_id(),
        "publication": publication["id"],
        "plan": "publish",
        "steps": [{"key": key, "title": key, "final": ""} for key in STEPS],
        "status": "running" if going else "done",
        "position": STEPS[-1],
        "began_by": publication["owner"],
        "given": {},
        "begun_at": publication["created_at"],
        "ended_at": None if going else publication["updated_at"],
    }


def _attempts(run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in STEPS:
        yield {
            "run": run["id"],
            "step": key,
            "undoing": False,
            "attempt": 1,
            "status": "ok",
            "begun_at": run["begun_at"],
            "ended_at": run["begun_at"],
            "outcome": {"kind": "ok", "result": {}},
        }


def _events(publication: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for action in ("create", "submit", "take_in", "approve", "publish", "settle"):
        yield {
            "publication": publication["id"],
            "at": publication["created_at"],
            "actor": publication["owner"],
            "action": action,
            "before": "draft",
            "after": publication["state"],
            "details": {},
        }
