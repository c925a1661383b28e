"""The service as an operator runs it, in a process of its own, for as long as a block runs."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(config: Path, port: int, *words: str) -> Iterator[int]:
    """`excudit --config CONFIG WORDS…` until the block ends; the process's id."""
    child = subprocess.Popen(
        [sys.executable, "-m", "excudit.cli", "--config", str(config), *words],
        stdin=subprocess.PIPE,
    )
    pause = threading.Event()
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        pause.wait(0.05)
    try:
        yield child.pid
    finally:
        child.terminate()
        child.wait(30)
