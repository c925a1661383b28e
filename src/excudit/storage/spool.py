"""The files of a dataset kept on disk: iterated again and again, never all in memory."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from excudit.domain.model import FileEntry, manifest_digest
from excudit.storage.scratch import Scratch

_FIXED = struct.Struct("<QBH32s")


class SpooledFiles:
    """A `Files` in an unnamed temporary file; complete as soon as it is made.

    `bytes` is the size of all files together, `digest` their `manifest_digest`. Safe to iterate
    from several threads at once. The temporary file, about 100 bytes plus the path for each file,
    vanishes with `close`, with the last reference, or with the process.
    """

    def __init__(self, entries: Iterable[FileEntry], *, folder: Path | None = None) -> None:
        """Read `entries` to their end; what they raise goes through, and nothing remains.

        `folder` is where the temporary file lives ("None" = the system's). Raises Unavailable
        when there is no room.
        """
        self._scratch = Scratch(folder)
        self._count = 0
        self.bytes = 0
        self.digest = manifest_digest(self._kept(entries))
        self._scratch.end()

    def _kept(self, entries: Iterable[FileEntry]) -> Iterator[FileEntry]:
        for entry in entries:
            self._scratch.append(_pack(entry))
            self._count += 1
            self.bytes += entry.size
            yield entry

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[FileEntry]:
        return map(_unpack, self._scratch.read())

    def close(self) -> None:
        """Remove the temporary file now. Closed already = done."""
        self._scratch.close()


def _pack(entry: FileEntry) -> bytes:
    path, kind = entry.path.encode(), entry.media_type.encode()
    digest = bytes.fromhex(entry.sha256)
    return _FIXED.pack(entry.size, bool(digest), len(kind), digest) + kind + path


def _unpack(record: bytes) -> FileEntry:
    size, hashed, length, digest = _FIXED.unpack_from(record)
    path = _FIXED.size + length
    return FileEntry(
        record[path:].decode(),
        size,
        digest.hex() if hashed else "",
        record[_FIXED.size : path].decode(),
    )
