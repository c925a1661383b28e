"""A wired service with a worker of its own, and targets in memory at which people decide."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from blanks import copied, keep_blank
from excudit import app
from excudit.domain.errors import ExcuditError
from excudit.domain.model import Actor, Deposit, Snapshot, Tombstone
from excudit.domain.publication import Publication
from excudit.engine.client import EngineClient
from excudit.engine.outcome import Patience
from excudit.ports import Answer, Capabilities
from excudit.service import gates, verbs
from excudit.service.parts import Parts
from excudit.settings import Settings
from excudit.store import events, mails, migrate, publications, runs
from excudit.store.database import Database
from web_house import RECORD, Registry, Shelf

ADA = Actor("ada", frozenset(), "ada@example.org")
CARL = Actor("carl", frozenset({"curator", "admin"}), "carl@example.org")
PATIENCE = Patience(base_s=0.02, cap_s=0.1, undo_tries=3)


class Place(Registry):
    """A target in memory that can refuse, and remembers what it was asked."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        "repository", "it is public", amend=True, withdraw=True
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.there: dict[str, Deposit] = {}
        self.calls: list[str] = []
        self.refuses: dict[str, ExcuditError] = {}

    def _asked(self, verb: str) -> None:
        self.calls.append(verb)
        if verb in self.refuses:
            raise self.refuses[verb]

    def find(self, snapshot: Snapshot) -> Deposit | None:
        return self.there.get(snapshot.key)

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        self._asked("reserve")
        self.there[key] = Deposit(self.name, key, f"{self.name}-{len(self.calls)}", "draft")
        return self.there[key]

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        self._asked("publish")
        self.there[deposit.key] = replace(deposit, state="public", url=f"https://{self.name}/1")
        return self.there[deposit.key]

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        self._asked("amend")
        return deposit

    def discard(self, deposit: Deposit) -> None:
        self._asked("discard")
        self.there.pop(deposit.key, None)

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        self._asked("withdraw")
        self.there[deposit.key] = replace(deposit, state="withdrawn")
        return self.there[deposit.key]


class AskingPlace(Place):
    """A target where people decide before it is published."""

    question = "Accepted by the editors?"
    asks_before = True

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.said: Answer | None = None

    def answered(self, deposit: Deposit, snapshot: Snapshot) -> Answer | None:
        self.calls.append("answered")
        return self.said


class LateAskingPlace(AskingPlace):
    """A target where people decide after it was published."""

    asks_before = False


def settings(folder: Any, database: str, **route: Any) -> Settings:
    """The settings of one route, `r`, reviewed by nobody."""
    known = ("first", "second", "asking", "late", "third")
    return Settings.model_validate(
        {
            "site": {"base_url": "https://data.example.org", "contact": "help@example.org"},
            "service": {
                "data_dir": str(folder),
                "database": "" if database.startswith("sqlite") else database,
            },
            "sources": {"shelf": {"kind": "shelf"}},
            "targets": {name: {"kind": name} for name in known},
            "routes": {"r": {"source": "shelf", "targets": ["first"], "review": "auto", **route}},
        }
    )


class WaitingHouse:
    """One route of these settings with everything in this process; `close` it."""

    def __init__(self, configured: Settings) -> None:
        self.shelf = Shelf()
        self.targets: dict[str, Any] = {
            "first": Place("first"),
            "second": Place("second"),
            "third": Place("third"),
            "asking": AskingPlace("asking"),
            "late": LateAskingPlace("late"),
        }
        database = Database(app.database_url(configured))
        fresh = not copied(database, "house")
        migrate.upgrade(database)
        client = EngineClient(database.engine)
        client.prepare(app.queues(configured))
        if fresh:
            keep_blank(database, "house")
        self.parts = Parts(
            settings=configured,
            database=database,
            client=client,
            sources={"shelf": self.shelf},
            targets=self.targets,
            look_at=lambda url: (200, url),
        )
        self.workers: app.Workers | None = None

    def work(self) -> None:
        """Start the worker."""
        self.workers = app.worker(self.parts, poll_s=0.05, patience=PATIENCE)
        self.workers.engine.start()

    def rest(self) -> None:
        """Stop the worker."""
        if self.workers is not None:
            self.workers.engine.stop(5)
            self.workers = None

    def close(self) -> None:
        self.rest()
        self.parts.database.close()

    def ask(self, ref: str = "alpha") -> str:
        """Ask for a publication; its id."""
        made = verbs.create(self.parts, ADA, "r", ref, record=RECORD, submitting=True)
        return made.id

    def get(self, key: str) -> Publication:
        with self.parts.database.read() as connection:
            return publications.get(connection, key)

    def reaches(self, key: str, state: str, health: str) -> Publication:
        """Wait until it stands so."""

        def found() -> Publication | None:
            now = self.get(key)
            return now if (now.state, now.health) == (state, health) else None

        return until(found, lambda: f"{self.told(key)} {self.runs(key)}")

    def runs(self, key: str) -> list[dict[str, Any]]:
        with self.parts.database.read() as connection:
            return runs.of(connection, key)

    def told(self, key: str) -> list[str]:
        """The actions of its events."""
        with self.parts.database.read() as connection:
            return [e.action for e in events.of(connection, key)]

    def details(self, key: str, action: str) -> Mapping[str, Any]:
        """What its last event of this action says."""
        with self.parts.database.read() as connection:
            return events.of(connection, key, action=action)[-1].details

    def mails(self, key: str, kind: str) -> list[dict[str, Any]]:
        with self.parts.database.read() as connection:
            return [m for m in mails.of(connection, key) if m["kind"] == kind]

    def say(self, key: str, gate: str, *, yes: bool, words: str = "") -> Publication:
        """Carl answers by the button."""
        return gates.answer(self.parts, CARL, key, gate, yes=yes, words=words)


def until(look: Callable[[], Any], why: Callable[[], str] = str, seconds: float = 20.0) -> Any:
    """Wait on a condition; its value once it is true."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        pause.wait(0.03)
    raise AssertionError(f"waited {seconds} s in vain: {why()}")


def opened(folder: Any, database: str, **route: Any) -> Iterator[WaitingHouse]:
    """A house at work, for a fixture."""
    house = WaitingHouse(settings(folder, database, **route))
    house.work()
    try:
        yield house
    finally:
        house.close()
