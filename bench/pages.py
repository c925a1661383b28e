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
ASKED = 100
P95_MS = 100.0
WEIGHT = 150_000
PAGES = {
    "desk of an owner": ("owner1", "/desk"),
    "desk of a reviewer": ("reviewer", "/desk"),
    "desk of an admin": ("admin", "/desk"),
    "queue": ("curator", "/queue"),
    "queue, filtered": ("curator", "/queue?reviewer=me&state=in_review"),
    "request": ("curator", "/publications/{id}"),
    "operations": ("admin", "/operations"),
    "audit": ("admin", "/audit"),
}
CONFIG = """
[service]
data_dir = {folder}
database = {database}
port = {port}
[sources.shelf]
kind = "folder"
roots = [{folder}]
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
    """Per database and page: p95 in ms, weight in bytes, and times `/health`."""
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
    values = {"folder": json.dumps(str(folder)), "database": json.dumps(database), "port": port}
    config.write_text(CONFIG.format(**values))
    os.environ["EXCUDIT_BENCH_PASSWORD"] = "none"
    parts = app.build(load(config))
    cookies = crowd.fill(parts.database, RECORD, COUNT)
    _settle(parts.database)
    keys = _some(parts.database)
    parts.database.close()
    with served(config, port, "web"):
        base = _measured(port, "", ["/health"] * ASKED)["median_ms"]
        return {
            name: _judged(_measured(port, cookies[who], _paths(path, keys)), base)
            for name, (who, path) in PAGES.items()
        }


def _paths(path: str, keys: list[str]) -> list[str]:
    return [path.format(id=keys[n % len(keys)]) for n in range(ASKED)]


def _settle(database: Database) -> None:
    """As the database's own care would, after so many new rows."""
    with database.write() as connection:
        connection.exec_driver_sql("ANALYZE")


def _some(database: Database) -> list[str]:
    with database.read() as connection:
        query = "SELECT id FROM publications ORDER BY slug LIMIT 50"
        return list(connection.exec_driver_sql(query).scalars())


def _measured(port: int, cookie: str, paths: list[str]) -> dict[str, float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": f"excudit={cookie}"} if cookie else {}
    took, weight = [], 0
    for path in paths[:3] + paths:  # the first ones warm up
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        took.append(1000 * (time.perf_counter() - begun))
        assert answer.status == 200, (path, answer.status, body[:500])
        weight = max(weight, len(body))
    connection.close()
    took = took[3:]
    p95 = statistics.quantiles(took, n=20)[-1]
    return {"p95_ms": p95, "median_ms": statistics.median(took), "bytes": weight}


def _judged(figures: dict[str, float], base_ms: float) -> dict[str, Any]:
    return {
        "p95_ms": round(figures["p95_ms"], 1),
        "times_health": round(figures["median_ms"] / base_ms, 1),
        "bytes": figures["bytes"],
        "ok": figures["p95_ms"] < P95_MS and figures["bytes"] < WEIGHT,
    }
