"""The source `folder` keeps the contract of sources."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from excudit.settings import Site
from excudit.sources.folder import FolderSource
from excudit.sources.folder.settings import FolderSettings
from excudit.storage.bucket import S3Access, bucket
from excudit.testing.sources import SourceCase, SourceContract
from object_stores import BUCKET, s3, s3_url

__all__ = ["s3", "s3_url"]

CONTENTS = {
    "README.md": b"# Drift buoys in the Skagerrak\n\nPositions of nine buoys.\n",
    "a.b": b"sorts before the folder a",
    "a/one.csv": b"x,y\n1,2\n",
    "a/empty.csv": b"",
    "datacite.yaml": b"titles:\n  - title: Drift buoys\n",
    "été.nc": b"\x00" * 3_000_000,
}


def written(folder: Path) -> Path:
    """The contents below a new folder."""
    for name, content in CONTENTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


class TestFolder(SourceContract):
    """With and without writing back."""

    @pytest.fixture(params=[False, True], ids=["silent", "write-back"])
    def case(self, tmp_path: Path, request: pytest.FixtureRequest) -> SourceCase:
        folder = written(tmp_path / "Skagerrak 2023")

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


class TestFolderInCustody(TestFolder):
    """With a staging area beside the root."""

    @pytest.fixture(params=["on disk", pytest.param("on S3", marks=pytest.mark.slow)])
    def case(  # type: ignore[override]
        self, tmp_path: Path, s3: S3Access, request: pytest.FixtureRequest
    ) -> SourceCase:
        folder = written(tmp_path / "home" / "Skagerrak 2023")
        (tmp_path / "staging").mkdir()
        staging = str(tmp_path / "staging")
        if request.param == "on S3":
            staging = f"s3://{BUCKET}/{uuid.uuid4().hex}"
        settings = FolderSettings(roots=[tmp_path / "home"], staging=staging, s3=s3)

        def change() -> None:
            (folder / "a" / "one.csv").write_bytes(b"x,y\n1,3\n")

        return SourceCase(
            source=FolderSource("folders", settings, Site()),
            ref=str(folder),
            missing=str(tmp_path / "home" / "gone"),
            contents=CONTENTS,
            change=change,
            words="drift BUOYS",
        )


class TestFolderInABucket(SourceContract):
    """A root that is a prefix of a bucket, without and with custody."""

    @pytest.fixture(
        params=["", pytest.param("staging", marks=pytest.mark.slow)], ids=["no custody", "custody"]
    )
    def case(self, s3: S3Access, request: pytest.FixtureRequest) -> SourceCase:
        place = f"s3://{BUCKET}/{uuid.uuid4().hex}"
        home = bucket(BUCKET, s3)
        prefix = f"{place}/home/Skagerrak 2023".removeprefix(f"s3://{BUCKET}/")
        for name, content in CONTENTS.items():
            home.put(f"{prefix}/{name}", content)
        staging = f"{place}/{request.param}" if request.param else ""
        settings = FolderSettings(roots=[f"{place}/home"], staging=staging, s3=s3)
        return SourceCase(
            source=FolderSource("folders", settings, Site()),
            ref=f"{place}/home/Skagerrak 2023",
            missing=f"{place}/home/gone",
            contents=CONTENTS,
            change=lambda: home.put(f"{prefix}/a/one.csv", b"x,y\n1,3\n"),
            words="skagerrak",
        )
