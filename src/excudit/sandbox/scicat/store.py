"""What the stand-in keeps: rows as trees, in SQLite."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import orjson

from excudit.sandbox.scicat.shapes import Tree, stamp

MEMORY = ":memory:"


class Store:
    """Rows by kind and id. The caller holds `lock` while it reads and changes."""

    def __init__(self, path: str) -> None:
        self.lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=off")
        self._db.execute(
            "create table if not exists kept (n integer primary key autoincrement, kind text,"
            " id text, about text, tree blob, unique (kind, id))"
        )
        self._db.execute("create index if not exists kept_about on kept (kind, about)")
        if self.one("setting", "secret") is None:
            self.add("setting", {"value": uuid.uuid4().hex}, id_="secret")

    def close(self) -> None:
        """Close the file; what was only in memory is gone."""
        with self.lock:
            self._db.close()

    @property
    def secret(self) -> str:
        """With what tokens are signed here."""
        found = self.one("setting", "secret")
        assert found is not None
        return str(found["value"])

    def one(self, kind: str, id_: str) -> Tree | None:
        """The row of an id."""
        with self.lock:
            row = self._db.execute(
                "select n, tree from kept where kind = ? and id = ?", (kind, id_)
            ).fetchone()
        return {**orjson.loads(row[1]), "_n": row[0]} if row else None

    def all(self, kind: str, about: str | None = None) -> Iterator[Tree]:
        """All rows of a kind, or those about one dataset, oldest first."""
        with self.lock:
            if about:
                sql = "select n, tree from kept where kind = ? and about = ? order by n"
                rows = self._db.execute(sql, (kind, about)).fetchall()
            else:
                sql = "select n, tree from kept where kind = ? order by n"
                rows = self._db.execute(sql, (kind,)).fetchall()
        for n, tree in rows:
            yield {**orjson.loads(tree), "_n": n}

    def add(self, kind: str, tree: Tree, *, id_: str = "", about: str = "") -> Tree:
        """A new row, with an id and its times. Raises sqlite3.IntegrityError for a known id."""
        id_ = id_ or str(uuid.uuid4())
        moment = stamp()
        whole = {**tree, "_id": id_, "createdAt": moment, "updatedAt": moment, "__v": 0}
        with self.lock:
            self._db.execute(
                "insert into kept (kind, id, about, tree) values (?, ?, ?, ?)",
                (kind, id_, about, orjson.dumps(whole)),
            )
        return whole

    def change(self, kind: str, id_: str, changes: Tree, *, by: str = "") -> Tree:
        """Members replaced; None removes one."""
        with self.lock:
            found = self.one(kind, id_)
            assert found is not None
            whole = {**found, **changes, "updatedAt": stamp(), **({"updatedBy": by} if by else {})}
            whole = {k: v for k, v in whole.items() if v is not None and k != "_n"}
            self._db.execute(
                "update kept set tree = ? where kind = ? and id = ?",
                (orjson.dumps(whole), kind, id_),
            )
        return whole

    def drop(self, kind: str, id_: str) -> None:
        """Forget a row."""
        with self.lock:
            self._db.execute("delete from kept where kind = ? and id = ?", (kind, id_))

    def count(self, kind: str) -> int:
        """How many rows of a kind there are."""
        with self.lock:
            found = self._db.execute("select count(*) from kept where kind = ?", (kind,))
            return int(found.fetchone()[0])

    def whole(self, kind: str) -> list[Any]:
        """All rows, as the operator sees them."""
        return list(self.all(kind))
