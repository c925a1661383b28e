"""Two datasets of a SciCat to one DOI: basket, form, review, quality control, registration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from excudit.cli.demo_people import OWNER, REVIEWER
from excudit.cli.demos.folder import toml
from excudit.cli.demos.play import PREFIX, Ports
from excudit.domain.errors import Unsupported

if TYPE_CHECKING:
    from excudit.domain.publication import Publication
    from excudit.sandbox.quality import Quality
    from excudit.sandbox.scicat import SciCatSandbox
    from excudit.service.parts import Parts

ROUTE = "scicat-doi"
SETTINGS = """\
[sources.catalogue]
kind = "scicat"
title = "SciCat (sandbox)"
url = "http://127.0.0.1:{ports[scicat]}"
frontend_url = "http://127.0.0.1:{ports[scicat]}"
username = "svc"
password = {{ file = {password} }}
people = "all"
publisher = "Example Facility"

[targets.scicat]
kind = "scicat_published"
title = "SciCat (sandbox)"
url = "http://127.0.0.1:{ports[scicat]}"
frontend_url = "http://127.0.0.1:{ports[scicat]}"
username = "svc"
password = {{ file = {password} }}
admin_groups = ["publisher"]

[routes.scicat-doi]
title = "A DOI for datasets of SciCat"
source = "catalogue"
targets = ["scicat", "datacite"]
review = "one"
words = "scicat-doi"
on_refusal = "stay"

[routes.scicat-doi.quality]
title = "Quality control of the facility (sandbox)"
url = "http://127.0.0.1:{ports[quality]}/questions"
"""
TITLE = "Lipid monolayers and cracks in an alloy: two experiments at beamline P00"
FUNDING = [{"funderName": "Example Science Foundation", "awardNumber": "20250001"}]
ABSTRACT = "Reflectivity of monolayers on water, and tomography of a notched sample under load."


class ScicatDoiPlay:
    """Ada fills her basket and the form, Rhea reviews, the quality control answers later."""

    ports: ClassVar[Mapping[str, int]] = {"scicat": 8094, "quality": 8096}

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            raise Unsupported(
                "This route publishes datasets of a SciCat, not folders.",
                hint="Leave PATH out; the sandbox brings samples along.",
            )
        self.dataset: Path | None = None
        self.said = "two datasets of a SciCat, under one DOI"
        self._scicat: SciCatSandbox
        self._quality: Quality

    def settings(self, folder: Path, ports: Ports) -> str:
        """The catalogue, its published data, and who controls the quality."""
        password = folder / "scicat-password"
        if not password.exists():
            password.touch(mode=0o600)
            password.write_text("svc")
        return SETTINGS.format(ports=ports, password=toml(str(password.absolute())))

    def open(self, opened: ExitStack, folder: Path, ports: Ports) -> None:
        """SciCat with its samples, and the quality control with its page."""
        from excudit.sandbox.quality import Quality
        from excudit.sandbox.scicat import SciCatSandbox

        self._scicat = SciCatSandbox(folder / "scicat.db", port=ports["scicat"], prefix=PREFIX)
        self._scicat.load_samples()
        opened.callback(self._scicat.close)
        self._scicat.start()
        self._quality = Quality(str(folder / "quality.db"), port=ports["quality"])
        opened.enter_context(self._quality)

    def begin(self, parts: Parts) -> Publication:
        """Over several visits: the basket, then the form, then it is handed in."""
        from excudit.sandbox.scicat.samples import ALLOY, LIPIDS
        from excudit.service import basket, verbs

        basket.add(parts, OWNER, "catalogue", [LIPIDS])
        basket.add(parts, OWNER, "catalogue", [ALLOY])
        draft = verbs.create(parts, OWNER, ROUTE, [LIPIDS, ALLOY], from_basket=True)
        record = {
            **draft.record,
            "titles": [{"title": TITLE}],
            "descriptions": [{"description": ABSTRACT, "descriptionType": "Abstract"}],
            "fundingReferences": FUNDING,
        }
        verbs.edit(parts, OWNER, draft.id, record)
        return verbs.submit(parts, OWNER, draft.id)

    def act(self, parts: Parts, publication: Publication) -> bool:
        """Rhea approves; whoever controls the quality says yes."""
        from excudit.service import verbs

        if publication.state == "in_review":
            verbs.approve(parts, REVIEWER, publication.id)
            return True
        for question in self._open_questions():
            self._quality.answer(question, "accepted")
            return True
        return False

    def ready(self, parts: Parts, publication: Publication) -> bool:
        """While the quality control has not answered."""
        return publication.health == "waiting" and bool(self._open_questions())

    def _open_questions(self) -> list[str]:
        return [str(q["key"]) for q in self._quality.questions() if not q["verdict"]]

    def deposits(self) -> dict[str, int]:
        """SciCat's records of published data, drafts included."""
        return {"scicat": len(self._scicat.rows("published"))}

    def farewell(self, closing: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """What SciCat says of it."""
        records = [f"{r['doi']}: {r['status']}" for r in self._scicat.rows("published")]
        public = sum(bool(r.get("isPublished")) for r in self._scicat.rows("dataset"))
        return [
            *(("at SciCat", one) for one in records),
            ("datasets", f"{public} public, {self._scicat.url}/"),
            ("quality", f"{self._quality.url}/"),
        ]
