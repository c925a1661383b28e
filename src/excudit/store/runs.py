"""Runs and their attempts, for screens and for the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Boolean, Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from excudit.domain.errors import Conflict
from excudit.store import tables as t
from excudit.store.publications import now

# Built once: a worker executes these for every step of every run.
_KEY: BindParameter[str] = bindparam("key")
_GET = select(t.runs).where(t.runs.c.id == _KEY)
_STOP = select(t.runs.c.stop_requested).where(t.runs.c.id == _KEY)
_HERE = (
    (t.attempts.c.run == bindparam("of_run"))
    & (t.attempts.c.step == bindparam("of_step"))
    & (t.attempts.c.attempt == bindparam("of_attempt"))
    & (t.attempts.c.undoing == bindparam("of_undoing"))
)
_ENDED = (
    update(t.attempts)
    .where(_HERE)
    .values(status=bindparam("status"), ended_at=bindparam("at"), outcome=bindparam("outcome"))
)
_MOVED = (
    update(t.runs)
    .where(t.runs.c.id == _KEY, t.runs.c.ended_at.is_(None))
    .values(
        status="running",
        position=bindparam("step"),
        next_try_at=None,
        past_final=t.runs.c.past_final | bindparam("final", type_=Boolean),
    )
)
_AGAIN = {"status": "running", "ended_at": None}


def _begun(dialect: Any) -> Any:
    fresh = dialect.insert(t.attempts)
    return fresh.on_conflict_do_update(
        index_elements=list(t.attempts.primary_key.columns),
        set_={**_AGAIN, "begun_at": fresh.excluded.begun_at},
    )


_BEGUN = {"sqlite": _begun(sqlite), "postgresql": _begun(postgresql)}


def begin(
    connection: Connection,
    publication: str,
    plan: str,
    steps: Sequence[dict[str, Any]],
    *,
    actor: str,
    given: dict[str, Any] | None = None,
) -> str:
    """Open the one active run of a publication; returns its id, which is never used again.

    Raises Conflict when another is under way.
    """
    count = connection.execute(
        select(func.count()).select_from(t.runs).where(t.runs.c.publication == publication)
    ).scalar_one()
    run = f"{plan}:{publication}:{count + 1}"
    values = {
        "id": run,
        "publication": publication,
        "plan": plan,
        "steps": list(steps),
        "status": "queued",
        "began_by": actor,
        "given": given or {},
        "begun_at": now(),
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(t.runs), values)
    except IntegrityError as error:
        raise Conflict(
            "Another run of this publication is still under way.",
            hint=f"`excudit status {publication}` shows what it does.",
        ) from error
    return run


def supersede(connection: Connection, publication: str) -> None:
    """End the run of a publication that stands still: another takes its place."""
    still = (t.runs.c.publication == publication) & (t.runs.c.status == "parked")
    connection.execute(
        update(t.runs).where(still, t.runs.c.ended_at.is_(None)).values(ended_at=now())
    )


def get(connection: Connection, run: str) -> dict[str, Any] | None:
    """One run as a row."""
    row = connection.execute(_GET, {"key": run}).mappings().first()
    return dict(row) if row else None


def over(connection: Connection, run: str) -> bool:
    """Whether the run is at its end: another may have taken its place while it was at work."""
    row = get(connection, run)
    return row is None or row["ended_at"] is not None


def active(connection: Connection, publication: str) -> dict[str, Any] | None:
    """The run that is not at its end, parked ones included."""
    row = (
        connection.execute(
            select(t.runs).where(t.runs.c.publication == publication, t.runs.c.ended_at.is_(None))
        )
        .mappings()
        .first()
    )
    return dict(row) if row else None


def at_gate(run: Mapping[str, Any]) -> bool:
    """Whether the run stands at a gate, or ended there; one that tries again has a time for it."""
    return bool(run["status"] == "waiting" and run["next_try_at"] is None)


def chain_of(run: Mapping[str, Any]) -> str:
    """The first of the runs that go on from one another; it keeps what they have in common."""
    return str(run["given"].get("chain") or run["id"])


def follow_ups(connection: Connection, publication: str) -> dict[str, dict[str, Any]]:
    """The newest run of each follow-up target of a publication, by target."""
    found = [r for r in of(connection, publication) if r["plan"] == "follow-up"]
    return {str(r["given"].get("target", "")): r for r in found}


def stands_aside(run: Mapping[str, Any]) -> bool:
    """Whether a follow-up came to no good end: a person lets it go on."""
    bad = run["status"] in ("parked", "undone", "stopped", "cleaned")
    return bad and not run["given"].get("set_aside")


def gives_way(run: Mapping[str, Any]) -> bool:
    """Whether the run is a follow-up that waits for its next try: others need not wait for it."""
    waits = run["status"] == "waiting" and run["next_try_at"] is not None
    return bool(run["plan"] == "follow-up" and waits)


def set_aside(connection: Connection, publication: str) -> None:
    """End a follow-up that waits for its next try; it goes on after what takes its place."""
    run = active(connection, publication)
    if run is not None and gives_way(run):
        given = {**run["given"], "set_aside": True}
        change(connection, run["id"], status="stopped", ended_at=now(), given=given)


def newest(connection: Connection, publication: str) -> dict[str, Any] | None:
    """The run that began last, None while there is none."""
    row = connection.execute(
        select(t.runs)
        .where(t.runs.c.publication == publication)
        .order_by(t.runs.c.begun_at.desc())
        .limit(1)
    ).mappings()
    found = row.first()
    return dict(found) if found else None


def of(connection: Connection, publication: str) -> list[dict[str, Any]]:
    """All runs of a publication, first to last."""
    rows = connection.execute(
        select(t.runs).where(t.runs.c.publication == publication).order_by(t.runs.c.begun_at)
    ).mappings()
    return [dict(row) for row in rows]


def change(connection: Connection, run: str, **values: Any) -> None:
    """Change columns of a run."""
    connection.execute(update(t.runs).where(t.runs.c.id == run).values(**values))


def attempts(connection: Connection, run: str) -> list[dict[str, Any]]:
    """All attempts of a run in the order they began."""
    rows = connection.execute(
        select(t.attempts)
        .where(t.attempts.c.run == run)
        .order_by(t.attempts.c.begun_at, t.attempts.c.attempt)
    ).mappings()
    return [dict(row) for row in rows]


def attempt_begun(
    connection: Connection,
    run: str,
    step: str,
    attempt: int,
    *,
    undoing: bool,
    final: bool,
    at: datetime,
) -> bool:
    """An attempt begins; again after a crash. False, and nothing is written, when the run is at
    its end already."""
    moved = connection.execute(_MOVED, {"key": run, "step": step, "final": final})
    if moved.rowcount:
        row = {"run": run, "step": step, "attempt": attempt, "undoing": undoing, "begun_at": at}
        connection.execute(_BEGUN[connection.dialect.name], {**row, **_AGAIN})
    return moved.rowcount == 1


def attempt_ended(
    connection: Connection,
    run: str,
    step: str,
    attempt: int,
    *,
    undoing: bool,
    status: str,
    outcome: dict[str, Any],
    at: datetime,
) -> None:
    """An attempt ended; the last word on it counts."""
    place = {"of_run": run, "of_step": step, "of_attempt": attempt, "of_undoing": undoing}
    connection.execute(_ENDED, {**place, "status": status, "at": at, "outcome": outcome})


def progress(
    connection: Connection, run: str, step: str, *, done: int, total: int, unit: str
) -> None:
    """How far the running attempt at a step is."""
    connection.execute(
        update(t.attempts)
        .where(t.attempts.c.run == run, t.attempts.c.step == step)
        .where(t.attempts.c.status == "running")
        .values(done=done, total=total, unit=unit)
    )


def stop_requested(connection: Connection, run: str) -> bool:
    """Was the run asked to stop?"""
    return bool(connection.execute(_STOP, {"key": run}).scalar())


def trace(connection: Connection, publication: str) -> tuple[Any, ...]:
    """What changes whenever a run of a publication does, or an attempt of its last one."""
    c = t.runs.c
    last = connection.execute(
        select(c.id, c.status, c.position, c.next_try_at, c.ended_at, c.stop_requested)
        .where(c.publication == publication)
        .order_by(c.begun_at.desc())
        .limit(1)
    ).first()
    if last is None:
        return ()
    a = t.attempts.c
    tried = select(
        func.count(), func.max(a.begun_at), func.max(a.ended_at), func.sum(a.done)
    ).where(a.run == last[0])
    return (*last, *connection.execute(tried).one())
