"""A site with many publications, written straight into its database."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

from excudit.store import baskets, sessions, tables, users
from excudit.store.baskets import Picked
from excudit.store.database import Database
from excudit.store.publications import new_id, new_slug, sought

BATCH = 5_000
OWNERS = 200
ABUNDANT = "owner0"
"""Every tenth publication is of this one person."""
PICKED = 5_000
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
STEP_ROWS = [{"key": key, "title": key, "final": ""} for key in STEPS]
DONE = {"kind": "ok", "result": {}}
NOTHING: dict[str, Any] = {}
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
        picked = [Picked("shelf", f"/data/{n:05}", f"Cruise {n}", 3, n) for n in range(PICKED)]
        baskets.add(connection, "owner1", picked)
        return {
            name: sessions.begin(connection, user=name, lasts=timedelta(hours=2))[0]
            for name in ("owner1", ABUNDANT, *PEOPLE)
        }


def _publications(
    record: dict[str, Any], count: int, dice: random.Random
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        key, state = new_id(), dice.choice(STATES)
        moment = BEGAN + timedelta(minutes=5 * number)
        title = f"Sea surface temperature, station {number}"
        reviewed = state in ("in_review", "changes_requested", "approved")
        yield {
            "id": key,
            "slug": new_slug(),
            "route": "to-doi",
            "owner": ABUNDANT if number % 10 == 0 else f"owner{dice.randrange(1, OWNERS)}",
            "owner_email": "owner@example.org",
            "title": title,
            "title_sought": sought(title),
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
    """By the quickest way that the driver has: two million rows are written."""
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in rows[0])
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.dbapi_connection
        statement = f"COPY {table.name} ({columns}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([_plain(v) for v in row.values()])
    else:
        places = ", ".join("?" * len(rows[0]))
        statement = f"INSERT INTO {table.name} ({columns}) VALUES ({places})"
        values = [tuple(_sqlite(v) for v in row.values()) for row in rows]
        connection.exec_driver_sql(statement, values)


def _plain(value: Any) -> Any:
    if not isinstance(value, dict | list):
        return value
    # The same few are written for every publication.
    if id(value) not in _TEXTS:
        _TEXTS[id(value)] = (value, json.dumps(value))
    return _TEXTS[id(value)][1]


_TEXTS: dict[int, tuple[Any, str]] = {}


def _sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return _plain(value)


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
        "steps": STEP_ROWS,
        "status": "running" if going else "done",
        "position": STEPS[-1],
        "began_by": publication["owner"],
        "given": NOTHING,
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
            "outcome": DONE,
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
            "details": NOTHING,
        }
