"""A rate of requests to a target that all workers keep together."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from excudit.domain.errors import RateLimited
from excudit.engine.database import clock, is_sqlite, placed, rates


class Limiter:
    """Turns at a target, `rate_per_s` a second, `burst` at once after a pause (GCRA).

    On PostgreSQL all processes share one sequence of turns, by the database's clock; on SQLite
    there is one worker process, which keeps it in memory. Thread-safe.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = placed(engine)
        self._local = is_sqlite(engine)
        self._free_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(
        self, name: str, rate_per_s: float, *, burst: int = 1, at_most_s: float = math.inf
    ) -> float:
        """Reserve the next turn: seconds to wait for it, 0 = now.

        When that is more than `at_most_s`, nothing is reserved.
        """
        if rate_per_s <= 0 or burst < 1:
            raise ValueError(f"The rate of {name!r} must be above 0 and its burst at least 1.")
        gap, slack = 1 / rate_per_s, (burst - 1) / rate_per_s
        if self._local:
            return self._take_local(name, gap, slack, at_most_s)
        return self._take_shared(name, gap, slack, at_most_s)

    def _take_local(self, name: str, gap: float, slack: float, at_most_s: float) -> float:
        with self._lock:
            now = time.monotonic()
            free_at = max(self._free_at.get(name, now), now)
            wait = max(0.0, free_at - slack - now)
            if wait <= at_most_s:
                self._free_at[name] = free_at + gap
            return wait

    def _take_shared(self, name: str, gap: float, slack: float, at_most_s: float) -> float:
        now = clock(self._engine)
        free_at = sa.func.greatest(rates.c.free_at, now)
        statement = (
            postgresql.insert(rates)
            .values(name=name, free_at=now + gap)
            .on_conflict_do_update(
                index_elements=[rates.c.name],
                set_={"free_at": free_at + gap},
                where=free_at - slack - now <= min(at_most_s, 1e9),
            )
            .returning(rates.c.free_at - gap - slack - now)
        )
        with self._engine.begin() as c:
            wait = c.execute(statement).scalar()
            if wait is None:
                ahead = sa.select(rates.c.free_at - slack - now).where(rates.c.name == name)
                wait = max(c.execute(ahead).scalar_one(), math.nextafter(at_most_s, math.inf))
        return max(0.0, float(wait))

    def turn(
        self, name: str, rate_per_s: float, *, burst: int = 1, at_most_s: float = 30.0
    ) -> Callable[[], None]:
        """A callable that waits for a turn; a client calls it before each request.

        It raises RateLimited instead of waiting more than `at_most_s` seconds.
        """

        def wait_for_turn() -> None:
            wait = self.take(name, rate_per_s, burst=burst, at_most_s=at_most_s)
            if wait > at_most_s:
                raise RateLimited(
                    f"{name} has no free turn for {wait:.0f} s at {rate_per_s:g} a second.",
                    delay_s=wait,
                )
            if wait:
                time.sleep(wait)

        return wait_for_turn
