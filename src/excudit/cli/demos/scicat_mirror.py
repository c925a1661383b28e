"""A dataset of a private SciCat to a public one, asked for by a job; with a DOI."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson

from excudit.cli.demos.folder import toml
from excudit.cli.demos.play import Ports
from excudit.domain.errors import ExcuditError, Unavailable, Unsupported

if TYPE_CHECKING:
    from excudit.domain.publication import Publication
    from excudit.sandbox.scicat import SciCatSandbox
    from excudit.service.parts import Parts

ROUTE = "scicat-mirror"
BEGUN_S = 60.0
SETTINGS = """\
[faces]
scicat_keys = {{ scicat = {{ file = {key} }} }}

[sources.scicat]
kind = "scicat"
title = "SciCat (sandbox)"
url = "http://127.0.0.1:{ports[scicat]}"
frontend_url = "http://127.0.0.1:{ports[scicat]}"
username = "svc"
password = {{ file = {password} }}
job_type = "publish"
people = "account"
publisher = "Example Facility"

[targets.public]
kind = "scicat_mirror"
title = "Public SciCat (sandbox)"
url = "http://127.0.0.1:{ports[public]}"
frontend_url = "http://127.0.0.1:{ports[public]}"
username = "svc"
password = {{ file = {password} }}
owner_groups = [{{ match = "p(.*)", to = "published-\\\\1" }}]
source_folders = [{{ match = "/beamline/(.*)", to = "/public/\\\\1" }}]

[targets.public.origin]
url = "http://127.0.0.1:{ports[scicat]}"
username = "svc"
password = {{ file = {password} }}

[routes.scicat-mirror]
title = "A dataset to the public SciCat"
source = "scicat"
targets = ["public", "datacite"]
review = "auto"
words = "scicat-mirror"
intake = "submitted"
intake_s = 5
intake_owner = "ada"
"""


class MirrorPlay:
    """Jane presses "Publish" in SciCat; everything else goes by itself."""

    ports: ClassVar[Mapping[str, int]] = {"scicat": 8094, "public": 8095}

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            raise Unsupported(
                "This route publishes datasets of a SciCat, not folders.",
                hint="Leave PATH out; the sandbox brings a sample along.",
            )
        self.dataset: Path | None = None
        self.said = "“Lipid monolayers at 20 °C” of a private SciCat"
        self._private: SciCatSandbox
        self._public: SciCatSandbox

    def settings(self, folder: Path, ports: Ports) -> str:
        """Both catalogues, and the route from the one to the other."""
        key, password = folder / "scicat-key", folder / "scicat-password"
        for place, text in ((key, secrets.token_urlsafe(24)), (password, "svc")):
            if not place.exists():
                place.touch(mode=0o600)
                place.write_text(text)
        names = {"key": toml(str(key.absolute())), "password": toml(str(password.absolute()))}
        return SETTINGS.format(ports=ports, **names)

    def open(self, opened: ExitStack, folder: Path, ports: Ports) -> None:
        """The private catalogue with its samples, whose jobs call the service; the public one."""
        from excudit.sandbox.scicat import SciCatSandbox

        self._private = SciCatSandbox(
            folder / "scicat.db",
            port=ports["scicat"],
            hook_url=f"http://127.0.0.1:{ports['web']}/scicat/jobs",
            hook_key=(folder / "scicat-key").read_text(),
            ignore_errors=True,
        )
        self._public = SciCatSandbox(folder / "public.db", port=ports["public"], public=True)
        self._private.load_samples()
        for sandbox in (self._private, self._public):
            opened.callback(sandbox.close)
            sandbox.start()

    def begin(self, parts: Parts) -> Publication:
        """Jane's job calls the service, which begins by itself."""
        from excudit.sandbox.scicat.samples import LIPIDS
        from excudit.service import handing_in

        if handing_in.newest(parts, ROUTE, LIPIDS) is None and not self._private.rows("job"):
            self._submit(LIPIDS)
        deadline, pause = time.monotonic() + BEGUN_S, threading.Event()
        while (found := handing_in.newest(parts, ROUTE, LIPIDS)) is None:
            if time.monotonic() > deadline:
                raise Unavailable("The job was not taken up.", hint="Read service.log.")
            pause.wait(0.1)
        return found

    def _submit(self, pid: str) -> None:
        body = {
            "type": "publish",
            "jobParams": {"datasetList": [{"pid": pid, "files": []}]},
            "ownerUser": "jane",
            "ownerGroup": "p20250001",
            "contactEmail": "jane@example.org",
        }
        headers = {"Content-Type": "application/json"}
        headers["Authorization"] = f"Bearer {self._private.token('jane')}"
        asked = Request(  # noqa: S310 -- our own sandbox
            f"{self._private.url}/api/v4/jobs", orjson.dumps(body), headers, method="POST"
        )
        try:
            with urlopen(asked, timeout=30):  # noqa: S310
                return
        except HTTPError as error:
            words = error.read().decode("utf-8", "replace")
            raise ExcuditError("The sandbox refused the job.", remote=words) from error

    def act(self, parts: Parts, publication: Publication) -> bool:
        """Nobody is asked."""
        return False

    def ready(self, parts: Parts, publication: Publication) -> bool:
        """Never: nobody is asked."""
        return False

    def deposits(self) -> dict[str, int]:
        """The copies, drafts included."""
        return {"public": len(self._public.rows("dataset"))}

    def farewell(self, closing: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """Where the copy is seen, and what the job was told."""
        rows = self._public.rows("dataset")
        jobs = [f"{j['statusCode']}: {j['statusMessage']}" for j in self._private.rows("job")]
        lists = len(self._public.rows("block"))
        seen = [f"{self._public.url}/ ({r['datasetName']}, {lists} file lists)" for r in rows]
        return [*(("Copy", one) for one in seen), *(("Job", one) for one in jobs)]
