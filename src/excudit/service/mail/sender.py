"""The thread of a worker process that empties the outbox."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from excudit.service.mail.send import BATCH, Outbox, send_due
from excudit.settings import Mail

log = logging.getLogger(__name__)


class Sender:
    """Sends what is due every `interval` seconds, and at once after `wake`.

    Several may run on one outbox, in one process or many. `start` once, `stop` once.
    """

    def __init__(self, outbox: Outbox, settings: Mail, interval: float = 30.0) -> None:
        self._outbox = outbox
        self._mail = settings
        self._interval = interval
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail-sender", daemon=True)

    def start(self) -> None:
        """Begin, with a first look at the outbox now."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the outbox now: something was put into it. Never blocks; from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """End after the mail in hand; the rest stays due. Returns when the thread has ended."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        # Each round is a future, so that a round that fails, whatever the reason, is logged and
        # the next one still comes: a dead sender would be a mute state.
        with ThreadPoolExecutor(1, thread_name_prefix="mail-round") as rounds:
            while not self._stop.is_set():
                now = datetime.now(UTC)
                done = rounds.submit(send_due, self._outbox, self._mail, now=now, stop=self._stop)
                error = done.exception()
                if error is not None:
                    log.error("A round of sending mail failed", exc_info=error)
                elif done.result() == BATCH:
                    continue
                self._wake.wait(self._interval)
                self._wake.clear()
