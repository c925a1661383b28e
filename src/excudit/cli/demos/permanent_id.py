"""A folder in somebody's home to a DOI: asked for, curated, moved, readable by everybody."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from excudit.cli.demo_people import CURATOR, OWNER
from excudit.cli.demo_samples import library
from excudit.cli.demos.folder import toml
from excudit.cli.demos.play import Ports
from excudit.domain.errors import Rejected

if TYPE_CHECKING:
    from excudit.domain.publication import Publication
    from excudit.service.parts import Parts

NAME = "Ada_shelfTransect_2026"
SETTINGS = """\
[sources.commons]
kind = "folder"
title = "Homes of the data commons"
roots = [{homes}]
homes = true
staging = {staging}
curated = {curated}
template = "datacite"

[targets.shelf]
kind = "shelf"
title = "Curated space of the data commons"
root = {curated}
public_url = "http://127.0.0.1:{ports[public]}"

[routes.permanent-id]
title = "A permanent ID for a folder"
source = "commons"
targets = ["shelf", "datacite"]
review = "one"
words = "permanent-id"
notify = ["curators@example.org"]
"""


def _avu(name: str, value: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"attr": name, "value": value, "unit": "", **({"avus": children} if children else {})}


DOCUMENT: dict[str, Any] = {
    "avus": [
        _avu("title", "Temperature and salinity on a transect across the Nordvik shelf, May 2026"),
        _avu("creator", "Lund, Ada", _avu("affiliation", "Demonstration Data Centre")),
        _avu("publisher", "CyVerse Data Commons"),
        _avu("resourceType", "CTD profiles", _avu("resourceTypeGeneral", "Dataset")),
        _avu(
            "description",
            "Profiles of temperature and salinity at 12 stations, with the calibration of the day.",
            _avu("descriptionType", "Abstract"),
        ),
        *(_avu("subject", word) for word in ("oceanography", "salinity", "shelf sea")),
        _avu("rights", "CC0"),
    ],
    "irods-avus": [],
}


class PermanentIdPlay:
    """Ada asks for a permanent ID of her folder, Cuno evaluates and approves it."""

    ports: ClassVar[Mapping[str, int]] = {"public": 8098}
    dataset: Path | None = None
    said = f"the folder {NAME}, as a permanent-ID request of a data commons"

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            raise Rejected("This demo brings its own folder.", hint="Leave out the path.")

    def settings(self, folder: Path, ports: Ports) -> str:
        """The homes, staging and curated space below the demo's folder."""
        zone, self._web = folder.absolute() / "zone", f"http://127.0.0.1:{ports['public']}"
        self._home, self._curated = zone / "home" / OWNER.name / NAME, zone / "curated"
        for place in (self._home.parent, zone / "staging", self._curated):
            place.mkdir(parents=True, exist_ok=True)
        return SETTINGS.format(
            ports=ports,
            homes=toml(str(zone / "home")),
            staging=toml(str(zone / "staging")),
            curated=toml(str(self._curated)),
        )

    def open(self, opened: ExitStack, folder: Path, ports: Ports) -> None:
        """The web server of the data commons, for what is public."""
        from excudit.sandbox.public_folder import PublicFolder

        opened.enter_context(PublicFolder(self._curated, port=ports["public"]))

    def begin(self, parts: Parts) -> Publication:
        """Ada puts the data into one folder, fills in the template, and asks."""
        from excudit.service import permanent_id_folders, permanent_ids

        if not self._home.exists():
            shutil.copytree(library() / "shelf-transect", self._home)
        source, ref = permanent_id_folders.source_of(parts), str(self._home)
        told = json.loads(json.dumps(DOCUMENT))
        permanent_id_folders.keep_document(parts, OWNER, source, ref, told, adding=False)
        return permanent_ids.ask(parts, OWNER, source, ref)

    def act(self, parts: Parts, publication: Publication) -> bool:
        """The curator looks at it, and has the DOI made."""
        from excudit.service import permanent_ids

        if publication.state == "in_review" and not publication.reviewer:
            note = "Thank you. I look at the metadata and the structure."
            permanent_ids.set_status(parts, CURATOR, publication.id, "Evaluation", note)
            return True
        if publication.state == "in_review":
            permanent_ids.mint(parts, CURATOR, publication.id)
            return True
        return False

    def ready(self, parts: Parts, publication: Publication) -> bool:
        """Never: nothing is waited for outside."""
        return False

    def deposits(self) -> dict[str, int]:
        """Folders in the curated space."""
        return {"shelf": sum(1 for p in self._curated.iterdir() if not p.name.startswith("."))}

    def farewell(self, closing: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """Where the data are now."""
        return [("data", f"{self._web}/{NAME}/")]
