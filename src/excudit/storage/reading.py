"""Who follows a long reading, and who may end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from excudit.domain.errors import Retryable

Progress = Callable[[int, int], None]
Stop = Callable[[], bool]

TELL_EVERY_S = 0.1


def never() -> bool:
    """The answer to "stop?" of those who never stop."""
    return False


def unheard(files_done: int, bytes_done: int) -> None:
    """Progress that nobody follows."""


class Reading:
    """Counts what was read in all threads, and tells it from one."""

    def __init__(self, progress: Progress, stop: Stop) -> None:
        self._progress = progress
        self._stop = stop
        self._halted = False
        self._lock = threading.Lock()
        self._bytes = 0
        self._files = 0
        self._told = time.monotonic()

    def go_on(self) -> None:
        """Raises Retryable when the reading shall end."""
        if self._halted or self._stop():
            raise Retryable(
                "Reading the dataset was stopped before its end.",
                hint="Nothing was changed; it starts again by itself, or when asked to.",
            )

    def halt(self) -> None:
        """End the reading in all threads."""
        self._halted = True

    def read(self, count: int) -> None:
        """So many bytes more were read. Raises as `go_on`."""
        with self._lock:
            self._bytes += count
        self.go_on()

    def finished(self, files: int) -> None:
        """So many files more are done."""
        self._files += files
        self.tell()

    def tell(self) -> None:
        """Tell the progress, unless it was told a moment ago."""
        if time.monotonic() - self._told >= TELL_EVERY_S:
            self.end()

    def end(self) -> None:
        """Tell the progress now."""
        self._told = time.monotonic()
        self._progress(self._files, self._bytes)
