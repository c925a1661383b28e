"""A compliance assessment to Zenodo, as JSON and as PDF, through CAT's own call."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.error import HTTPError

from excudit.cli.demo_people import OWNER
from excudit.cli.demos.folder import toml
from excudit.cli.demos.play import Ports
from excudit.domain.errors import ExcuditError, NotFound, Rejected

if TYPE_CHECKING:
    from excudit.domain.publication import Publication
    from excudit.sandbox.invenio import Invenio
    from excudit.service.parts import Parts

ROUTE = "assessment-zenodo"
SETTINGS = """\
[sources.assessments]
kind = "assessment"
title = "Assessments"
folder = {kept}

[targets.zenodo]
kind = "invenio"
title = "Zenodo (sandbox)"
url = "http://127.0.0.1:{ports[zenodo]}"
token = {{ file = {token} }}
doi_url = "http://127.0.0.1:{ports[zenodo]}"
per_second = 0
find_lag_s = 2
publish_lag_s = 2

[routes.assessment-zenodo]
title = "An assessment to Zenodo"
source = "assessments"
targets = ["zenodo"]
words = "assessment-zenodo"
review = "auto"
on_refusal = "stay"
"""


class AssessmentPlay:
    """Ada hands her assessment in, and publishes it; the PDF is made from it."""

    ports: ClassVar[Mapping[str, int]] = {"zenodo": 8096}

    def __init__(self, path: Path | None) -> None:
        self.dataset: Path | None = None
        self._document = _document(path)
        self._people = None if path else _samples() / "shared-users.json"
        self.said = "the assessment “Nordvik Identifier Service, 2026”" if not path else str(path)
        self._zenodo: Invenio

    def settings(self, folder: Path, ports: Ports) -> str:
        """Where assessments are kept, and the way to the repository."""
        from excudit.sandbox.invenio import TOKEN

        token = folder / "zenodo-token"
        if not token.exists():
            token.touch(mode=0o600)
            token.write_text(TOKEN)
        return SETTINGS.format(
            ports=ports,
            kept=toml(str((folder / "assessments").absolute())),
            token=toml(str(token.absolute())),
        )

    def open(self, opened: ExitStack, folder: Path, ports: Ports) -> None:
        """The repository, as Zenodo counts."""
        from excudit.sandbox.invenio import Invenio

        self._zenodo = opened.enter_context(
            Invenio(folder / "zenodo.db", port=ports["zenodo"], zenodo=True)
        )

    def begin(self, parts: Parts) -> Publication:
        """Ada hands the assessment in and publishes it with the PDF, as CAT's client does."""
        from excudit.service import handing_in

        given = {"document": self._document.read_bytes()}
        if self._people is not None:
            given["people"] = self._people.read_bytes()
        ref = handing_in.receive(parts, OWNER, ROUTE, given).ref
        begun = handing_in.newest(parts, ROUTE, ref)
        if begun is None:
            self._publish(parts, ref)
            begun = handing_in.newest(parts, ROUTE, ref)
        if begun is None:
            raise NotFound("The publication did not begin.", hint="Read service.log.")
        return begun

    def _publish(self, parts: Parts, ref: str) -> None:
        from datetime import timedelta

        from excudit.domain.model import FileEntry
        from excudit.store import users
        from excudit.store.publications import now

        source = parts.source(parts.route(ROUTE).source)
        pdf: FileEntry = next(f for f in source.describe(ref).files if f.path.endswith(".pdf"))
        with source.open(ref, pdf) as stream:
            body = stream.read()
        with parts.database.write() as connection:
            ends = now() + timedelta(hours=1)
            _, token = users.issue_token(connection, OWNER.name, "CAT (demo)", ends)
        site = parts.settings.site.base_url
        asked = urllib.request.Request(  # noqa: S310 -- our own service
            f"{site}/v2/zenodo/publish/assessment/{ref}",
            body,
            {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(asked, timeout=30):  # noqa: S310
                return
        except HTTPError as error:
            words = error.read().decode("utf-8", "replace")
            raise ExcuditError("The publish call was refused.", remote=words) from error

    def act(self, parts: Parts, publication: Publication) -> bool:
        """Nobody is asked."""
        return False

    def ready(self, parts: Parts, publication: Publication) -> bool:
        """Never: nobody is asked."""
        return False

    def deposits(self) -> dict[str, int]:
        """Records and drafts at the repository."""
        return {"zenodo": len(self._zenodo.records)}

    def farewell(self, closing: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """Where the record and its PDF are seen."""
        return [
            ("Record", f"{self._zenodo.url}/records/{record['id']}")
            for record in self._zenodo.records
        ]


def _samples() -> Path:
    import excudit.sandbox

    return Path(excudit.sandbox.__file__).parent / "documents"


def _document(path: Path | None) -> Path:
    found = path or _samples() / "assessment.json"
    if not found.is_file():
        raise Rejected(f"{found} is no file.", hint="Name an assessment in JSON.")
    return found
