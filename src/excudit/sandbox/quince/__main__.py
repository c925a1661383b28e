"""`python -m excudit.sandbox.quince --port 8094`: the sandbox QuinCe on this machine."""

from __future__ import annotations

import argparse
import signal
import sys

from excudit.sandbox.quince.server import QuinCe
from excudit.sandbox.quince.state import MEMORY


def main() -> None:
    """Serves until interrupted; prints its address when ready."""
    parser = argparse.ArgumentParser(
        prog="python -m excudit.sandbox.quince", description="A loopback stand-in for QuinCe."
    )
    parser.add_argument("--port", type=int, default=8094, help="0 = a free one")
    parser.add_argument("--state", default=MEMORY, help="SQLite file that survives a restart")
    parser.add_argument("--empty", action="store_true", help="without the sample datasets")
    told = parser.parse_args()
    quince = QuinCe(told.state, port=told.port)
    if not told.empty:
        quince.seed()
    with quince as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
