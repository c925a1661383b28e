"""One service for all tests of a module: what is refused changes nothing, so it can be shared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from excudit.store.database import Database, sqlite_url
from excudit.web import create_app
from permission_house import Place, Watch
from permission_trying import Trying
from web_house import furnished, prepare


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The service with accounts of every kind."""
    database = Database(sqlite_url(tmp_path_factory.mktemp("permissions") / "excudit.db"))
    prepare(database)
    yield Place(furnished(database))
    database.close()


@pytest.fixture(scope="module")
def trying(place: Place) -> Iterator[Trying]:
    """Somebody's hands on the service."""
    with TestClient(
        create_app(place.parts), base_url="https://data.example.org", raise_server_exceptions=False
    ) as web:
        yield Trying(place, web)


@pytest.fixture(scope="module")
def watch(place: Place) -> Iterator[Watch]:
    """Sees every change of the database."""
    made = Watch(place)
    yield made
    made.close()
