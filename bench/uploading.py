"""One file of 2 GiB to a repository on loopback, against hashing it alone. In a process of its own,
which imports nothing but the target."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.request import Request, urlopen

GIB = float(os.environ.get("EXCUDIT_BENCH_GIB", "2"))
LEAST_OF_HASHING = 0.85
MOST_MIB = 100.0


def run_against(folder: Path, url: str) -> dict[str, Any]:
    """The figures of a file in this folder, whose `token` the repository knows."""
    file = folder / "large.bin"
    with file.open("wb") as stream:
        stream.truncate(int(GIB * 2**30))
    code = f"import bench.uploading as u; u.alone({str(file)!r}, {url!r}, {str(folder)!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def alone(file: str, url: str, folder: str) -> None:
    """Hash the file, upload it, and print the figures."""
    size = Path(file).stat().st_size
    begun = time.perf_counter()
    sha256 = _hashed(file)
    hashing = time.perf_counter() - begun
    before = _peak_mib()
    begun = time.perf_counter()
    _sent(Path(file), size, sha256, url, folder)
    sending = time.perf_counter() - begun
    ratio, grown = hashing / sending, _peak_mib() - before
    print(
        json.dumps(
            {
                "gib": round(size / 2**30, 2),
                "hashing_mb_per_s": round(size / hashing / 1e6),
                "upload_mb_per_s": round(size / sending / 1e6),
                "of_hashing": round(ratio, 2),
                "grown_by_mib": round(grown, 1),
                "ok": ratio >= LEAST_OF_HASHING and grown < MOST_MIB,
            }
        )
    )


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _hashed(file: str) -> str:
    """The SHA-256; MD5 is computed at the same time."""
    digests = [hashlib.md5(), hashlib.sha256()]

    def fed(digest: Any) -> None:
        with Path(file).open("rb", buffering=0) as stream:
            while piece := stream.read(2**20):
                digest.update(piece)

    threads = [threading.Thread(target=fed, args=(digest,)) for digest in digests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return digests[1].hexdigest()


def _sent(file: Path, size: int, sha256: str, url: str, folder: str) -> None:
    """As a run does: read once, compared with what was approved, hashed for the repository."""
    from excudit.domain.model import Deposit, FileEntry
    from excudit.service.copying import Approved
    from excudit.settings import Site
    from excudit.targets.invenio import InvenioTarget

    told = {"url": url, "token": {"file": f"{folder}/token"}, "per_second": 0}
    target = InvenioTarget("zenodo", InvenioTarget.Settings.model_validate(told), Site())
    token = Path(folder, "token").read_text()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked = Request(f"{url}/api/records", json.dumps(record()).encode(), headers, method="POST")
    with urlopen(asked, timeout=60) as answer:
        made = json.load(answer)
    deposit = Deposit("zenodo", str(uuid.uuid4()), str(made["id"]), "draft")
    entry = FileEntry("large.bin", size, sha256)

    def opened() -> BinaryIO:
        return cast(BinaryIO, file.open("rb", buffering=0))

    with Approved(opened, entry, lambda _: None) as stream:
        receipt = target.put(deposit, entry, cast(BinaryIO, stream))
    assert receipt.size == size


def record() -> dict[str, Any]:
    """The body that creates a draft."""
    who = {"type": "personal", "family_name": "Lovelace", "given_name": "Ada"}
    return {
        "access": {"record": "public", "files": "public"},
        "files": {"enabled": True},
        "metadata": {
            "title": "Assessment/Institute of the Sea/Provider",
            "publisher": "excudit",
            "publication_date": "2026-11-20",
            "resource_type": {"id": "dataset"},
            "creators": [{"person_or_org": who}],
            "rights": [{"id": "cc-by-4.0"}],
        },
    }
