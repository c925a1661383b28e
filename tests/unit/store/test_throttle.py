"""Tries are counted, also when they come at once, and forgotten when their window is over."""

from __future__ import annotations

import threading
from datetime import timedelta

from excudit.store import migrate, throttle
from excudit.store.database import Database
from excudit.store.publications import now


def test_tries_made_at_once_are_all_counted(database_url: str) -> None:
    database = Database(database_url)
    migrate.upgrade(database)
    allowed = []

    def attempt() -> None:
        with database.write() as connection:
            allowed.append(throttle.take(connection, "account ada", 5) <= now())

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(allowed) == [False] * 7 + [True] * 5
    with database.write() as connection:
        throttle.give_back(connection, "nobody")
        assert throttle.take(connection, "account ada", 5, timedelta(0)) <= now(), "a new window"
        assert throttle.take(connection, "account bob", 0) > now()
        throttle.forget(connection, "account bob")
        assert throttle.take(connection, "account bob", 1) <= now()
        assert throttle.sweep(connection) == 0
        assert throttle.sweep(connection, timedelta(0)) == 2
    database.close()
