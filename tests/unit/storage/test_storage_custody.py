"""Claims: one holder, names taken once, ancestors and descendants locked, rights given back; on
file systems and on S3, with a server that ignores conditional writes, too."""

from __future__ import annotations

import os
import stat
import struct
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.unit.storage.moves import SUMS, fill, found

from excudit.domain.errors import Conflict, ExcuditError, NeedsPerson, NotFound, Rejected, Retryable
from excudit.storage import acl
from excudit.storage.addresses import parse
from excudit.storage.area import Area
from excudit.storage.bucket import S3Access, bucket
from excudit.storage.custody import Custody
from excudit.storage.rights import Keep
from excudit.storage.s3_notes import BucketNotes
from object_stores import BUCKET, access, careless, s3, s3_url

__all__ = ["s3", "s3_url"]
NOBODY = 65534


@pytest.fixture(params=["on disk", "on S3"])
def custody(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Access) -> Custody:
    (tmp_path / "staging").mkdir()
    (tmp_path / "curated").mkdir()
    staging = str(tmp_path / "staging")
    if request.param == "on S3":
        staging = f"s3://{BUCKET}/{uuid.uuid4().hex}"
    return Custody(Area(parse(staging), s3), Area(parse(str(tmp_path / "curated"))))


def on_disk(place: Path, keep: Keep = "revoke", curators: str = "") -> Custody:
    (place / "staging").mkdir(exist_ok=True)
    return Custody(Area(parse(str(place / "staging"))), None, keep, curators)


def modes(folder: Path) -> dict[str, tuple[int, int]]:
    every = (folder, *folder.rglob("*"))
    return {str(p.relative_to(folder)): (p.stat().st_mode, p.stat().st_uid) for p in every}


def test_a_folder_goes_to_staging_and_comes_back_as_it_was(
    custody: Custody, tmp_path: Path, s3: S3Access
) -> None:
    home = fill(tmp_path / "home" / "buoys")
    (home / "README.md").chmod(0o640)
    before, place = modes(home), parse(str(home))
    for _ in range(2):
        staged = custody.take(place, "k1")
    assert (found(home), found(staged, s3)) == (None, SUMS)
    assert custody.standing(place) == staged == custody.place(place, "k1")
    for _ in range(2):
        custody.give_back(place, "k1")
    assert (found(home), found(staged, s3)) == (SUMS, None)
    assert modes(home) == before
    assert custody.standing(place) == place
    with pytest.raises(NotFound):
        custody.place(place, "k1")


def test_a_folder_in_flight_and_those_above_and_below_it_are_locked(
    custody: Custody, tmp_path: Path
) -> None:
    home = fill(tmp_path / "home" / "buoys")
    custody.take(parse(str(home / "a")), "k1")
    for other, key in ((home, "k2"), (home / "a", "k2"), (home / "a" / "deep", "k2")):
        with pytest.raises(Conflict) as caught:
            custody.take(parse(str(other)), key)
        assert caught.value.problems[0].rule == "folder-in-flight"
    custody.give_back(parse(str(home / "a")), "k1")
    custody.take(parse(str(home)), "k2")


@pytest.mark.parametrize("name", ["buoys", "BUOYS"])
def test_names_are_taken_in_staging_and_in_the_curated_area(
    custody: Custody, tmp_path: Path, name: str
) -> None:
    first, second = fill(tmp_path / "home" / "buoys"), fill(tmp_path / "more" / name)
    custody.take(parse(str(first)), "k1")
    with pytest.raises(Conflict) as caught:
        custody.take(parse(str(second)), "k2")
    assert caught.value.problems[0].rule == "name-in-staging"
    custody.give_back(parse(str(first)), "k1")
    (tmp_path / "curated" / "buoys").mkdir()
    with pytest.raises(Conflict) as caught:
        custody.take(parse(str(second)), "k2")
    assert caught.value.problems[0].rule == "name-in-curated"
    assert (found(first), found(second)) == (SUMS, SUMS)


def test_of_many_that_race_for_one_name_one_wins_and_the_others_stay_at_home(
    custody: Custody, tmp_path: Path, s3: S3Access
) -> None:
    homes = [fill(tmp_path / f"home-{n}" / "buoys") for n in range(6)]

    def take(n: int) -> ExcuditError | None:
        try:
            custody.take(parse(str(homes[n])), f"k{n}")
        except ExcuditError as error:
            return error
        return None

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(take, range(6)))
    assert [type(e) for e in told].count(type(None)) == 1
    assert all(isinstance(e, Conflict | Retryable) for e in told if e)
    assert sum(found(h) == SUMS for h in homes) == 5
    assert found(custody.staging.address / "buoys", s3) == SUMS


def test_an_old_place_that_is_taken_asks_a_person(
    custody: Custody, tmp_path: Path, s3: S3Access
) -> None:
    home = fill(tmp_path / "home" / "buoys")
    staged = custody.take(parse(str(home)), "k1")
    home.mkdir()
    with pytest.raises(NeedsPerson):
        custody.give_back(parse(str(home)), "k1")
    assert found(staged, s3) == SUMS
    home.rmdir()
    custody.give_back(parse(str(home)), "k1")
    assert (found(home), found(staged, s3)) == (SUMS, None)


def test_a_file_with_a_second_name_is_refused_and_nothing_is_claimed(tmp_path: Path) -> None:
    custody, home = on_disk(tmp_path), fill(tmp_path / "home" / "buoys")
    os.link(home / "README.md", tmp_path / "home" / "other")
    with pytest.raises(Rejected) as caught:
        custody.take(parse(str(home)), "k1")
    assert [p.rule for p in caught.value.problems] == ["hard-link"]
    (tmp_path / "home" / "other").unlink()
    custody.take(parse(str(home)), "k2")


@pytest.fixture
def owned(folder: Path) -> Iterator[Path]:
    """A folder of somebody else, whom an access list lets a third read it."""
    if os.geteuid() != 0:
        pytest.skip("only the superuser gives files away")
    home = fill(folder / "home" / "buoys")
    for path in (home, *home.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    bits = [acl.Entry(acl.USER, 4321, 4), *acl.of_mode(0o640)]
    packed = acl.pack(bits)
    assert packed is not None
    if not acl.kept_at(str(home)):
        pytest.skip("this file system keeps no access lists")
    os.setxattr(home / "README.md", acl.ACCESS, packed)
    return home


@pytest.mark.parametrize(
    ("keep", "mode", "named"),
    [
        ("revoke", 0o600, []),
        ("read", 0o640, [(4321, 4), (NOBODY, 4)]),
        ("write", 0o640, [(4321, 4)]),
    ],
)
def test_what_the_owner_and_others_keep_is_as_configured_and_given_back(
    folder: Path, owned: Path, keep: Keep, mode: int, named: list[tuple[int, int]]
) -> None:
    custody = on_disk(folder, keep)
    before, listed = modes(owned), os.getxattr(owned / "README.md", acl.ACCESS)
    staged = Path(custody.take(parse(str(owned)), "k1").path)
    told = staged / "README.md"
    assert stat.S_IMODE(told.stat().st_mode) == mode
    assert told.stat().st_uid == (NOBODY if keep == "write" else 0)
    held = acl.read(os.open(told, os.O_RDONLY), acl.ACCESS)
    users = [(e.id, e.perm) for e in acl.unpack(held) if e.tag == acl.USER] if held else []
    assert users == named
    custody.give_back(parse(str(owned)), "k1")
    assert modes(owned) == before
    assert os.getxattr(owned / "README.md", acl.ACCESS) == listed


def test_curators_may_do_everything_while_it_is_judged(folder: Path, owned: Path) -> None:
    staged = Path(on_disk(folder, "revoke", "nogroup").take(parse(str(owned)), "k1").path)
    held = acl.unpack(os.getxattr(staged / "README.md", acl.ACCESS))
    assert [(e.id, e.perm) for e in held if e.tag == acl.GROUP] == [(NOBODY, 6)]


def test_a_stranger_can_no_longer_write_what_is_judged(
    folder: Path, owned: Path, without_privileges
) -> None:
    staged = Path(on_disk(folder, "read").take(parse(str(owned)), "k1").path)
    for above in (folder, folder / "staging"):
        above.chmod(0o755)
    with without_privileges():
        assert (staged / "README.md").read_bytes() == b"# Buoys\n"
        with pytest.raises(PermissionError):
            (staged / "README.md").write_bytes(b"changed")
        with pytest.raises(PermissionError):
            (staged / "README.md").chmod(0o666)


def test_permissions_that_are_taken_and_not_kept_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    custody, home = on_disk(tmp_path), fill(tmp_path / "home" / "buoys")
    monkeypatch.setattr(os, "fchmod", lambda fd, mode: None)  # as some network shares do
    with pytest.raises(NeedsPerson):
        custody.take(parse(str(home)), "k1")
    monkeypatch.undo()
    custody.take(parse(str(home)), "k1")
    custody.give_back(parse(str(home)), "k1")
    assert found(home) == SUMS


def test_lists_are_packed_as_the_kernel_has_them() -> None:
    packed = acl.pack([acl.Entry(acl.USER, 7, 5), *acl.of_mode(0o640)])
    assert packed is not None
    assert packed[:4] == struct.pack("<I", 2)
    assert [struct.unpack_from("<H", packed, at)[0] for at in range(4, len(packed), 8)] == [
        0x01, 0x02, 0x04, 0x10, 0x20,
    ]  # fmt: skip
    assert acl.mode_of(acl.unpack(packed)) == 0o650
    assert acl.pack(acl.of_mode(0o640)) is None


def test_a_store_that_ignores_conditional_writes_is_noticed_and_names_are_taken_once(
    s3: S3Access,
) -> None:
    with careless(s3.endpoint) as url:
        address = parse(f"s3://{BUCKET}/{uuid.uuid4().hex}")
        area = Area(address, access(url))
        assert [p.rule for p in area.probe("/root")] == ["storage.conditions"]
        assert not BucketNotes(bucket(BUCKET, access(url)), "probe").honours_conditions()

        def reserve(n: int) -> str:
            for _ in range(50):
                try:
                    Area(address, access(url)).reserve("buoys", f"k{n}")
                except Retryable:
                    continue
                except Conflict:
                    return ""
                return f"k{n}"
            return ""

        with ThreadPoolExecutor(4) as pool:
            won = [key for key in pool.map(reserve, range(4)) if key]
        assert len(won) <= 1
        assert area.holder("buoys") == (won[0] if won else "")
    assert [p.rule for p in Area(address, s3).probe("/root")] == []


def test_folders_that_cannot_be_used_are_told_by_doctor(tmp_path: Path) -> None:
    assert [p.rule for p in Area(parse(str(tmp_path / "no"))).probe("/root")] == ["storage.area"]
    assert list(Area(parse(str(tmp_path))).probe("/root")) == []
