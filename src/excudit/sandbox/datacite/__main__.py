"""`python -m excudit.sandbox.datacite --port 8090`: the sandbox registry on this machine."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from typing import Any

from excudit.sandbox.datacite.accounts import DEFAULT_ACCOUNTS, Account
from excudit.sandbox.datacite.server import MEMORY, serve


def _announce(api_url: str, resolver_url: str) -> None:
    urls = {"api_url": api_url, "resolver_url": resolver_url}
    sys.stdout.write(json.dumps(urls) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    """The parent's end closes our standard input; then so do we."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _account(told: dict[str, Any]) -> Account:
    lists: dict[str, Any] = {k: tuple(v) for k, v in told.items() if isinstance(v, list)}
    return Account(**{**told, **lists})


def _told() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    told["accounts"] = [_account(account) for account in told["accounts"]]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return told


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m excudit.sandbox.datacite",
        description="A loopback stand-in for DataCite's REST API and for the DOI resolver.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090, help="of the API; 0 = a free one")
    parser.add_argument("--resolver-port", type=int, default=0, help="of the resolver; 0 = free")
    parser.add_argument("--state", default=MEMORY, help="SQLite file that survives a restart")
    parser.add_argument("--index-lag", type=float, default=1.0, help="seconds until lists know")
    parser.add_argument("--told-on-stdin", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Serves until interrupted; prints both base URLs as one line of JSON when ready."""
    arguments = _arguments()
    if arguments.told_on_stdin:
        serve(**_told(), ready=_announce)
        return
    serve(
        arguments.host,
        arguments.port,
        arguments.resolver_port,
        arguments.state,
        accounts=DEFAULT_ACCOUNTS,
        index_lag_s=arguments.index_lag,
        ready=_announce,
    )


if __name__ == "__main__":
    main()
