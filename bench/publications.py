"""Publications a second against the sandbox registry, without files, by one worker.

DataCite allows an authenticated client 3000 requests in 5 minutes: 10 a second. excudit must be
able to write at least twice as fast, so that the registry and not excudit sets the pace. A
publication is two writes there: the complete draft, and making it findable.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench.served import free_port, served

from excudit import app
from excudit.domain.model import Actor
from excudit.sandbox.datacite import Registry
from excudit.service import verbs
from excudit.settings import load
from excudit.store.database import Database

ALLOWED_PER_S = 10.0
COUNT = int(os.environ.get("EXCUDIT_BENCH_PUBLICATIONS", "150"))
ROUNDS = int(os.environ.get("EXCUDIT_BENCH_ROUNDS", "5"))
OWNER = Actor("Ada")
RECORD = {
    "titles": [{"title": "Surface CO2"}],
    "creators": [{"name": "Lovelace, Ada", "givenName": "Ada", "familyName": "Lovelace"}],
    "publisher": {"name": "Institute of the Sea"},
    "publicationYear": 2026,
    "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Measurements"},
}
CONFIG = """
[site]
base_url = "http://127.0.0.1:{port}"
[service]
data_dir = {folder}
database = {database}
port = {port}
workers = 8
[sources.folders]
kind = "folder"
roots = [{folder}]
[targets.datacite]
kind = "datacite"
url = "{api}"
resolver_url = "{resolver}"
username = "DEMO.REPO"
password = {{ file = {password} }}
prefix = "10.14454"
per_second = 0
[routes.folder-doi]
source = "folders"
targets = ["datacite"]
review = "auto"
"""


def run() -> dict[str, Any]:
    """Medians over rounds on SQLite and PostgreSQL; each round publishes `COUNT` folders."""
    from databases import postgresql_server

    figures: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory(prefix="excudit-bench-") as name,
        Registry(Path(name) / "registry.db", index_lag_s=0) as registry,
        postgresql_server() as server,
        server.fresh() as url,
    ):
        figures["sqlite"] = _figures(Path(name) / "sqlite", "", registry)
        figures["postgresql"] = _figures(Path(name) / "postgresql", url, registry)
    return figures


def _figures(folder: Path, database: str, registry: Registry) -> dict[str, Any]:
    folder.mkdir()
    config = configure(folder, database, registry)
    parts = app.build(load(config))
    with served(config, parts.settings.service.port, "serve") as pid:
        rounds = [_round(parts, folder, number, pid, registry) for number in range(ROUNDS + 1)]
    engine_s = _engine_alone(parts)
    parts.database.close()
    rounds = sorted(rounds[1:], key=lambda r: r["per_s"])  # the first one warms up
    middle = rounds[len(rounds) // 2]
    return {
        "publications_per_s": round(middle["per_s"], 1),
        "writes_per_s": round(middle["writes_per_s"], 1),
        "times_the_allowed_write_rate": round(middle["writes_per_s"] / ALLOWED_PER_S, 2),
        "cpu_ms_per_publication": round(1000 * middle["cpu_s"], 1),
        "engine_share_of_cpu": round(engine_s / middle["cpu_s"], 2),
        "ok": middle["writes_per_s"] >= 2 * ALLOWED_PER_S,
    }


def configure(folder: Path, database: str, registry: Registry) -> Path:
    password = folder / "password"
    password.write_text("sandbox")
    config = folder / "excudit.toml"
    config.write_text(
        CONFIG.format(
            port=free_port(),
            folder=json.dumps(str(folder)),
            database=json.dumps(database),
            api=registry.api_url,
            resolver=registry.resolver_url,
            password=json.dumps(str(password)),
        )
    )
    return config


def _round(parts: Any, folder: Path, number: int, pid: int, registry: Registry) -> dict[str, float]:
    drafts = []
    for i in range(COUNT):
        place = folder / f"r{number}-{i}"
        place.mkdir()
        drafts.append(verbs.create(parts, OWNER, "folder-doi", str(place), record=RECORD))
    writes = _writes(registry)
    cpu, begun = _cpu_s(pid), time.perf_counter()
    for draft in drafts:
        verbs.submit(parts, OWNER, draft.id)
    _wait(parts.database, (number + 1) * COUNT)
    took = time.perf_counter() - begun
    return {
        "per_s": COUNT / took,
        "writes_per_s": (_writes(registry) - writes) / took,
        "cpu_s": (_cpu_s(pid) - cpu) / COUNT,
    }


def _writes(registry: Registry) -> int:
    """How many writes the registry has taken, by its own log."""
    url = f"{registry.api_url}/_sandbox/log?committed=true&host=api"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return len(json.load(answer)["requests"])


def _wait(database: Database, count: int) -> None:
    pause = threading.Event()
    query = "SELECT count(*) FROM runs WHERE plan = 'publish' AND status = 'done'"
    while True:
        with database.read() as connection:
            if connection.exec_driver_sql(query).scalar_one() >= count:
                return
        pause.wait(0.05)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _engine_alone(parts: Any) -> float:
    """CPU seconds that the engine needs for the two runs of a publication, whose actions and
    ledger do nothing; in a process of its own."""
    script = Path(__file__).with_name("engine_alone.py")
    told = subprocess.run(
        [sys.executable, str(script), app.database_url(parts.settings), str(COUNT)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(told.stdout.split()[-1])
