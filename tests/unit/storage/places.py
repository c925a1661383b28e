"""Reading a folder as the tests do it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from excudit.domain.errors import Rejected
from excudit.domain.model import FileEntry
from excudit.storage.manifest import entries, survey


def open_descriptors() -> int:
    """How many files, folders and the like this process has open."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


@contextmanager
def opened(place: Path) -> Iterator[int]:
    fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield fd
    finally:
        os.close(fd)


def manifest(place: Path, **options: object) -> list[FileEntry]:
    with opened(place) as fd:
        return list(entries(fd, str(place), **options))  # type: ignore[arg-type]


def refusal(place: Path) -> Rejected:
    """What the survey and, by the same rules, the reading of all content refuse."""
    with opened(place) as fd:
        with pytest.raises(Rejected) as surveyed:
            survey(fd, str(place))
        with pytest.raises(Rejected) as read:
            list(entries(fd, str(place)))
    assert [p.rule for p in read.value.problems] == [p.rule for p in surveyed.value.problems]
    return surveyed.value
