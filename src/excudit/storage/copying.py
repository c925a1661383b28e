"""Copying a folder's files into another folder, whatever the two stand on.

What is there with the same size and time of change is not copied again. Nothing here is trusted:
who copies compares every file with what it should be, read back.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from excudit.domain.errors import Conflict, NeedsPerson, NotFound
from excudit.storage.bucket import PART
from excudit.storage.folders import DiskFolder, Folder
from excudit.storage.reading import Reading
from excudit.storage.s3_folder import BucketFolder
from excudit.storage.troubles import telling

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE = 8 * 1024 * 1024
# the service of objects copies by itself up to this size
_COPIED_WHOLE = 5 * 1000**3


def fill(source: Folder, copy: Folder, reading: Reading) -> None:
    """Copy every file of `source` into `copy`. Raises NeedsPerson when the disk is full, Denied,
    Unavailable, Retryable when the reading was stopped."""
    if isinstance(source, DiskFolder) and isinstance(copy, DiskFolder):
        with telling("copied", source.address.plain):
            _Tree(source.address.path, copy.address.path, reading).copy()
        return
    for path, size in _listed(source):
        reading.go_on()
        if not _has(copy, path, size):
            _send(source, copy, path, size, reading)
        reading.finished(1)


def _listed(folder: Folder) -> Iterator[tuple[str, int]]:
    if isinstance(folder, BucketFolder):
        for path, found in folder.listed():
            yield path, found.size
        return
    root = folder.address.path
    for here, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = os.path.relpath(os.path.join(here, name), root)
            yield path, folder.size(path)


def _has(folder: Folder, path: str, size: int) -> bool:
    try:
        return folder.size(path) == size
    except OSError:
        return False


def _send(source: Folder, copy: Folder, path: str, size: int, reading: Reading) -> None:
    if isinstance(copy, BucketFolder):
        if isinstance(source, BucketFolder) and _whole(source, copy, size):
            copy.bucket.copy(source.key(path), copy.key(path))
            reading.read(size)
            return
        with source.open(path) as stream:
            copy.bucket.send(copy.key(path), _pieces(stream, reading))
        return
    target = os.path.join(copy.address.path, path)
    with telling("copied", target), source.open(path) as stream:
        os.makedirs(os.path.dirname(target), 0o700, exist_ok=True)
        with open(os.open(target, _WRITE, 0o600), "wb") as file:
            file.writelines(_pieces(stream, reading))


def _whole(source: BucketFolder, copy: BucketFolder, size: int) -> bool:
    return source.bucket is copy.bucket and size < _COPIED_WHOLE


def _pieces(stream: BinaryIO, reading: Reading) -> Iterator[bytes]:
    while piece := stream.read(PART):
        reading.read(len(piece))
        yield piece


@dataclass(frozen=True, slots=True)
class _Tree:
    """A folder copied on file systems with owners, modes, access lists, attributes and times."""

    source: str
    copied: str
    reading: Reading

    def copy(self) -> None:
        """Folders first, each with its files, then what is known of folders, inmost first."""
        for here, folders, files, fd in os.fwalk(self.source, follow_symlinks=False):
            below = os.path.relpath(here, self.source)
            there = self.copied if below == "." else os.path.join(self.copied, below)
            for name in folders:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(os.path.join(there, name), 0o700)
            for name in files:
                self.reading.go_on()
                self._file(fd, name, os.path.join(there, name))
            self.reading.finished(len(files))
        for here, _, _, fd in os.fwalk(self.source, topdown=False, follow_symlinks=False):
            below = os.path.relpath(here, self.source)
            there = self.copied if below == "." else os.path.join(self.copied, below)
            _dress(fd, there, os.O_RDONLY | os.O_DIRECTORY)

    def _file(self, folder: int, name: str, target: str) -> None:
        fd = os.open(name, _READ, dir_fd=folder)
        try:
            state = os.fstat(fd)
            if _same(state, target):
                return
            with open(os.open(target, _WRITE, 0o600), "wb", buffering=0) as file:
                done = 0
                while count := os.sendfile(file.fileno(), fd, done, _PIECE):
                    done += count
                    self.reading.read(count)
            _dress(fd, target, os.O_RDONLY)
        finally:
            os.close(fd)


def _same(state: os.stat_result, target: str) -> bool:
    try:
        there = os.lstat(target)
    except FileNotFoundError:
        return False
    return (
        stat.S_ISREG(there.st_mode)
        and (there.st_size, there.st_mtime_ns) == (state.st_size, state.st_mtime_ns)
    )  # fmt: skip


def _dress(fd: int, target: str, flags: int) -> None:
    """Give the copy what the original has: owner where we may, mode, lists, attributes, times."""
    state = os.fstat(fd)
    copy = os.open(target, flags | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.geteuid() == 0:
            os.fchown(copy, state.st_uid, state.st_gid)
        os.fchmod(copy, stat.S_IMODE(state.st_mode))
        for name in os.listxattr(fd):
            if name.startswith(("user.", "system.posix_acl_")):
                with contextlib.suppress(OSError):  # a file system without them; read back later
                    os.setxattr(copy, name, os.getxattr(fd, name))
        os.utime(copy, ns=(state.st_atime_ns, state.st_mtime_ns))
    finally:
        os.close(copy)


def clear(copy: Folder, source: Folder, reading: Reading) -> None:
    """Remove from an unfinished copy what `source` has, too, and the copy itself when it is empty
    then. Raises NeedsPerson for what is not ours; it stays."""
    if isinstance(copy, BucketFolder):
        copy.bucket.delete([found.key for path, found in copy.listed() if _there(source, path)])
        left = next((path for path, _ in copy.listed()), "")
    else:
        left = _clear_disk(copy.address.path, source, reading)
    if left:
        raise NeedsPerson(
            f"Whose is {left} in {copy.address.plain}? excudit did not put it there.",
            hint="Take it away, then retry.",
        )


def _there(folder: Folder, path: str) -> bool:
    try:
        folder.size(path)
    except (OSError, NotFound):
        return False
    return True


def _clear_disk(root: str, source: Folder, reading: Reading) -> str:
    left = ""
    with telling("removed", root):
        for here, _, files in os.walk(root, topdown=False):
            for name in files:
                reading.go_on()
                path = os.path.relpath(os.path.join(here, name), root)
                if _there(source, path):
                    os.unlink(os.path.join(here, name))
                else:
                    left = path
            with contextlib.suppress(OSError):
                os.rmdir(here)
    return left


def erase(folder: Folder, reading: Reading) -> None:
    """Remove a folder with everything in it. Absent = done."""
    if isinstance(folder, BucketFolder):
        while keys := [found.key for found in islice(folder.bucket.below(folder.prefix), 500)]:
            reading.go_on()
            folder.bucket.delete(keys)
        return
    root = folder.address.path
    with telling("removed", root):
        for here, folders, files in os.walk(root, topdown=False):
            reading.go_on()
            for name in files:
                os.unlink(os.path.join(here, name))
            for name in folders:
                path = os.path.join(here, name)
                os.unlink(path) if os.path.islink(path) else os.rmdir(path)
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(root)


def room(source: Folder, at: str, bytes_needed: int) -> None:
    """Raises NeedsPerson unless a tenth more than the folder holds is free where it shall go."""
    free = os.statvfs(at)
    if free.f_bavail * free.f_frsize < bytes_needed * 1.1:
        raise NeedsPerson(
            f"Is there room now? {source.address.plain} holds {bytes_needed:,} bytes, and "
            f"{free.f_bavail * free.f_frsize:,} are free at {at}.",
            hint="Make room on that disk, then retry. Nothing was moved.",
        )


def taken(place: str) -> Conflict:
    """That something stands where a folder should go."""
    return Conflict(
        f"Something else stands at {place}.",
        hint="Move it away or choose another name, then retry. Nothing was lost.",
    )
