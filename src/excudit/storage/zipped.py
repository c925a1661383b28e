"""A ZIP on its way out: made while it is read, never kept, whatever its size."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from excudit.domain.model import FileEntry

PIECE = 1 << 20


class _Passing:
    """What the ZIP writes, until somebody takes it."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._held.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held


def zipped(
    root: str, files: Iterable[FileEntry], opened: Callable[[FileEntry], BinaryIO]
) -> Iterator[bytes]:
    """The pieces of a ZIP with these files below the folder `root`, each read once.

    Raises what reading raises; the ZIP is then not whole, and no reader takes it for one.
    """
    passing = _Passing()
    with zipfile.ZipFile(passing, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:  # type: ignore[call-overload]
        for file in files:
            info = zipfile.ZipInfo(f"{root}/{file.path}", time.gmtime()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.file_size = file.size
            with (
                out.open(info, "w", force_zip64=file.size > 1 << 30) as entry,
                opened(file) as data,
            ):
                while piece := data.read(PIECE):
                    entry.write(piece)
                    if ready := passing.take():
                        yield ready
    yield passing.take()
