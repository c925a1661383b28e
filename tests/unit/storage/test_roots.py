"""Only what lies below the roots is ever opened, whatever the reference looks like."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.unit.storage.places import open_descriptors

from excudit.domain.errors import Denied, ExcuditError, NotFound, Rejected, Unavailable
from excudit.storage.roots import Roots, open_below


def reach(roots: Roots, ref: str) -> list[str]:
    with roots.open(ref) as fd:
        return sorted(entry.name for entry in os.scandir(fd))


@pytest.fixture
def root(folder: Path) -> Path:
    (folder / "root" / "cruise" / "raw").mkdir(parents=True)
    (folder / "root" / "cruise" / "a.csv").touch()
    (folder / "secret" / "inner").mkdir(parents=True)
    (folder / "root" / "way-out").symlink_to("../secret")
    (folder / "root" / "loop").symlink_to("loop")
    (folder / "rootless").mkdir()
    return folder / "root"


def test_folders_below_a_root_and_the_root_itself_are_reached(root: Path) -> None:
    roots = Roots([root])
    assert reach(roots, f"{root}/cruise") == ["a.csv", "raw"]
    assert reach(roots, f"{root}//cruise/./raw/") == []
    assert "cruise" in reach(roots, str(root))


def test_a_root_may_be_a_link_and_both_names_lead_there(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    roots = Roots([link])
    assert reach(roots, f"{link}/cruise") == reach(roots, f"{root}/cruise") == ["a.csv", "raw"]


@pytest.mark.parametrize(
    "ref",
    [
        "{base}/secret",
        "{base}/nothing-here",
        "{base}/rootless",
        "{root}/../secret",
        "{root}/cruise/../../secret",
        "{root}/way-out",
        "{root}/way-out/inner",
        "{root}/way-out/nothing-here",
        "{root}/loop",
        "{root}/cruise\0/raw",
        "cruise",
        "",
        "/",
    ],
)
def test_what_lies_outside_is_denied_in_the_same_words(root: Path, ref: str) -> None:
    ref = ref.format(root=root, base=root.parent)
    with pytest.raises(ExcuditError) as refused:
        reach(Roots([root]), ref)
    if "\0" in ref:
        assert refused.value.kind == "Rejected"
        return
    assert type(refused.value) is Denied
    assert refused.value.message == f"{ref} is not in a folder that this source may read."
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_link_put_in_the_place_of_a_folder_is_not_followed(root: Path) -> None:
    roots = Roots([root])
    assert reach(roots, f"{root}/cruise/raw") == []
    (root / "cruise").rename(root / "moved")
    (root / "cruise").symlink_to("../secret")
    with pytest.raises(Denied):
        reach(roots, f"{root}/cruise/inner")


def test_a_folder_that_vanished_is_not_found(root: Path) -> None:
    with pytest.raises(NotFound, match="There is no folder") as refused:
        reach(Roots([root]), f"{root}/cruise/gone/deeper")
    assert refused.value.hint


def test_a_file_is_no_folder(root: Path) -> None:
    with pytest.raises(Rejected) as refused:
        reach(Roots([root]), f"{root}/cruise/a.csv")
    assert [p.rule for p in refused.value.problems] == ["not-a-folder"]


def test_a_folder_that_may_not_be_entered_says_so(
    root: Path, without_privileges: Callable[[], AbstractContextManager[None]]
) -> None:
    (root / "cruise").chmod(0)
    with without_privileges(), pytest.raises(Rejected) as refused:
        reach(Roots([root]), f"{root}/cruise")
    (root / "cruise").chmod(0o755)
    assert [p.rule for p in refused.value.problems] == ["unreadable"]


def test_a_root_that_is_away_is_no_fault_of_the_dataset(root: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be opened"):
        reach(Roots([root / "unmounted"]), f"{root}/unmounted/cruise")


def test_a_reference_that_is_not_utf8_is_told_escaped(root: Path) -> None:
    with pytest.raises(Rejected, match=r"caf\\xe9"):
        reach(Roots([root]), os.fsdecode(os.fsencode(root) + b"/caf\xe9"))


def test_nothing_stays_open_after_success_or_failure(root: Path) -> None:
    before = open_descriptors()
    roots = Roots([root])
    reach(roots, f"{root}/cruise/raw")
    for ref in ("cruise/gone", "way-out/x", "cruise/a.csv"):
        with pytest.raises(ExcuditError):
            reach(roots, f"{root}/{ref}")
    assert open_descriptors() == before


@pytest.mark.parametrize("path", ["", "/etc/passwd", "a//b", "../x", "a/../b", ".", "a\0b"])
def test_a_file_path_that_climbs_is_no_path(root: Path, path: str) -> None:
    with Roots([root]).open(str(root)) as fd, pytest.raises(ValueError, match="not a path below"):
        open_below(fd, path)
