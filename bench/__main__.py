"""`python -m bench [NAME …] [--json]`: figures of speed and memory, as ratios in one run."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

# PostgreSQL for the bench is started as the tests start theirs.
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

BENCHES = {
    "check": "a full record checked and written as XML, against PyPI's `datacite`",
    "manifest": "hashing 4 GiB in 64 files, against parallel `sha256sum`",
    "publications": "publications a second, against the rate that DataCite allows",
    "start": "start-up and memory of the command line and the idle service",
}


def main() -> None:
    listed = "; ".join(f"{name}: {what}" for name, what in BENCHES.items())
    parser = argparse.ArgumentParser(prog="python -m bench", epilog=listed)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all when none")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    told = parser.parse_args()
    figures = {}
    for name in told.names or BENCHES:
        figures[name] = import_module(f"bench.{name}").run()
        if not told.json:
            print(f"{name}: {BENCHES[name]}")
            print(json.dumps(figures[name], indent=2))
    if told.json:
        print(json.dumps(figures))


main()
