"""The source `folder` keeps the contract of sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from excudit.settings import Site
from excudit.sources.folder import FolderSource
from excudit.sources.folder.settings import FolderSettings
from excudit.testing.sources import SourceCase, SourceContract

CONTENTS = {
    "README.md": b"# Drift buoys in the Skagerrak\n\nPositions of nine buoys.\n",
    "a.b": b"sorts before the folder a",
    "a/one.csv": b"x,y\n1,2\n",
    "a/empty.csv": b"",
    "datacite.yaml": b"titles:\n  - title: Drift buoys\n",
    "été.nc": b"\x00" * 3_000_000,
}


class TestFolder(SourceContract):
    """With and without writing back."""

    @pytest.fixture(params=[False, True], ids=["silent", "write-back"])
    def case(self, tmp_path: Path, request: pytest.FixtureRequest) -> SourceCase:
        folder = tmp_path / "Skagerrak 2023"
        for name, content in CONTENTS.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

        def change() -> None:
            (folder / "a" / "one.csv").write_bytes(b"x,y\n1,3\n")

        settings = FolderSettings(roots=[tmp_path], write_back=request.param)
        return SourceCase(
            source=FolderSource("folders", settings, Site()),
            ref=str(folder),
            missing=str(tmp_path / "gone"),
            contents=CONTENTS,
            change=change,
            words="drift BUOYS",
        )
