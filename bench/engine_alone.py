"""The engine with nothing to do: `python engine_alone.py DATABASE_URL COUNT` prints the CPU
seconds per publication (a take-in and a publish run of empty steps)."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import create_engine

from excudit.cli.routes import plans_of
from excudit.engine.client import EngineClient
from excudit.engine.outcome import Ending
from excudit.engine.worker import Worker


class Silence:
    """A ledger that only counts."""

    def __init__(self) -> None:
        self.ended_runs = 0
        self.lock = threading.Lock()

    def begun(self, *_: object, **__: object) -> None:
        pass

    def ended(self, *_: object, **__: object) -> None:
        pass

    def progressed(self, *_: object) -> None:
        pass

    def stop_requested(self, run: str) -> bool:
        return False

    def finished(self, run: str, ending: Ending) -> None:
        assert ending.kind == "done"
        with self.lock:
            self.ended_runs += 1


def main() -> None:
    url, count = sys.argv[1], int(sys.argv[2])
    if url.startswith("sqlite"):
        url = f"sqlite:///{tempfile.mkdtemp(prefix='excudit-bench-')}/engine.db"
    plans = plans_of(Path("none"), "folder-doi", lambda: None)[:2]
    names = {a for p in plans for s in p.steps for a in (s.do, s.undo) if a}
    ledger = Silence()
    worker = Worker(url, dict.fromkeys(names, lambda call: None), ledger, ["alone"])
    worker.start()
    engine = create_engine(url)
    client = EngineClient(engine)
    begun, mark = time.process_time(), os.getpid()
    for i in range(count):
        for plan in plans:
            with engine.begin() as connection:
                client.enqueue(
                    connection, f"{plan.name}:{mark}-{i}", plan, subject=str(i), queue="alone"
                )
    pause = threading.Event()
    while ledger.ended_runs < count * len(plans):
        pause.wait(0.02)
    print((time.process_time() - begun) / count)
    sys.stdout.flush()
    os._exit(0)


main()
