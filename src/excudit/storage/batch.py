"""Small files are hashed many at a time, so that handing them to threads costs little."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from excudit.domain.model import FileEntry
from excudit.domain.problem import Problem
from excudit.storage.digest import digest
from excudit.storage.findings import Findings
from excudit.storage.media import media_type
from excudit.storage.reading import TELL_EVERY_S, Reading
from excudit.storage.walk import Found, Left, OpenFolder

_FILES = 64
_FOLDERS = 16
_BYTES = 1024 * 1024

Hashed = list[FileEntry | Problem]


@dataclass(slots=True)
class Batch:
    """Some neighbouring files, and the folders that may be closed once these are read."""

    files: list[Found] = field(default_factory=list)
    left: list[OpenFolder] = field(default_factory=list)
    bytes: int = 0
    hashed: Future[Hashed] | None = None

    @classmethod
    def cut(cls, steps: Iterable[Found | Left]) -> Generator[Batch, None, None]:
        """A walk in batches: a large file comes alone, or last of its batch."""
        batch = cls()
        try:
            for step in steps:
                batch._take(step)
                if batch._full():
                    full, batch = batch, cls()
                    yield full
            last, batch = batch, cls()
            yield last
        finally:
            batch.close()

    def _take(self, step: Found | Left) -> None:
        if isinstance(step, Left):
            self.left.append(step.folder)
            return
        self.files.append(step)
        with contextlib.suppress(OSError):  # reading it will tell what is wrong
            self.bytes += os.stat(step.name, dir_fd=step.folder.fd, follow_symlinks=False).st_size

    def _full(self) -> bool:
        return self.bytes >= _BYTES or len(self.files) >= _FILES or len(self.left) >= _FOLDERS

    def start(self, pool: ThreadPoolExecutor, reading: Reading) -> Batch:
        """Have a thread of the pool hash it."""
        self.hashed = pool.submit(self._hash, reading)
        return self

    def _hash(self, reading: Reading) -> Hashed:
        results: Hashed = []
        for found in self.files:
            told = digest(found, reading.read)
            if isinstance(told, Problem):
                results.append(told)
            else:
                results.append(FileEntry(found.path, told[0], told[1], media_type(found.path)))
        return results

    def finish(self, findings: Findings, reading: Reading) -> Iterator[FileEntry]:
        """The hashed files in their order; problems are noted, the folders left are closed."""
        assert self.hashed is not None
        while wait([self.hashed], TELL_EVERY_S).not_done:
            reading.tell()
        for told in self.hashed.result():
            if isinstance(told, Problem):
                findings.add(told)
            else:
                yield told
        for folder in self.left:
            folder.leave(findings)
        reading.finished(len(self.files))

    def close(self) -> None:
        """Close the folders left without a look. Closed already = done."""
        for folder in self.left:
            folder.close()
