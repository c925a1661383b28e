"""Runs and their attempts, for screens and for the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from excudit.domain.errors import Conflict
from excudit.store import tables as t
from excudit.store.publications import now


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


def get(connection: Connection, run: str) -> dict[str, Any] | None:
    """One run as a row."""
    row = connection.execute(select(t.runs).where(t.runs.c.id == run)).mappings().first()
    return dict(row) if row else None


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


def _place(run: str, step: str, attempt: int, undoing: bool) -> Any:
    c = t.attempts.c
    return (c.run == run) & (c.step == step) & (c.attempt == attempt) & (c.undoing == undoing)


def attempt_begun(
    connection: Connection, run: str, step: str, attempt: int, *, undoing: bool, at: datetime
) -> None:
    """An attempt begins; again after a crash."""
    values: dict[str, Any] = {"status": "running", "begun_at": at, "ended_at": None}
    place = _place(run, step, attempt, undoing)
    if connection.execute(update(t.attempts).where(place).values(**values)).rowcount == 0:
        row = {"run": run, "step": step, "attempt": attempt, "undoing": undoing, **values}
        connection.execute(insert(t.attempts), row)


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
    """An attempt ended; the same end twice is written once."""
    connection.execute(
        update(t.attempts)
        .where(_place(run, step, attempt, undoing))
        .values(status=status, ended_at=at, outcome=outcome)
    )


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
    query = select(t.runs.c.stop_requested).where(t.runs.c.id == run)
    return bool(connection.execute(query).scalar())
