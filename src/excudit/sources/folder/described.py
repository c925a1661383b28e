"""Folders that are described by a metadata template, and the homes that they stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from excudit.domain.errors import Conflict, Denied, NotFound, Rejected, Unsupported
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.metadata.template.template import Template
from excudit.sources.folder import sidecar
from excudit.sources.folder.places import Places
from excudit.sources.folder.settings import FolderSettings
from excudit.storage.folders import Folder

MANY_FILES = 1_000
MANY_BYTES = 100 * 10**9
ALL_SEE = frozenset({"reviewer", "curator", "admin", "service"})


class Described:
    """What a folder's source knows by its template and by whose home a folder stands in."""

    def __init__(self, settings: FolderSettings, places: Places) -> None:
        self._settings = settings
        self._places = places
        self.templated = bool(settings.template)

    @cached_property
    def _template(self) -> Template:
        if not self.templated:
            raise Unsupported(
                "The folders of this source have no metadata template.",
                hint='Set template = "datacite" for it.',
            )
        return sidecar.template_of(self._settings.template)

    def template(self) -> Mapping[str, Any]:
        """As `ports.Templated.template`."""
        return self._template.as_data()

    def document(self, ref: str) -> Mapping[str, Any]:
        """As `ports.Templated.document`."""
        assert self._template
        return sidecar.read(self._places.folder(ref))

    def keep(self, ref: str, document: Mapping[str, Any]) -> None:
        """As `ports.Templated.keep`."""
        assert self._template
        sidecar.write(self._places.folder(ref), document)

    def judge(self, document: Mapping[str, Any]) -> Sequence[tuple[str, Problem]]:
        """As `ports.Templated.judge`."""
        return [(f.attribute, f.problem) for f in sidecar.findings(document, self._template)]

    def metadata(self, folder: Folder) -> tuple[dict[str, Any], Sequence[Problem]]:
        """What the folder's document says, and what is wrong with it."""
        return sidecar.metadata(sidecar.read(folder), self._template)

    def refusal(self, ref: str) -> Conflict | None:
        """As `ports.Reserving.refusal`."""
        custody = self._places.custody
        return custody.refusal(self._places.home(ref)) if custody else None

    def owner(self, ref: str) -> str:
        """The account whose home the folder stands in; "" without homes."""
        return self._places.way(ref)[0] if self._settings.homes else ""

    def sees(self, ref: str, actor: Actor) -> bool:
        """Whether a person may see the folder: with homes, only in their own, and never the home
        itself; who judges requests sees all."""
        try:
            way = self._places.way(ref)
        except (Denied, NotFound, Rejected):
            return False
        if not self._places.folder(ref).exists():
            return False
        if not self._settings.homes:
            return True
        mine = way[0] == actor.name and len(way) > 1
        return mine or bool(ALL_SEE & {role.partition(":")[0] for role in actor.roles})

    def advice(self, name: str, files: int, size: int, *, readme: bool) -> list[Problem]:
        """What curators would rather see of a folder; none of it stops a publication."""
        if not self.templated:
            return []
        found = []
        if " " in name or name.count("_") < 2:
            words = f"The name {name} does not tell creator, subject and year."
            found.append(_advice("name", words, "Name it like Carberry_sorghumSpectra_2026."))
        if not readme:
            words = "There is no README in the folder."
            found.append(_advice("readme", words, "Say in a README what the files hold."))
        if files > MANY_FILES:
            words = f"The folder holds {files:,} files."
            found.append(_advice("many-files", words, "Pack what belongs together."))
        if size > MANY_BYTES:
            words = f"The folder holds {size / 10**9:,.0f} GB."
            found.append(_advice("large", words, "Talk to the curators before you submit it."))
        return found


def _advice(rule: str, message: str, mend: str) -> Problem:
    return Problem("", message, mend, "warning", f"folder.{rule}")
