"""Processes of our own for tests, forked from one that has read the product's modules already.

Reading them takes two seconds, and a fault test starts several processes. A fork is a process like
any other: it has its own pid, signals and memory, and dies by SIGKILL alone. That `excudit serve`
starts from nothing is tested where the command line is.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from functools import cache
from multiprocessing.context import ForkServerContext
from multiprocessing.process import parent_process
from pathlib import Path
from typing import Any

PRELOADED = ("pytest", "excudit.cli.service", "excudit.app", "excudit.web", "excudit.testing.crash")


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


class Forked:
    """A process that calls `main(*args)` and ends. What it prints goes to the end of `log`, or to
    where pytest's own output goes; its errors as well, unless `errors` is another file. It does not
    outlive this process."""

    def __init__(
        self,
        main: Callable[..., None],
        *args: Any,
        log: Path | None = None,
        errors: Path | None = None,
    ) -> None:
        self._process = _server().Process(
            target=_carried_out, args=(main, args, log, errors or log), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The number by which signals reach it."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """None while it runs; then its exit code, -9 for SIGKILL."""
        return self._process.exitcode

    @property
    def returncode(self) -> int | None:
        """The same as `poll()`."""
        return self.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended; `timeout` in seconds. Raises TimeoutError."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise TimeoutError(f"process {self.pid} does not end")
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)


def _carried_out(
    main: Callable[..., None], args: tuple[Any, ...], log: Path | None, errors: Path | None
) -> None:
    parent = parent_process()
    assert parent is not None
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
    for number, place in ((1, log), (2, errors)):
        if place is not None:
            os.dup2(os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT), number)
    main(*args)
