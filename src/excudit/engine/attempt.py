"""One attempt at a step: everything that touches the world happens here, once per journal entry.

The result is an outcome as data, never an exception, so that a replay takes the same way.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from excudit.domain.errors import ExcuditError, Unavailable, Uncertain
from excudit.engine.breakers import Breaker, Breakers
from excudit.engine.database import outage
from excudit.engine.ledger import Ledger
from excudit.engine.order import Order
from excudit.engine.outcome import Ending, Outcome, Patience, judge, later, redacted
from excudit.engine.step import Action, Call, Step, Stopped

log = logging.getLogger("excudit.engine")

LOOK_AGAIN_S = 0.5
SLOWEST_REPEAT_S = 5.0


@dataclass(frozen=True, slots=True)
class Visit:
    """Which attempt this is. `begun`: the ledger knows of it already. `deaf`: a stop request is
    not for this attempt. `most`: counted attempts allowed, None = no bound."""

    order: Order
    step: Step
    number: int
    tries: int
    undoing: bool
    begun: bool
    deaf: bool
    most: int | None
    following: str = ""


class WorkerGone(Exception):
    """The worker was stopped; another one goes on with this run."""


class Attempts:
    """Makes attempts with the application's actions, and tells its ledger."""

    def __init__(
        self,
        actions: Mapping[str, Action],
        ledger: Ledger,
        breakers: Breakers,
        patience: Patience,
        fence: Callable[[], None],
    ) -> None:
        self.actions = actions
        self.ledger = ledger
        self.breakers = breakers
        self.patience = patience
        self.fence = fence
        self._work = threading.Condition()
        self._at_work = 0
        self._stopping = False
        self._gone = threading.Event()

    def open(self) -> None:
        """Attempts may be made."""
        self._stopping = False
        self._gone.clear()

    def close(self, timeout_s: float) -> int:
        """Let no further attempt begin, and wait for those at work; how many are left."""
        with self._work:
            self._stopping = True
            self._work.wait_for(lambda: not self._at_work, timeout_s)
            return self._at_work

    def abandon(self) -> None:
        """Let the threads go that `close` holds: only when they can record nothing any more."""
        self._gone.set()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._work:
            stopping = self._stopping
            self._at_work += not stopping
        if stopping:
            self._gone.wait()
            raise WorkerGone
        try:
            self.fence()
            yield
        finally:
            with self._work:
                self._at_work -= 1
                self._work.notify_all()

    def make(self, visit: Visit) -> dict[str, Any]:
        """Make the attempt and tell the ledger. Returns `Outcome.as_data()`."""
        with self._counted():
            return self._make(visit).as_data()

    def admit(self, order: Order, step: Step) -> bool:
        """The last look before a final step: False when the run was asked to stop."""
        with self._counted():
            if self._tell(lambda: self.ledger.stop_requested(order.run)):
                return False
            self._tell(lambda: self.ledger.begun(order.run, step.key, 1, undoing=False))
            return True

    def finish(self, run: str, ending: Ending) -> None:
        """Tell the ledger that the run has ended."""
        with self._counted():
            self._tell(lambda: self.ledger.finished(run, ending))

    def _make(self, visit: Visit) -> Outcome:
        run, key, number = visit.order.run, visit.step.key, visit.number
        try:
            if not visit.begun:
                self._tell(lambda: self.ledger.begun(run, key, number, undoing=visit.undoing))
            outcome = self._outcome(visit)
            following = visit.following if outcome.kind == "ok" else ""
            self._tell(
                lambda: self.ledger.ended(
                    run, key, number, outcome, undoing=visit.undoing, following=following
                )
            )
        except Exception as error:  # noqa: BLE001 -- the ledger itself is broken: park
            return bug(error, visit)
        return outcome

    def _tell(self, call: Callable[[], Any]) -> Any:
        """Call the ledger; while the database is away, again and again."""
        pause = 0.1
        while True:
            try:
                return call()
            except (SQLAlchemyError, Unavailable) as error:
                away = isinstance(error, Unavailable) or outage(error)
                if not away or self._stopping:
                    raise
                log.warning("The database does not answer; again in %.1f s.", pause)
                self._gone.wait(pause)
                pause = min(pause * 2, SLOWEST_REPEAT_S)

    def _outcome(self, visit: Visit) -> Outcome:
        asked = self._ear(visit)
        if asked():
            return Outcome("stop")
        target = visit.step.target
        breaker = self._tell(lambda: self.breakers.admit(target)) if target else None
        if breaker is not None and breaker.wait_s > 0:
            return self._spared(breaker)
        try:
            outcome = self._act(visit, asked)
        except Stopped:
            return Outcome("stop")
        except Exception as error:  # noqa: BLE001 -- the edge: whatever an action raises
            return self._failed(visit, error)
        if breaker is not None:
            self._tell(lambda: self.breakers.worked(target))
        return outcome

    def _act(self, visit: Visit, asked: Callable[[], bool]) -> Outcome:
        step, order = visit.step, visit.order
        name = (step.undo if visit.undoing else step.do) or ""
        if name not in self.actions:
            raise LookupError(f"this version of excudit has no action {name!r}")
        call = Call(
            run=order.run,
            subject=order.subject,
            step=step.key,
            args=step.args,
            target=step.target,
            attempt=visit.number,
            undoing=visit.undoing,
            asked_to_stop=asked,
            report=self._meter(order.run, step.key),
        )
        result = self.actions[name](call) or {}
        # The journal's form already now: a replay must find the same types.
        return Outcome("ok", result=json.loads(json.dumps(dict(result))))

    def _failed(self, visit: Visit, error: Exception) -> Outcome:
        # Our own database being away is not the target's failure.
        cause = error.__cause__ if isinstance(error, Unavailable) else error
        target = "" if isinstance(cause, SQLAlchemyError) else visit.step.target
        if isinstance(error, SQLAlchemyError) and outage(error):
            error = Unavailable("The database did not answer.", remote=_words(error))
        if not isinstance(error, ExcuditError):
            return bug(error, visit)
        if target and isinstance(error, Unavailable):
            self._tell(lambda: self.breakers.failed(target))
        elif target and not isinstance(error, Uncertain):
            self._tell(lambda: self.breakers.worked(target))
        return judge(error, tries=visit.tries, most=visit.most, patience=self.patience)

    def _spared(self, breaker: Breaker) -> Outcome:
        error = Unavailable(
            f"{breaker.target} did not answer several times in a row; no call is made for now.",
            hint="It goes on by itself as soon as the other side answers again.",
        )
        if breaker.paused:
            error = Unavailable(
                f"{breaker.target} is paused by the operators; no call is made for now.",
                hint="It goes on by itself when they resume it.",
            )
        # Spread out, so that not all runs come back at the same instant.
        longest = self.breakers.trip.longest_s
        wait_s = min(breaker.wait_s, longest) * random.uniform(1.0, 1.25)
        return later(wait_s, error.as_data(), self.patience, counted=False)

    def _ear(self, visit: Visit) -> Callable[[], bool]:
        heard, looked = False, float("-inf")

        def asked() -> bool:
            nonlocal heard, looked
            if not visit.deaf and not heard and time.monotonic() - looked >= LOOK_AGAIN_S:
                heard = bool(self._tell(lambda: self.ledger.stop_requested(visit.order.run)))
                looked = time.monotonic()
            return heard

        return asked

    def _meter(self, run: str, step: str) -> Callable[[int, int, str], None]:
        begun = told = time.monotonic()

        def report(done: int, total: int, unit: str) -> None:
            nonlocal told
            # A step that is done at once is not worth a write of its own.
            last = done == total and told > begun
            if last or time.monotonic() - told >= LOOK_AGAIN_S:
                told = time.monotonic()
                self._tell(lambda: self.ledger.progressed(run, step, done, total, unit))

        return report


def bug(error: Exception, visit: Visit) -> Outcome:
    """The outcome of an attempt that raised what no action may raise. Logged, not repeated."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    log.error("Run %s parks at %s:\n%s", visit.order.run, visit.step.key, _trace(error))
    where = f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}"
    name = type(error).__name__
    data = ExcuditError(
        f"An unexpected error stopped this step: {name} at {where}: {_words(error)}",
        hint="This is a fault in excudit, not in your dataset. Report it with the log's traceback.",
    ).as_data()
    return Outcome("bug", error=data)


def _words(error: BaseException) -> str:
    """What the error says, without credentials and without the values of an SQL statement."""
    return redacted(str(error.orig if isinstance(error, DBAPIError) else error))


def _trace(error: BaseException) -> str:
    """The traceback of the error and of what caused it, the same way."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    earlier = f"{_trace(cause)}\nand then:\n" if cause is not None else ""
    frames = redacted("".join(traceback.format_tb(error.__traceback__)))
    head = "Traceback (most recent call last):\n"
    return f"{earlier}{head}{frames}{type(error).__name__}: {_words(error)}"
