"""Moving a folder and reading it back, against `cp -a`, `sha256sum` and `rm -r`, and the memory for
it.

100,000 small files and 20 GiB in sparse files are moved, verified by hashing what has content;
sizes may be made small to try it: EXCUDIT_BENCH_FILES, EXCUDIT_BENCH_MIB.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MOST_RSS_MIB = 150.0
SPARSE_GIB = 20
# How many times the processor's seconds of `cp -a`, `sha256sum` and, where the original goes,
# `rm -r` together a verified move may take.
MOST_TIMES = {"renamed": 2.0, "copied": 5.0}


def run() -> dict[str, Any]:
    """Seconds, ratios and peak memory of each kind of move; `ok` when all floors hold."""
    files = int(os.environ.get("EXCUDIT_BENCH_FILES", "100000"))
    mib = int(os.environ.get("EXCUDIT_BENCH_MIB", "2048"))
    return {
        "small_renamed": _measured("renamed", files, 0),
        "small_copied": _measured("copied", files, 0),
        "large_renamed": _measured("renamed", 0, mib),
        "large_copied": _measured("copied", 0, mib),
        "sparse_renamed": _sparse(),
    }


def _measured(kind: str, files: int, mib: int) -> dict[str, Any]:
    place, there = _places(kind)
    try:
        source = place / "source"
        size = _make(source, files, mib)
        wall, processor = _theirs(source, there / "theirs")
        if kind == "copied":
            more = _removed(source)
            wall, processor = wall + more[0], processor + more[1]
        ours = _ours(source, there / "ours", place / "journal")
    finally:
        shutil.rmtree(place)
        shutil.rmtree(there, ignore_errors=True)
    # Under load only the seconds of the processor compare.
    times = round(ours["cpu_seconds"] / processor, 2)
    return {
        "files": files or 16,
        "mib": round(size / 1024**2),
        "seconds": round(ours["seconds"], 2),
        "cpu_seconds": round(ours["cpu_seconds"], 2),
        "theirs_seconds": round(wall, 2),
        "theirs_cpu_seconds": round(processor, 2),
        "times": times,
        "peak_rss_mib": ours["rss_mib"],
        "ok": times <= MOST_TIMES[kind] and ours["rss_mib"] < MOST_RSS_MIB,
    }


def _sparse() -> dict[str, Any]:
    """20 GiB without content: the move alone, not hashed."""
    place, there = _places("renamed")
    try:
        source = place / "source"
        source.mkdir()
        for n in range(4):
            with (source / f"{n}.bin").open("wb") as file:
                file.truncate(SPARSE_GIB * 1024**3 // 4)
        ours = _ours(source, there / "ours", place / "journal", "--unread")
    finally:
        shutil.rmtree(place)
    return {
        "gib": SPARSE_GIB,
        "seconds": round(ours["seconds"], 3),
        "peak_rss_mib": ours["rss_mib"],
    }


def _places(kind: str) -> tuple[Path, Path]:
    place = Path(tempfile.mkdtemp(prefix="excudit-bench-"))
    if kind == "renamed":
        return place, place
    shm = Path("/dev/shm")
    there = Path(tempfile.mkdtemp(prefix="excudit-bench-", dir=shm if shm.is_dir() else None))
    return place, there


def _make(source: Path, files: int, mib: int) -> int:
    for n in range(files):
        if n % 1000 == 0:
            (source / f"{n // 1000:03}").mkdir(parents=True)
        (source / f"{n // 1000:03}" / f"{n:06}.csv").write_text(f"time,co2\n{n},410.2\n")
    source.mkdir(exist_ok=True)
    for n in range(16 if mib else 0):
        with (source / f"{n:02}.bin").open("wb") as file:
            for _ in range(mib // 16):
                file.write(os.urandom(1 << 20))
    os.sync()
    return sum(p.stat().st_size for p in source.rglob("*") if p.is_file())


def _theirs(source: Path, there: Path) -> tuple[float, float]:
    begun = _clocks()
    subprocess.run(["cp", "-a", str(source), str(there)], check=True)
    hashing = f"find {there} -type f -print0 | xargs -0 -P 1 sha256sum > /dev/null"
    subprocess.run(["sh", "-c", hashing], check=True)
    told = _since(begun)
    shutil.rmtree(there)
    return told


def _removed(source: Path) -> tuple[float, float]:
    twin = source.with_name("twin")
    subprocess.run(["cp", "-a", str(source), str(twin)], check=True)
    begun = _clocks()
    subprocess.run(["rm", "-r", str(twin)], check=True)
    return _since(begun)


def _clocks() -> tuple[float, float]:
    """Seconds on the wall, and of the processor in processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter(), used.ru_utime + used.ru_stime


def _since(begun: tuple[float, float]) -> tuple[float, float]:
    wall, processor = _clocks()
    return wall - begun[0], processor - begun[1]


def _ours(source: Path, there: Path, journal: Path, *how: str) -> dict[str, Any]:
    command = [sys.executable, __file__, str(source), str(there), str(journal), *how]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _move(source: str, there: str, journal: str, *, unread: bool) -> dict[str, Any]:
    from excudit.storage import folders
    from excudit.storage.addresses import parse
    from excudit.storage.moving import Move
    from excudit.storage.notes import FolderNotes

    begun = time.perf_counter()
    Move(FolderNotes(journal), "bench", parse(source), parse(there)).go()
    # A copy was read back by the move itself; what was renamed is read as adopting it reads it.
    same = Path(source).parent.stat().st_dev == Path(there).parent.stat().st_dev
    if same and not unread:
        for _ in folders.at(there).entries():
            pass
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = used.ru_utime + used.ru_stime
    return {
        "seconds": seconds,
        "cpu_seconds": processor,
        "rss_mib": round(used.ru_maxrss / 1024, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("places", nargs=3)
    parser.add_argument("--unread", action="store_true")
    asked = parser.parse_args()
    print(json.dumps(_move(*asked.places, unread=asked.unread)))
