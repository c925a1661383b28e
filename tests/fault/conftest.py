"""One registry and one mailbox for all fault tests of a process; a house for each."""

from __future__ import annotations

import pytest

from excudit.sandbox.datacite import Registry
from excudit.sandbox.smtp import Mailbox
from house import House
from registries import OTHER, REPO


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    with Registry(
        tmp_path_factory.mktemp("registry") / "state.db", index_lag_s=0, accounts=(REPO, OTHER)
    ) as running:
        yield running


@pytest.fixture(scope="session")
def mailbox(tmp_path_factory):
    with Mailbox(tmp_path_factory.mktemp("mailbox")) as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request):
    """Both databases; the whole matrix on PostgreSQL is for `make test-all`."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def house(tmp_path, database_url, registry, mailbox):
    """A house of its own database; the service is not started yet."""
    made = House(tmp_path / "house", database_url, registry, mailbox)
    yield made
    made.desk.mend()
    made.close()


@pytest.fixture
def pageless_house(tmp_path, database_url, registry, mailbox):
    """A house whose landing pages answer to nobody, so that its runs wait before the point of no
    return."""
    made = House(tmp_path / "house", database_url, registry, mailbox, pageless=True)
    yield made
    made.desk.mend()
    made.close()
