"""Files kept on disk: the same each time, gone in the end."""

from __future__ import annotations

import gc
import os
import resource
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.storage.places import open_descriptors

from excudit.domain.errors import Unavailable
from excudit.domain.model import FileEntry, manifest_digest
from excudit.storage.scratch import Scratch
from excudit.storage.spool import SpooledFiles

ENTRIES = [
    FileEntry("a.csv", 12, "ab" * 32, "text/csv"),
    FileEntry("not hashed", 0),
    FileEntry("日本/" + "x" * 3000, 2**63, "0" * 64, "application/x-netcdf"),
    FileEntry("with\nline", 1, "ff" * 32),
]


def test_what_was_spooled_comes_back_every_time() -> None:
    files = SpooledFiles(iter(ENTRIES))
    assert list(files) == list(files) == ENTRIES
    assert len(files) == 4
    assert files.bytes == 2**63 + 13
    assert files.digest == manifest_digest(ENTRIES)


def test_no_files_are_no_files() -> None:
    files = SpooledFiles(())
    assert (list(files), len(files), files.bytes) == ([], 0, 0)


def test_many_files_cross_the_blocks_that_are_read() -> None:
    many = [FileEntry(f"{n:06}" * (n % 40 + 1), n, f"{n:064x}", "text/csv") for n in range(20_000)]
    assert list(SpooledFiles(many)) == many


def test_several_threads_may_iterate_at_the_same_time() -> None:
    many = [FileEntry(str(n), n, f"{n:064x}") for n in range(5_000)]
    files = SpooledFiles(many)
    same: list[bool] = []
    threads = [threading.Thread(target=lambda: same.append(list(files) == many)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same == [True] * 4


def test_the_temporary_file_has_no_name_and_ends_with_its_last_reader(tmp_path: Path) -> None:
    before = open_descriptors()
    files = SpooledFiles(ENTRIES, folder=tmp_path)
    assert not list(tmp_path.iterdir())
    gone = weakref.ref(files)
    reader = iter(files)
    del files
    assert list(reader) == ENTRIES
    del reader
    gc.collect()
    assert gone() is None
    assert open_descriptors() == before


def test_closing_twice_is_closing_once() -> None:
    files = SpooledFiles(ENTRIES)
    files.close()
    files.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        list(files)


def test_a_reading_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[FileEntry]:
        yield ENTRIES[0]
        raise Unavailable("gone")

    before = open_descriptors()
    with pytest.raises(Unavailable):
        SpooledFiles(failing(), folder=tmp_path)
    gc.collect()
    assert open_descriptors() == before


def test_a_full_disk_says_which_and_what_to_do(tmp_path: Path) -> None:
    if not os.access("/dev/full", os.W_OK):
        pytest.skip("this system has no /dev/full")
    scratch = Scratch(tmp_path)
    full = os.open("/dev/full", os.O_RDWR)
    os.dup2(full, scratch._fd)
    os.close(full)
    scratch.append(b"x")
    with pytest.raises(Unavailable, match="is full") as refused:
        scratch.end()
    assert str(tmp_path) in refused.value.message
    assert "scratch" in refused.value.hint


def test_a_folder_that_is_not_there_says_which(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"nowhere.*No such file"):
        Scratch(tmp_path / "nowhere")


def test_a_limit_on_open_files_is_not_the_datasets_fault(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # The limit is on the number of a descriptor, and those of other tests leave gaps.
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        with pytest.raises(Unavailable):
            Scratch(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
