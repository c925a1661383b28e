"""The settings of a `scicat_published` target."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from excudit.scicat import Connection


class ScicatPublishedSettings(Connection):
    """The table `[targets.NAME]` with `kind = "scicat_published"`: the SciCat of the datasets.

    `registers`: who brings the DOI to DataCite: "excudit" (a DataCite target of the same route;
    SciCat's REGISTER_DOI_URI is empty), or "scicat" (its own register call). `resolver_url`: where
    a DOI that SciCat registered is looked up, DataCite's public API. `frontend_url`: SciCat's
    pages, for links. `prefix`: the DOI prefix, only for sites with API v3, whose records are named
    by us. `extra`: further members of every record's metadata. `hide`: what was made public for a
    publication is made private again when that is withdrawn. `lists`: file lists of the datasets
    are flagged as public, too. `admin_groups`: who is in one of these groups may change every
    dataset there (SciCat's ADMIN_GROUPS).
    """

    registers: Literal["excudit", "scicat"] = "excudit"
    resolver_url: str = "https://api.datacite.org"
    frontend_url: str = ""
    prefix: str = ""
    extra: dict[str, Any] = Field(default_factory=dict)
    hide: bool = True
    lists: bool = True
    admin_groups: list[str] = Field(default_factory=lambda: ["admin"])
