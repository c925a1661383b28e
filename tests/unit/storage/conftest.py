"""Folders to read, and a reader without root's powers."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user of the machine may enter."""
    place = Path(tempfile.mkdtemp(prefix="excudit-test-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def without_privileges() -> Callable[[], AbstractContextManager[None]]:
    """A block in which permissions count, even where the tests run as root."""

    @contextmanager
    def block() -> Iterator[None]:
        was = os.geteuid()
        if was == 0:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            if was == 0:
                os.seteuid(was)

    return block
