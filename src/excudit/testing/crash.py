"""Kill a worker at an exact instant, from outside of the product.

What is wrapped are the actions and the ledger that `app.worker` is given; the process then ends
by SIGKILL, as a power cut would end it: no clean-up, no flush.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from excudit.engine.ledger import Ledger
from excudit.engine.outcome import Ending, Outcome
from excudit.engine.step import Action, Call

Phase = Literal["before", "effect", "journal"]
PHASES: tuple[Phase, ...] = get_args(Phase)


@dataclass(frozen=True, slots=True)
class Crash:
    """Die at a step: `before` its effect, after the `effect` but before anything is written down
    of it, or after the `journal` has it in the application's tables."""

    step: str
    phase: Phase = "effect"
    undoing: bool = False

    @classmethod
    def parse(cls, text: str) -> Crash:
        """ "STEP" or "STEP:PHASE". Raises ValueError for an unknown phase."""
        step, _, phase = text.partition(":")
        for known in PHASES:
            if phase in ("", known):
                return cls(step, known if phase else "effect")
        raise ValueError(f"{phase!r} is none of {', '.join(PHASES)}")

    def around(
        self, actions: dict[str, Action], ledger: Ledger
    ) -> tuple[dict[str, Action], Ledger]:
        """The same actions and ledger, deadly at the chosen instant."""
        return {n: self._deadly(a) for n, a in actions.items()}, _DeadlyLedger(self, ledger)

    def _deadly(self, action: Action) -> Action:
        def act(call: Call) -> Mapping[str, Any] | None:
            here = call.step == self.step and call.undoing == self.undoing
            if here and self.phase == "before":
                die()
            result = action(call)
            if here and self.phase == "effect":
                die()
            return result

        return act


def die() -> None:
    """End this process as SIGKILL does."""
    os.kill(os.getpid(), signal.SIGKILL)


class _DeadlyLedger:
    def __init__(self, crash: Crash, ledger: Ledger) -> None:
        self._crash, self._ledger = crash, ledger

    def begun(self, run: str, step: str, attempt: int, *, undoing: bool) -> None:
        self._ledger.begun(run, step, attempt, undoing=undoing)

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
        self._ledger.ended(run, step, attempt, outcome, undoing=undoing, following=following)
        crash = self._crash
        if (step, undoing, crash.phase) == (crash.step, crash.undoing, "journal"):
            die()

    def progressed(self, run: str, step: str, done: int, total: int, unit: str) -> None:
        self._ledger.progressed(run, step, done, total, unit)

    def finished(self, run: str, ending: Ending) -> None:
        self._ledger.finished(run, ending)

    def stop_requested(self, run: str) -> bool:
        return self._ledger.stop_requested(run)
