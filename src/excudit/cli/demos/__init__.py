"""What `excudit demo --route ROUTE` plays: each route with its settings, sandboxes and people."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from excudit.cli.demos.play import Play
from excudit.domain.errors import NotFound

PLAYS: dict[str, str] = {
    # route → module and class; loaded when played
    "folder-doi": "excudit.cli.demos.folder:FolderPlay",
    "folder-reviewed": "excudit.cli.demos.folder:ReviewedPlay",
    "permanent-id": "excudit.cli.demos.permanent_id:PermanentIdPlay",
    "assessment-zenodo": "excudit.cli.demos.assessment_zenodo:AssessmentPlay",
    "quince-export": "excudit.cli.demos.quince_export:QuincePlay",
    "scicat-doi": "excudit.cli.demos.scicat_doi:ScicatDoiPlay",
    "scicat-mirror": "excudit.cli.demos.scicat_mirror:MirrorPlay",
}


def play_of(route: str, path: str | None = None) -> Play:
    """The play of a route. Raises NotFound, and Rejected for a PATH that it cannot publish."""
    if route not in PLAYS:
        raise NotFound(f"The demo has no route {route!r}.", hint=f"It has: {', '.join(PLAYS)}.")
    module, _, name = PLAYS[route].partition(":")
    made: Play = getattr(import_module(module), name)(Path(path) if path else None)
    return made
