"""The settings of a `socat` target."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from excudit.settings import Strict


class SocatSettings(Strict):
    """The table `[targets.NAME]` with `kind = "socat"`.

    `folder`: where packages for submission are kept, one folder each. `dashboard_url`: where a
    person uploads and submits them. `format`: the table of the dataset that becomes the file.
    `suggested_qc`: the flag that is suggested, "" = none. `organisation`: of the investigators,
    where the platform names none. `archived_format`: the table whose file the Carbon Portal keeps,
    "" = no link is written. `archive_url`: in front of the portal's object identifiers.
    `handle_prefix`: of the portal's persistent identifiers.
    """

    folder: Path
    dashboard_url: str = "https://socat.info/"
    format: str = "SOCAT"
    suggested_qc: Literal["", "A", "B", "C", "D", "E"] = ""
    organisation: str = Field(default="", max_length=200)
    archived_format: str = "ICOS OTC"
    archive_url: str = "https://meta.icos-cp.eu/objects/"
    handle_prefix: str = "11676"
