"""The SHA-256 of one file, and the certainty that it stood still meanwhile."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable

from excudit.domain.problem import Problem
from excudit.storage.reach import FILE, unless_gone_for_all
from excudit.storage.walk import Found, unreadable

CHUNK = 256 * 1024
_LARGE = 8 * 1024 * 1024
_own = threading.local()


def open_file(found: Found) -> tuple[int, os.stat_result] | Problem:
    """The open descriptor (the caller closes it) and its state, or why that cannot be had."""
    try:
        fd = os.open(found.name, FILE, dir_fd=found.folder.fd)
    except OSError as error:
        unless_gone_for_all(error, found.path)
        return unreadable(found.path, "file", error)
    state = os.fstat(fd)
    if stat.S_ISREG(state.st_mode):
        return fd, state
    os.close(fd)
    return changed(found.path)


def digest(found: Found, read: Callable[[int], None]) -> tuple[int, str] | Problem:
    """Size in bytes and lower-case SHA-256 of the file, or why it cannot be told.

    `read` is called with the number of bytes of each chunk, and may raise to end it. At most
    `CHUNK` bytes of it are in memory.
    """
    opened = open_file(found)
    if isinstance(opened, Problem):
        return opened
    fd, before = opened
    try:
        size, text = _hash(fd, before.st_size, read)
        after = os.fstat(fd)
    except OSError as error:
        unless_gone_for_all(error, found.path)
        return unreadable(found.path, "file", error)
    finally:
        os.close(fd)
    if size != before.st_size or _state(before) != _state(after):
        return changed(found.path)
    return size, text


def _hash(fd: int, size: int, read: Callable[[int], None]) -> tuple[int, str]:
    if size > _LARGE:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)
    view = _buffer()
    sha256 = hashlib.sha256(usedforsecurity=False)
    done = 0
    while count := os.readv(fd, [view]):
        sha256.update(view[:count])
        done += count
        read(count)
    return done, sha256.hexdigest()


def _buffer() -> memoryview:
    """This thread's own buffer: memory is asked for once, not once per file."""
    if not hasattr(_own, "view"):
        _own.view = memoryview(bytearray(CHUNK))
    view: memoryview = _own.view
    return view


def _state(of: os.stat_result) -> tuple[int, ...]:
    return of.st_ino, of.st_nlink, of.st_size, of.st_mtime_ns, of.st_ctime_ns


def changed(path: str) -> Problem:
    """That the file did not stand still."""
    return Problem(
        path,
        "The file changed while it was read.",
        "Wait until nothing writes to it any more, then try again.",
        rule="file-changed",
    )
