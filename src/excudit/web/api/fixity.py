"""Published files that are read again: reports, and asking for a check."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field

from excudit.domain import permissions
from excudit.service import fixity
from excudit.web.api.asks import Text
from excudit.web.api.models import Answer
from excudit.web.api.rooms import room
from excudit.web.api.troubles import troubles
from excudit.web.identity import Caller, Wired

ROUTER = room(tag="operations")
Target = Annotated[Text, Path(max_length=100, description="A target of the settings.")]


class FixityShown(Answer):
    """The last check of a target."""

    target: str
    every_days: Annotated[int, Field(description="0: only when somebody asks.")]
    at: Annotated[datetime | None, Field(description="null: never yet.")]
    files: int
    bytes: int
    damaged: Annotated[
        dict[str, int], Field(description="Publications with damage: how many files.")
    ]
    unread: Annotated[dict[str, str], Field(description="Publications not read, and why.")]
    waiting: Annotated[bool, Field(description="Somebody asked; a worker has not ended it yet.")]


@ROUTER.get("/operations/fixity", summary="Last checks of published files", responses=troubles(403))
def fixity_reports(parts: Wired, actor: Caller) -> list[FixityShown]:
    """One for each target that keeps files which can be read again."""
    permissions.require_site("operate", actor.roles)
    return [
        FixityShown(
            target=one.target,
            every_days=one.every_days,
            at=one.at,
            files=one.report.get("files", 0),
            bytes=one.report.get("bytes", 0),
            damaged=dict(one.report.get("damaged", {})),
            unread=dict(one.report.get("unread", {})),
            waiting=one.waiting,
        )
        for one in fixity.last(parts)
    ]


@ROUTER.post(
    "/operations/targets/{target}/fixity",
    summary="Read all files of a target again",
    status_code=204,
    responses=troubles(403, 404, 422),
)
def ask_fixity(parts: Wired, actor: Caller, target: Target) -> None:
    """A worker begins within a minute; the report tells when it has ended."""
    fixity.ask(parts, actor, target)
