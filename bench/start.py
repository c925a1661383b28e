"""Start-up and memory: `excudit --help` against an empty interpreter, and the idle service."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench.publications import configure

from excudit.sandbox.datacite import Registry

ROUNDS = 9
MOST_HELP = 6.0
MOST_READY_S = 3.0
MOST_RSS_MIB = 150.0


def run() -> dict[str, Any]:
    """Ratio of `--help` to `python -c pass`; seconds until `serve` answers; its idle memory."""
    excudit = Path(sys.executable).with_name("excudit")
    rounds = [
        (_seconds([str(excudit), "--help"]), _seconds([sys.executable, "-c", "pass"]))
        for _ in range(ROUNDS)
    ]
    ratio = statistics.median(ours / theirs for ours, theirs in rounds)
    ready = [_serve() for _ in range(5)]
    ready_s = statistics.median(seconds for seconds, _ in ready)
    rss = statistics.median(mib for _, mib in ready)
    return {
        "help_ratio": round(ratio, 2),
        "ready_s": round(ready_s, 2),
        "idle_rss_mib": round(rss, 1),
        "ok": ratio <= MOST_HELP and ready_s <= MOST_READY_S and rss <= MOST_RSS_MIB,
    }


def _seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def _serve() -> tuple[float, float]:
    """Seconds until /health answers 200 on a fresh database, and MiB resident when idle."""
    with tempfile.TemporaryDirectory(prefix="excudit-bench-") as name, Registry() as registry:
        config = configure(Path(name), "", registry)
        port = next(x for x in config.read_text().splitlines() if x.startswith("port"))
        url = f"http://127.0.0.1:{port.partition('=')[2].strip()}/health"
        begun = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "excudit.cli", "--config", str(config), "serve"],
            stderr=subprocess.DEVNULL,
        )
        pause = threading.Event()
        while not _well(url):
            pause.wait(0.02)
        seconds = time.perf_counter() - begun
        pause.wait(3.0)
        pages = int(Path(f"/proc/{child.pid}/statm").read_text().split()[1])
        child.terminate()
        child.wait(30)
    return seconds, pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _well(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return "status" in json.load(answer)
    except OSError:
        return False
