"""`serve` with a worker that dies at a chosen step: for `excudit demo --crash-at` only."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path


def main() -> None:
    """Serve the configuration named first; die at the step named second."""
    from excudit import app
    from excudit.cli.demo_people import NAMES
    from excudit.cli.service import run
    from excudit.settings import load
    from excudit.testing.crash import Crash

    crash = Crash.parse(sys.argv[2])
    run(
        load(Path(sys.argv[1])),
        web=True,
        make_worker=partial(app.worker, around=crash.around),
        while_stdin=True,
        sample_users=NAMES,
    )


main()
