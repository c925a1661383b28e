"""`python -m excudit.sandbox.scicat --port 8094 [--public]`: a SciCat on this machine."""

from __future__ import annotations

import argparse
import signal
import sys

from excudit.sandbox.scicat.exchange import Rules
from excudit.sandbox.scicat.server import SciCatSandbox
from excudit.sandbox.scicat.store import MEMORY


def main() -> None:
    """Serves until interrupted; prints its address when ready."""
    parser = argparse.ArgumentParser(
        prog="python -m excudit.sandbox.scicat",
        description="A loopback stand-in for SciCat's backend, API v4 and v3.",
    )
    parser.add_argument("--port", type=int, default=8094, help="0 = a free one")
    parser.add_argument("--state", default=MEMORY, help="SQLite file that survives a restart")
    parser.add_argument("--public", action="store_true", help="play the public catalogue, empty")
    parser.add_argument("--hook-url", default="", help="the URL action of jobs of type publish")
    parser.add_argument("--hook-key", default="", help="the bearer token of that call")
    parser.add_argument("--ignore-errors", action="store_true", help="of that call")
    parser.add_argument("--register-url", default="", help="where register posts to (DataCite)")
    parser.add_argument("--legacy", action="store_true", help="without published data v4")
    told = parser.parse_args()
    rules = Rules(
        hook_url=told.hook_url,
        hook_key=told.hook_key,
        ignore_errors=told.ignore_errors,
        register_url=told.register_url,
        legacy=told.legacy,
    )
    running = SciCatSandbox(told.state, port=told.port, public=told.public, rules=rules)
    if not told.public:
        running.load_samples()
    with running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    running.close()


if __name__ == "__main__":
    main()
