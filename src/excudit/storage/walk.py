"""All files below a folder, in the order of the bytes of their paths, no symbolic link followed.

Every step is taken from an open folder (openat), so that nobody can exchange a part of the path
for a link while it is walked.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from excudit.domain.problem import Problem
from excudit.storage.findings import Findings
from excudit.storage.names import check_name, listing, shown
from excudit.storage.reach import FOLDER, unless_gone_for_all

DEEPEST = 200


@dataclass(slots=True)
class OpenFolder:
    """A folder that is open at `fd`; `path` is relative, "" or ending in "/", fit to be shown."""

    fd: int
    path: str
    depth: int
    changed_ns: int

    @classmethod
    def at(cls, fd: int, path: str, depth: int) -> OpenFolder:
        """The folder open at `fd`, which is closed by `leave`."""
        return cls(fd, path, depth, os.fstat(fd).st_mtime_ns)

    def leave(self, findings: Findings) -> None:
        """Close it. Notes a problem when names came or went since it was opened."""
        if self.fd < 0:
            return
        now = os.fstat(self.fd).st_mtime_ns
        self.close()
        if now != self.changed_ns:
            findings.add(
                Problem(
                    self.path.rstrip("/"),
                    "The folder changed while it was read: files were added, removed or renamed.",
                    "Wait until nothing writes there any more, then try again.",
                    rule="folder-changed",
                )
            )

    def close(self) -> None:
        """Close it without a look. Closed already = done."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file, by its name in the open `folder`; `path` is relative to the dataset."""

    folder: OpenFolder
    name: bytes
    path: str


@dataclass(frozen=True, slots=True)
class Left:
    """All files of `folder` have been told; who reads them last calls `folder.leave`."""

    folder: OpenFolder


def walk(
    fd: int, base: str, findings: Findings, *, skip: frozenset[str], go_on: Callable[[], None]
) -> Generator[Found | Left, None, None]:
    """The files below the folder open at `fd` (stays open); what cannot be published is noted.

    `base` is the folder's absolute path: it only tells a link that escapes from one that does
    not. Files whose relative path is in `skip` are passed over. Memory is bounded. The reader
    must call `leave` or `close` on the folder of every `Left`.
    """
    top = OpenFolder.at(os.dup(fd), "", 0)
    stack = [(top, listing(top.fd, go_on))]
    try:
        while stack:
            folder, names = stack[-1]
            name, kind = _next(names, folder, findings)
            if not kind:
                stack.pop()
                yield Left(folder)
                continue
            path = folder.path + shown(name)
            if path in skip:
                continue
            problem = check_name(name, path)
            if problem:
                findings.add(problem)
            if kind == "d":
                if below := _enter(folder, name, path, findings):
                    stack.append((below, listing(below.fd, go_on)))
            elif kind == "f":
                if not problem:
                    yield Found(folder, name, path)
            else:
                findings.add(_not_a_file(folder, name, path, base))
    finally:
        for folder, _ in stack:
            folder.close()


def _next(
    names: Iterator[tuple[bytes, str]], folder: OpenFolder, findings: Findings
) -> tuple[bytes, str]:
    try:
        return next(names, (b"", ""))
    except OSError as error:
        unless_gone_for_all(error, folder.path)
        findings.add(unreadable(folder.path.rstrip("/"), "folder", error))
        return (b"", "")


def _enter(folder: OpenFolder, name: bytes, path: str, findings: Findings) -> OpenFolder | None:
    if folder.depth >= DEEPEST:
        findings.add(
            Problem(
                path,
                f"Folders are nested more than {DEEPEST} deep here.",
                "Flatten them, or pack this part into one archive file.",
                rule="too-deep",
            )
        )
        return None
    try:
        fd = os.open(name, FOLDER, dir_fd=folder.fd)
    except OSError as error:
        unless_gone_for_all(error, path)
        findings.add(unreadable(path, "folder", error))
        return None
    return OpenFolder.at(fd, path + "/", folder.depth + 1)


def unreadable(path: str, what: str, error: OSError) -> Problem:
    """Why that file or folder could not be opened."""
    if isinstance(error, FileNotFoundError):
        return Problem(
            path,
            f"The {what} vanished while the dataset was read.",
            "Wait until nothing writes there any more, then try again.",
            rule="vanished",
        )
    if isinstance(error, PermissionError):
        return Problem(
            path,
            f"The {what} may not be read by the service.",
            "Give the service's user permission to read it, and to enter each folder above it.",
            rule="unreadable",
        )
    return Problem(
        path,
        f"The {what} cannot be read: {error.strerror}.",
        "Look whether something exchanged it meanwhile, or ask the system's administrator.",
        rule="unreadable",
    )


def _not_a_file(folder: OpenFolder, name: bytes, path: str, base: str) -> Problem:
    try:
        if stat.S_ISLNK(os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_mode):
            return _link(os.fsdecode(os.readlink(name, dir_fd=folder.fd)), folder, path, base)
    except OSError as error:
        return unreadable(path, "symbolic link", error)
    return Problem(
        path,
        "This is not a file but a device, a pipe or a socket, which cannot be published.",
        "Remove it.",
        rule="special-file",
    )


def _link(target: str, folder: OpenFolder, path: str, base: str) -> Problem:
    aim = posixpath.normpath(posixpath.join(base, folder.path, target))
    if aim == base or aim.startswith(base.rstrip("/") + "/"):
        return Problem(
            path,
            "This is a symbolic link; links are never followed, and would be lost.",
            "Replace it by a copy of what it points at, or remove it.",
            rule="symlink",
        )
    return Problem(
        path,
        "This symbolic link leads out of the dataset's folder.",
        "Copy what it points at into the folder, if it belongs to the dataset, or remove it.",
        rule="symlink-escapes",
    )
