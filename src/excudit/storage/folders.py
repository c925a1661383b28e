"""A folder wherever it stands: on a file system, or as the objects below a prefix of a bucket."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from excudit.domain.errors import Rejected
from excudit.domain.model import FileEntry
from excudit.domain.problem import Problem
from excudit.storage import manifest
from excudit.storage.addresses import Address, parse
from excudit.storage.bucket import S3Access, bucket
from excudit.storage.findings import Findings
from excudit.storage.manifest import Survey
from excudit.storage.reading import Progress, Stop, never, unheard
from excudit.storage.renaming import opened_folder
from excudit.storage.roots import open_below
from excudit.storage.s3_folder import BucketFolder
from excudit.storage.small_files import read_small, write_small
from excudit.storage.troubles import telling
from excudit.storage.walk import Left, walk

Reach = Callable[[], AbstractContextManager[int]]


class Folder(Protocol):
    """Files by relative paths, as `FileEntry.path` writes them. Raises as `storage.manifest`."""

    address: Address

    def exists(self) -> bool:
        """Whether anything is there."""
        ...

    def survey(self, *, skip: frozenset[str] = frozenset(), stop: Stop = never) -> Survey:
        """As `manifest.survey`."""
        ...

    def entries(
        self,
        *,
        skip: frozenset[str] = frozenset(),
        progress: Progress = unheard,
        stop: Stop = never,
        threads: int = 0,
    ) -> Iterator[FileEntry]:
        """As `manifest.entries`: every file hashed, streamed, in the order of paths."""
        ...

    def open(self, path: str, *, offset: int = 0) -> BinaryIO:
        """The bytes of one file. The caller closes it. Raises OSError, ValueError for a path that
        leads out."""
        ...

    def size(self, path: str) -> int:
        """Bytes of one file. Raises OSError."""
        ...

    def peek(self, path: str, most: int) -> bytes | None:
        """At most `most` bytes of a file; None without one that can be read."""
        ...

    def write(self, path: str, content: bytes | Iterable[bytes]) -> None:
        """Write or replace a file of ours directly in the folder, whole or not at all, durable.
        Raises Denied, NeedsPerson when the disk is full."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file. Absent = done."""
        ...

    def sizes(self, skip: frozenset[str] = frozenset()) -> Iterator[tuple[str, int]]:
        """Paths and sizes of all files, in the order of paths, nothing read."""
        ...

    def marks(self, stop: Stop = never) -> str:
        """A digest of paths, sizes and times of change: equal while nobody wrote there."""
        ...


class DiskFolder:
    """A folder on a file system; `reach` opens it where the way to it is not trusted."""

    def __init__(self, address: Address, reach: Reach | None = None) -> None:
        self.address = address
        self._path = address.path
        self._reach = reach or (lambda: opened_folder(self._path))

    def exists(self) -> bool:
        return os.path.lexists(self._path)

    def enter(self) -> None:
        """Raises as the way to it does when it is not there or cannot be opened."""
        with telling("opened", self._path), self._opened():
            return

    def survey(self, *, skip: frozenset[str] = frozenset(), stop: Stop = never) -> Survey:
        with self._opened() as fd:
            return manifest.survey(fd, self._path, skip=skip, stop=stop)

    def entries(
        self,
        *,
        skip: frozenset[str] = frozenset(),
        progress: Progress = unheard,
        stop: Stop = never,
        threads: int = 0,
    ) -> Iterator[FileEntry]:
        with self._opened() as fd:
            yield from manifest.entries(
                fd, self._path, skip=skip, progress=progress, stop=stop, threads=threads
            )

    def open(self, path: str, *, offset: int = 0) -> BinaryIO:
        with self._opened() as fd:
            file = open_below(fd, path)
        file.seek(offset)
        return file

    def size(self, path: str) -> int:
        with self.open(path) as file:
            return os.fstat(file.fileno()).st_size

    def peek(self, path: str, most: int) -> bytes | None:
        with self._opened() as fd:
            return read_small(fd, path, most)

    def write(self, path: str, content: bytes | Iterable[bytes]) -> None:
        with telling("written", f"{self._path}/{path}"), self._opened() as fd:
            write_small(fd, path, content)

    def remove(self, path: str) -> None:
        with telling("removed", f"{self._path}/{path}"):
            try:
                os.unlink(os.path.join(self._path, path))
            except FileNotFoundError:
                return

    def sizes(self, skip: frozenset[str] = frozenset()) -> Iterator[tuple[str, int]]:
        for path, state in self._states(Findings(), skip):
            yield path, state.st_size

    def marks(self, stop: Stop = never) -> str:
        told = hashlib.sha256()
        findings = Findings()
        for path, one in self._states(findings):
            told.update(f"{path}\0{one.st_size} {one.st_mtime_ns}\n".encode())
        for problem in findings.of("error"):
            told.update(f"{problem.where}\0{problem.rule}\n".encode())
        return told.hexdigest()

    def _states(
        self, findings: Findings, skip: frozenset[str] = frozenset()
    ) -> Iterator[tuple[str, os.stat_result]]:
        with self._opened() as fd:
            for step in walk(fd, self._path, findings, skip=skip, go_on=lambda: None):
                if isinstance(step, Left):
                    step.folder.close()
                    continue
                state = os.stat(step.name, dir_fd=step.folder.fd, follow_symlinks=False)
                yield step.path, state

    def _opened(self) -> AbstractContextManager[int]:
        return self._reach()


def at(address: Address | str, s3: S3Access | None = None) -> Folder:
    """The folder at an address that the operator or the service itself named."""
    place = parse(address) if isinstance(address, str) else address
    if place.bucket:
        return BucketFolder(bucket(place.bucket, s3), place)
    return DiskFolder(place)


def differences(
    wanted: Iterable[FileEntry], found: Iterable[FileEntry]
) -> Iterator[tuple[str, FileEntry | None]]:
    """What differs, streamed: the path, and the entry that should be there (None = nothing)."""
    wants, has = iter(wanted), iter(found)
    want, here = next(wants, None), next(has, None)
    while want or here:
        if here is None or (want is not None and want.path.encode() < here.path.encode()):
            assert want is not None
            yield want.path, want
            want = next(wants, None)
        elif want is None or here.path != want.path:
            yield here.path, None
            here = next(has, None)
        else:
            if (want.size, want.sha256) != (here.size, here.sha256):
                yield want.path, want
            want, here = next(wants, None), next(has, None)


def not_the_same(place: str, paths: list[tuple[str, FileEntry | None]]) -> tuple[Problem, ...]:
    """Differences as problems."""
    return tuple(
        Problem(path, "The file is missing or has another content." if want
                else "The file does not belong here.", rule="file-changed")
        for path, want in paths
    )  # fmt: skip


def refused(place: str, problems: tuple[Problem, ...]) -> Rejected:
    """That a folder is not what it should be."""
    return Rejected(f"{place} does not hold what it should.", problems=problems)
