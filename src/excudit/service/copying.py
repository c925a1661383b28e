"""Files on their way from their source to a target: streamed, counted, checked by our own sum."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from excudit.domain.errors import Drifted
from excudit.domain.model import Deposit, FileEntry, Snapshot
from excudit.domain.problem import Problem
from excudit.domain.publication import Part
from excudit.engine.step import Call
from excudit.ports import Target
from excudit.service import selection
from excudit.service.parts import Parts
from excudit.store import publications

LISTED = 200
"""Files that are told of one by one."""


def copy_all(
    parts: Parts,
    call: Call,
    datasets: tuple[Part, ...],
    target: Target,
    deposit: Deposit,
    snapshot: Snapshot,
) -> list[dict[str, Any]]:
    """Bring every file of the snapshot to the deposit; what is there and equal is not sent again.

    Returns path, size, checksum and error ("") of each of the first `LISTED` files. Raises
    Drifted when a file's bytes are not those that were approved, and what `put` raises.
    """
    told: list[dict[str, Any]] = []
    done = 0
    for file in snapshot.files:
        call.go_on()
        before = done

        def passed(count: int, before: int = before) -> None:
            call.go_on()
            call.progress(before + count, snapshot.bytes, "bytes")

        with Approved(_opener(parts, datasets, file), file, passed) as stream:
            receipt = target.put(deposit, file, cast(BinaryIO, stream))
        done += file.size
        call.progress(done, snapshot.bytes, "bytes")
        if len(told) < LISTED:
            told.append(
                {"path": file.path, "size": receipt.size, "checksum": receipt.checksum, "error": ""}
            )
    return told


def approved(parts: Parts, publication: str, file: FileEntry) -> BinaryIO:
    """The bytes of one file of a publication, as `Approved` gives them. The caller closes them."""
    with parts.database.read() as connection:
        datasets = publications.get(connection, publication).parts
    stream = Approved(_opener(parts, datasets, file), file, lambda count: None)
    return cast(BinaryIO, stream)


def _opener(parts: Parts, datasets: tuple[Part, ...], file: FileEntry) -> Callable[[], BinaryIO]:
    part, path = selection.within(datasets, file.path)
    own = FileEntry(path, file.size, file.sha256, file.media_type)
    return lambda: parts.source(part.source).open(part.ref, own)


class Approved(io.RawIOBase):
    """The bytes of a file, if they are the approved ones.

    Its last bytes are given only when size and SHA-256 of all are right, so nobody who counts to
    the announced length ever gets a changed file whole. `seek(0)` begins anew; there is no other
    place to go. `passed` is told how many bytes were read.
    """

    def __init__(
        self, opener: Callable[[], BinaryIO], file: FileEntry, passed: Callable[[int], None]
    ) -> None:
        super().__init__()
        self._opener, self._file, self._passed = opener, file, passed
        self._stream: BinaryIO | None = None
        self._begin()

    def _begin(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream, self._count = self._opener(), 0
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes. Raises Drifted when they are not the approved ones."""
        assert self._stream is not None
        left = self._file.size - self._count
        wanted = left if size < 0 else min(size, left)
        if wanted == 0:
            return b""
        piece = self._stream.read(wanted)
        self._digest.update(piece)
        self._count += len(piece)
        self._passed(self._count)
        if not piece or self._count == self._file.size:
            self._judge()
        return piece

    def readinto(self, buffer: Any) -> int:
        """As `read`, into a buffer."""
        view = memoryview(buffer).cast("B")
        piece = self.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Begin anew."""
        if (offset, whence) != (0, 0):
            raise io.UnsupportedOperation("only seek(0) is possible")
        if self._count:
            self._begin()
        return 0

    def tell(self) -> int:
        return self._count

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        super().close()

    def _judge(self) -> None:
        assert self._stream is not None
        right = self._count == self._file.size and self._digest.hexdigest() == self._file.sha256
        if right and not self._stream.read(1):
            return
        changed = Problem(self._file.path, "The content changed while it was copied.")
        raise Drifted(
            "A file changed after it was approved.",
            hint="Look at the change and submit again, or put the file back.",
            problems=(changed,),
        )
