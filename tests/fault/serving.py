"""A service under test, for a process of its own: impatient, and deadly where it is told so."""

from __future__ import annotations

from pathlib import Path

from excudit import app
from excudit.cli.service import run
from excudit.engine.outcome import Patience
from excudit.settings import load
from excudit.testing.crash import Crash

PATIENCE = Patience(base_s=0.05, cap_s=0.2, undo_tries=3)
LEASE_S = 5.0
"""On PostgreSQL the runs of who was killed are taken up after so long."""


def serve(config: Path, deadly: str = "", *, web: bool = True) -> None:
    """Run until it is asked to end, or until it dies at STEP:PHASE[/undo]."""
    around = None
    if deadly:
        spec, _, undo = deadly.partition("/")
        crash = Crash.parse(spec)
        around = Crash(crash.step, crash.phase, undoing=bool(undo)).around
    run(
        load(config),
        web=web,
        make_worker=lambda parts: app.worker(
            parts, poll_s=0.05, patience=PATIENCE, lease_s=LEASE_S, around=around
        ),
        while_stdin=False,
    )


def work(config: Path, deadly: str = "") -> None:
    """Run a worker alone until it is asked to end, or dies as told."""
    serve(config, deadly, web=False)
