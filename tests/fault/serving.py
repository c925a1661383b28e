"""A service under test in a process of its own: impatient, and deadly where it is told so.

`python serving.py CONFIG [STEP:PHASE[/undo]]`, or `--worker` in place of the step: no web.
"""

from __future__ import annotations

import sys
from pathlib import Path

from excudit import app
from excudit.cli.service import run
from excudit.engine.outcome import Patience
from excudit.settings import load
from excudit.testing.crash import Crash

PATIENCE = Patience(base_s=0.05, cap_s=0.2, undo_tries=3)


def main() -> None:
    around = None
    web = "--worker" not in sys.argv
    if len(sys.argv) > 2 and web:
        spec, _, undo = sys.argv[2].partition("/")
        crash = Crash.parse(spec)
        around = Crash(crash.step, crash.phase, undoing=bool(undo)).around
    run(
        load(Path(sys.argv[1])),
        web=web,
        make_worker=lambda parts: app.worker(parts, poll_s=0.05, patience=PATIENCE, around=around),
        while_stdin=True,
    )


main()
