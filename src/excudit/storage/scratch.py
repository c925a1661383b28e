"""Byte strings on disk instead of in memory, so that a million files cost no more than ten."""

from __future__ import annotations

import errno
import os
import struct
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

from excudit.domain.errors import Unavailable

_LENGTH = struct.Struct("<I")
_WRITE_BYTES = 256 * 1024
_READ_BYTES = 64 * 1024


class Scratch:
    """Byte strings in an unnamed temporary file, kept in the order in which they were appended.

    The file vanishes when it is closed, garbage collected, or when the process dies. One thread
    appends; after that any number of threads may read at the same time. `folder` is where the
    file lives ("None" = the system's temporary folder). Raises Unavailable when the disk is full.
    """

    def __init__(self, folder: Path | None = None) -> None:
        with _disk(folder), tempfile.TemporaryFile(buffering=0, dir=folder) as unnamed:
            self._fd = os.dup(unnamed.fileno())
        self._folder = folder
        self._pending = bytearray()
        self._written = 0
        self.close = weakref.finalize(self, os.close, self._fd)

    def append(self, record: bytes) -> None:
        """Keep one more byte string."""
        self._pending += _LENGTH.pack(len(record)) + record
        if len(self._pending) >= _WRITE_BYTES:
            self.end()

    def end(self) -> int:
        """Write what is pending; the offset at which the next byte string will stand."""
        with _disk(self._folder), memoryview(self._pending) as view:
            done = 0
            while done < len(view):
                done += os.pwrite(self._fd, view[done:], self._written + done)
        self._written += len(self._pending)
        self._pending = bytearray()
        return self._written

    def read(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The byte strings from offset `start` to `end`, both as `end()` told them."""
        end = self._written if end is None else end
        held, at = b"", start
        while at < end or held:
            block = os.pread(self._fd, min(_READ_BYTES, end - at), at)
            at += len(block)
            held, place = held + block, 0
            while place + _LENGTH.size <= len(held):
                (length,) = _LENGTH.unpack_from(held, place)
                if place + _LENGTH.size + length > len(held):
                    break
                place += _LENGTH.size
                yield held[place : place + length]
                place += length
            held = held[place:]


class _disk:  # noqa: N801 - reads as a word in `with _disk(folder):`
    """Turns a disk that is full or not writable into an error that says which and what to do."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            place = self._folder or tempfile.gettempdir()
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            why = "is full" if full else f"cannot be written: {error.strerror}"
            raise Unavailable(
                f"The folder for temporary files, {place}, {why}.",
                hint="Make room there, or name another folder (TMPDIR, or the source's `scratch`).",
            ) from error
