"""How files and folders are opened: no link followed, no device used, no pipe waited for."""

from __future__ import annotations

import errno
import os

from excudit.domain.errors import Unavailable

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_THEIRS = frozenset(
    {errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH}
    | {errno.ENOTCONN, errno.ENODEV, errno.EREMOTEIO}
)


def unless_gone_for_all(error: OSError, where: str) -> None:
    """Raises Unavailable when the whole storage is the trouble, not this one file or folder."""
    if error.errno in _THEIRS:
        raise Unavailable(
            f"The storage does not answer at {where or 'the folder'}: {error.strerror}.",
            hint="Look whether the disk or network share is mounted and healthy.",
        ) from error
    if error.errno in _OURS:
        raise Unavailable(
            f"The service has no room to open {where or 'the folder'}: {error.strerror}.",
            hint="Raise the limit of open files (ulimit -n) or the memory of the service.",
        ) from error
