"""`python -m bench [NAME …] [--json]`: figures of speed and memory, as ratios in one run.

The baseline beside it was measured on 2 cores; only ratios compare between machines. Exit status 1
when a floor is not held.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

# PostgreSQL for the bench is started as the tests start theirs.
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

BENCHES = {
    "assessment": "200 assessments and 2 GiB to a repository, against the same calls and hashing",
    "check": "a full record checked and written as XML, against PyPI's `datacite`",
    "manifest": "hashing 4 GiB in 64 files, against parallel `sha256sum`",
    "mirror": "a dataset of 50,000 files from one SciCat to another: requests, memory",
    "moving": "moving a folder and reading it back, against `cp -a` and `sha256sum`",
    "observations": "a million rows judged and shown; a package opened, against a copy hashed",
    "pages": "pages for people with 100,000 publications, against `/health`",
    "publications": "publications a second, against the rate that DataCite allows",
    "start": "start-up and memory of the command line and the idle service",
}


def main() -> None:
    listed = "; ".join(f"{name}: {what}" for name, what in BENCHES.items())
    parser = argparse.ArgumentParser(prog="python -m bench", epilog=listed)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all when none")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    told = parser.parse_args()
    baseline = json.loads(Path(__file__).with_name("baseline.json").read_text())
    figures = {}
    for name in told.names or BENCHES:
        figures[name] = import_module(f"bench.{name}").run()
        if not told.json:
            print(f"{name}: {BENCHES[name]}")
            print(json.dumps(figures[name], indent=2))
            print(f"baseline: {json.dumps(baseline.get(name))}")
    if told.json:
        print(json.dumps({"figures": figures, "baseline": baseline}))
    sys.exit(0 if all(well(f) for f in figures.values()) else 1)


def well(figures: dict[str, Any]) -> bool:
    """Whether every floor of these figures, however deep, is held."""
    inner = [f for f in figures.values() if isinstance(f, dict)]
    return figures.get("ok", True) and all(well(f) for f in inner)


main()
