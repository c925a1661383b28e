"""Telling a folder how its publication ended: one small JSON file, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os

from excudit.domain.errors import Denied, ExcuditError, Unavailable
from excudit.domain.model import Outcome
from excudit.sources.folder.peek import peek

OUTCOME = "excudit-publication.json"
PART = f".{OUTCOME}.part"

# ours, not the dataset's: writing them must not look like a change of what was approved
NOT_DATASET = frozenset({OUTCOME, PART})

_LONGEST = 64 * 1024


def write_outcome(fd: int, ref: str, outcome: Outcome, key: str) -> None:
    """Leave the DOI and the landing page's address in the folder open at `fd`.

    Idempotent: the same outcome twice is written once. Raises Denied when the folder is read-only,
    Unavailable when the disk is full.
    """
    told = {
        "doi": outcome.doi,
        "doi_url": f"https://doi.org/{outcome.doi}" if outcome.doi else "",
        "landing_url": outcome.landing_url,
        "publication": key,
    }
    content = json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"
    if peek(fd, OUTCOME, _LONGEST) == content:
        return
    try:
        _replace(fd, content)
    except OSError as error:
        raise _refused(ref, error) from error


def _replace(fd: int, content: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(PART, dir_fd=fd)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(PART, flags, 0o644, dir_fd=fd), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(PART, OUTCOME, src_dir_fd=fd, dst_dir_fd=fd)
    os.fsync(fd)


def _refused(ref: str, error: OSError) -> ExcuditError:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Denied(
            f"{OUTCOME} cannot be written into {ref}: {error.strerror}.",
            hint="Let the service's user write into the folder, or set write_back = false for "
            "this source. The publication itself is complete.",
        )
    return Unavailable(
        f"{OUTCOME} cannot be written into {ref}: {error.strerror}.",
        hint="Make room on that disk. The publication itself is complete.",
    )
