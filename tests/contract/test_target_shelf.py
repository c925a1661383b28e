"""A shelf keeps the promises of a target, on a file system and on S3, plain and as a bag."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from excudit.domain.model import FileEntry, Snapshot
from excudit.storage.bucket import S3Access
from excudit.targets.shelf import ShelfSettings, ShelfTarget
from excudit.testing.targets import TargetContract
from object_stores import BUCKET, s3, s3_url
from open_places import open_place
from registries import SITE
from repositories import deposit_snapshot, opened

__all__ = ["open_place", "s3", "s3_url"]


class TestShelfOnAFileSystem(TargetContract):
    @pytest.fixture(params=[False, True], ids=["plain", "bag and crate"])
    def target(self, open_place: Path, request: pytest.FixtureRequest) -> ShelfTarget:  # type: ignore[override]
        told = ShelfSettings(root=str(open_place), bagit=request.param, ro_crate=request.param)
        return ShelfTarget("shelf", told, SITE)

    @pytest.fixture
    def snapshot(self, target: ShelfTarget) -> Snapshot:  # type: ignore[override]
        return replace(deposit_snapshot(), refs=("/home/ada/Lovelace_notes_1843",))

    def content(self, file: FileEntry) -> BinaryIO:
        return opened(file)


class TestShelfOnS3(TestShelfOnAFileSystem):
    @pytest.fixture(
        params=[False, pytest.param(True, marks=pytest.mark.slow)], ids=["plain", "bag and crate"]
    )
    def target(self, s3: S3Access, request: pytest.FixtureRequest) -> ShelfTarget:  # type: ignore[override]
        root = f"s3://{BUCKET}/{uuid.uuid4().hex}"
        told = ShelfSettings(root=root, bagit=request.param, ro_crate=request.param, s3=s3)
        return ShelfTarget("shelf", told, SITE)
