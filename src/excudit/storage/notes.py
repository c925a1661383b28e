"""Small durable files in which the storage remembers: journals, claims, reserved names.

They lie beside the folders they speak of, so that they are there whenever those are, whatever
became of the database.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import orjson

from excudit.storage.renaming import fsync_folder, rename_new
from excudit.storage.troubles import telling

Note = dict[str, Any]


class Notes(Protocol):
    """Notes by names such as "claims/ab12". What a call wrote is durable when it returns."""

    def create(self, name: str, note: Mapping[str, Any]) -> bool:
        """Write it if there is none of this name; of several at once exactly one is told True."""
        ...

    def read(self, name: str) -> Note | None:
        """The note, whole; None without one."""
        ...

    def write(self, name: str, note: Mapping[str, Any]) -> None:
        """Write or replace it, whole or not at all."""
        ...

    def remove(self, name: str) -> None:
        """Remove it. Absent = done."""
        ...

    def names(self, kind: str) -> list[str]:
        """The names that begin with "kind/", sorted."""
        ...

    def save(self, name: str, lines: Iterable[bytes]) -> None:
        """Write or replace a long text, streamed, whole or not at all; lines end in a newline."""
        ...

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines that `save` wrote; none without such a text."""
        ...


class FolderNotes:
    """Notes as files in a folder of a file system, for the service's user alone."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def create(self, name: str, note: Mapping[str, Any]) -> bool:
        path = self._path(name)
        with telling("written", path):
            part = self._part(path, [orjson.dumps(note)])
            try:
                rename_new(part, path)
            except FileExistsError:
                return False
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(part)
            fsync_folder(os.path.dirname(path))
        return True

    def read(self, name: str) -> Note | None:
        path = self._path(name)
        with telling("read", path):
            try:
                with open(path, "rb") as file:
                    found = orjson.loads(file.read())
            except FileNotFoundError:
                return None
        assert isinstance(found, dict)
        return found

    def write(self, name: str, note: Mapping[str, Any]) -> None:
        self._replace(self._path(name), [orjson.dumps(note)])

    def remove(self, name: str) -> None:
        path = self._path(name)
        with telling("removed", path), contextlib.suppress(FileNotFoundError):
            os.unlink(path)
            fsync_folder(os.path.dirname(path))

    def names(self, kind: str) -> list[str]:
        folder = os.path.join(self._folder, kind)
        with telling("listed", folder):
            try:
                found = os.listdir(folder)
            except FileNotFoundError:
                return []
        return sorted(f"{kind}/{name}" for name in found if not name.startswith("."))

    def save(self, name: str, lines: Iterable[bytes]) -> None:
        self._replace(self._path(name), lines)

    def lines(self, name: str) -> Iterator[bytes]:
        with contextlib.suppress(FileNotFoundError), open(self._path(name), "rb") as file:
            yield from file

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, *name.split("/"))

    def _replace(self, path: str, pieces: Iterable[bytes]) -> None:
        with telling("written", path):
            part = self._part(path, pieces)
            os.rename(part, path)
            fsync_folder(os.path.dirname(path))

    def _part(self, path: str, pieces: Iterable[bytes]) -> str:
        """The content under a name of its own, beside `path`, durable."""
        folder, name = os.path.split(path)
        self._make(folder)
        part = os.path.join(folder, f".{name}.{secrets.token_hex(6)}")
        try:
            with open(part, "xb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
        return part

    def _make(self, folder: str) -> None:
        if os.path.isdir(folder):
            return
        os.makedirs(self._folder, 0o700, exist_ok=True)
        os.makedirs(folder, 0o700, exist_ok=True)
        fsync_folder(self._folder)
        fsync_folder(os.path.dirname(self._folder))
