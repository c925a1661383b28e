"""A publication on the brink: frozen and approved, as reviews leave it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi.testclient import TestClient

from excudit.domain.publication import Publication
from excudit.service.parts import Parts
from excudit.settings import Settings
from excudit.store import publications, runs, snapshots
from web_house import House

STEPS = [
    {"key": "reserve.registry", "title": "Open a draft at registry", "do": "reserve"}
    | {"undo": "discard", "args": {"target": "registry"}, "target": "registry"},
    {"key": "publish.registry", "title": "Publish", "do": "publish", "final": "it is public"},
]


def approved(house: House, **columns: Any) -> Publication:
    """Ada's publication, frozen and approved; nothing of it is public."""
    waiting = {"state": "approved", "published_at": None, "page_open": False}
    found = house.opened(doi="", **waiting)
    with house.parts.database.write() as connection:
        digest = snapshots.get(connection, str(found.snapshot)).digest
        publications.change(connection, found.id, **{"approved_digest": digest, **columns})
        return publications.get(connection, found.id)


def with_route(parts: Parts, **changes: Any) -> Parts:
    """The same service, its route changed."""
    data = parts.settings.model_dump()
    data["routes"]["to-doi"] |= changes
    return replace(parts, settings=Settings.model_validate(data))


def without_routes(parts: Parts) -> Parts:
    """The same service, after its operator took the routes away."""
    data = parts.settings.model_dump() | {"routes": {}}
    return replace(parts, settings=Settings.model_validate(data))


def state(house: House, publication: Publication) -> str:
    with house.parts.database.read() as connection:
        return publications.get(connection, publication.id).state


def count_runs(house: House, publication: Publication, plan: str) -> int:
    with house.parts.database.read() as connection:
        return sum(r["plan"] == plan for r in runs.of(connection, publication.id))


def parked(house: House, found: Publication, *, position: str, past_final: bool = False) -> str:
    """Let its publishing run stand still at a step."""
    with house.parts.database.write() as connection:
        publications.change(connection, found.id, state="publishing", health="needs_attention")
        run = runs.begin(connection, found.id, "publish", STEPS, actor="ada")
        error = {"kind": "Denied", "message": "The registry refused us.", "remote": "401 go away"}
        runs.change(
            connection,
            run,
            status="parked",
            position=position,
            past_final=past_final,
            error=error,
        )
    return run


@dataclass
class Browser:
    """One person's browser, without scripts."""

    web: TestClient
    headers: dict[str, str]
    csrf: str

    def get(self, path: str) -> Any:
        return self.web.get(path, headers=self.headers, follow_redirects=False)

    def post(self, path: str, files: Any = None, **fields: str) -> Any:
        body = {"csrf": self.csrf, **fields}
        return self.web.post(
            path, data=body, files=files, headers=self.headers, follow_redirects=False
        )

    def follow(self, answer: Any) -> str:
        assert answer.status_code == 303, answer.text
        return str(self.get(answer.headers["location"]).text)
