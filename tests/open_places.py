"""A temporary folder that a stranger on this machine can reach, which pytest's own is not."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def new_open_place() -> Path:
    """A fresh folder; the caller removes it."""
    place = Path(tempfile.mkdtemp(prefix="excudit-open-"))
    place.chmod(0o755)
    return place


@pytest.fixture
def open_place() -> Iterator[Path]:
    place = new_open_place()
    yield place
    shutil.rmtree(place, ignore_errors=True)
