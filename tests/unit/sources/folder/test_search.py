"""Finding folders by name and title."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from excudit.domain.model import SERVICE
from excudit.sources.folder import FolderSource
from excudit.sources.folder import search as search_room

Make = Callable[..., FolderSource]


def found(source: FolderSource, folder: Path, text: str, **options: int) -> list[str]:
    datasets = source.search(text, actor=SERVICE, **options)
    return [str(Path(dataset.ref).relative_to(folder)) for dataset in datasets]


@pytest.fixture
def shelf(folder: Path) -> Path:
    for name in ("ctd", "ctd-2024", "old-ctd", "moorings", "moorings/deep", ".hidden-ctd"):
        (folder / name).mkdir()
    (folder / "moorings" / "README.md").write_text("# CTD chains off Lofoten\n")
    (folder / "moorings" / "deep" / "datacite.yaml").write_text("titles: [{title: Ctd below}]\n")
    (folder / "file-ctd").touch()
    (folder / "link-ctd").symlink_to("ctd")
    return folder


def test_the_best_matches_come_first(source: FolderSource, shelf: Path) -> None:
    assert found(source, shelf, "CTD") == ["ctd", "ctd-2024", "old-ctd", "moorings"]


def test_search_goes_as_deep_as_the_settings_say(make: Make, shelf: Path) -> None:
    assert found(make(depth=2), shelf, "below") == ["moorings/deep"]
    assert found(make(depth=1), shelf, "below") == []


def test_words_in_a_text_that_are_not_in_the_title_do_not_match(
    source: FolderSource, shelf: Path
) -> None:
    (shelf / "ctd" / "README.md").write_text("# Profiles\n\nMade with a zooplankton net.\n")
    assert found(source, shelf, "zooplankton") == []


def test_no_text_lists_all_up_to_the_limit(source: FolderSource, shelf: Path) -> None:
    assert found(source, shelf, "") == ["ctd", "ctd-2024", "moorings", "old-ctd"]
    assert found(source, shelf, " ", limit=2) == ["ctd", "ctd-2024"]


def test_results_carry_their_title_and_no_files(source: FolderSource, shelf: Path) -> None:
    (dataset,) = source.search("lofoten", actor=SERVICE)
    assert dataset.title == "CTD chains off Lofoten"
    assert list(dataset.files) == []
    assert dataset.revision == ""


def test_folders_that_may_not_be_read_or_named_are_passed_over(
    source: FolderSource,
    shelf: Path,
    without_privileges: Callable[[], AbstractContextManager[None]],
) -> None:
    (shelf / "ctd").chmod(0)
    Path(os.fsdecode(os.fsencode(shelf) + b"/ctd\xff")).mkdir()
    with without_privileges():
        assert "ctd" not in found(source, shelf, "ctd")
    (shelf / "ctd").chmod(0o755)


def test_only_so_many_folders_are_looked_at(
    source: FolderSource, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_room, "MOST", 2)
    assert found(source, shelf, "") == ["ctd", "ctd-2024"]


def test_nothing_is_ready_by_itself(source: FolderSource, shelf: Path) -> None:
    assert list(source.ready()) == []
