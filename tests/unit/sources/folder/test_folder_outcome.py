"""Writing back where a dataset was published, once, and only where it is wanted."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from excudit.domain.errors import Denied, Unavailable
from excudit.domain.model import Outcome
from excudit.sources.folder import FolderSource
from excudit.storage.own_files import OUTCOME, OWN_FILES

PUBLISHED = Outcome(True, "10.5072/ab-12", "https://example.org/d/ab-12", "done")


def test_nothing_is_written_unless_it_is_wanted(source: FolderSource, cruise: Path) -> None:
    source.report(str(cruise), PUBLISHED, key="k1")
    assert not (cruise / OUTCOME).exists()


def test_the_doi_and_the_landing_page_are_written(
    make: Callable[..., FolderSource], cruise: Path
) -> None:
    make(write_back=True).report(str(cruise), PUBLISHED, key="k1")
    assert json.loads((cruise / OUTCOME).read_text()) == {
        "doi": "10.5072/ab-12",
        "doi_url": "https://doi.org/10.5072/ab-12",
        "landing_url": "https://example.org/d/ab-12",
        "publication": "k1",
    }
    assert sorted(p.name for p in cruise.iterdir()) == [OUTCOME, "map.png", "raw"]


def test_the_same_report_twice_writes_once(make: Callable[..., FolderSource], cruise: Path) -> None:
    source = make(write_back=True)
    source.report(str(cruise), PUBLISHED, key="k1")
    first = (cruise / OUTCOME).stat()
    source.report(str(cruise), PUBLISHED, key="k1")
    assert (cruise / OUTCOME).stat().st_ino == first.st_ino
    assert (cruise / OUTCOME).stat().st_mtime_ns == first.st_mtime_ns


def test_a_failed_publication_leaves_no_file(
    make: Callable[..., FolderSource], cruise: Path
) -> None:
    make(write_back=True).report(str(cruise), Outcome(False, message="refused"), key="k1")
    assert not (cruise / OUTCOME).exists()


def test_what_a_crash_left_is_replaced_and_is_not_part_of_the_dataset(
    make: Callable[..., FolderSource], cruise: Path
) -> None:
    source = make(write_back=True)
    before = source.describe(str(cruise)).revision
    (cruise / f".{OUTCOME}.part").write_text('{"doi": ')
    assert source.describe(str(cruise)).revision == before
    source.report(str(cruise), PUBLISHED, key="k1")
    assert json.loads((cruise / OUTCOME).read_text())["publication"] == "k1"
    assert not (cruise / f".{OUTCOME}.part").exists()
    assert source.describe(str(cruise)).revision == before


def test_files_of_that_name_deeper_down_are_part_of_the_dataset(
    source: FolderSource, cruise: Path
) -> None:
    for name in OWN_FILES:
        (cruise / name).write_text("ours")
        (cruise / "raw" / name).write_text("theirs")
    paths = {entry.path for entry in source.describe(str(cruise)).files}
    assert paths == {"map.png", "raw/ctd.csv", *(f"raw/{name}" for name in OWN_FILES)}


def test_a_link_in_the_place_of_the_report_is_replaced_not_followed(
    make: Callable[..., FolderSource], folder: Path, cruise: Path
) -> None:
    (folder / "victim").write_text("precious")
    for name in OWN_FILES:
        (cruise / name).symlink_to("../victim")
    make(write_back=True).report(str(cruise), PUBLISHED, key="k1")
    assert (folder / "victim").read_text() == "precious"
    assert not (cruise / OUTCOME).is_symlink()


def test_a_read_only_folder_is_told_with_what_to_do(
    make: Callable[..., FolderSource],
    cruise: Path,
    without_privileges: Callable[[], AbstractContextManager[None]],
) -> None:
    cruise.chmod(0o555)
    with without_privileges(), pytest.raises(Denied) as refused:
        make(write_back=True).report(str(cruise), PUBLISHED, key="k1")
    assert "write_back = false" in refused.value.hint


def test_a_full_disk_is_tried_again(make: Callable[..., FolderSource], cruise: Path) -> None:
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, was[1]))
    try:
        with pytest.raises(Unavailable) as refused:
            make(write_back=True).report(str(cruise), PUBLISHED, key="k1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
        signal.signal(signal.SIGXFSZ, ignored)
    assert "Make room" in refused.value.hint
    assert not (cruise / OUTCOME).exists()
