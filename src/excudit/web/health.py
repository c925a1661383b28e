"""Whether the service can do its work, for monitors and load balancers; nothing secret in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from excudit import __version__
from excudit.domain.errors import ExcuditError
from excudit.engine import standing
from excudit.store import database, migrate
from excudit.store.publications import now
from excudit.web.api.rooms import by_name
from excudit.web.identity import Wired
from excudit.web.problems import log

ROUTER = APIRouter(generate_unique_id_function=by_name)

Word = Literal["ok", "warning", "failing"]


class Finding(BaseModel):
    """One check."""

    status: Word
    detail: Annotated[str, Field(description="What is wrong and how to mend it; empty when ok.")]


class Workers(BaseModel):
    """Who carries out runs."""

    alive: Annotated[int, Field(description="Worker processes that count as alive.")]
    heard_at: Annotated[
        datetime | None,
        Field(description="When one was heard last, within a day; null: none was."),
    ]


class Health(BaseModel):
    """How the service is."""

    status: Word
    version: str
    checks: dict[str, Finding]
    workers: Workers


@ROUTER.get(
    "/health",
    response_model=Health,
    responses={503: {"model": Health, "description": "Something is failing."}},
    summary="How the service is",
    tags=["operations"],
)
def health(parts: Wired, response: Response) -> Any:
    """Database reachable and set up for this version: 200, else 503. That no worker is heard is a
    warning: the web answers, but nothing is published."""
    workers, heard = _workers(parts)
    checks = {
        "database": _database(parts),
        "migrations": _migrations(parts),
        "workers": heard,
    }
    failing = any(c.status == "failing" for c in checks.values())
    response.headers["Cache-Control"] = "no-store"
    if failing:
        response.status_code = 503
    status: Word = "failing" if failing else "ok"
    return Health(status=status, version=__version__, checks=checks, workers=workers)


def _database(parts: Wired) -> Finding:
    try:
        database.ping(parts.database)
    except ExcuditError as error:
        log.warning("health: %s %s", error.message, error.remote)
        return Finding(status="failing", detail="The database cannot be used; see the log.")
    return Finding(status="ok", detail="")


def _migrations(parts: Wired) -> Finding:
    try:
        found = migrate.current(parts.database)
    except ExcuditError:
        return Finding(status="failing", detail="Not known while the database cannot be used.")
    if found != migrate.newest():
        return Finding(
            status="failing",
            detail=f"The database has revision {found or 'none'}, this version needs "
            f"{migrate.newest()}. Run `excudit init`.",
        )
    return Finding(status="ok", detail="")


def _workers(parts: Wired) -> tuple[Workers, Finding]:
    try:
        with parts.database.read() as connection:
            found = standing.workers(connection)
    except ExcuditError:
        unknown = "Not known while the database cannot be used."
        return Workers(alive=0, heard_at=None), Finding(status="warning", detail=unknown)
    alive = sum(1 for worker in found if worker.lasts_s > 0)
    heard_s = min((worker.heard_s for worker in found), default=None)
    at = now() - timedelta(seconds=heard_s) if heard_s is not None else None
    workers = Workers(alive=alive, heard_at=at)
    if alive:
        return workers, Finding(status="ok", detail="")
    last = f" The last one was heard at {at:%Y-%m-%d %H:%M} UTC." if at else ""
    silent = "No worker is heard: start `excudit worker` or `excudit serve`."
    return workers, Finding(status="warning", detail=silent + last)
