"""A toy application for the engine: actions that write files, a ledger, workers to be killed."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event

from excudit.domain.errors import (
    Denied,
    NeedsPerson,
    RateLimited,
    Retryable,
    Unavailable,
    Uncertain,
)
from excudit.engine.breakers import Trip
from excudit.engine.client import EngineClient
from excudit.engine.leases import LOST_EXIT_CODE
from excudit.engine.outcome import Ending, Outcome, Patience
from excudit.engine.plan import Plan
from excudit.engine.step import Action, Call
from excudit.engine.worker import Worker
from forked import Forked

T = TypeVar("T")
QUEUE = "toy"
QUICK_DATA = {"base_s": 0.002, "cap_s": 0.05, "held_s": 0.03, "undo_tries": 3}
QUICK = Patience(**QUICK_DATA)


def until(look: Callable[[], T], timeout_s: float = 90.0) -> T:
    """Wait until `look` gives something true, and give it."""
    end = time.monotonic() + timeout_s
    pause = threading.Event()
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        pause.wait(0.02)
    raise AssertionError(f"it did not come true within {timeout_s} s")


class World:
    """A folder where the toys leave their effects, and a diary of every call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("effects", "die", "stop"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.diary = folder / "diary.jsonl"

    def note(self, **entry: Any) -> None:
        line = json.dumps({**entry, "pid": os.getpid(), "at": time.time()}) + "\n"
        with self.diary.open("a") as file:
            file.write(line)

    def entries(self, run: str) -> list[dict[str, Any]]:
        if not self.diary.exists():
            return []
        lines = self.diary.read_text().splitlines()
        return [e for e in map(json.loads, lines) if e["run"] == run]

    def calls(self, run: str, what: str = "make") -> list[str]:
        return [e["step"] for e in self.entries(run) if e["what"] == what]

    def effects(self, run: str) -> set[str]:
        return {p.name.split("@")[1] for p in (self.folder / "effects").glob(f"{run}@*")}

    def _effect(self, run: str, step: str) -> Path:
        return self.folder / "effects" / f"{run}@{step}"

    def make(self, run: str, step: str) -> None:
        """Look first: the effect is made once, however often this is called."""
        if not self._effect(run, step).exists():
            self._effect(run, step).touch(exist_ok=False)
            self.note(run=run, step=step, what="made")

    def unmake(self, run: str, step: str) -> None:
        self._effect(run, step).unlink(missing_ok=True)

    def kill_at(self, point: str, run: str, step: str) -> None:
        """The next worker that comes to this point dies there, once."""
        (self.folder / "die" / f"{point}@{run}@{step}").touch()

    def here(self, point: str, run: str, step: str) -> None:
        mark = self.folder / "die" / f"{point}@{run}@{step}"
        if mark.exists():
            mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def ask_to_stop(self, run: str) -> None:
        (self.folder / "stop" / run).touch()

    def asked_to_stop(self, run: str) -> bool:
        return (self.folder / "stop" / run).exists()

    def actions(self) -> dict[str, Action]:
        return {"make": self._make, "unmake": self._unmake, "look": self._look}

    def _play(self, call: Call, what: str, act: Callable[[], None]) -> None:
        """Do what the step's script says for this attempt; its last word counts on."""
        script = call.args.get(what, ["ok"])
        word = script[min(call.attempt, len(script)) - 1]
        self.note(run=call.run, step=call.step, what=what, attempt=call.attempt)
        self.here(f"{what}:before", call.run, call.step)
        if word == "hang":
            until(lambda: call.stop() or not (self.folder / "hang").exists(), 120)
            call.go_on()
        if word == "nap":
            time.sleep(0.15)
        if word == "slow":
            begun = time.monotonic()
            until(lambda: (call.progress(1, 2, "files"), time.monotonic() > begun + 0.6)[1])
            call.progress(2, 2, "files")
        if word == "stop":
            self.ask_to_stop(call.run)
        if word in ("ok", "nap", "slow", "hang", "stop", "uncertain", "half"):
            act()
            self.here(f"{what}:after", call.run, call.step)
        if word == "sql":
            with sa.create_engine("sqlite://").begin() as c:
                c.execute(
                    sa.text("INSERT INTO nowhere VALUES (:v)"),
                    {"v": " ".join(("private", "words"))},
                )
        if word in TROUBLES:
            raise TROUBLES[word]()
        if word == "half":
            raise Denied("half done, then refused")

    def _make(self, call: Call) -> dict[str, Any] | None:
        self._play(call, "make", lambda: self.make(call.run, call.step))
        odd = {"tuple": (1, 2), "object": object()}
        script = call.args.get("make", ["ok"])
        return {"pair": odd[script[0]]} if script[0] in odd else None

    def _unmake(self, call: Call) -> None:
        self._play(call, "unmake", lambda: self.unmake(call.run, call.step))

    def _look(self, call: Call) -> None:
        self._play(call, "make", lambda: None)


TROUBLES: dict[str, Callable[[], Exception]] = {
    "unavailable": lambda: Unavailable("away", remote="503"),
    "retryable": lambda: Retryable("odd"),
    "limited": lambda: RateLimited("slower", delay_s=0.01),
    "long": lambda: RateLimited("much slower", delay_s=2.0),
    "longer": lambda: RateLimited("much slower", delay_s=4.0),
    "uncertain": lambda: Uncertain("no answer"),
    "refused": lambda: Denied("no", remote="the remote's own words"),
    "person": lambda: NeedsPerson("Which one?"),
    "bug": lambda: ZeroDivisionError("password=hunter2"),
}

tables = sa.MetaData()
attempts = sa.Table(
    "toy_attempts",
    tables,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("undoing", sa.Boolean, primary_key=True),
    sa.Column("outcome", sa.JSON),
)
runs = sa.Table(
    "toy_runs",
    tables,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("ending", sa.JSON),
    sa.Column("told", sa.Integer, nullable=False),
)


def app_engine(url: str) -> sa.Engine:
    """The application's own engine, as facts ask for it: write units begin IMMEDIATE."""
    engine = sa.create_engine(url, pool_size=20, max_overflow=20)
    if url.startswith("sqlite"):

        @event.listens_for(engine, "connect")
        def _connected(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def _begun(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class TableLedger:
    """A ledger in the shared database; dies where the world says."""

    def __init__(self, engine: sa.Engine, world: World) -> None:
        self.engine = engine
        self.world = world
        tables.create_all(engine)

    def begun(self, run: str, step: str, attempt: int, *, undoing: bool) -> None:
        self._write(run, step, attempt, undoing, None)
        self.world.here("begun", run, step)

    def ended(
        self,
        run: str,
        step: str,
        attempt: int,
        outcome: Outcome,
        *,
        undoing: bool,
        following: str = "",
    ) -> None:
        with self.engine.begin() as c:
            self._upsert(c, run, step, attempt, undoing, outcome.as_data())
            if following:
                self._upsert(c, run, following, 1, undoing, None)
        self.world.here("unmake:told" if undoing else "make:told", run, step)

    def progressed(self, run: str, step: str, done: int, total: int, unit: str) -> None:
        self.world.note(run=run, step=step, what="progress", done=done, total=total, unit=unit)

    def finished(self, run: str, ending: Ending) -> None:
        self.world.here("finished:before", run, "")
        with self.engine.begin() as c:
            told = c.execute(sa.select(runs.c.told).where(runs.c.run == run)).scalar() or 0
            c.execute(sa.delete(runs).where(runs.c.run == run))
            c.execute(sa.insert(runs).values(run=run, ending=ending.as_data(), told=told + 1))
        self.world.here("finished:after", run, "")

    def stop_requested(self, run: str) -> bool:
        return self.world.asked_to_stop(run)

    def _write(self, run: str, step: str, n: int, undoing: bool, outcome: Any) -> None:
        with self.engine.begin() as c:
            self._upsert(c, run, step, n, undoing, outcome)

    def _upsert(
        self, c: sa.Connection, run: str, step: str, n: int, undoing: bool, outcome: Any
    ) -> None:
        key = {"run": run, "step": step, "attempt": n, "undoing": undoing}
        where = [attempts.c[k] == v for k, v in key.items()]
        if not c.execute(sa.update(attempts).where(*where).values(outcome=outcome)).rowcount:
            c.execute(sa.insert(attempts).values(**key, outcome=outcome))

    def ending(self, run: str) -> Ending | None:
        with self.engine.begin() as c:
            row = c.execute(sa.select(runs.c.ending).where(runs.c.run == run)).scalar()
        return Ending.from_data(row) if row else None

    def told(self, run: str) -> int:
        with self.engine.begin() as c:
            return c.execute(sa.select(runs.c.told).where(runs.c.run == run)).scalar() or 0

    def outcomes(self, run: str, *, undoing: bool = False) -> list[tuple[str, int, str]]:
        """(step, attempt, kind) in the order of step and attempt; "" while it runs."""
        query = sa.select(attempts).where(attempts.c.run == run, attempts.c.undoing == undoing)
        with self.engine.begin() as c:
            rows = c.execute(query.order_by(attempts.c.step, attempts.c.attempt)).all()
        return [(r.step, r.attempt, (r.outcome or {}).get("kind", "")) for r in rows]

    def results(self, run: str) -> list[dict[str, Any]]:
        with self.engine.begin() as c:
            rows = c.execute(sa.select(attempts.c.outcome).where(attempts.c.run == run)).scalars()
            return [outcome["result"] for outcome in rows]

    def errors(self, run: str, step: str) -> list[dict[str, Any]]:
        query = sa.select(attempts.c.outcome).where(attempts.c.run == run, attempts.c.step == step)
        with self.engine.begin() as c:
            return [o["error"] for o in c.execute(query).scalars() if o and o["error"]]


class Toy:
    """A database, a world, a ledger and a client; workers in this process or in others."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.world = World(folder)
        self.engine = app_engine(url)
        self.client = EngineClient(self.engine)
        self.client.prepare([QUEUE])
        self.ledger = TableLedger(self.engine, self.world)

    def enqueue(self, run: str, plan: Plan, **options: Any) -> None:
        with self.engine.begin() as connection:
            self.client.enqueue(
                connection, run, plan, **{"subject": "s", "queue": QUEUE, **options}
            )

    def ending(self, run: str, timeout_s: float = 90.0) -> Ending:
        return until(lambda: self.ledger.ending(run), timeout_s)

    def worker(self, **options: Any) -> Worker:
        given = {"poll_s": 0.05, "patience": QUICK, **options}
        return Worker(self.url, self.world.actions(), self.ledger, [QUEUE], **given)

    @contextmanager
    def working(self, **options: Any) -> Iterator[Worker]:
        worker = self.worker(**options)
        worker.start()
        try:
            yield worker
        finally:
            worker.stop(10)

    def process(self, **options: Any) -> Forked:
        """A worker process; its errors go to the test's own output."""
        return Forked(work, self.url, self.world.folder, options)

    @contextmanager
    def processes(self, count: int = 1, **options: Any) -> Iterator[list[Forked]]:
        started = [self.process(**options) for _ in range(count)]
        try:
            yield started
        finally:
            for process in started:
                process.kill()
                process.wait()

    def through_deaths(self, *names: str, most: int = 40, **options: Any) -> int:
        """Start a worker again and again until these runs have ended; how often it died."""
        deaths = 0
        while deaths <= most:
            with self.processes(**options) as (process,):
                until(lambda p=process: p.poll() is not None or self.all_ended(names))
                if process.poll() is None:
                    return deaths
                # On a crowded machine a worker may also starve until its short lease is over.
                assert process.returncode in (-signal.SIGKILL, LOST_EXIT_CODE)
                deaths += process.returncode == -signal.SIGKILL
        raise AssertionError(f"still not ended after {most} deaths")

    def all_ended(self, names: Iterable[str]) -> bool:
        """The engine itself has closed these runs: after the ledger has heard of it."""
        parts = [self.client.describe(name) for name in names]
        return all(part is not None and part.status in ("ended", "lost") for part in parts)

    def close(self) -> None:
        self.engine.dispose()


def work(url: str, folder: Path, options: dict[str, Any]) -> None:
    """Be a worker process until somebody asks for its end."""
    world = World(folder)
    trip = Trip(**options.pop("trip", {}))
    patience = Patience(**{**QUICK_DATA, **options.pop("patience", {})})
    ledger = TableLedger(app_engine(url), world)
    given = {"poll_s": 0.05, "lease_s": 2.0, "patience": patience, "trip": trip, **options}
    worker = Worker(url, world.actions(), ledger, [QUEUE], **given)
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    worker.start()
    asked.wait()
    worker.stop(10)
    os._exit(0)
