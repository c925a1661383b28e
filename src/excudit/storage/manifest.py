"""Which files a folder holds, how large they are, and the SHA-256 of each.

`survey` looks at everything without reading content: it finds what cannot be published within
seconds. `entries` reads all content, on all cores, and streams. Neither writes anything.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from excudit.domain.model import FileEntry
from excudit.domain.problem import Problem
from excudit.storage.batch import Batch
from excudit.storage.digest import open_file
from excudit.storage.findings import Findings
from excudit.storage.reading import Progress, Reading, Stop, never, unheard
from excudit.storage.walk import Left, walk


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder holds, without having read it: `bytes` as the file system tells them."""

    files: int
    bytes: int
    warnings: tuple[Problem, ...] = ()


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def survey(fd: int, base: str, *, skip: frozenset[str] = frozenset(), stop: Stop = never) -> Survey:
    """Files and bytes below the folder open at `fd` (stays open), each opened but not read.

    `base` is its absolute path, `skip` holds relative paths to pass over. Raises Rejected with all
    problems at once (the first hundred and a count), Unavailable when the storage does not answer,
    Retryable when `stop` said so.
    """
    findings, reading = Findings(), Reading(unheard, stop)
    files = size = 0
    for step in walk(fd, base, findings, skip=skip, go_on=reading.go_on):
        if isinstance(step, Left):
            step.folder.leave(findings)
            continue
        opened = open_file(step)
        if isinstance(opened, Problem):
            findings.add(opened)
            continue
        os.close(opened[0])
        files += 1
        size += opened[1].st_size
    findings.raise_errors(base)
    if not files:
        findings.add(
            Problem(
                "",
                "The folder holds no files.",
                "Put the dataset's files in it.",
                "warning",
                "empty-folder",
            )
        )
    return Survey(files, size, findings.of("warning"))


def entries(
    fd: int,
    base: str,
    *,
    skip: frozenset[str] = frozenset(),
    progress: Progress = unheard,
    stop: Stop = never,
    threads: int = 0,
) -> Iterator[FileEntry]:
    """The hashed files below the folder open at `fd` (stays open), by the bytes of their path.

    `base`, `skip` and `stop` as for `survey`; `stop` is asked between chunks, from several threads.
    `progress(files_done, bytes_done)` is called from the reading thread, ten times a second and
    at the end. `threads`: 0 = one per core. At most a few batches of files are under way, so memory
    does not grow with their number. Raises at the end, after all other files have been told, what
    `survey` raises: the entries are worth nothing unless the iteration ends by itself.
    """
    threads = threads or cores()
    findings, reading = Findings(), Reading(progress, stop)
    steps = walk(fd, base, findings, skip=skip, go_on=reading.go_on)
    batches = Batch.cut(steps)
    under_way: deque[Batch] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="excudit-hash")
    try:
        for batch in batches:
            under_way.append(batch.start(pool, reading))
            if len(under_way) > threads + 1:
                yield from under_way[0].finish(findings, reading)
                under_way.popleft()
        while under_way:
            yield from under_way[0].finish(findings, reading)
            under_way.popleft()
        reading.end()
        findings.raise_errors(base)
    finally:
        reading.halt()
        pool.shutdown(cancel_futures=True)
        batches.close()
        steps.close()
        for batch in under_way:
            batch.close()
