"""What the engine tells the application about its runs, and the one thing that it asks."""

from __future__ import annotations

from typing import Protocol

from excudit.engine.outcome import Ending, Outcome


class Ledger(Protocol):
    """Where screens and events learn what runs do. The application implements it.

    Every call is one transaction of the application's own and is made *at least once*: after a
    crash the same call comes again, with the same arguments or, for `ended`, with another
    outcome of the same attempt; the last one counts. When the database does not answer, the engine
    repeats the call until it does; any other error parks the run.
    """

    def begun(self, run: str, step: str, attempt: int, *, undoing: bool) -> None:
        """An attempt at a step begins now."""
        ...

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
        """An attempt has ended. The step `following` ("" = none) begins its attempt 1 with it.

        With outcome "later" the run waits `outcome.wait_s` seconds from now, then tries again.
        """
        ...

    def progressed(self, run: str, step: str, done: int, total: int, unit: str) -> None:
        """The running attempt is so far. At most twice a second, and when all is done."""
        ...

    def finished(self, run: str, ending: Ending) -> None:
        """The run has ended; no call for this run follows, except this one again."""
        ...

    def stop_requested(self, run: str) -> bool:
        """Was this run asked to stop? Asked before every attempt: must be fast."""
        ...
