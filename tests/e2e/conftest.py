"""The whole house for end-to-end tests, as the fault tests use it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "fault"))

from excudit.sandbox.datacite import Registry
from excudit.sandbox.smtp import Mailbox
from house import House
from registries import OTHER, REPO


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    place = tmp_path_factory.mktemp("registry") / "state.db"
    with Registry(place, index_lag_s=0, accounts=(REPO, OTHER)) as running:
        yield running


@pytest.fixture(scope="session")
def mailbox(tmp_path_factory):
    with Mailbox(tmp_path_factory.mktemp("mailbox")) as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request):
    """Both databases; what is not about them is tried on PostgreSQL by `make test-all` only."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def house(tmp_path, database_url, registry, mailbox):
    """A house on SQLite and one on PostgreSQL; the service is not started yet."""
    made = House(tmp_path / "house", database_url, registry, mailbox)
    yield made
    made.desk.mend()
    made.close()
