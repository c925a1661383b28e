"""The log lines of the library below us, as part of the application's own log."""

from __future__ import annotations

import logging


class NoTraceback(logging.Filter):
    """Keeps the line and drops the traceback: a cancelled or moved run is no fault, and a
    traceback of the database layer would show what a run was given."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        record.exc_text = None
        return True


def quiet_dbos() -> None:
    """Send the engine's log through the application's logging, instead of its own console."""
    logger = logging.getLogger("dbos")
    if not any(isinstance(f, NoTraceback) for f in logger.filters):
        logger.addHandler(logging.NullHandler())
        logger.setLevel(logging.WARNING)
        logger.addFilter(NoTraceback())
