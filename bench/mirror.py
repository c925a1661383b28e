"""A dataset of 50,000 files copied from one SciCat to another, on loopback: requests and memory.

Both stand-ins run in processes of their own, so the figures are those of source and target alone.
EXCUDIT_BENCH_FILES makes it small to try it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

FILES = 50_000
PER_LIST = 1000
PICTURES = 3
MOST_RSS_MIB = 150.0


def run() -> dict[str, Any]:
    """Writes, reads, seconds and peak memory of the first copy and of a repeat."""
    files = int(os.environ.get("EXCUDIT_BENCH_FILES", FILES))
    with _catalogue() as private, _catalogue("--public") as public:
        _alone("fill", private, public, str(files))
        before = _asked(private, public)
        first = _alone("copy", private, public)
        between = _asked(private, public)
        again = _alone("repeat", private, public, first["key"])
        after = _asked(private, public)
    lists = -(-files // PER_LIST)
    # The dataset, each list and picture, a flag for each, the last flag of all.
    least = 1 + 2 * (lists + PICTURES) + 1
    writes, repeated = _new(before, between), _new(between, after)
    return {
        "files": files,
        "writes": writes["writes"],
        "least_writes": least,
        "reads": writes["reads"],
        "seconds": first["seconds"],
        "peak_rss_mib": first["rss_mib"],
        "repeat_writes": repeated["writes"],
        "repeat_reads": repeated["reads"],
        "repeat_seconds": again["seconds"],
        "ok": writes["writes"] == least
        and repeated["writes"] == 0
        and max(first["rss_mib"], again["rss_mib"]) < MOST_RSS_MIB,
    }


@contextmanager
def _catalogue(*how: str) -> Any:
    command = [sys.executable, "-m", "excudit.sandbox.scicat", "--port", "0", *how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield child.stdout.readline().strip()
        finally:
            child.terminate()


def _asked(*urls: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for url in urls:
        with urlopen(f"{url}/_sandbox/calls") as answer:
            for call in json.loads(answer.read())["calls"]:
                if call["path"].endswith("/auth/login"):
                    continue
                found["reads" if call["method"] == "GET" else "writes"] += 1
    return found


def _new(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in ("writes", "reads")}


def _alone(what: str, *told: str) -> dict[str, Any]:
    code = f"import bench.mirror as m; m.{what}({', '.join(map(repr, told))})"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _tell(begun: float, **more: Any) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = round(time.perf_counter() - begun, 2)
    print(json.dumps({"seconds": seconds, "rss_mib": round(peak, 1), **more}))


def _account(url: str) -> dict[str, Any]:
    os.environ["EXCUDIT_BENCH_SECRET"] = "svc"
    return {"url": url, "username": "svc", "password": {"env": "EXCUDIT_BENCH_SECRET"}}


def _parts(private: str, public: str) -> tuple[Any, Any]:
    from excudit.settings import Site
    from excudit.sources.scicat import ScicatSource
    from excudit.targets.scicat_mirror import ScicatMirrorTarget

    told = {**_account(public), "origin": _account(private)}
    target = ScicatMirrorTarget("public", ScicatMirrorTarget.Settings.model_validate(told), Site())
    settings = ScicatSource.Settings.model_validate(_account(private))
    return ScicatSource("scicat", settings, Site()), target


PID = "20.500.12345/bench"


def fill(private: str, public: str, files: str) -> None:
    """The dataset at the private one."""
    from excudit.scicat import Connection, SciCat
    from excudit.settings import Site

    begun = time.perf_counter()
    client = SciCat("private", Connection.model_validate(_account(private)), Site())
    body = {
        "pid": PID,
        "ownerGroup": "p20250001",
        "contactEmail": "jane@example.org",
        "sourceFolder": "/beamline/bench",
        "creationTime": "2025-08-27T18:40:00.000Z",
        "datasetName": "Fifty thousand files",
        "type": "raw",
    }
    client.create_dataset(body)
    for start in range(0, int(files), PER_LIST):
        entries: list[dict[str, Any]] = [
            {"path": f"scan_{n // 100:05}/detector/data_{n:06}.h5", "size": n,
             "time": "2025-09-18T08:22:03.188Z", "chk": f"{n:064x}"}
            for n in range(start, min(start + PER_LIST, int(files)))
        ]  # fmt: skip
        size = sum(e["size"] for e in entries)
        block = {"datasetId": PID, "size": size, "chkAlg": "sha256", "dataFileList": entries}
        client.api.call("POST", "/api/v4/origdatablocks", json=block)
    for n in range(PICTURES):
        link = {"targetId": PID, "targetType": "dataset", "relationType": "is attached to"}
        picture = {"caption": f"Picture {n}", "isPublished": False, "ownerGroup": "p20250001"}
        client.add_attachment({**picture, "relationships": [link]})
    _tell(begun)


class _Patient:
    def progress(self, done: int, total: int, unit: str) -> None:
        pass

    def stop(self) -> bool:
        return False


def _snapshot(dataset: Any, key: str) -> Any:
    from excudit.domain.model import Snapshot
    from excudit.domain.record import Record

    record = Record.model_validate(
        {
            **dataset.metadata,
            "creators": [{"name": "Doe, Jane"}],
            "publisher": {"name": "Example Facility"},
            "publicationYear": 2026,
        }
    )
    return Snapshot(
        key=key,
        source="scicat",
        ref=dataset.ref,
        revision=dataset.revision,
        record=record,
        files=dataset.files,
        manifest_digest="",
        digest="",
        bytes=0,
        refs=(dataset.ref,),
        facts=dataset.facts,
    )


def copy(private: str, public: str) -> None:
    """Describe, reserve, fill, publish, confirm."""
    source, target = _parts(private, public)
    begun, key = time.perf_counter(), "0197a4b2-0000-7000-8000-000000000001"
    snapshot = _snapshot(source.describe(PID), key)
    draft = target.reserve(snapshot, key=key)
    published = target.publish(target.fill(draft, snapshot, _Patient()), snapshot)
    assert target.confirm(published, snapshot) == []
    _tell(begun, key=key)


def repeat(private: str, public: str, key: str) -> None:
    """The same once more: nothing is to be done."""
    source, target = _parts(private, public)
    begun = time.perf_counter()
    snapshot = _snapshot(source.describe(PID), key)
    deposit = target.find(snapshot)
    published = target.publish(target.fill(deposit, snapshot, _Patient()), snapshot)
    assert target.confirm(published, snapshot) == []
    _tell(begun)
