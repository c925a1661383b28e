"""A fresh service for each test, and a client of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from described import Description
from excudit.store.database import Database, sqlite_url
from excudit.web import create_app
from web_house import House, furnished, prepare


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file to copy, because preparing takes longer than most tests."""
    path = tmp_path_factory.mktemp("web") / "blank.db"
    database = Database(sqlite_url(path))
    prepare(database)
    database.close()
    return path


@pytest.fixture
def house(tmp_path: Path, blank: Path) -> Iterator[House]:
    """The service under test."""
    path = tmp_path / "excudit.db"
    shutil.copy(blank, path)
    database = Database(sqlite_url(path))
    yield furnished(database)
    database.close()


@pytest.fixture(scope="session")
def description(blank: Path) -> Iterator[Description]:
    """What the API says of itself."""
    database = Database(sqlite_url(blank))
    yield Description(create_app(furnished(database).parts).openapi())
    database.close()


@pytest.fixture
def web(house: House, description: Description) -> Iterator[TestClient]:
    """A client of the service, on its public address; every answer is held against the API's own
    description."""
    app = create_app(house.parts)
    with TestClient(
        app, base_url="https://data.example.org", raise_server_exceptions=False
    ) as client:
        client.event_hooks = {"response": [description.judge]}
        yield client
