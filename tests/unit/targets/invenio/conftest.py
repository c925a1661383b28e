"""A sandbox in each dialect, and targets that speak to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from excudit.sandbox.invenio import Invenio
from excudit.targets.invenio import InvenioTarget
from repositories import DIALECTS, TOKEN, VARIABLE, repository_target

Make = Callable[..., InvenioTarget]


@pytest.fixture(params=DIALECTS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Invenio]:
    with Invenio(zenodo=request.param == "zenodo-legacy", token=TOKEN) as running:
        yield running


@pytest.fixture
def rdm() -> Iterator[Invenio]:
    with Invenio(token=TOKEN) as running:
        yield running


@pytest.fixture
def zenodo() -> Iterator[Invenio]:
    with Invenio(zenodo=True, token=TOKEN) as running:
        yield running


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes targets, and closes them."""
    monkeypatch.setenv(VARIABLE, TOKEN)
    made: list[InvenioTarget] = []

    def one(sandbox: Invenio, **settings: Any) -> InvenioTarget:
        made.append(repository_target(sandbox, **settings))
        return made[-1]

    yield one
    for target in made:
        target.close()
