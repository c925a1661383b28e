"""The settings of a `scicat` source."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from excudit.scicat import Connection
from excudit.settings import Strict


class FolderRule(Strict):
    """Where files of datasets stand for us.

    `prefix`: how their `sourceFolder` begins. `folder`: where that stands here, with the rest of
    the path below.
    """

    prefix: str = Field(pattern=r"^/")
    folder: Path


class ScicatSourceSettings(Connection):
    """The table `[sources.NAME]` with `kind = "scicat"`; the account as for every SciCat.

    `people`: what somebody finds: "email" = datasets that name their mail address as owner,
    contact, investigator or reader; "account" = what SciCat shows to the account of the same name
    or address (ours must be an admin there, who may make tokens); "all" = what our account sees.
    Curators and admins find what our account sees. `where`: a Mongo filter that everything found
    must also fit. `publisher`: what records name as publisher. `publisher_ror`: its ROR.
    `job_type`: jobs of this type ask for publication; "" = none do. `frontend_url`: SciCat's pages,
    for links; "" = none. `folders`: where files can be read; where no rule fits, files are known by
    SciCat's list alone. `scratch`: where lists of files are kept while needed.
    """

    people: Literal["email", "account", "all"] = "email"
    where: dict[str, Any] = Field(default_factory=dict)
    publisher: str = ""
    publisher_ror: str = ""
    job_type: str = ""
    frontend_url: str = ""
    folders: list[FolderRule] = Field(default_factory=list)
    scratch: Path | None = None
