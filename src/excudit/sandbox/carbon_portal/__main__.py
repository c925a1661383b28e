"""`python -m excudit.sandbox.carbon_portal --port 8097`: the portal on this machine."""

from __future__ import annotations

import argparse
import signal
import sys

from excudit.sandbox.carbon_portal.server import MEMORY, CarbonPortalSandbox


def main() -> None:
    """Serves until interrupted; prints its address when ready."""
    parser = argparse.ArgumentParser(
        prog="python -m excudit.sandbox.carbon_portal",
        description="A loopback stand-in for the ICOS Carbon Portal.",
    )
    parser.add_argument("--port", type=int, default=8097, help="0 = a free one")
    parser.add_argument("--state", default=MEMORY, help="SQLite file that survives a restart")
    told = parser.parse_args()
    with CarbonPortalSandbox(told.state, port=told.port) as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
