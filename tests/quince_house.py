"""A QuinCe server, and the source that reads it: what tests of this route share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from excudit.sandbox.quince import PASSWORD, USERNAME, QuinCe
from excudit.settings import Secret, Site
from excudit.sources.quince import QuinceSource
from excudit.sources.quince.settings import Author, Platform, QuinceSettings

PLATFORMS = {
    "26NA": Platform(
        name="Nuka Arctica",
        category="32",
        station="http://meta.icos-cp.eu/resources/stations/OS_26NA",
        submitter="OTC",
        group="network",
        authors=[Author(name="Nordmann, Ola", affiliation="Example Institute")],
    ),
    "77FF": Platform(
        name="Baltic Ferry",
        group="others",
        network=False,
        owners=["aino"],
        authors=[Author(name="Virtanen, Aino")],
    ),
}


def settings_of(quince: QuinCe, tmp_path: Path, **more: Any) -> QuinceSettings:
    """The settings of a source that reads this server."""
    secret = tmp_path / "quince-password"
    secret.write_text(more.pop("password", PASSWORD))
    values: dict[str, Any] = {
        "url": quince.url,
        "username": USERNAME,
        "password": Secret(file=str(secret)),
        "folder": tmp_path / "packages",
        "platforms": PLATFORMS,
        **more,
    }
    return QuinceSettings(**values)


def source_of(quince: QuinCe, tmp_path: Path, **more: Any) -> QuinceSource:
    """A source that reads this server."""
    return QuinceSource("quince", settings_of(quince, tmp_path, **more), Site())
