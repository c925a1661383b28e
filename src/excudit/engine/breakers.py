"""Circuit breakers: a target that is down is left alone, for all runs and all workers at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from excudit.engine.database import breakers, clock, is_sqlite, placed

MOST_DOUBLINGS = 10
PAUSED = 1_000_000_000
"""As many failures as no target reaches: somebody holds it open by hand."""
PAUSED_S = 10 * 365 * 86_400.0
TRUSTED_S = 0.25


@dataclass(frozen=True, slots=True)
class Trip:
    """When a breaker opens, and for how long, in seconds.

    It opens after `failures` consecutive failures for `open_s`, doubled for each failed probe up
    to `longest_s`. Then one probe is let through; another may follow it after `probe_s`.
    """

    failures: int = 5
    open_s: float = 30.0
    longest_s: float = 900.0
    probe_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """A target that failed lately. `wait_s`: seconds until the next call may try, 0 = now."""

    target: str
    failures: int
    wait_s: float
    open: bool

    @property
    def paused(self) -> bool:
        """Whether somebody holds it open by hand."""
        return self.failures >= PAUSED


class Breakers:
    """The breakers of all targets, kept in the database: every worker and screen sees the same.

    Thread-safe; each method is one or two small statements.
    """

    def __init__(self, engine: sa.Engine, trip: Trip | None = None) -> None:
        self._engine = placed(engine)
        self.trip = trip or Trip()
        self._clean_until: dict[str, float] = {}
        # Built once: asked before every step, and building it costs more than running it.
        self._all = self._select()
        self._one = self._all.where(breakers.c.target == sa.bindparam("one"))

    def seen(self) -> Mapping[str, Breaker]:
        """The targets with failures that no success has cleared yet, by name."""
        with self._engine.begin() as c:
            rows = c.execute(self._all).all()
        return {row.target: self._breaker(row) for row in rows}

    def admit(self, target: str) -> Breaker | None:
        """May a call go to `target` now? Yes when None, or when its `wait_s` is 0.

        After the open time the first caller alone gets a 0: it is the probe. What other workers
        find out about a target without failures is heard a quarter of a second later.
        """
        if time.monotonic() < self._clean_until.get(target, 0.0):
            return None
        with self._engine.begin() as c:
            row = c.execute(self._one, {"one": target}).one_or_none()
            if row is None:
                self._clean_until[target] = time.monotonic() + TRUSTED_S
                return None
            seen = self._breaker(row)
            if seen.open and seen.wait_s == 0 and not self._probe(c, target):
                return Breaker(target, seen.failures, self.trip.probe_s, True)
            return seen

    def _select(self) -> sa.Select[Any]:
        now = clock(self._engine)
        table = breakers.c
        return sa.select(
            table.target,
            table.failures,
            (table.open_until - now).label("closed_in"),
            (table.probe_until - now).label("probe_in"),
        ).where(table.failures > 0)

    def _breaker(self, row: sa.Row[Any]) -> Breaker:
        opened = row.closed_in is not None
        wait = max(row.closed_in or 0.0, row.probe_in or 0.0, 0.0) if opened else 0.0
        return Breaker(row.target, row.failures, wait, opened)

    def _probe(self, c: sa.Connection, target: str) -> bool:
        now = clock(c)
        free = breakers.c.probe_until.is_(None) | (breakers.c.probe_until <= now)
        mine = (
            sa.update(breakers)
            .where(breakers.c.target == target, breakers.c.open_until <= now, free)
            .values(probe_until=now + self.trip.probe_s)
        )
        return c.execute(mine).rowcount == 1

    def failed(self, target: str) -> None:
        """The target was unavailable. While its breaker is open, late failures change nothing."""
        self._clean_until.pop(target, None)
        insert = sqlite.insert if is_sqlite(self._engine) else postgresql.insert
        now = clock(self._engine)
        failures, open_until = breakers.c.failures + 1, breakers.c.open_until
        doublings = failures - self.trip.failures
        doublings = sa.case((doublings > MOST_DOUBLINGS, MOST_DOUBLINGS), else_=doublings)
        longer = self.trip.open_s * sa.literal(1).bitwise_lshift(doublings)
        open_for = sa.case((longer > self.trip.longest_s, self.trip.longest_s), else_=longer)
        opened = sa.case((failures >= self.trip.failures, now + open_for), else_=sa.null())
        first = now + self.trip.open_s if self.trip.failures <= 1 else None
        statement = insert(breakers).values(target=target, failures=1, open_until=first)
        statement = statement.on_conflict_do_update(
            index_elements=[breakers.c.target],
            set_={"failures": failures, "open_until": opened, "probe_until": None},
            where=open_until.is_(None) | (open_until <= now),
        )
        with self._engine.begin() as c:
            c.execute(statement)

    def worked(self, target: str) -> None:
        """The target answered: its breaker closes."""
        mine = (breakers.c.target == target) & (breakers.c.failures < PAUSED)
        with self._engine.begin() as c:
            c.execute(sa.delete(breakers).where(mine))

    def pause(self, target: str) -> None:
        """Make no call to the target until `resume`, whatever it answers. Idempotent."""
        self._clean_until.pop(target, None)
        insert = sqlite.insert if is_sqlite(self._engine) else postgresql.insert
        held = {"failures": PAUSED, "open_until": clock(self._engine) + PAUSED_S}
        statement = insert(breakers).values(target=target, probe_until=None, **held)
        statement = statement.on_conflict_do_update(
            index_elements=[breakers.c.target], set_={**held, "probe_until": None}
        )
        with self._engine.begin() as c:
            c.execute(statement)

    def resume(self, target: str) -> bool:
        """Let calls go to the target again; False when it was not paused."""
        held = (breakers.c.target == target) & (breakers.c.failures >= PAUSED)
        with self._engine.begin() as c:
            return c.execute(sa.delete(breakers).where(held)).rowcount == 1
