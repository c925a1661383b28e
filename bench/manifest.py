"""Manifest of a large folder against `sha256sum` on the same cores, and memory for many files.

Sizes may be made small to try it: `python bench/manifest.py --mib 256 --many 20000`, or the
environment variables EXCUDIT_BENCH_MIB and EXCUDIT_BENCH_FILES.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FILES = 64
ROUNDS = 5
LEAST_RATIO = 0.85
MOST_RSS_MIB = 100.0


def run(mib: int | None = None, many: int | None = None) -> dict[str, Any]:
    """Throughput ratio (median of alternating rounds) and peak memory; `ok` when all floors hold.

    `mib`: size of the 64 files together, `many`: number of small files of the second measure.
    """
    mib = mib or int(os.environ.get("EXCUDIT_BENCH_MIB", "4096"))
    many = many or int(os.environ.get("EXCUDIT_BENCH_FILES", "1000000"))
    figures = {**_throughput(mib), **_many(many)}
    figures["ok"] = (
        figures["ratio"] >= LEAST_RATIO
        and figures["peak_rss_mib"] < MOST_RSS_MIB
        and figures["many_peak_rss_mib"] < MOST_RSS_MIB
    )
    return figures


def _throughput(mib: int) -> dict[str, Any]:
    place = Path(tempfile.mkdtemp(prefix="excudit-bench-"))
    try:
        for n in range(FILES):
            with (place / f"{n:02}.bin").open("wb") as file:
                for _ in range(mib // FILES):
                    file.write(os.urandom(1 << 20))
        _ours(place), _theirs(place)
        rounds = [(_ours(place), _theirs(place)) for _ in range(ROUNDS)]
    finally:
        shutil.rmtree(place)
    size = mib // FILES * FILES
    ours = statistics.median(mine["seconds"] for mine, _ in rounds)
    theirs = statistics.median(seconds for _, seconds in rounds)
    return {
        "mib": size,
        "files": FILES,
        "rounds": ROUNDS,
        "ours_mib_per_s": round(size / ours),
        "sha256sum_mib_per_s": round(size / theirs),
        "ratio": round(statistics.median(b / a["seconds"] for a, b in rounds), 3),
        "peak_rss_mib": max(mine["rss_mib"] for mine, _ in rounds),
    }


def _many(count: int) -> dict[str, Any]:
    place = Path(tempfile.mkdtemp(prefix="excudit-bench-", dir=_roomy(count)))
    try:
        (place / "flat").mkdir()
        for n in range(count):
            if n % 2000 == 0:
                (place / "nested" / str(n // 2000)).mkdir(parents=True)
            folder = place / "flat" if n % 2 else place / "nested" / str(n // 2000)
            (folder / f"{n:07}.csv").touch()
        told = _ours(place)
    finally:
        shutil.rmtree(place)
    return {
        "many_files": told["files"],
        "many_seconds": round(told["seconds"], 1),
        "many_peak_rss_mib": told["rss_mib"],
    }


def _roomy(count: int) -> str | None:
    """The folder in memory, where it takes so many files: a disk needs minutes to make them."""
    shm = Path("/dev/shm")
    return str(shm) if shm.is_dir() and os.statvfs(shm).f_favail > 2 * count else None


def _ours(place: Path) -> dict[str, Any]:
    """One description of the folder in a process of its own."""
    child = [sys.executable, __file__, "--child", str(place)]
    done = subprocess.run(child, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _theirs(place: Path) -> float:
    """Seconds that `sha256sum` needs, as many at a time as there are cores."""
    cores = len(os.sched_getaffinity(0))
    script = f'cd "$0" && find . -type f -print0 | xargs -0 -n 1 -P {cores} sha256sum'
    begun = time.perf_counter()
    subprocess.run(["bash", "-c", script, str(place)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def _child(place: str) -> None:
    from excudit.settings import Site
    from excudit.sources.folder import FolderSource
    from excudit.sources.folder.settings import FolderSettings

    source = FolderSource("bench", FolderSettings(roots=[Path(place)]), Site())
    begun = time.perf_counter()
    dataset = source.describe(place)
    seconds = time.perf_counter() - begun
    told = {"files": len(dataset.files), "seconds": seconds, "rss_mib": _peak_rss_mib()}
    print(json.dumps(told))


def _peak_rss_mib() -> float:
    """This process's own peak; getrusage would count what it inherited before it was started."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) / 1024, 1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--mib", type=int)
    arguments.add_argument("--many", type=int)
    arguments.add_argument("--child")
    given = arguments.parse_args()
    if given.child:
        _child(given.child)
    else:
        print(json.dumps(run(given.mib, given.many), indent=2))
