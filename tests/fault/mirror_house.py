"""The house with the route from a private SciCat to a public one, and a stranger who watches."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from catalogues import file_list, ingest, scicat
from excudit.cli.routes import plans_of
from excudit.domain.publication import Publication
from excudit.engine.plan import Plan
from excudit.sandbox.scicat import Rules, SciCatSandbox
from excudit.service import handing_in, queries
from excudit.settings import load
from house import CURATOR, House, until

ROUTE = "scicat-mirror"
KEY = "the key of the jobs"
LISTS = (
    file_list({"scan_1.fio": 3968, "scan_1/master.h5": 36_065_828}, chk="ab" * 32),
    file_list({"scan_2.fio": 3968}),
    file_list({"scan_3.fio": 1}),
)
PICTURES = 2
ROOM = """
[faces]
scicat_keys = {{ scicat = {{ file = {key} }} }}
[sources.scicat]
kind = "scicat"
url = {private}
username = "svc"
password = {{ file = {password} }}
job_type = "publish"
publisher = "Institute of the Sea"
timeout_s = 2
[targets.public]
kind = "scicat_mirror"
url = {public}
username = "svc"
password = {{ file = {password} }}
timeout_s = 2
access_groups = [{{ match = "beamline-(.*)", to = "public-\\\\1" }}]
[targets.public.origin]
url = {private}
username = "svc"
password = {{ file = {password} }}
timeout_s = 2
[routes.scicat-mirror]
source = "scicat"
targets = ["public", "datacite"]
review = "auto"
words = "scicat-mirror"
intake = "submitted"
intake_s = 1
"""


def tables(private: str, public: str, key: Path, password: Path) -> str:
    """The tables of face, source, target and route."""
    named = {"private": private, "public": public, "key": str(key), "password": str(password)}
    return ROOM.format(**{name: json.dumps(text) for name, text in named.items()})


@cache
def plan(name: str) -> Plan:
    """A plan of the route, from the product itself: the matrix is generated from it."""
    with TemporaryDirectory() as scratch:
        config = Path(scratch) / "excudit.toml"
        registry = (
            '[targets.datacite]\nkind = "datacite"\nurl = "http://127.0.0.1:9"\n'
            'username = "A.B"\nprefix = "10.5072"\npassword = { env = "X" }\n'
        )
        room = tables("http://127.0.0.1:9", "http://127.0.0.1:9", config, config)
        config.write_text(f'[service]\ndata_dir = "{scratch}"\n{registry}{room}')
        every = plans_of(config, ROUTE, lambda: load(config))
    return next(p for p in every if p.name == name)


class Stranger:
    """Polls the public SciCat without an account, and keeps what it should not have seen.

    Whatever it sees of a dataset must be complete: all lists, each as often as is due.
    """

    def __init__(self, public: SciCatSandbox) -> None:
        self._public = public
        self._due: dict[str, list[Counter[str]]] = {}
        self.seen: set[str] = set()
        self.wrong: list[str] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def expect(self, pid: str, *lists: Any) -> None:
        """From now on the dataset may be seen with these lists, too."""
        paths = Counter(f["path"] for one in lists for f in one["dataFileList"])
        self._due.setdefault(pid, []).append(paths)

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.is_set():
            for pid in list(self._due):
                self._look(pid)
            self._done.wait(0.002)

    def _look(self, pid: str) -> None:
        before = self._get(f"datasets/public/{quote(pid, safe='')}")
        if before is None:
            return
        told = json.dumps({"where": {"datasetId": pid}, "limits": {"limit": 1000}})
        blocks = self._get(f"origdatablocks/public?filter={quote(told)}") or []
        links = {"relationships.targetId": pid}
        told = json.dumps({"where": links, "limits": {"limit": 1000}})
        pictures = self._get(f"attachments/public?filter={quote(told)}") or []
        after = self._get(f"datasets/public/{quote(pid, safe='')}")
        if after is None or after["updatedAt"] != before["updatedAt"]:
            return  # it was changed in between
        self.seen.add(pid)
        paths = Counter(f["path"] for b in blocks for f in b["dataFileList"])
        if paths not in self._due[pid]:
            self.wrong.append(f"{pid} shows {dict(paths)}")
        if len(pictures) != PICTURES:
            self.wrong.append(f"{pid} shows {len(pictures)} pictures")

    def _get(self, path: str) -> Any:
        try:
            with urlopen(f"{self._public.url}/api/v4/{path}", timeout=5) as answer:
                body = answer.read()
        except OSError:
            return None
        return json.loads(body) if body else None


class MirrorHouse(House):
    """A house that copies datasets from one sandbox to the other."""

    private: SciCatSandbox
    public: SciCatSandbox
    stranger: Stranger

    def original(self, lists: Any = LISTS, **more: Any) -> str:
        """A fresh dataset at the private SciCat."""
        catalogue = scicat(self.private)
        try:
            pid = ingest(catalogue, lists, pictures=PICTURES, **more)
        finally:
            catalogue.close()
        self.stranger.expect(pid, *lists)
        return pid

    def job(self, *pids: str) -> str:
        """Somebody presses the button in SciCat; the job's id."""
        body = {
            "type": "publish",
            "jobParams": {"datasetList": [{"pid": pid, "files": []} for pid in pids]},
            "ownerUser": "jane",
            "ownerGroup": "p20250001",
            "contactEmail": "jane@example.org",
        }
        headers = {"content-type": "application/json"}
        headers["authorization"] = f"Bearer {self.private.token('svc')}"
        asked = Request(f"{self.private.url}/api/v4/jobs", json.dumps(body).encode(), headers)
        with urlopen(asked, timeout=30) as answer:
            return str(json.loads(answer.read())["id"])

    def told(self, job: str) -> dict[str, Any]:
        """A job as SciCat has it."""
        return next(j for j in self.private.rows("job") if j["_id"] == job)

    def newest(self, pid: str) -> Publication | None:
        """The publication of a dataset."""
        return handing_in.newest(self.parts, ROUTE, pid)

    def begun(self, pid: str) -> Publication:
        """Wait until a publication of the dataset is there."""

        def found() -> Publication | None:
            if self.died():
                self.serve()
            return self.newest(pid)

        return until(found, f"nothing was begun for {pid}")

    def copied_once(self, pid: str, job: str, *, lists: Any = LISTS, dois: int) -> str:
        """One dataset, each list once, all pictures, one DOI; the job knows, the stranger saw
        nothing else."""
        key = self.begun(pid).id
        self.published_once(key, dois_before=dois)

        def answered() -> bool:
            if self.died():
                self.serve()
            return self.told(job)["statusCode"] == "finishedSuccessful"

        until(answered, f"the job says {self.told(job)}")
        self.is_whole(pid, lists)
        told = self.told(job)["jobResultObject"]
        assert told["publicationUrl"].startswith(self.public.url)
        assert told["doi"] == self.detail(key)["doi"]
        mails = queries.sent_mails(self.parts, key, CURATOR)
        assert [m["recipient"] for m in mails if m["kind"] == "published"] == ["jane@example.org"]
        return key

    def is_whole(self, pid: str, lists: Any = LISTS) -> None:
        """What is at the public SciCat is what must be there, and nothing besides."""
        rows = [r for r in self.public.rows("dataset") if r["pid"] == pid]
        assert len(rows) == 1
        assert rows[0]["isPublished"]
        assert rows[0]["accessGroups"] == ["public-p00"]
        assert rows[0]["inputDatasets"] == ["20.500.12345/one", "20.500.12345/two"]
        blocks = [b for b in self.public.rows("block") if b["datasetId"] == pid]
        said = Counter(tuple(f["path"] for f in b["dataFileList"]) for b in blocks)
        assert said == Counter(tuple(f["path"] for f in one["dataFileList"]) for one in lists)
        assert all(b["isPublished"] for b in blocks)
        assert rows[0]["size"] == sum(one["size"] for one in lists)
        pictures = [a for a in self.public.rows("attachment")
                    if a["relationships"][0]["targetId"] == pid]  # fmt: skip
        assert len(pictures) == PICTURES
        assert self.stranger.wrong == []

    def nothing_there(self, pid: str) -> None:
        """Undone: no dataset, no list, no picture."""
        assert [r for r in self.public.rows("dataset") if r["pid"] == pid] == []
        assert [b for b in self.public.rows("block") if b["datasetId"] == pid] == []
        assert [a for a in self.public.rows("attachment")
                if a["relationships"][0]["targetId"] == pid] == []  # fmt: skip
        assert self.stranger.wrong == []


def house_for(
    folder: Path,
    database: str,
    registry: Any,
    mailbox: Any,
    private: SciCatSandbox,
    public: SciCatSandbox,
    *,
    extra: str = "",
    folders: Sequence[Mapping[str, str]] = (),
    **how: Any,
) -> MirrorHouse:
    """A house between these sandboxes; the caller closes it. `extra`: further tables; `folders`:
    where the source can read files."""
    folder.mkdir(parents=True, exist_ok=True)
    key, password = folder / "key", folder / "svc"
    key.write_text(KEY)
    password.write_text("svc")
    more = tables(private.url, public.url, key, password) + extra
    rules = [", ".join(f"{k} = {json.dumps(v)}" for k, v in one.items()) for one in folders]
    told = ", ".join(f"{{ {rule} }}" for rule in rules)
    more = more.replace('job_type = "publish"', f'job_type = "publish"\nfolders = [{told}]')
    made = MirrorHouse(folder, database, registry, mailbox, more=more, **how)
    made.private, made.public, made.stranger = private, public, Stranger(public)
    hook = f"http://127.0.0.1:{made.port}/scicat/jobs"
    private.rules = Rules(hook_url=hook, hook_key=KEY, ignore_errors=True)
    return made
