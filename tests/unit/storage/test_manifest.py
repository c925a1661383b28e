"""The manifest of a folder: complete, ordered, streamed."""

from __future__ import annotations

import hashlib
import os
import threading
import tracemalloc
from pathlib import Path

import pytest
from tests.unit.storage.places import manifest, open_descriptors, opened

from excudit.domain.errors import Retryable
from excudit.domain.model import FileEntry
from excudit.storage import names
from excudit.storage.manifest import Survey, entries, survey


def fill(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_each_file_has_its_size_digest_and_media_type(folder: Path) -> None:
    fill(folder, {"data/run.csv": b"a,b\n1,2\n", "empty.nc": b"", "large.bin": os.urandom(9 << 20)})
    assert manifest(folder) == [
        FileEntry(
            name,
            len(content := (folder / name).read_bytes()),
            hashlib.sha256(content).hexdigest(),
            kind,
        )
        for name, kind in (
            ("data/run.csv", "text/csv"),
            ("empty.nc", "application/x-netcdf"),
            ("large.bin", "application/octet-stream"),
        )
    ]


def test_the_order_is_that_of_the_bytes_of_the_whole_path(folder: Path) -> None:
    paths = ["a/b", "a.b", "a b", "a", "Z/é", "Z/z", "a-/x", "a0/x", "日本/𝄞", "日本/ﬀ", "é"]
    paths.remove("a")
    fill(folder, {path: path.encode() for path in paths})
    assert [e.path for e in manifest(folder)] == sorted(paths, key=str.encode)


def test_folders_too_large_for_one_run_are_sorted_on_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "RUN", 7)
    fill(folder, {f"{'sub/' * (n % 2)}{n * 37 % 100}": b"" for n in range(100)})
    paths = [e.path for e in manifest(folder)]
    assert len(paths) == 100
    assert paths == sorted(paths, key=str.encode)


def test_the_survey_counts_without_reading(folder: Path) -> None:
    fill(folder, {"a": b"123", "b/c": b"45"})
    with opened(folder) as fd:
        assert survey(fd, str(folder)) == Survey(2, 5)


def test_skipped_paths_are_not_part_of_the_dataset(folder: Path) -> None:
    fill(folder, {"note": b"1", "sub/note": b"2"})
    assert [e.path for e in manifest(folder, skip=frozenset({"note"}))] == ["sub/note"]


def test_an_empty_folder_is_a_warning(folder: Path) -> None:
    (folder / "sub").mkdir()
    with opened(folder) as fd:
        (warning,) = survey(fd, str(folder)).warnings
    assert (warning.severity, warning.rule) == ("warning", "empty-folder")


def test_twenty_thousand_files_come_in_order_and_leave_nothing_open(folder: Path) -> None:
    for n in range(100):
        (folder / f"{n:02}").mkdir()
    for n in range(20_000):
        (folder / f"{n % 100:02}" / f"{n}.csv").write_bytes(b"%d" % n)
    before = open_descriptors()
    found = manifest(folder)
    assert len(found) == 20_000
    assert [e.path for e in found] == sorted((e.path for e in found), key=str.encode)
    assert found[0].sha256 == hashlib.sha256(b"0").hexdigest()
    assert open_descriptors() <= before


def test_memory_does_not_grow_with_the_number_of_files(folder: Path) -> None:
    few, many = folder / "few", folder / "many"
    for place, count in ((few, 1_000), (many, 16_000)):
        for n in range(count):
            fill(place, {f"{n % 16:02}/{n}": b""}) if n < 16 else (
                place / f"{n % 16:02}" / str(n)
            ).touch()

    def peak(place: Path) -> int:
        with opened(place) as fd:
            tracemalloc.start()
            for _ in entries(fd, str(place)):
                pass
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peak

    peak(few)
    assert peak(many) < peak(few) + 300_000


def test_progress_is_told_at_the_end_and_never_goes_back(folder: Path) -> None:
    fill(folder, {f"{n}": b"x" * n for n in range(500)})
    told: list[tuple[int, int]] = []
    manifest(folder, progress=lambda files, count: told.append((files, count)))
    assert told == sorted(told)
    assert told[-1] == (500, sum(range(500)))


def test_progress_moves_while_one_large_file_is_read(folder: Path) -> None:
    with (folder / "large").open("wb") as file:
        file.truncate(2 << 30)
    halfway = threading.Event()
    told: list[int] = []

    def progress(files: int, count: int) -> None:
        told.append(count)
        if 0 < count < 2 << 30:
            halfway.set()

    with pytest.raises(Retryable, match="stopped before its end"):
        manifest(folder, progress=progress, stop=halfway.is_set)
    assert any(0 < count < 2 << 30 for count in told)


def test_stopping_ends_the_reading_and_closes_everything(folder: Path) -> None:
    fill(folder, {f"{n % 7}/{n}": b"x" for n in range(3000)})
    before = open_descriptors()
    with opened(folder) as fd:
        with pytest.raises(Retryable):
            survey(fd, str(folder), stop=lambda: True)
        with pytest.raises(Retryable):
            list(entries(fd, str(folder), stop=lambda: True))
    assert open_descriptors() <= before


def test_an_iteration_given_up_closes_everything(folder: Path) -> None:
    fill(folder, {f"{n % 50}/{n}": b"x" for n in range(3000)})
    before = open_descriptors()
    with opened(folder) as fd:
        iterator = entries(fd, str(folder))
        next(iterator)
        iterator.close()  # type: ignore[attr-defined]
    assert open_descriptors() <= before
    assert not [t for t in threading.enumerate() if t.name.startswith("excudit-hash")]
