"""A publication's whole life over HTTP only: real service, worker, database and loopback registry.

Every answer of the API is held against its own description on the way.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from described import Description
from excudit import app
from excudit.sandbox.datacite import Registry
from excudit.settings import Settings
from excudit.store import users
from excudit.web import create_app, serve_in_thread
from registries import PASSWORD, REPO

ALL = "/api/v1/publications"
RECORD: dict[str, Any] = {
    "titles": [{"title": "Surface CO₂, cruise 7 </script>"}],
    "creators": [{"name": "Lovelace, Ada", "givenName": "Ada", "familyName": "Lovelace"}],
    "publisher": {"name": "Institute of the Sea"},
    "publicationYear": 2026,
    "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Measurements"},
    "descriptions": [{"description": "Measured underway.", "descriptionType": "Abstract"}],
}


@dataclass
class Person:
    """Somebody with a token and a client."""

    client: httpx2.Client
    token: str

    def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def reaches(self, here: str, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Poll with the ETag, as a polite client does, until the publication is so."""
        seen: dict[str, Any] = {}
        tag, pause, end = "", threading.Event(), time.monotonic() + 60
        while time.monotonic() < end:
            answer = self.call("GET", here, headers={"If-None-Match": tag} if tag else {})
            if answer.status_code == 200:
                seen, tag = answer.json(), answer.headers["etag"]
                if what(seen):
                    return seen
            pause.wait(0.05)
        raise AssertionError(f"waited in vain; last seen: {json.dumps(seen, indent=1)[-3000:]}")


@dataclass
class Place:
    """A running service with a folder of datasets."""

    people: dict[str, Person]
    folder: Path
    client: httpx2.Client

    def dataset(self) -> Path:
        cruise = self.folder / "cruise-7"
        (cruise / "data").mkdir(parents=True)
        (cruise / "datacite.json").write_text(json.dumps(RECORD))
        (cruise / "data" / "co2.csv").write_text("time,co2\n1,410.2\n")
        return cruise


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("registry")
    with Registry(folder / "state.db", index_lag_s=0, accounts=(REPO,)) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both databases: here the whole life of a publication meets each."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def place(tmp_path: Path, database_url: str, registry: Registry) -> Iterator[Place]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "password").write_text(PASSWORD)
    settings = Settings.model_validate(
        {
            "site": {"base_url": f"http://127.0.0.1:{port}", "contact": "desk@example.org"},
            "service": {
                "data_dir": tmp_path / "state",
                "database": "" if database_url.startswith("sqlite") else database_url,
                "port": port,
            },
            "sources": {"folders": {"kind": "folder", "roots": [str(tmp_path)]}},
            "targets": {
                "datacite": {
                    "kind": "datacite",
                    "url": registry.api_url,
                    "resolver_url": registry.resolver_url,
                    "username": REPO.symbol,
                    "password": {"file": str(tmp_path / "password")},
                    "prefix": "10.14454",
                    "per_second": 0,
                }
            },
            "routes": {"reviewed": {"source": "folders", "targets": ["datacite"]}},
        }
    )
    parts = app.build(settings)
    web = create_app(parts)
    judge = Description(web.openapi()).judge
    workers = app.worker(parts)
    workers.start()
    running = serve_in_thread(web, "127.0.0.1", port)
    with httpx2.Client(base_url=running.url, event_hooks={"response": [judge]}) as client:
        people = {}
        for name, roles in (("ada", []), ("ria", ["reviewer"]), ("cleo", ["curator"])):
            with parts.database.write() as connection:
                users.put(connection, name, email=f"{name}@example.org", roles=roles)
                people[name] = Person(client, users.issue_token(connection, name, "e2e", None)[1])
        yield Place(people, tmp_path, client)
    running.stop()
    workers.stop()
    parts.database.close()


def test_a_dataset_is_published_amended_and_withdrawn_over_http(place: Place) -> None:
    ada, ria, cleo = place.people["ada"], place.people["ria"], place.people["cleo"]
    ref = str(place.dataset())
    found = ada.call("GET", "/api/v1/datasets?route=reviewed&q=cruise").json()["datasets"]
    assert [d["ref"] for d in found] == [ref]
    once = {"Idempotency-Key": "cruise-7"}
    body = {"route": "reviewed", "ref": ref, "submit": True}
    made = ada.call("POST", ALL, json=body, headers=once)
    assert made.status_code == 201, made.text
    assert ada.call("POST", ALL, json=body, headers=once).json()["id"] == made.json()["id"]
    here = f"{ALL}/{made.json()['id']}"

    seen = ria.reaches(here, lambda p: p["state"] == "in_review" and p["health"] == "idle")
    assert ria.call("GET", f"{here}/files").json()["files"][0]["path"] == "data/co2.csv"
    yes = ria.call("POST", f"{here}/approve", json={"digest": seen["digest"]})
    assert yes.status_code == 202, yes.text
    done = ada.reaches(here, lambda p: p["state"] == "published" and p["health"] == "idle")
    assert [i["state"] for i in done["identifiers"]] == ["findable"]
    assert all(step["status"] == "ok" for step in done["run"]["steps"])
    actions = [e["action"] for e in ada.call("GET", f"{here}/events").json()["events"]]
    assert actions.index("submit") < actions.index("approve") < actions.index("published")

    page = place.client.get(done["landing_url"])
    assert page.status_code == 200
    assert f"https://doi.org/{done['doi']}" in page.text
    assert page.text.count("</script>") == 1
    assert done["landing_url"] in place.client.get("/").text

    better = {**RECORD, "titles": [{"title": "Surface CO₂, cruise 7, corrected"}]}
    told = {"record": better, "reason": "The title was wrong."}
    assert cleo.call("POST", f"{here}/amend", json=told).status_code == 202
    cleo.reaches(here, lambda p: p["run"]["plan"] == "amend" and p["health"] == "idle")
    assert "cruise 7, corrected" in place.client.get(done["landing_url"]).text

    gone = cleo.call("POST", f"{here}/withdraw", json={"reason": "The sensor was broken."})
    assert gone.status_code == 202, gone.text
    ada.reaches(here, lambda p: p["state"] == "withdrawn" and p["health"] == "idle")
    tomb = place.client.get(done["landing_url"])
    assert tomb.status_code == 200
    assert "The sensor was broken." in tomb.text
    assert done["doi"] in tomb.text


def test_two_submits_of_one_folder_at_once_make_one_publication(place: Place) -> None:
    ada = place.people["ada"]
    body = {"route": "reviewed", "ref": str(place.dataset()), "submit": True}
    gate = threading.Barrier(4)
    statuses: list[int] = []

    def call() -> None:
        gate.wait(10)
        statuses.append(ada.call("POST", ALL, json=body).status_code)

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert sorted(statuses) == [201, 409, 409, 409]
    assert len(ada.call("GET", ALL).json()["publications"]) == 1


def test_one_key_from_many_calls_at_once_makes_one_publication(place: Place) -> None:
    ada = place.people["ada"]
    body = {"route": "reviewed", "ref": str(place.dataset())}
    gate = threading.Barrier(6)
    made: list[str] = []

    def call() -> None:
        gate.wait(10)
        made.append(ada.call("POST", ALL, json=body, headers={"Idempotency-Key": "k"}).json()["id"])

    callers = [threading.Thread(target=call) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert len(made) == 6
    assert len(set(made)) == 1
