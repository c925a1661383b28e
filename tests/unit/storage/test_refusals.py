"""What cannot be published is named, all at once, with how to mend it."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.unit.storage.places import opened, refusal

from excudit.domain.errors import Rejected
from excudit.domain.problem import Problem
from excudit.storage.findings import SHOWN
from excudit.storage.manifest import entries, survey
from excudit.storage.walk import DEEPEST

Block = Callable[[], AbstractContextManager[None]]


def rules(error: Rejected) -> set[tuple[str, str]]:
    return {(p.where, p.rule) for p in error.problems}


def test_links_are_never_followed_and_say_whether_they_escape(folder: Path) -> None:
    (folder / "real").write_text("x")
    (folder / "sub").mkdir()
    for name, aim in {
        "inside": "real",
        "sub/up": "../real",
        "absolute": str(folder / "real"),
        "dangling": "nothing",
        "escape": "/etc/passwd",
        "sub/climb": "../../elsewhere",
        "tree": "/etc",
        "sibling": f"{folder}-other/x",
    }.items():
        (folder / name).symlink_to(aim)
    assert rules(refusal(folder)) == {
        ("inside", "symlink"),
        ("sub/up", "symlink"),
        ("absolute", "symlink"),
        ("dangling", "symlink"),
        ("escape", "symlink-escapes"),
        ("sub/climb", "symlink-escapes"),
        ("tree", "symlink-escapes"),
        ("sibling", "symlink-escapes"),
    }


def test_the_target_of_an_escaping_link_is_not_told(folder: Path) -> None:
    (folder / "escape").symlink_to("/etc/shadow-secret")
    assert "shadow" not in str(refusal(folder).as_data())


def test_pipes_sockets_and_devices_are_refused_without_waiting(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket"))
        expected = {("pipe", "special-file"), ("socket", "special-file")}
        if os.geteuid() == 0:
            os.mknod(folder / "null", 0o020600, os.makedev(1, 3))
            expected.add(("null", "special-file"))
        assert rules(refusal(folder)) == expected


def test_a_file_that_becomes_a_pipe_after_it_was_listed_does_not_hang(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / name).touch()
    exchanged = threading.Event()

    def exchange() -> bool:
        if not exchanged.is_set() and threading.current_thread() is threading.main_thread():
            exchanged.set()
            (folder / "b").unlink()
            os.mkfifo(folder / "b")
        return False

    with opened(folder) as fd, pytest.raises(Rejected) as refused:
        # the first question comes while the folder is being listed
        survey(fd, str(folder), stop=exchange)
    assert "b" in {p.where for p in refused.value.problems}


def test_names_that_are_not_utf8_are_shown_escaped(folder: Path) -> None:
    (Path(os.fsdecode(os.fsencode(folder) + b"/sk\xf8n"))).mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/sk\xf8n/caf\xe9.csv")).touch()
    assert rules(refusal(folder)) == {
        ("sk\\xf8n", "name-not-utf8"),
        ("sk\\xf8n/caf\\xe9.csv", "name-not-utf8"),
    }


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb", "a\\nb"),
        ("a\x1b[31m", "a\\x1b[31m"),
        ("a\x7f", "a\\x7f"),
        ("a\x85b", "a\\x85b"),
        ("gnp\u202e.exe", "gnp\\u202e.exe"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_names_with_control_characters_are_shown_escaped(
    folder: Path, name: str, shown: str
) -> None:
    (folder / name).touch()
    assert rules(refusal(folder)) == {(shown, "name-control-characters")}


def test_unreadable_files_and_folders_are_named_together(
    folder: Path, without_privileges: Block
) -> None:
    for name in ("secret.csv", "closed/x", "no-entry/y", "fine.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    (folder / "secret.csv").chmod(0)
    (folder / "closed").chmod(0)
    (folder / "no-entry").chmod(0o744)
    with without_privileges():
        refused = refusal(folder)
    for name in ("closed", "no-entry"):
        (folder / name).chmod(0o755)
    assert rules(refused) == {
        ("secret.csv", "unreadable"),
        ("closed", "unreadable"),
        ("no-entry/y", "unreadable"),
    }
    assert all(p.mend for p in refused.problems)


def test_a_file_that_grows_while_it_is_read_is_named(folder: Path) -> None:
    (folder / "growing").write_bytes(b"x" * (4 << 20))
    (folder / "still").write_bytes(b"x")
    problem = refusal_while(folder, lambda: append(folder / "growing"))
    assert problem == ("growing", "file-changed")


def test_a_file_that_is_rewritten_with_the_same_size_is_named(folder: Path) -> None:
    path = folder / "rewritten"
    path.write_bytes(b"x" * (4 << 20))
    os.utime(path, ns=(10**18, 10**18))
    assert refusal_while(folder, lambda: overwrite(path)) == ("rewritten", "file-changed")


def test_a_file_that_shrinks_while_it_is_read_is_named(folder: Path) -> None:
    path = folder / "shrinking"
    path.write_bytes(b"x" * (4 << 20))
    assert refusal_while(folder, lambda: os.truncate(path, 1 << 20)) == (path.name, "file-changed")


def test_a_file_that_is_exchanged_while_it_is_read_is_named(folder: Path) -> None:
    path = folder / "exchanged"
    path.write_bytes(b"x" * (4 << 20))
    (folder.with_name(folder.name + ".new")).write_bytes(b"y" * (4 << 20))
    exchanged = refusal_while(
        folder, lambda: folder.with_name(folder.name + ".new").replace(path), "exchanged"
    )
    assert exchanged == ("exchanged", "file-changed")


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"other")


def refusal_while(
    folder: Path, change: Callable[[], object], where: str | None = None
) -> tuple[str, str]:
    """The one problem that another thread causes, once the first chunk of a file was read."""
    reading, changed = threading.Event(), threading.Event()

    def writer() -> None:
        assert reading.wait(30)
        change()
        changed.set()

    def stop() -> bool:
        if threading.current_thread().name.startswith("excudit-hash"):
            reading.set()
            assert changed.wait(30)
        return False

    thread = threading.Thread(target=writer)
    thread.start()
    with opened(folder) as fd, pytest.raises(Rejected) as refused:
        list(entries(fd, str(folder), stop=stop))
    thread.join()
    problems = [p for p in refused.value.problems if where in (None, p.where)]
    (problem,) = problems
    return problem.where, problem.rule


def between_listing_and_reading(folder: Path, change: Callable[[], object]) -> tuple[Problem, ...]:
    """The problems when `change` happens after the folder's names were listed."""
    with opened(folder) as fd:
        told = entries(fd, str(folder))
        next(told)
        change()
        with pytest.raises(Rejected) as refused:
            list(told)
    return refused.value.problems


def test_files_that_vanish_and_folders_that_change_are_named(folder: Path) -> None:
    for n in range(2000):
        (folder / f"{n:04}").touch()
    problems = between_listing_and_reading(folder, (folder / "1999").unlink)
    assert {(p.where, p.rule) for p in problems} == {("1999", "vanished"), ("", "folder-changed")}


def test_a_folder_removed_while_it_is_read_is_told(folder: Path) -> None:
    (folder / "sub").mkdir()
    for n in range(2000):
        (folder / "sub" / f"{n:04}").touch()
    problems = between_listing_and_reading(folder, lambda: shutil.rmtree(folder / "sub"))
    assert {p.rule for p in problems} == {"vanished", "more-problems"}
    assert "2 × folder-changed" in problems[-1].message


def test_folders_nested_too_deep_are_named(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(DEEPEST + 1):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (problem,) = refusal(folder).problems
    assert problem.rule == "too-deep"


def test_all_problems_come_at_once_but_only_a_hundred_are_listed(folder: Path) -> None:
    for n in range(SHOWN + 20):
        (folder / f"link{n:03}").symlink_to("x")
    os.mkfifo(folder / "zpipe")
    refused = refusal(folder)
    assert "121 problems" in refused.message
    assert len(refused.problems) == SHOWN + 1
    assert refused.problems[-1].message == (
        "21 more problems of the same kinds are not listed here (1 × special-file, 20 × symlink)."
    )
