"""What the registry keeps, in one SQLite file: DOIs, the search index, activities, handles.

Every write is committed before its method returns. The file may lose its last writes when the
machine dies (no fsync), not when the process does.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from excudit.domain.errors import Unsupported
from excudit.sandbox.datacite.states import State

_LAYOUT = 2
_TABLES = """
create table if not exists dois (
  doi text primary key, owner text not null, state text not null, prefix text, created text,
  registered text, updated text, year, kind text, schema text, title text, url text, body text);
create table if not exists search (
  doi text primary key, owner text not null, state text not null, prefix text, created text,
  registered text, updated text, year, kind text, schema text, title text, url text, body text);
create index if not exists dois_updated on dois (updated);
create index if not exists search_updated on search (updated, doi);
create index if not exists search_created on search (created, doi);
create table if not exists pending (n integer primary key, doi text not null, due real not null);
create table if not exists activities (
  n integer primary key, id text, doi text, owner text, due real, shown integer default 0,
  body text);
create index if not exists activities_doi on activities (doi, n);
create index if not exists activities_hidden on activities (due) where shown = 0;
create table if not exists handles (doi text primary key, url text not null, at text not null);
"""


@dataclass(slots=True)
class Doi:
    """One DOI. `doi` is lower case; times are ISO 8601 in UTC with milliseconds."""

    doi: str
    owner: str
    state: State = "draft"
    url: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    xml: str | None = None
    schema_version: str | None = None
    source: str = "api"
    reason: str | None = None
    content_url: list[str] | None = None
    metadata_version: int = 0
    writes: int = 0
    created: str = ""
    registered: str | None = None
    updated: str = ""

    @property
    def prefix(self) -> str:
        """The part before the slash."""
        return self.doi.partition("/")[0]

    @property
    def suffix(self) -> str:
        """The part after the slash."""
        return self.doi.partition("/")[2]


def now() -> str:
    """This instant, as the registry writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _facts(doi: Doi) -> tuple[Any, ...]:
    """What lists sort and count by: year, type, schema version; and the first title."""
    year = doi.metadata.get("publicationYear")
    kind = (doi.metadata.get("types") or {}).get("resourceTypeGeneral")
    titles = doi.metadata.get("titles") or [{}]
    title = titles[0].get("title")
    return year, kind, doi.schema_version, None if title is None else str(title)


def _text(value: Doi | dict[str, Any]) -> str:
    return orjson.dumps(value).decode()


class Store:
    """The registry's database. `lock` makes a look and the write that follows one act.

    Raises Unsupported for a file that is something else, sqlite3.Error for one that cannot be
    opened.
    """

    def __init__(self, path: str, index_lag_s: float) -> None:
        self.lock = threading.RLock()
        self.index_lag_s = index_lag_s
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._check_layout(path)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = off")
        self._connection.executescript(_TABLES)
        self._connection.execute(f"pragma user_version = {_LAYOUT}")

    def _check_layout(self, path: str) -> None:
        layout = self.query("pragma user_version")[0][0]
        if layout != _LAYOUT and self.query("select 1 from sqlite_master"):
            self._connection.close()
            raise Unsupported(
                f"{path} is not a state file of this sandbox registry.",
                hint="Name another file, or delete this one if its DOIs may go.",
            )

    def close(self) -> None:
        """Closes the file; nothing is lost."""
        with self.lock:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self.lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a reading statement."""
        with self.lock:
            return self._connection.execute(sql, values).fetchall()

    def get(self, doi: str) -> Doi | None:
        """The DOI as it is now, whatever the case of its letters."""
        rows = self.query("select body from dois where doi = ?", doi.lower())
        return Doi(**orjson.loads(rows[0][0])) if rows else None

    def put(self, doi: Doi, action: str, changes: dict[str, Any]) -> None:
        """Keeps the DOI with its activity, and queues it for the index."""
        due = time.time() + self.index_lag_s
        activity = {"id": str(uuid.uuid4()), "action": action, "version": doi.writes}
        activity |= {"at": doi.updated, "doi": doi.doi, "owner": doi.owner, "changes": changes}
        with self._transaction() as connection:
            self._write(connection, doi)
            connection.execute("insert into pending (doi, due) values (?, ?)", (doi.doi, due))
            connection.execute(
                "insert into activities (id, doi, owner, due, body) values (?, ?, ?, ?, ?)",
                (activity["id"], doi.doi, doi.owner, due, _text(activity)),
            )

    def register(self, doi: Doi) -> None:
        """Writes the URL to the handle table and marks the DOI registered."""
        doi.registered = doi.registered or now()
        with self._transaction() as connection:
            connection.execute(
                "insert or replace into handles (doi, url, at) values (?, ?, ?)",
                (doi.doi, doi.url, now()),
            )
            self._write(connection, doi)

    def plant(self, doi: Doi) -> None:
        """Puts a DOI there from outside the API, without an activity."""
        with self._transaction() as connection:
            self._write(connection, doi)

    @staticmethod
    def _write(connection: sqlite3.Connection, doi: Doi) -> None:
        connection.execute(
            "insert or replace into dois values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(doi.doi, doi.owner, doi.state, doi.prefix, doi.created, doi.registered),
                *(doi.updated, *_facts(doi), doi.url, _text(doi)),
            ),
        )

    def delete(self, doi: str) -> None:
        """Forgets a draft, and takes it out of the index in due time."""
        due = time.time() + self.index_lag_s
        with self._transaction() as connection:
            connection.execute("delete from dois where doi = ?", (doi,))
            connection.execute("insert into pending (doi, due) values (?, ?)", (doi, due))

    def index(self) -> None:
        """Brings the search index up to what is due."""
        due = time.time()
        with self.lock:
            if not self.query("select 1 from pending where due <= ? limit 1", due):
                return
            with self._transaction() as connection:
                self._index_due(connection, due)

    @staticmethod
    def _index_due(connection: sqlite3.Connection, due: float) -> None:
        waiting = "select distinct doi from pending where due <= ?"
        connection.execute(f"delete from search where doi in ({waiting})", (due,))  # noqa: S608
        connection.execute(
            f"insert into search select * from dois where doi in ({waiting})",  # noqa: S608
            (due,),
        )
        connection.execute("delete from pending where due <= ?", (due,))
        connection.execute("update activities set shown = 1 where shown = 0 and due <= ?", (due,))

    def handle(self, doi: str) -> str | None:
        """The URL that the handle server knows."""
        rows = self.query("select url from handles where doi = ?", doi.lower())
        return str(rows[0][0]) if rows else None

    def counts(self) -> dict[str, dict[str, int]]:
        """DOIs by account and state."""
        found: dict[str, dict[str, int]] = {}
        for owner, state, number in self.query(
            "select owner, state, count(*) from dois group by owner, state"
        ):
            found.setdefault(owner, {})[state] = number
        return found

    def reset(self) -> None:
        """Forgets everything."""
        with self._transaction() as connection:
            for table in ("dois", "search", "pending", "activities", "handles"):
                connection.execute(f"delete from {table}")  # noqa: S608
