"""Files that come one by one, and the hidden folders in which they gather."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import BinaryIO

from excudit.domain.errors import Drifted
from excudit.domain.model import FileEntry
from excudit.domain.problem import Problem
from excudit.storage import copying
from excudit.storage.addresses import Address
from excudit.storage.digest import CHUNK
from excudit.storage.folders import Folder
from excudit.storage.paths import steps
from excudit.storage.reading import Reading, never, unheard
from excudit.storage.s3_folder import BucketFolder
from excudit.storage.troubles import telling


def make(address: Address) -> None:
    """Make a folder of ours and those above it, for the service alone. There already = done."""
    if not address.bucket:
        with telling("made", address.path):
            os.makedirs(address.path, 0o700, exist_ok=True)


def clear(folder: Folder) -> None:
    """Remove a folder of ours with everything in it. Absent = done."""
    if folder.exists():
        copying.erase(folder, Reading(unheard, never))


def store(folder: Folder, parts: Address, file: FileEntry, data: BinaryIO) -> str:
    """Store one file whole or not at all, durable; returns its SHA-256. Equal already = not sent.

    `parts` is a place on the same storage for what is not whole yet. Raises Drifted when the bytes
    are not those of `file`.
    """
    if file.sha256 and _digest(folder, file) == file.sha256:
        return file.sha256
    told = _Counted(data)
    if isinstance(folder, BucketFolder):
        folder.bucket.send(folder.key(file.path), told.pieces())
    else:
        _store_on_disk(folder.address.path, parts, file, told)
    if told.size != file.size or (file.sha256 and told.sha256 != file.sha256):
        folder.remove(file.path)
        message = "The content is not what was announced."
        raise Drifted(
            "A file changed while it was copied.", problems=(Problem(file.path, message),)
        )
    return told.sha256


def _store_on_disk(root: str, parts: Address, file: FileEntry, told: _Counted) -> None:
    target = os.path.join(root, *steps(file.path))
    part = os.path.join(parts.path, hashlib.sha256(file.path.encode()).hexdigest())
    with telling("written", target):
        os.makedirs(parts.path, 0o700, exist_ok=True)
        os.makedirs(os.path.dirname(target), 0o700, exist_ok=True)
        with open(part, "wb") as stream:
            stream.writelines(told.pieces())
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(part, target)


def _digest(folder: Folder, file: FileEntry) -> str:
    told = hashlib.sha256(usedforsecurity=False)
    try:
        if folder.size(file.path) != file.size:
            return ""
        with folder.open(file.path) as stream:
            while piece := stream.read(CHUNK):
                told.update(piece)
    except OSError:
        return ""
    return told.hexdigest()


class _Counted:
    """A stream in pieces, counted and hashed on the way."""

    def __init__(self, data: BinaryIO) -> None:
        self._data = data
        self._hash = hashlib.sha256(usedforsecurity=False)
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of what has passed."""
        return self._hash.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """The stream's bytes."""
        while piece := self._data.read(CHUNK):
            self._hash.update(piece)
            self.size += len(piece)
            yield piece
