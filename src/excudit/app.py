"""The one place where things are wired: settings in, a service or a worker out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from importlib.metadata import EntryPoint, distributions
from typing import Any

from pydantic import ValidationError

from excudit.domain.errors import ExcuditError, Rejected
from excudit.domain.problem import Problem
from excudit.engine.client import EngineClient
from excudit.engine.ledger import Ledger
from excudit.engine.limits import Limiter
from excudit.engine.outcome import Patience
from excudit.engine.step import Action
from excudit.engine.worker import Worker
from excudit.http import PATIENCE_S, Remote, user_agent
from excudit.ports import Probing
from excudit.service.actions import bound
from excudit.service.fixity import Keeper
from excudit.service.intake import Intaker
from excudit.service.ledger import RunLedger
from excudit.service.listening import Listener
from excudit.service.mail.sender import Sender
from excudit.service.outbox import StoredOutbox
from excudit.service.parts import Parts
from excudit.service.plans import queues_of
from excudit.service.probing import Prober
from excudit.service.renewing import Renewer
from excudit.service.requested import Answerer
from excudit.service.sweep import Sweeper
from excudit.settings import Plugged, Settings, from_validation
from excudit.store import migrate
from excudit.store.database import Database, sqlite_url, with_password

log = logging.getLogger("excudit")


def database_url(settings: Settings) -> str:
    """The database of these settings, password included: for connecting, never for showing."""
    service = settings.service
    if not service.database:
        return sqlite_url(service.data_dir / "excudit.db")
    if service.database_password is None:
        return service.database
    return with_password(service.database, service.database_password.read().get_secret_value())


def open_database(settings: Settings, *, migrating: bool = True) -> Database:
    """The database, brought to the newest schema. Raises Rejected, Denied or Unavailable."""
    service = settings.service
    if not service.database:
        try:
            service.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Rejected(
                f"The folder {service.data_dir} cannot be made: {error.strerror}.",
                hint="Name a folder that the service may write in service.data_dir.",
            ) from error
    database = Database(database_url(settings))
    if migrating:
        migrate.upgrade(database)
    return database


def build(settings: Settings, *, migrating: bool = True) -> Parts:
    """Wire a service. Raises Rejected with every problem of sources and targets at once."""
    database = open_database(settings, migrating=migrating)
    limiter = Limiter(database.engine)
    sources, problems = _plugged("source", settings, settings.sources, limiter)
    targets, more = _plugged("target", settings, settings.targets, limiter)
    if problems or more:
        raise Rejected(
            "The configuration has problems.",
            problems=(*problems, *more),
            hint="Mend them in excudit.toml; `excudit doctor` checks again.",
        )
    client = EngineClient(database.engine)
    if migrating:
        client.prepare(queues(settings))
    return Parts(
        settings=settings,
        database=database,
        client=client,
        sources=sources,
        targets=targets,
        look_at=_stranger(settings),
    )


def queues(settings: Settings) -> list[str]:
    """All queues that the routes use."""
    return sorted({name for route in settings.routes.values() for name in queues_of(route)})


@cache
def _installed() -> dict[str, dict[str, EntryPoint]]:
    """Entry points by group and name; reads a file of each package that is installed, once."""
    found: dict[str, dict[str, EntryPoint]] = {}
    for package in distributions():
        for entry in package.entry_points:
            found.setdefault(entry.group, {}).setdefault(entry.name, entry)
    return found


def _plugged(
    what: str, settings: Settings, tables: Mapping[str, Plugged], limiter: Limiter
) -> tuple[dict[str, Any], list[Problem]]:
    found = _installed().get(f"excudit.{what}s", {})
    made: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, table in tables.items():
        try:
            made[name] = _make(what, name, table, settings, found, limiter)
        except ExcuditError as error:
            problems += error.problems or (Problem(f"/{what}s/{name}", error.message, error.hint),)
    return made, problems


def _make(
    what: str,
    name: str,
    table: Plugged,
    settings: Settings,
    found: Mapping[str, EntryPoint],
    limiter: Limiter,
) -> Any:
    if table.kind not in found:
        raise Rejected(
            f"There is no {what} of kind {table.kind!r}.",
            hint=f"Installed kinds: {', '.join(sorted(found)) or 'none'}.",
        )
    maker = found[table.kind].load()
    try:
        own = maker.Settings.model_validate(table.own())
    except ValidationError as error:
        problems = from_validation(error, f"/{what}s/{name}")
        raise Rejected(f"{what}s.{name} has problems.", problems=problems) from error
    rate = getattr(own, "per_second", 0)
    pace = _paced(limiter, name, rate) if rate else None
    return maker(name, own, settings.site, **({"take": pace} if what == "target" else {}))


def _paced(limiter: Limiter, name: str, per_second: float) -> Callable[[], float]:
    # A turn further away than the client waits for is not taken: others may have it.
    burst = max(1, round(per_second))
    return lambda: limiter.take(name, per_second, burst=burst, at_most_s=PATIENCE_S)


def _stranger(settings: Settings) -> Callable[[str], tuple[int, str]]:
    remote = Remote("the landing page", settings.site.base_url, agent=user_agent(settings.site))

    def look_at(url: str) -> tuple[int, str]:
        path = url.removeprefix(settings.site.base_url.rstrip("/"))
        answer = remote.send("GET", path, accept="text/html")
        return answer.status, answer.body.decode("utf-8", "replace")

    return look_at


@dataclass(frozen=True, slots=True)
class Workers:
    """What works in a worker process: the engine, the mail sender, and what looks after both.
    `stop` is idempotent."""

    engine: Worker
    mail: Sender | None
    sweeper: Sweeper
    prober: Prober
    answerer: Answerer
    listener: Listener
    renewer: Renewer
    intaker: Intaker
    keeper: Keeper

    def start(self) -> None:
        """Begin to work; returns at once. Raises Conflict when another worker has the SQLite
        file."""
        self.engine.start()
        self.sweeper.start()
        self.prober.start()
        self.answerer.start()
        self.listener.start()
        self.renewer.start()
        self.intaker.start()
        self.keeper.start()
        if self.mail is not None:
            self.mail.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Finish what can be finished; the rest goes on in the next worker."""
        self.keeper.stop()
        self.intaker.stop()
        self.renewer.stop()
        self.listener.stop()
        self.answerer.stop()
        self.prober.stop()
        self.sweeper.stop()
        if self.mail is not None:
            self.mail.stop()
        self.engine.stop(timeout_s)


def worker(
    parts: Parts,
    *,
    poll_s: float = 0.1,
    patience: Patience | None = None,
    lease_s: float = 30.0,
    around: Callable[[dict[str, Action], Ledger], tuple[dict[str, Action], Ledger]] | None = None,
) -> Workers:
    """The worker of a wired service, not started yet.

    `around` may wrap actions and ledger, as `testing.crash` does; nothing in the product does.
    """
    settings = parts.settings
    actions: dict[str, Action] = bound(parts)
    ledger: Ledger = RunLedger(parts)
    if around is not None:
        actions, ledger = around(actions, ledger)
    engine = Worker(
        database_url(settings),
        actions,
        ledger,
        # Runs begun under other settings are carried out, too, or nobody would hear of them again.
        sorted({*queues(settings), *parts.client.queues_in_use()}),
        concurrency=settings.service.workers,
        poll_s=poll_s,
        patience=patience,
        lease_s=lease_s,
        keep=timedelta(days=settings.service.keep_runs_days),
    )
    mail = (
        Sender(StoredOutbox(parts.database, settings.site), settings.mail, 2.0)
        if settings.mail.host
        else None
    )
    sweeper = Sweeper(parts, RunLedger(parts))
    return Workers(
        engine,
        mail,
        sweeper,
        Prober(parts),
        Answerer(parts),
        Listener(parts),
        Renewer(parts),
        Intaker(parts),
        Keeper(parts),
    )


def doctor(settings: Settings) -> list[Problem]:
    """Everything that is wrong with the configuration, the database and the targets, with what
    to do. No side effect but a connection."""
    problems: list[Problem] = []
    try:
        database = open_database(settings, migrating=False)
        revision = migrate.current(database)
        database.close()
    except ExcuditError as error:
        return [_as_problem("/service/database", error)]
    if revision != migrate.newest():
        words = "has not been set up" if revision is None else f"is at revision {revision}"
        problems.append(
            Problem("/service/database", f"The database {words}.", "Run `excudit init`.")
        )
        return problems
    try:
        parts = build(settings, migrating=False)
    except ExcuditError as error:
        return [*problems, *(error.problems or (_as_problem("/", error),))]
    if not settings.routes:
        mend = (
            "Name a source, a target and a route in excudit.toml; `excudit.example.toml` shows how."
        )
        problems.append(Problem("/routes", "Nothing can be published yet.", mend, "warning"))
    for where, asked in (
        *((f"/sources/{n}", s) for n, s in parts.sources.items() if isinstance(s, Probing)),
        *((f"/targets/{n}", t) for n, t in parts.targets.items()),
    ):
        try:
            problems += (replace(p, where=f"{where}{p.where}") for p in asked.probe())
        except ExcuditError as error:
            problems.append(_as_problem(where, error))
    return problems


def _as_problem(where: str, error: ExcuditError) -> Problem:
    words = f"{error.message} {error.remote}".strip()
    return Problem(where, words, error.hint)
