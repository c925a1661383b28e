"""One sandbox registry for each file of tests, emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from excudit.sandbox.datacite import Registry
from excudit.targets.datacite import DataCiteTarget
from registries import OTHER, PASSWORD, REPO, VARIABLE, Desk, target_for

TIMEOUT_S = 0.4


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with Registry(accounts=(REPO, OTHER)) as registry:
        yield registry


@pytest.fixture
def desk(registry: Registry) -> Iterator[Desk]:
    desk = Desk(registry.api_url)
    desk.reset()
    yield desk
    desk.reset()


@pytest.fixture
def target(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataCiteTarget]:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    target = target_for(registry)
    yield target
    target.close()


@pytest.fixture
def hasty(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataCiteTarget]:
    """The target with little patience, for answers that come too late."""
    monkeypatch.setenv(VARIABLE, PASSWORD)
    target = target_for(registry, timeout_s=TIMEOUT_S)
    yield target
    target.close()
