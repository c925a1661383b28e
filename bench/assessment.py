"""Assessments to a repository on loopback: 200 with a PDF of 1 MB each, and one file of 2 GiB.

The publications are compared with a plain script that makes the same calls in the same order, as
many at a time; the upload with hashing the file alone, MD5 and SHA-256 at the same time. All in one
run. EXCUDIT_BENCH_PUBLICATIONS and EXCUDIT_BENCH_GIB make it small to try it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from bench import uploading
from bench.publications import _wait
from bench.served import free_port, served
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from excudit import app
from excudit.domain.model import Actor
from excudit.sandbox.invenio import TOKEN
from excudit.service import handing_in
from excudit.settings import load

COUNT = int(os.environ.get("EXCUDIT_BENCH_PUBLICATIONS", "200"))
AT_ONCE = 8
MOST_TIMES = 1.5
ROUTE = "assessment-zenodo"
OWNER = Actor("ada", full_name="Lovelace, Ada")
CONFIG = """
[site]
base_url = "http://127.0.0.1:{port}"
[service]
data_dir = {folder}
port = {port}
workers = {workers}
[sources.assessments]
kind = "assessment"
folder = {kept}
[targets.zenodo]
kind = "invenio"
url = "{url}"
token = {{ file = {token} }}
doi_url = "{url}"
per_second = 0
[routes.assessment-zenodo]
source = "assessments"
targets = ["zenodo"]
words = "assessment-zenodo"
review = "auto"
on_refusal = "stay"
"""
DOCUMENT: dict[str, Any] = {
    "name": "Assessment",
    "organisation": {"id": "", "name": "Institute of the Sea"},
    "actor": {"id": "a", "name": "Provider"},
    "result": {"compliance": None, "ranking": None},
    "principles": [{"id": "P1", "name": "Findable", "criteria": []}],
}


def run() -> dict[str, Any]:
    """Seconds and ratios of both."""
    with tempfile.TemporaryDirectory(prefix="excudit-bench-") as name:
        folder = Path(name)
        (folder / "token").write_text(TOKEN)
        with repository() as url:
            publications = _publications(folder, url)
        with repository() as url:
            upload = uploading.run_against(folder, url)
    return {"publications": publications, "upload": upload}


@contextmanager
def repository() -> Iterator[str]:
    """The sandbox in a process of its own."""
    command = [sys.executable, "-m", "excudit.sandbox.invenio", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield next(w for w in child.stdout.readline().split() if w.startswith("http"))
        finally:
            child.terminate()


def _publications(folder: Path, url: str) -> dict[str, Any]:
    port, pdf = free_port(), _pdf()
    config = folder / "excudit.toml"
    config.write_text(
        CONFIG.format(
            port=port,
            folder=json.dumps(str(folder / "data")),
            kept=json.dumps(str(folder / "kept")),
            url=url,
            token=json.dumps(str(folder / "token")),
            workers=AT_ONCE,
        )
    )
    parts = app.build(load(config))
    refs = []
    for number in range(COUNT + 1):
        document = json.dumps({**DOCUMENT, "id": f"assessment-{number}"}).encode()
        given = {"document": document, "rendering": pdf}
        refs.append(handing_in.receive(parts, OWNER, ROUTE, given).ref)
    with served(config, port, "serve"):
        handing_in.put_forward(parts, OWNER, ROUTE, refs.pop())  # warms up
        _wait(parts.database, 1)
        begun = time.perf_counter()
        for ref in refs:
            handing_in.put_forward(parts, OWNER, ROUTE, ref)
        _wait(parts.database, COUNT + 1)
        ours = time.perf_counter() - begun
    parts.database.close()
    plain = _plain(url, pdf)
    return {
        "count": COUNT,
        "seconds": round(ours, 2),
        "plain_seconds": round(plain, 2),
        "times_the_plain_script": round(ours / plain, 2),
        "ok": ours / plain <= MOST_TIMES,
    }


def _pdf() -> bytes:
    """A page, and a megabyte that does not shrink."""
    writer, whole = PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    ballast = StreamObject()
    ballast.set_data(os.urandom(1_000_000))
    writer.root_object[NameObject("/Ballast")] = writer._add_object(ballast)
    writer.write(whole)
    return whole.getvalue()


def _plain(url: str, pdf: bytes) -> float:
    """Seconds of a script that makes the very calls of the route, `AT_ONCE` at a time."""
    document = json.dumps(DOCUMENT).encode()
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/vnd.inveniordm.v1+json",
    }
    with httpx2.Client(base_url=url, headers=headers, timeout=60) as client:
        one = _Plain(client, {"assessment.json": document, "assessment.pdf": pdf})
        one.publish(0)
        begun = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(one.publish, range(COUNT)))
        return time.perf_counter() - begun


class _Plain:
    def __init__(self, client: httpx2.Client, files: dict[str, bytes]) -> None:
        self._client, self._files = client, files

    def _call(self, method: str, path: str, **how: Any) -> Any:
        answer = self._client.request(method, path, **how)
        answer.raise_for_status()
        return answer.json()

    def publish(self, _: int) -> None:
        made = self._call("POST", "/api/records", json=uploading.record())
        place = f"/api/records/{made['id']}"
        draft = f"{place}/draft"
        doi = self._call("POST", f"{draft}/pids/doi")["pids"]["doi"]["identifier"]
        for name, content in self._files.items():
            self._call("POST", f"{draft}/files", json=[{"key": name}])
            put = f"{draft}/files/{name}"
            octets = {"Content-Type": "application/octet-stream"}
            self._call("PUT", f"{put}/content", content=content, headers=octets)
            told = self._call("POST", f"{put}/commit")
            assert told["checksum"] == f"md5:{hashlib.md5(content).hexdigest()}"
        self._client.get(place)
        self._call("GET", draft)
        self._call("GET", f"{draft}/files")
        self._call("POST", f"{draft}/actions/publish")
        self._call("GET", f"/dois/{doi}")
        self._call("GET", place)
        self._client.get(draft)
        self._call("GET", place)
        self._call("GET", f"{place}/files")
        self._call("GET", f"/dois/{doi}")
