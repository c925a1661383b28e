"""A ship's CO2 measurements from QuinCe, checked by an expert, to the public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from excudit.cli.demo_people import CURATOR, OWNER, REVIEWER
from excudit.cli.demos.folder import toml
from excudit.cli.demos.play import Ports
from excudit.domain.errors import Unsupported

if TYPE_CHECKING:
    from excudit.domain.publication import Publication
    from excudit.sandbox.carbon_portal import CarbonPortalSandbox
    from excudit.sandbox.quince import QuinCe
    from excudit.service.parts import Parts

ROUTE = "quince-export"
NUMBER, NAME = 99, "26NA20050107"
QUESTION = "answer.socat"
SETTINGS = """\
[sources.quince]
kind = "quince"
title = "QuinCe (sandbox)"
url = "http://127.0.0.1:{ports[quince]}"
username = "{username}"
password = {{ file = {password} }}
folder = {packages}
renew_s = 60

[sources.quince.platforms.26NA]
name = "Nuka Arctica"
category = "32"
call_sign = "LXUY"
station = "http://meta.icos-cp.eu/resources/stations/OS_26NA"
submitter = "OTC"
group = "network"
owners = ["{owner}"]
authors = [{{ name = "Nordmann, Ola", affiliation = "Example Institute" }}]

[sources.quince.platforms.77FF]
name = "Baltic Ferry"
network = false
group = "others"
owners = ["{owner}"]
authors = [{{ name = "Virtanen, Aino" }}]

[targets.portal]
kind = "carbon_portal"
title = "ICOS Carbon Portal (sandbox)"
auth_url = "http://127.0.0.1:{ports[portal]}"
meta_url = "http://127.0.0.1:{ports[portal]}"
data_url = "http://127.0.0.1:{ports[portal]}"
mail = "{mail}"
password = {{ file = {portal} }}

[targets.socat]
kind = "socat"
title = "SOCAT"
folder = {socat}
suggested_qc = "B"

[routes.quince-export]
title = "QuinCe export, stations of the network"
source = "quince"
targets = ["portal", "datacite"]
follow_up = ["socat"]
groups = ["network"]
words = "quince-export"

[routes.quince-export.defaults]
publisher = {{ name = "Demonstration Thematic Centre" }}

[routes.quince-export-direct]
title = "QuinCe export, other stations"
source = "quince"
targets = ["datacite"]
groups = ["others"]
review = "auto"
words = "quince-export-direct"
intake = "draft"
intake_s = 30

[routes.quince-export-direct.defaults]
publisher = {{ name = "Demonstration Thematic Centre" }}
"""


class QuincePlay:
    """Ada, the station's PI, submits for checking; Rhea, the expert, approves."""

    ports: ClassVar[Mapping[str, int]] = {"quince": 8094, "portal": 8097}

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            raise Unsupported(
                "This route publishes what waits in QuinCe, not a folder.",
                hint="Leave PATH out: the sandbox has its own datasets.",
            )
        self.dataset: Path | None = None
        self.said = f"the dataset {NAME} of QuinCe"
        self._quince: QuinCe
        self._portal: CarbonPortalSandbox

    def settings(self, folder: Path, ports: Ports) -> str:
        """The source with two platforms, and a route for each kind of station."""
        from excudit.sandbox import carbon_portal
        from excudit.sandbox.quince import PASSWORD, USERNAME

        password, portal = folder / "quince-password", folder / "portal-password"
        for place, secret in ((password, PASSWORD), (portal, carbon_portal.PASSWORD)):
            if not place.exists():
                place.touch(mode=0o600)
                place.write_text(secret)
        return SETTINGS.format(
            ports=ports,
            username=USERNAME,
            password=toml(str(password.absolute())),
            packages=toml(str((folder / "packages").absolute())),
            socat=toml(str((folder / "socat").absolute())),
            owner=OWNER.name,
            mail=carbon_portal.MAIL,
            portal=toml(str(portal.absolute())),
        )

    def open(self, opened: ExitStack, folder: Path, ports: Ports) -> None:
        """QuinCe, with datasets in all their statuses, and the portal."""
        from excudit.sandbox.carbon_portal import CarbonPortalSandbox
        from excudit.sandbox.quince import QuinCe

        self._portal = CarbonPortalSandbox(str(folder / "portal.db"), port=ports["portal"])
        opened.enter_context(self._portal)
        self._quince = QuinCe(folder / "quince.db", port=ports["quince"])
        self._quince.seed()
        opened.enter_context(self._quince)

    def begin(self, parts: Parts) -> Publication:
        """Ada submits it for checking."""
        from excudit.service import verbs

        return verbs.create(parts, OWNER, ROUTE, f"{NUMBER}/{NAME}", submitting=True)

    def act(self, parts: Parts, publication: Publication) -> bool:
        """The expert approves what was frozen; a curator says that it was submitted to SOCAT."""
        from excudit.service import gates, verbs

        if publication.state == "in_review":
            verbs.approve(parts, REVIEWER, publication.id)
            return True
        if not self.ready(parts, publication):
            return False
        words = "Uploaded and submitted by hand."
        gates.answer(parts, CURATOR, publication.id, QUESTION, yes=True, words=words)
        return True

    def ready(self, parts: Parts, publication: Publication) -> bool:
        """While the page asks whether the package was submitted to SOCAT."""
        from excudit.store import gates

        with parts.database.read() as connection:
            return any(g.open and g.key == QUESTION for g in gates.of(connection, publication.id))

    def deposits(self) -> dict[str, int]:
        """Objects with their bytes at the portal."""
        return {"portal": sum(bool(row["pid"]) for row in self._portal.objects())}

    def farewell(self, closing: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """Where QuinCe's own list stands, and what it says of the dataset."""
        said = {120: "waits for export", 130: "is being exported", 140: "is exported"}
        status = self._quince.status(NUMBER)
        pids = [row["pid"] for row in self._portal.objects()]
        return (
            ("QuinCe", f"{self._quince.url}/  ({NAME} {said.get(status, str(status))})"),
            ("Carbon Portal", f"{self._portal.url}/  (PID {pids[-1] if pids else 'none'})"),
        )
