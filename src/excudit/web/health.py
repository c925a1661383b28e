"""Whether the service can do its work, for monitors and load balancers; nothing secret in it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from excudit import __version__
from excudit.domain.errors import ExcuditError
from excudit.engine import standing
from excudit.store import database, migrate
from excudit.web.api.rooms import by_name
from excudit.web.identity import Wired
from excudit.web.problems import log

ROUTER = APIRouter(generate_unique_id_function=by_name)

Word = Literal["ok", "warning", "failing"]


class Finding(BaseModel):
    """One check."""

    status: Word
    detail: Annotated[str, Field(description="What is wrong and how to mend it; empty when ok.")]


class Health(BaseModel):
    """How the service is."""

    status: Word
    version: str
    checks: dict[str, Finding]


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
    checks = {
        "database": _database(parts),
        "migrations": _migrations(parts),
        "workers": _workers(parts),
    }
    failing = any(c.status == "failing" for c in checks.values())
    response.headers["Cache-Control"] = "no-store"
    if failing:
        response.status_code = 503
    return Health(status="failing" if failing else "ok", version=__version__, checks=checks)


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


def _workers(parts: Wired) -> Finding:
    try:
        with parts.database.read() as connection:
            alive = any(w.lasts_s > 0 for w in standing.workers(connection))
    except ExcuditError:
        return Finding(status="warning", detail="Not known while the database cannot be used.")
    if not alive:
        return Finding(
            status="warning",
            detail="No worker is heard: start `excudit worker` or `excudit serve`.",
        )
    return Finding(status="ok", detail="")
