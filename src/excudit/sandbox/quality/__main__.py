"""`python -m excudit.sandbox.quality --port 8096`: the sandbox quality control on this machine."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import get_args

from excudit.sandbox.quality.server import MEMORY, Mode, Quality


def main() -> None:
    """Serves until interrupted; prints its address when ready."""
    parser = argparse.ArgumentParser(
        prog="python -m excudit.sandbox.quality",
        description="A loopback stand-in for an outside quality control.",
    )
    parser.add_argument("--port", type=int, default=8096, help="0 = a free one")
    parser.add_argument("--state", default=MEMORY, help="SQLite file that survives a restart")
    parser.add_argument("--token", default="", help="the bearer token that is due")
    parser.add_argument("--mode", choices=get_args(Mode), default="later")
    told = parser.parse_args()
    with Quality(told.state, token=told.token, mode=told.mode, port=told.port) as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
