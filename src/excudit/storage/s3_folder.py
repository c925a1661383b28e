"""A folder as the objects below a prefix of a bucket."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from typing import BinaryIO

from excudit.domain.errors import NotFound
from excudit.domain.model import FileEntry
from excudit.domain.problem import Problem
from excudit.storage.addresses import Address
from excudit.storage.bucket import Bucket, Kept
from excudit.storage.digest import CHUNK
from excudit.storage.findings import Findings
from excudit.storage.manifest import Survey
from excudit.storage.media import media_type
from excudit.storage.names import check_name
from excudit.storage.paths import steps
from excudit.storage.reading import Progress, Reading, Stop, never, unheard

AT_ONCE = 8


class BucketFolder:
    """All objects below a prefix; a folder without objects is not there. Every object is read and
    hashed here: an entity tag is no digest of a file that came in parts."""

    def __init__(self, bucket: Bucket, address: Address) -> None:
        self.address = address
        self.bucket = bucket
        self.prefix = address.path

    def exists(self) -> bool:
        return next(self.bucket.below(self.prefix), None) is not None

    def survey(self, *, skip: frozenset[str] = frozenset(), stop: Stop = never) -> Survey:
        findings, reading = Findings(), Reading(unheard, stop)
        files = size = 0
        for path, found in self.listed(skip):
            reading.go_on()
            files, size = files + 1, size + found.size
            for part in path.split("/"):
                if problem := check_name(part.encode(), path):
                    findings.add(problem)
        if not files:
            raise NotFound(
                f"There is no folder {self.address}.",
                hint="Look whether it was moved, renamed or removed.",
            )
        findings.raise_errors(str(self.address))
        return Survey(files, size, findings.of("warning"))

    def entries(
        self,
        *,
        skip: frozenset[str] = frozenset(),
        progress: Progress = unheard,
        stop: Stop = never,
        threads: int = 0,
    ) -> Iterator[FileEntry]:
        """As `manifest.entries`; a few objects are read at the same time."""
        findings, reading = Findings(), Reading(progress, stop)
        under_way: deque[Future[FileEntry | Problem]] = deque()
        pool = ThreadPoolExecutor(threads or AT_ONCE, thread_name_prefix="excudit-hash")
        try:
            for path, found in self.listed(skip):
                under_way.append(pool.submit(self._hashed, path, found, reading))
                if len(under_way) > 2 * AT_ONCE:
                    yield from _told(under_way.popleft(), findings, reading)
            while under_way:
                yield from _told(under_way.popleft(), findings, reading)
            reading.end()
            findings.raise_errors(str(self.address))
        finally:
            reading.halt()
            pool.shutdown(cancel_futures=True)

    def _hashed(self, path: str, found: Kept, reading: Reading) -> FileEntry | Problem:
        told, size = hashlib.sha256(usedforsecurity=False), 0
        try:
            with self.bucket.open(found.key) as stream:
                while piece := stream.read(CHUNK):
                    told.update(piece)
                    size += len(piece)
                    reading.read(len(piece))
        except FileNotFoundError:
            size = -1
        if size != found.size:
            mend = "Wait until nothing writes there any more, then try again."
            return Problem(path, "The file changed while it was read.", mend, rule="file-changed")
        return FileEntry(path, size, told.hexdigest(), media_type(path))

    def listed(self, skip: frozenset[str] = frozenset()) -> Iterator[tuple[str, Kept]]:
        """Relative paths and what is known of them, in the order of paths."""
        for found in self.bucket.below(self.prefix):
            path = found.key.removeprefix(self.prefix).lstrip("/")
            if path not in skip:
                yield path, found

    def open(self, path: str, *, offset: int = 0) -> BinaryIO:
        if offset and offset >= self.size(path):  # a range of nothing is refused there
            return BytesIO()
        return self.bucket.open(self.key(path), offset)

    def size(self, path: str) -> int:
        found = self.bucket.head(self.key(path))
        if found is None:
            raise FileNotFoundError(path)
        return found.size

    def peek(self, path: str, most: int) -> bytes | None:
        found = self.bucket.head(self.key(path))
        if found is None:
            return None
        with self.bucket.open(found.key) as stream:
            return stream.read(most)

    def write(self, path: str, content: bytes | Iterable[bytes]) -> None:
        if isinstance(content, bytes):
            self.bucket.put(self.key(path), content)
        else:
            self.bucket.send(self.key(path), content)

    def remove(self, path: str) -> None:
        self.bucket.delete([self.key(path)])

    def sizes(self, skip: frozenset[str] = frozenset()) -> Iterator[tuple[str, int]]:
        return ((path, found.size) for path, found in self.listed(skip))

    def marks(self, stop: Stop = never) -> str:
        told = hashlib.sha256()
        for path, found in self.listed():
            told.update(f"{path}\0{found.size} {found.tag} {found.changed}\n".encode())
        return told.hexdigest()

    def key(self, path: str) -> str:
        """The whole key of a relative path. Raises ValueError for one that leads out."""
        steps(path)
        return f"{self.prefix}/{path}".lstrip("/")


def _told(
    future: Future[FileEntry | Problem], findings: Findings, reading: Reading
) -> Iterator[FileEntry]:
    found = future.result()
    reading.finished(1)
    if isinstance(found, Problem):
        findings.add(found)
    else:
        yield found
