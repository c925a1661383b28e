"""What the stand-in keeps: records, requests and bytes, in SQLite and beside it."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from excudit.sandbox.invenio.exchange import Blob

MEMORY = ":memory:"
PIECE = 1 << 20
_LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"
_FIRST = 185_547
Tree = dict[str, Any]


def stamp() -> str:
    """The time now as Invenio writes it."""
    return datetime.now(UTC).isoformat()


class Store:
    """Records and requests as trees. The caller holds `lock` while it reads and changes."""

    def __init__(self, path: str, *, numbers: bool) -> None:
        self.lock = threading.RLock()
        self._opened = ExitStack()
        if path == MEMORY:
            made = self._opened.enter_context(tempfile.TemporaryDirectory(prefix="invenio-"))
            self._blobs = Path(made)
        else:
            self._blobs = Path(path + ".files")
        self._blobs.mkdir(parents=True, exist_ok=True)
        self._numbers = numbers
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute(
            "create table if not exists kept (kind text, id text, number integer, tree blob,"
            " primary key (kind, id))"
        )

    def close(self) -> None:
        """Close the file; what was only in memory is gone."""
        with self.lock:
            self._db.close()
        self._opened.close()

    def new_ids(self) -> tuple[str, str]:
        """A record's id and its parent's: integers in a row at Zenodo, else random."""
        if not self._numbers:
            return self._random(), self._random()
        last = self._db.execute("select max(number) from kept").fetchone()[0]
        number = max(_FIRST, (last or 0) + 2)
        return str(number), str(number - 1)

    def _random(self) -> str:
        first, second = ("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in "ab")
        return f"{first}-{second}"

    def keep(self, kind: str, tree: Tree) -> Tree:
        """Write a tree down under its id."""
        number = int(tree["id"]) if kind == "record" and tree["id"].isdigit() else None
        self._db.execute(
            "insert or replace into kept values (?, ?, ?, ?)",
            (kind, tree["id"], number, orjson.dumps(tree)),
        )
        return tree

    def get(self, kind: str, id_: str) -> Tree | None:
        """The tree of an id."""
        row = self._db.execute(
            "select tree from kept where kind = ? and id = ?", (kind, id_)
        ).fetchone()
        return orjson.loads(row[0]) if row else None

    def all(self, kind: str) -> list[Tree]:
        """All trees of a kind, newest first."""
        rows = self._db.execute("select tree from kept where kind = ?", (kind,))
        trees = [orjson.loads(row[0]) for row in rows]
        return sorted(trees, key=lambda t: t["created"], reverse=True)

    def drop(self, kind: str, id_: str) -> None:
        """Forget a tree."""
        self._db.execute("delete from kept where kind = ? and id = ?", (kind, id_))

    def reset(self) -> None:
        """An empty store."""
        with self.lock:
            self._db.execute("delete from kept")

    def take(self, pieces: Iterator[bytes], expected: int) -> Blob:
        """Keep bytes as they come in, hashed."""
        name = uuid.uuid4().hex
        digest, size = hashlib.md5(usedforsecurity=False), 0
        with (self._blobs / name).open("wb") as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                size += len(piece)
        return Blob(name, size, digest.hexdigest(), size == expected)

    def spoil(self, blob: Blob, *, short: bool) -> Blob:
        """The bytes stored wrongly: one flipped, or the last one missing."""
        content = (self._blobs / blob.id).read_bytes()
        wrong = content[:-1] if short else bytes([content[0] ^ 1]) + content[1:]
        return self.take(iter([wrong]), len(wrong))

    def joined(self, names: list[str]) -> Blob:
        """Parts put together."""

        def pieces() -> Iterator[bytes]:
            for name in names:
                with self.open(name) as part:
                    while piece := part.read(PIECE):
                        yield piece

        blob = self.take(pieces(), -1)
        return Blob(blob.id, blob.size, blob.md5)

    def open(self, name: str) -> BinaryIO:
        """The bytes of a blob; the caller closes it."""
        return (self._blobs / name).open("rb")
