"""What the operating system refuses, in the words of `domain.errors`."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from excudit.domain.errors import Conflict, Denied, ExcuditError, NeedsPerson, NotFound, Unavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def told(error: OSError, what: str, place: str) -> ExcuditError:
    """The error for a person: `what` was done ("moved"), `place` says where."""
    words = f"{place} cannot be {what}: {error.strerror or error}."
    if error.errno in _FULL:
        return NeedsPerson(
            f"Is there room now? {words}",
            hint="Make room on that disk, or raise the quota, then retry: what was copied stays, "
            "and nothing was removed.",
        )
    if error.errno in _REFUSED:
        return Denied(
            words,
            hint="Give the service's user permission to enter and write the folder and the one it "
            "stands in. Nothing was lost.",
        )
    if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
        return Conflict(words, hint="Something else stands there; move it away, then retry.")
    if error.errno == errno.ENOENT:
        return NotFound(words, hint="Look whether it was moved, renamed or removed.")
    return Unavailable(words, hint="Look whether the disk or network share is mounted and healthy.")


@contextmanager
def telling(what: str, place: str) -> Iterator[None]:
    """Turns OSError into `told`."""
    try:
        yield
    except OSError as error:
        raise told(error, what, place) from error
