"""A million rows read, judged by the rules and prepared for looking, on one core; and a package of
2 GiB opened, against copying and hashing the same bytes. Each in a process of its own, for its
memory; seconds are the processor's."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

ROWS = 1_000_000
PACKAGE_BYTES = 2 << 30
NAME = "26NA20050107"


def run() -> dict[str, Any]:
    """Both figures with their floors."""
    with tempfile.TemporaryDirectory(prefix="excudit-bench-") as place:
        table = _table(Path(place) / f"{NAME}.csv")
        looks = _alone("looks", str(table))
        rules = _alone("rules", str(table))
        table.unlink()
        taken = _alone("package", place)
    looks["ok"] = looks["seconds"] < 3.0 and looks["mib"] < 500
    rules["ok"] = rules["mib"] < 500
    taken["ok"] = taken["ratio"] >= 0.85 and taken["mib"] < 150
    return {"looks": looks, "rules": rules, "package": taken}


def _table(path: Path) -> Path:
    """An export file in QuinCe's layout; the same thousand rows again and again, times going on."""
    from datetime import UTC, datetime

    from excudit.sandbox.quince.formats import OTC
    from excudit.sandbox.quince.measured import Cruise

    lines = list(OTC.lines(Cruise(NAME, rows=1000)))
    tails = [line.split(",", 1)[1] for line in lines[1:]]
    with path.open("w") as out:
        out.write(lines[0])
        for number in range(ROWS):
            at = datetime.fromtimestamp(1_105_060_080 + 60 * number, UTC)
            out.write(f"{at:%Y-%m-%dT%H:%M:%S}.000Z,{tails[number % 1000]}")
    return path


def _alone(what: str, where: str) -> dict[str, Any]:
    env = {**os.environ, "POLARS_MAX_THREADS": "1"}
    code = f"import bench.observations as o; o.{what}({where!r})"
    told = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
    )
    figures: dict[str, Any] = json.loads(told.stdout)
    return figures


def _tell(seconds: float, **more: Any) -> None:
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": round(seconds, 2), "mib": round(mib), **more}))


def looks(table: str) -> None:
    """Plots and tables from the file, processor time."""
    from excudit.sources.quince import shown

    begun = time.process_time()
    rows = shown.read(Path(table))
    made = shown.of_rows("ICOS OTC", rows)
    assert made.plots[1].series[0].total > ROWS // 2
    _tell(time.process_time() - begun, rows=rows.height)


def rules(table: str) -> None:
    """Every rule on every row, processor time."""
    from excudit.sources.quince import checks
    from excudit.sources.quince.manifest import Format
    from excudit.sources.quince.settings import Ranges

    form = Format("ICOS OTC", f"{NAME}.csv")
    begun = time.process_time()
    counted, _ = checks.of_file(
        Path(table), "t", form, required=True, ranges=Ranges(), records=None
    )
    assert counted.rows == ROWS
    _tell(time.process_time() - begun)


def package(place: str) -> None:
    """A package of raw files opened, against a copy that is hashed and made durable likewise;
    `of_hashing` is against hashing alone, which writes nothing."""
    from excudit.sources.quince.unpack import Limits, unpack

    path = Path(place, "package.zip")
    block = os.urandom(1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as held:
        held.writestr(f"{NAME}/manifest.json", "{}")
        for number in range(4):
            with held.open(f"{NAME}/raw/{number}.bin", "w", force_zip64=True) as out:
                for _ in range(PACKAGE_BYTES // 4 >> 20):
                    out.write(block)
    begun = time.process_time()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    hashing = time.process_time() - begun
    begun = time.process_time()
    with path.open("rb") as file, Path(place, "copy").open("wb") as out:
        while piece := file.read(1 << 20):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    copying = time.process_time() - begun
    Path(place, "copy").unlink()
    into = Path(place, "into")
    into.mkdir()
    begun = time.process_time()
    unpack(path, NAME, into, Limits(10, PACKAGE_BYTES * 2, 100.0), lambda count: None)
    taking = time.process_time() - begun
    ratio = (copying + hashing) / taking
    _tell(taking, ratio=round(ratio, 2), of_hashing=round(hashing / taking, 2))
