"""What this source remembers of its claims and reports, in one small file that survives.

QuinCe knows no owner of a claim and no reason of a failure, so ours is the only memory of both.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from excudit.domain.errors import Unavailable

Book = dict[str, dict[str, Any]]
"""Number of the dataset → what is known: "claim", "reported", "round", "absent"."""


class Ledger:
    """The file `ledger.json`, changed whole or not at all. Safe for threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> Book:
        """What is known now. Raises Unavailable when the folder cannot be read."""
        try:
            book: Book = orjson.loads((self._folder / "ledger.json").read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, orjson.JSONDecodeError) as error:
            raise self._away(error) from error
        return book

    @contextmanager
    def change(self) -> Iterator[Book]:
        """What is known, to be changed; written down for good at the end."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "ledger.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                book = self.read()
                yield book
                self._write(orjson.dumps(book, option=orjson.OPT_INDENT_2))
        except OSError as error:
            raise self._away(error) from error

    @contextmanager
    def alone(self, id_: int) -> Iterator[None]:
        """Nobody else asks for or gives back this dataset meanwhile. Raises Unavailable when
        somebody does."""
        locks = self._folder / "locks"
        try:
            locks.mkdir(parents=True, exist_ok=True)
            lock = (locks / str(id_)).open("w")
        except OSError as error:
            raise self._away(error) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable(f"Dataset {id_} is just being fetched or given back.") from error
            yield

    def _write(self, content: bytes) -> None:
        part = self._folder / ".ledger.json.part"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._folder / "ledger.json")
        with contextlib.suppress(OSError):
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _away(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"The folder {self._folder} of this source cannot be used: {error}.",
            hint="Look whether its disk is mounted, has room, and may be written by the service.",
        )
