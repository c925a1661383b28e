"""Reconciling by itself what is public and stands still: the database is brought up to what the
targets show, without a person and without a second publication."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from excudit.domain.errors import may_heal
from excudit.domain.model import SERVICE
from excudit.service import acts, resume
from excudit.service.parts import Parts
from excudit.store import publications, runs
from excudit.store.database import Connection

FIRST_S = 60.0
SLOWEST_S = 6 * 3600.0
AT_ONCE = 100


def heal(parts: Parts, *, first_s: float = FIRST_S) -> int:
    """Let runs go on whose publication is out of sync, and whose failure time may have ended; how
    many. Each waits twice as long as the time before. Their steps look before they act."""
    with parts.database.read() as connection:
        standing = publications.listing(connection, health="out_of_sync", limit=AT_ONCE)
    return sum(_healed(parts, one.id, first_s) for one in standing)


def _healed(parts: Parts, publication: str, first_s: float) -> bool:
    with parts.database.write() as connection:
        found = publications.get(connection, publication, lock=True)
        run = runs.active(connection, publication)
        if found.health != "out_of_sync" or run is None or not _may_go_on(run):
            return False
        times = int(run["given"].get("healed", 0))
        wait = timedelta(seconds=min(SLOWEST_S, first_s * 2 ** min(times, 20)))
        if publications.now() < _stands_since(connection, run) + wait:
            return False
        acts.tell(
            connection, parts, found, actor=SERVICE, action="retry", details={"healed": times + 1}
        )
        again = {**run, "given": {**run["given"], "healed": times + 1}}
        resume.forward(connection, parts, SERVICE, again)
    return True


def is_again(run: Mapping[str, Any]) -> bool:
    """Whether this run was begun here: who was told of the trouble is not told again."""
    return bool(run["given"].get("healed")) and run["began_by"] == SERVICE.name


def _may_go_on(run: Mapping[str, Any]) -> bool:
    """Parked after it made something public, by a failure that may end without a person."""
    passing = may_heal(str((run["error"] or {}).get("kind", "")))
    return run["status"] == "parked" and run["plan"] == "publish" and passing


def _stands_since(connection: Connection, run: Mapping[str, Any]) -> Any:
    ends = [a["ended_at"] for a in runs.attempts(connection, run["id"]) if a["ended_at"]]
    return max(ends, default=run["begun_at"])
