"""A source over a fresh root, and a reader without root's powers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.storage.conftest import folder, without_privileges

from excudit.settings import Site
from excudit.sources.folder import FolderSource
from excudit.sources.folder.settings import FolderSettings

__all__ = ["folder", "without_privileges"]


@pytest.fixture
def make(folder: Path) -> Callable[..., FolderSource]:
    """A source whose only root is `folder`, with the settings given."""

    def source(**settings: object) -> FolderSource:
        return FolderSource("folders", FolderSettings(roots=[folder], **settings), Site())

    return source


@pytest.fixture
def source(make: Callable[..., FolderSource]) -> FolderSource:
    return make()


@pytest.fixture
def cruise(folder: Path) -> Path:
    """A small dataset without metadata."""
    place = folder / "cruise-7"
    (place / "raw").mkdir(parents=True)
    (place / "raw" / "ctd.csv").write_text("depth,t\n1,9.1\n")
    (place / "map.png").write_bytes(b"\x89PNG")
    return place
