"""How fast we may ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from excudit.domain.errors import RateLimited


class Pace:
    """At most `per_second` requests a second on average, for all threads; 0 = no limit.

    What was not used in the last `burst_s` seconds may be used at once.
    """

    def __init__(
        self,
        per_second: float,
        *,
        burst_s: float = 5.0,
        patience_s: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._burst_s, self._patience_s, self._clock = burst_s, patience_s, clock
        self._lock = threading.Lock()
        self._next = clock() - burst_s

    def take(self) -> float:
        """Book the next slot; the seconds until it.

        Raises RateLimited, booking nothing, when they are more than the patience.
        """
        with self._lock:
            now = self._clock()
            slot = max(self._next, now - self._burst_s)
            wait = max(slot - now, 0.0)
            if wait > self._patience_s:
                raise RateLimited("Our own rate limit for this service is used up.", delay_s=wait)
            self._next = slot + self._gap
            return wait
