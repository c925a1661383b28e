"""The house with the route assessment → Zenodo on its sandboxes, and assessments to publish."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from excudit.cli.routes import plans_of
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.engine.plan import Plan
from excudit.sandbox.invenio import TOKEN, Invenio
from excudit.service import handing_in
from excudit.settings import load
from house import House

ROUTE = "assessment-zenodo"
ASE = Actor(
    "u-owner-0001", frozenset(), "ase@example.org", "Øygård-Ñandú, Åse", "0000-0000-0000-1012"
)
ELENI = Actor("u-share-0002", frozenset(), "eleni@example.org", "Παράδειγμα, Ελένη")
ROOM = """
[sources.assessments]
kind = "assessment"
title = "Assessments"
folder = {kept}
[targets.zenodo]
kind = "invenio"
title = "Zenodo"
url = {url}
dialect = {dialect}
token = {{ file = {token} }}
doi_url = {url}
per_second = 0
timeout_s = 2
find_lag_s = {lag_s}
publish_lag_s = {lag_s}
[routes.assessment-zenodo]
title = "An assessment to Zenodo"
source = "assessments"
targets = ["zenodo"]
words = "assessment-zenodo"
review = "auto"
on_refusal = "stay"
"""


def tables(url: str, folder: Path, token: Path, *, zenodo: bool, lag_s: float = 0.3) -> str:
    """The tables of source, target and route."""
    return ROOM.format(
        kept=json.dumps(str(folder / "kept")),
        url=json.dumps(url),
        dialect=json.dumps("zenodo-legacy" if zenodo else "rdm"),
        token=json.dumps(str(token)),
        lag_s=lag_s,
    )


@cache
def plan(name: str) -> Plan:
    """A plan of the route, from the product itself: the matrix is generated from it."""
    with TemporaryDirectory() as scratch:
        config = Path(scratch) / "excudit.toml"
        room = tables("http://127.0.0.1:9", Path(scratch), config, zenodo=False)
        config.write_text(f'[service]\ndata_dir = "{scratch}"\n{room}')
        every = plans_of(config, ROUTE, lambda: load(config))
    return next(p for p in every if p.name == name)


class AssessmentHouse(House):
    """A house whose assessments go to the sandbox repository."""

    repository: Invenio
    samples: Path

    def document(self, name: str = "large-assessment", **changes: Any) -> bytes:
        """A sample as CAT answers it, as an assessment of its own."""
        self.made += 1
        tree = json.loads((self.samples / f"{name}.json").read_bytes())
        tree |= {"id": f"assessment-{self.made}", "published": True}
        tree["assessment_doc"] |= {"id": tree["id"], **changes}
        return json.dumps(tree, ensure_ascii=False).encode()

    def receive(self, *, by: Actor = ASE, ref: str = "", **documents: bytes) -> str:
        """Hand in; the assessment's id."""
        return handing_in.receive(self.parts, by, ROUTE, documents, ref=ref).ref

    def ask(self, route: str = ROUTE) -> Publication:
        """Hand a fresh assessment in, and ask for its publication."""
        people = (self.samples / "shared-users.json").read_bytes()
        ref = self.receive(document=self.document(), people=people)
        return handing_in.put_forward(self.parts, ASE, route, ref)

    def deposits(self) -> list[dict[str, Any]]:
        """All records and drafts at the repository, newest first."""
        return list(self.repository.records)

    def letters(self, key: str) -> list[tuple[str, str]]:
        """Subject and text of the mails about a publication, first to last, as they arrived."""
        arrived = []
        for one in self.mailbox.messages():
            body = one.get_body(("plain",))
            if body is not None and key in body.get_content():
                arrived.append((str(one["Subject"]), str(body.get_content())))
        return arrived


def house_for(
    folder: Path, database: str, registry: Any, mailbox: Any, repository: Invenio, shared: Path,
    **how: Any,
) -> AssessmentHouse:  # fmt: skip
    """A house beside that sandbox; the caller closes it."""
    folder.mkdir(parents=True, exist_ok=True)
    token = folder / "token"
    token.write_text(TOKEN)
    more = tables(repository.url, folder, token, zenodo=repository.zenodo)
    made = AssessmentHouse(folder, database, registry, mailbox, more=more, **how)
    made.repository, made.samples = repository, shared / "data" / "assessment"
    return made
