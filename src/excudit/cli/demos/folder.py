"""A folder on this machine to a DOI at DataCite, with and without a reviewer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from excudit.cli.demo_people import OWNER, REVIEWER
from excudit.cli.demo_samples import library
from excudit.cli.demos.play import Ports
from excudit.domain.errors import NotFound, Rejected

if TYPE_CHECKING:
    from excudit.domain.publication import Publication
    from excudit.service.parts import Parts

SETTINGS = """\
[sources.folders]
kind = "folder"
title = "Folders of the demonstration"
roots = {roots}

[routes.folder-doi]
title = "A folder to DataCite"
source = "folders"
targets = ["datacite"]
review = "auto"
notify = ["curators@example.org"]

[routes.folder-doi.defaults]
publisher = {{ name = "Demonstration Data Centre" }}
creators = [{{ name = "Demonstration Data Centre", nameType = "Organizational" }}]

[routes.folder-reviewed]
title = "A folder to DataCite, with review"
source = "folders"
targets = ["datacite"]
review = "one"
"""


class FolderPlay:
    """Checked by the rules alone, published at once."""

    ports: ClassVar[Mapping[str, int]] = {}
    route = "folder-doi"

    def __init__(self, path: Path | None) -> None:
        self.dataset: Path | None = _folder(path)
        self.said = str(self.dataset)

    def settings(self, folder: Path, ports: Ports) -> str:
        """The folders; the routes of the frame lead from there."""
        roots = dict.fromkeys(str(p.absolute()) for p in (self._place.parent, library()))
        return SETTINGS.format(roots=toml(list(roots)))

    @property
    def _place(self) -> Path:
        assert self.dataset is not None
        return self.dataset

    def open(self, opened: ExitStack, folder: Path, ports: Ports) -> None:
        """Nothing beside the frame's."""

    def begin(self, parts: Parts) -> Publication:
        """Ada asks for it."""
        from excudit.service import verbs

        return verbs.create(parts, OWNER, self.route, str(self.dataset), submitting=True)

    def act(self, parts: Parts, publication: Publication) -> bool:
        """Nobody is asked."""
        return False

    def ready(self, parts: Parts, publication: Publication) -> bool:
        """Never: nobody is asked."""
        return False

    def deposits(self) -> dict[str, int]:
        """None beside the registry's."""
        return {}

    def farewell(self, closing: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """Nothing to add."""
        return ()


class ReviewedPlay(FolderPlay):
    """Ada asks, Rhea looks at it and approves."""

    route = "folder-reviewed"

    def act(self, parts: Parts, publication: Publication) -> bool:
        """The reviewer approves what was frozen."""
        from excudit.service import verbs

        if publication.state != "in_review":
            return False
        verbs.approve(parts, REVIEWER, publication.id)
        return True


def toml(value: str | list[str]) -> str:
    """A text or a list of texts in TOML: JSON's, but with no pairs of surrogates, DEL escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _folder(path: Path | None) -> Path:
    if path is None:
        return library() / "shelf-transect"
    found = path.resolve()
    if not found.is_dir():
        words = f"{found} is not a folder." if found.exists() else f"There is no folder {found}."
        raise NotFound(words, hint="Name an existing folder.")
    if not any(found.iterdir()):
        raise Rejected(f"{found} is empty: nothing to publish.", hint="Put the files in it.")
    return found
