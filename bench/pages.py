"""Pages for people on a site with 100,000 publications: how long the server takes, what they weigh.

Every page is asked for over HTTP from the service as an operator runs it, one request after the
other. The figure to compare between machines is the ratio to `/health` in the same run.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import crowd
from bench.served import free_port, served

from excudit import app
from excudit.settings import load
from excudit.store.database import Database

COUNT = int(os.environ.get("EXCUDIT_BENCH_CROWD", "100000"))
ASKED = int(os.environ.get("EXCUDIT_BENCH_ASKED", "60"))
DATASETS = 300
WARMING = 3
P95_MS = 100.0
WEIGHT = 150_000
PAGES = {
    "desk of an owner": ("owner1", "/desk"),
    "desk of a reviewer": ("reviewer", "/desk"),
    "desk of an admin": ("admin", "/desk"),
    "desk of somebody with 10,000": ("owner0", "/desk"),
    "own list, title found": ("owner0", "/desk/mine?title=STATION+77"),
    "own list, title not found": ("owner0", "/desk/mine?title=nowhere"),
    "own list, one state": ("owner0", "/desk/mine?state=published"),
    "basket of 5,000": ("owner1", "/basket"),
    "datasets of a source": ("owner1", "/publications/new/to-doi?q=cruise"),
    "queue": ("curator", "/queue"),
    "queue, title not found": ("curator", "/queue?title=nowhere"),
    "queue, filtered": ("curator", "/queue?reviewer=me&state=in_review"),
    "request": ("curator", "/publications/{id}"),
    "history": ("curator", "/publications/{id}/history"),
    "metadata": ("curator", "/publications/{id}/metadata"),
    "files": ("curator", "/publications/{id}/files"),
    "operations": ("admin", "/operations"),
    "audit": ("admin", "/audit"),
    "audit of a person": ("admin", "/audit?who=owner7"),
    "audit of an action": ("admin", "/audit?action=approve"),
}
CONFIG = """
[service]
data_dir = {folder}
database = {database}
port = {port}
[sources.shelf]
kind = "folder"
roots = [{data}]
[targets.registry]
kind = "datacite"
url = "http://127.0.0.1:9"
username = "X.Y"
password = {{ env = "EXCUDIT_BENCH_PASSWORD" }}
prefix = "10.5072"
[routes.to-doi]
source = "shelf"
targets = ["registry"]
"""


def run() -> dict[str, Any]:
    """Per database and page: p95, median and the server's CPU in ms, weight in bytes, and times
    `/health`."""
    from databases import postgresql_server

    with (
        tempfile.TemporaryDirectory(prefix="excudit-bench-") as name,
        postgresql_server() as server,
        server.fresh() as url,
    ):
        return {
            "sqlite": _figures(Path(name) / "sqlite", ""),
            "postgresql": _figures(Path(name) / "postgresql", url),
        }


def _figures(folder: Path, database: str) -> dict[str, Any]:
    from web_house import RECORD

    folder.mkdir()
    port = free_port()
    config = folder / "excudit.toml"
    for number in range(DATASETS):
        (folder / "data" / f"cruise-{number}").mkdir(parents=True)
        (folder / "data" / f"cruise-{number}" / "a.csv").write_text("a\n")
    words = {"folder": str(folder), "data": str(folder / "data"), "database": database}
    quoted = {name: json.dumps(word) for name, word in words.items()}
    config.write_text(CONFIG.format(**quoted, port=port))
    os.environ["EXCUDIT_BENCH_PASSWORD"] = "none"
    parts = app.build(load(config))
    cookies = crowd.fill(parts.database, RECORD, COUNT)
    _settle(parts.database)
    keys = _some(parts.database)
    parts.database.close()
    with served(config, port, "web") as pid:
        base = _measured(pid, port, "", ["/health"] * ASKED)["median_ms"]
        return {
            name: _judged(_measured(pid, port, cookies[who], _paths(path, keys)), base)
            for name, (who, path) in PAGES.items()
        }


def _paths(path: str, keys: list[str]) -> list[str]:
    return [path.format(id=keys[n % len(keys)]) for n in range(ASKED)]


def _settle(database: Database) -> None:
    """As the database's own care would, after so many new rows."""
    if database.is_sqlite:
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE")
    else:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
            alone.exec_driver_sql("VACUUM (ANALYZE)")


def _some(database: Database) -> list[str]:
    with database.read() as connection:
        query = "SELECT id FROM publications ORDER BY slug LIMIT 50"
        return list(connection.exec_driver_sql(query).scalars())


def _measured(pid: int, port: int, cookie: str, paths: list[str]) -> dict[str, float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": f"excudit={cookie}"} if cookie else {}
    took, weight = [], 0
    used = 0.0
    for number, path in enumerate(paths[:WARMING] + paths):
        if number == WARMING:
            used = _cpu_s(pid)
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        took.append(1000 * (time.perf_counter() - begun))
        assert answer.status == 200, (path, answer.status, body[:500])
        weight = max(weight, len(body))
    connection.close()
    cpu_ms = 1000 * (_cpu_s(pid) - used) / len(paths)
    took = took[WARMING:]
    p95 = statistics.quantiles(took, n=20)[-1]
    median = statistics.median(took)
    return {"p95_ms": p95, "median_ms": median, "cpu_ms": cpu_ms, "bytes": weight}


def _cpu_s(pid: int) -> float:
    """CPU seconds that the service has used: unlike its answers they do not wait for others."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _judged(figures: dict[str, float], base_ms: float) -> dict[str, Any]:
    return {
        "p95_ms": round(figures["p95_ms"], 1),
        "median_ms": round(figures["median_ms"], 1),
        "cpu_ms": round(figures["cpu_ms"], 1),
        "times_health": round(figures["median_ms"] / base_ms, 1),
        "bytes": figures["bytes"],
        "ok": figures["p95_ms"] < P95_MS and figures["bytes"] < WEIGHT,
    }
