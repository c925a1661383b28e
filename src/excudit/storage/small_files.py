"""Small files of ours below an open folder, read and written whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from excudit.storage.roots import open_below


def read_small(fd: int, path: str, most: int) -> bytes | None:
    """At most `most` bytes of the file below the folder open at `fd`; None when there is no such
    file, or none that can be read; no link is followed."""
    try:
        with open_below(fd, path) as file:
            return file.read(most)
    except OSError:
        return None


def write_small(fd: int, name: str, content: bytes | Iterable[bytes], mode: int = 0o644) -> None:
    """Write or replace the file directly below the folder open at `fd`, durable. Raises OSError."""
    part = f".{name}.part"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(part, dir_fd=fd)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(part, flags, mode, dir_fd=fd), "wb") as file:
            file.writelines((content,) if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(part, name, src_dir_fd=fd, dst_dir_fd=fd)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part, dir_fd=fd)
        raise
    os.fsync(fd)
