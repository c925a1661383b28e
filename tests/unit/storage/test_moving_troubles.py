"""What gets in the way of a move: nothing is lost, nothing is overwritten, and a person is told."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from tests.unit.storage.moves import CONTENTS, SUMS, fill, found, leftovers, move

from excudit.domain.errors import (
    Conflict,
    Denied,
    Drifted,
    NeedsPerson,
    NotFound,
    Rejected,
    Retryable,
)
from excudit.domain.model import FileEntry
from excudit.storage.addresses import parse
from excudit.storage.bucket import S3Access
from excudit.storage.moving import Move
from excudit.storage.notes import FolderNotes
from object_stores import BUCKET, s3, s3_url

__all__ = ["s3", "s3_url"]
SHM = Path("/dev/shm")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    if not SHM.is_dir() or SHM.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    place = Path(tempfile.mkdtemp(dir=SHM))
    yield place
    shutil.rmtree(place, ignore_errors=True)


class Meddling:
    """Follows a copy, and does something once, when the time has come."""

    def __init__(self, deed: Callable[[], object], when: Callable[[], bool]) -> None:
        self._deed, self._when = deed, when

    def progress(self, done: int, total: int, unit: str) -> None:
        """Whatever it is told, it looks by itself."""

    def stop(self) -> bool:
        if self._when():
            deed, self._deed = self._deed, lambda: None
            deed()
        return False


@pytest.fixture(params=["renamed", "copied", "to S3"])
def to(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Access) -> str:
    if request.param == "copied":
        return str(request.getfixturevalue("elsewhere") / "there")
    if request.param == "to S3":
        return f"s3://{BUCKET}/{tmp_path.name}-{os.getpid()}-troubles/there"
    return str(tmp_path / "there")


def test_a_foreign_folder_at_the_destination_stays_and_so_does_ours(
    tmp_path: Path, to: str, s3: S3Access
) -> None:
    source = fill(tmp_path / "source")
    foreign = fill(tmp_path / "foreign")
    Move(FolderNotes(str(tmp_path / "j2")), "f", parse(str(foreign)), parse(to), s3).go()
    with pytest.raises(Conflict):
        move(tmp_path / "journal", source, to, s3).go()
    assert (found(source), found(to, s3)) == (SUMS, SUMS)


def test_an_empty_folder_at_the_destination_is_not_overwritten(tmp_path: Path) -> None:
    source = fill(tmp_path / "source")
    (tmp_path / "there").mkdir()
    with pytest.raises(Conflict):
        move(tmp_path / "journal", source, tmp_path / "there").go()
    assert found(source) == SUMS
    assert list((tmp_path / "there").iterdir()) == []


def test_a_destination_taken_while_the_copy_was_made_leaves_the_folder_at_home(
    tmp_path: Path, elsewhere: Path
) -> None:
    source, there = fill(tmp_path / "source"), elsewhere / "there"
    moving = move(tmp_path / "journal", source, there)
    meddling = Move(
        moving.journal,
        "m",
        moving.source,
        moving.destination,
        watch=Meddling(there.mkdir, (elsewhere / ".excudit-incoming-m").exists),
    )
    with pytest.raises(Conflict):
        meddling.go()
    assert found(source) == SUMS
    there.rmdir()
    moving.go()
    assert (found(source), found(there)) == (None, SUMS)
    assert leftovers(tmp_path, elsewhere) == []


def test_a_foreign_file_in_the_hidden_copy_is_told_and_kept(
    tmp_path: Path, elsewhere: Path
) -> None:
    source, there = fill(tmp_path / "source"), elsewhere / "there"
    foreign = elsewhere / ".excudit-incoming-m" / "foreign.txt"
    moving = move(tmp_path / "journal", source, there)
    watch = Meddling(lambda: foreign.write_text("whose?"), foreign.parent.exists)
    with pytest.raises(Conflict, match=r"foreign\.txt"):
        Move(moving.journal, "m", moving.source, moving.destination, watch=watch).go()
    assert (found(source), foreign.read_text()) == (SUMS, "whose?")
    with pytest.raises(NeedsPerson):
        moving.back()
    foreign.rename(elsewhere / "foreign.txt")
    moving.go()
    assert (found(source), found(there)) == (None, SUMS)


@pytest.mark.parametrize("far", ["copied", "to S3"])
def test_a_source_edited_while_it_is_copied_is_copied_anew(
    tmp_path: Path, elsewhere: Path, s3: S3Access, far: str
) -> None:
    source = fill(tmp_path / "source")
    to = elsewhere / "there" if far == "copied" else f"s3://{BUCKET}/{tmp_path.name}-edited/there"
    moving = move(tmp_path / "journal", source, to, s3)
    edited = partial((source / "README.md").write_bytes, b"# Other words\n")
    watch = Meddling(edited, lambda: "marks" in (moving.journal.read("moves/m") or {}))
    with pytest.raises(Retryable):
        Move(moving.journal, "m", moving.source, moving.destination, s3, watch=watch).go()
    assert source.is_dir()
    moving.go()
    assert found(source) is None
    after = found(to, s3)
    assert after is not None
    assert after["README.md"] != SUMS["README.md"]
    assert {k: v for k, v in after.items() if k != "README.md"} == {
        k: v for k, v in SUMS.items() if k != "README.md"
    }


def test_a_copy_that_is_not_what_was_approved_is_refused_and_the_original_stays(
    tmp_path: Path, elsewhere: Path
) -> None:
    source, there = fill(tmp_path / "source"), elsewhere / "there"
    approved = tuple(FileEntry(p, len(c), SUMS[p]) for p, c in sorted(CONTENTS.items()))
    (source / "a.b").write_bytes(b"sorts before the folder b")
    moving = move(tmp_path / "journal", source, there)
    with pytest.raises(Drifted) as caught:
        Move(moving.journal, "m", moving.source, moving.destination, files=approved).go()
    assert [p.where for p in caught.value.problems] == ["a.b"]
    assert source.is_dir()
    moving.back()
    assert leftovers(tmp_path, elsewhere) == []


@contextmanager
def little_room(place: Path) -> Iterator[Path]:
    """A file system with room for bytes but not for files; else files may not be large."""
    place.mkdir()
    options = "size=16m,nr_inodes=6"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0:
        try:
            yield place
        finally:
            subprocess.run(["umount", str(place)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        yield place
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_asks_a_person_and_the_folder_stays_whole(tmp_path: Path) -> None:
    source = fill(tmp_path / "source")
    with little_room(tmp_path / "small") as small:
        if small.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("no second file system to fill")
        moving = move(tmp_path / "journal", source, small / "there")
        with pytest.raises(NeedsPerson, match="room"):
            moving.go()
        assert found(source) == SUMS
        assert found(small / "there") is None
        subprocess.run(["mount", "-o", "remount,nr_inodes=100", str(small)], check=True)
        moving.go()
        assert (found(source), found(small / "there")) == (None, SUMS)


def test_room_is_looked_for_before_anything_is_copied(tmp_path: Path, elsewhere: Path) -> None:
    source = fill(tmp_path / "source")
    with (source / "sparse.bin").open("wb") as file:
        file.truncate(2**43)
    with pytest.raises(NeedsPerson, match="room"):
        move(tmp_path / "journal", source, elsewhere / "there").go()
    assert leftovers(elsewhere) == []


def test_a_place_that_may_not_be_written_is_told_and_nothing_moved(
    tmp_path: Path, without_privileges
) -> None:
    source = fill(tmp_path / "source")
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    for path in (tmp_path, *tmp_path.parents[:3]):
        path.chmod(0o755)
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal").chmod(0o777)
    with without_privileges(), pytest.raises(Denied):
        move(tmp_path / "journal", source, closed / "there").go()
    assert found(source) == SUMS
    assert list(closed.iterdir()) == []


def test_links_and_special_files_are_refused_before_a_copy(tmp_path: Path, elsewhere: Path) -> None:
    source = fill(tmp_path / "source")
    (source / "link").symlink_to("/etc/passwd")
    os.mkfifo(source / "pipe")
    with pytest.raises(Rejected) as caught:
        move(tmp_path / "journal", source, elsewhere / "there").go()
    assert {p.where for p in caught.value.problems} == {"link", "pipe"}
    assert leftovers(tmp_path, elsewhere) == []


def test_a_folder_that_vanished_or_was_exchanged_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        move(tmp_path / "journal", tmp_path / "nothing", tmp_path / "there").go()
    source = fill(tmp_path / "source")
    moving = move(tmp_path / "journal", source, tmp_path / "there")
    (tmp_path / "there").mkdir()
    with pytest.raises(Conflict):
        moving.go()
    (tmp_path / "there").rmdir()
    moving._note()  # as a process that died just after it had begun
    source.rename(tmp_path / "ours")
    fill(source)
    with pytest.raises(NeedsPerson):
        moving.go()
    assert (found(source), found(tmp_path / "ours")) == (SUMS, SUMS)


def test_owners_modes_times_and_attributes_travel_with_a_copy(
    tmp_path: Path, elsewhere: Path
) -> None:
    source = fill(tmp_path / "source")
    one = source / "a" / "one.csv"
    one.chmod(0o640)
    os.utime(one, ns=(1_000_000_000, 2_000_000_000))
    os.setxattr(one, "user.note", b"measured")
    (source / "empty").mkdir(mode=0o750)
    move(tmp_path / "journal", source, elsewhere / "there").go()
    there = elsewhere / "there" / "a" / "one.csv"
    state = there.stat()
    assert (oct(state.st_mode & 0o777), state.st_mtime_ns) == ("0o640", 2_000_000_000)
    assert os.getxattr(there, "user.note") == b"measured"
    assert (elsewhere / "there" / "empty").is_dir()
