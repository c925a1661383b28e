"""Opening the files that were described, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from excudit.domain.errors import Denied, Drifted
from excudit.domain.model import FileEntry
from excudit.sources.folder import FolderSource


@pytest.fixture
def entry(source: FolderSource, cruise: Path) -> FileEntry:
    """The file raw/ctd.csv as described."""
    return next(e for e in source.describe(str(cruise)).files if e.path == "raw/ctd.csv")


def test_a_file_opens_at_its_offset(source: FolderSource, cruise: Path, entry: FileEntry) -> None:
    with source.open(str(cruise), entry, offset=6) as stream:
        assert stream.read(1) == b"t"


@pytest.mark.parametrize("offset", [-1, 1000])
def test_an_offset_outside_of_the_file_is_a_mistake_of_the_caller(
    source: FolderSource, cruise: Path, entry: FileEntry, offset: int
) -> None:
    with pytest.raises(ValueError, match="outside of the 14 bytes"):
        source.open(str(cruise), entry, offset=offset)


def shrink(path: Path) -> None:
    path.write_text("x")


def link(path: Path) -> None:
    path.rename(path.with_name("kept"))
    path.symlink_to("kept")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def folder_linked(path: Path) -> None:
    path.parent.rename(path.parent.with_name("kept"))
    path.parent.symlink_to("kept")


@pytest.mark.parametrize("change", [shrink, link, pipe, folder_instead, folder_linked, Path.unlink])
def test_a_file_that_is_no_longer_what_it_was_is_drift(
    source: FolderSource, cruise: Path, entry: FileEntry, change: Callable[[Path], None]
) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    change(cruise / "raw" / "ctd.csv")
    with pytest.raises(Drifted) as refused:
        source.open(str(cruise), entry)
    assert [p.where for p in refused.value.problems] == ["raw/ctd.csv"]
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_path_that_climbs_is_denied(source: FolderSource, cruise: Path, entry: FileEntry) -> None:
    with pytest.raises(Denied):
        source.open(str(cruise), replace(entry, path="../../etc/passwd"))


def test_a_file_that_may_not_be_read_any_more_is_denied(
    source: FolderSource,
    cruise: Path,
    entry: FileEntry,
    without_privileges: Callable[[], AbstractContextManager[None]],
) -> None:
    (cruise / "raw" / "ctd.csv").chmod(0)
    with without_privileges(), pytest.raises(Denied):
        source.open(str(cruise), entry)
