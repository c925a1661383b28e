"""Bytes on their way out, hashed as they pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

PIECE = 1 << 20
WORTH_IT = 1 << 17
# A piece is hashed while the next one is read and this one is sent.
_HASHERS = ThreadPoolExecutor(8, thread_name_prefix="md5")


class Sent:
    """Gives a stream's bytes piece by piece, up to `limit`; `md5` is of what was given."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._left = stream, limit
        self._digest = hashlib.md5(usedforsecurity=False)
        self._hashing: Future[None] | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self.next(self._left)

    def next(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes, or what is left."""
        size = min(size, self._left)
        while size > 0 and (piece := self._stream.read(min(PIECE, size))):
            size -= len(piece)
            self._left -= len(piece)
            self._hash(piece)
            yield piece

    def _hash(self, piece: bytes) -> None:
        self._hashed()
        if len(piece) < WORTH_IT:
            self._digest.update(piece)
        else:
            self._hashing = _HASHERS.submit(self._digest.update, piece)

    def _hashed(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None

    @property
    def md5(self) -> str:
        """The MD5 of what has passed, in hex: what the repository's checksums are."""
        self._hashed()
        return self._digest.hexdigest()


def md5_of(stream: BinaryIO, size: int) -> str:
    """The MD5 of a stream, which stands at its beginning before and after."""
    passed = Sent(stream, size)
    for _ in passed:
        pass
    stream.seek(0)
    return passed.md5
