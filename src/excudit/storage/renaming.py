"""Renaming without ever replacing anything, and making it durable."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

NOREPLACE = 1  # renameat2(2)
_AT_FDCWD = -100
_UNKNOWN = frozenset({errno.ENOSYS, errno.EINVAL})
_libc = ctypes.CDLL(None, use_errno=True)


def rename_new(old: str, new: str) -> None:
    """Rename a file or folder; raises FileExistsError when anything stands at `new`, even an empty
    folder, and OSError as rename(2) does, EXDEV across file systems.

    Where the file system does not know RENAME_NOREPLACE, `new` is made first (mkdir, link), which
    fails when it is there.
    """
    try:
        _renameat2(old, new)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
        _rename_over_own(old, new)


def _renameat2(old: str, new: str) -> None:
    call = getattr(_libc, "renameat2", None)
    if call is None:
        _fail(errno.ENOSYS, old, new)
    if call(_AT_FDCWD, os.fsencode(old), _AT_FDCWD, os.fsencode(new), NOREPLACE):
        _fail(ctypes.get_errno(), old, new)


def _fail(code: int, old: str, new: str) -> NoReturn:
    raise OSError(code, os.strerror(code), old, None, new)


def _rename_over_own(old: str, new: str) -> None:
    if stat.S_ISDIR(os.lstat(old).st_mode):
        os.mkdir(new, 0o700)
        try:
            os.rename(old, new)
        except OSError:
            os.rmdir(new)
            raise
    else:
        os.link(old, new, follow_symlinks=False)
        os.unlink(old)


def fsync_folder(path: str) -> None:
    """Make the names in a folder durable."""
    with opened_folder(path) as fd:
        os.fsync(fd)


def sync_file_system(path: str) -> None:
    """Make everything durable that was written on the file system of this folder (syncfs(2))."""
    with opened_folder(path) as fd:
        if _libc.syncfs(fd):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), path)


@contextmanager
def opened_folder(path: str) -> Iterator[int]:
    """A descriptor of the folder, no link followed at its end; closed at the end."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)
