"""`python -m excudit.sandbox.invenio --port 8092`: the sandbox repository on this machine."""

from __future__ import annotations

import argparse
import signal
import sys

from excudit.sandbox.invenio.server import Invenio
from excudit.sandbox.invenio.store import MEMORY


def main() -> None:
    """Serves until interrupted; prints its address when ready."""
    parser = argparse.ArgumentParser(
        prog="python -m excudit.sandbox.invenio",
        description="A loopback stand-in for InvenioRDM and for Zenodo.",
    )
    parser.add_argument("--port", type=int, default=8092, help="0 = a free one")
    parser.add_argument("--state", default=MEMORY, help="SQLite file that survives a restart")
    parser.add_argument("--zenodo", action="store_true", help="play Zenodo, deposit API included")
    told = parser.parse_args()
    with Invenio(told.state, port=told.port, zenodo=told.zenodo) as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
