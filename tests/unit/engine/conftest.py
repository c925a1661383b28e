"""One worker on each database, shared by all tests of a module: starting one takes a second."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from engine_toy import Toy

_numbers = itertools.count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def toy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toy]:
    """The toy application with a worker at work."""
    folder = tmp_path_factory.mktemp("toy")
    if request.param == "sqlite":
        yield from _working(f"sqlite:///{folder / 'excudit.db'}", folder)
    else:
        with request.getfixturevalue("postgresql").fresh() as url:
            yield from _working(url, folder)


def _working(url: str, folder) -> Iterator[Toy]:
    toy = Toy(url, folder)
    with toy.working(concurrency=20):
        yield toy
    toy.close()


@pytest.fixture
def name() -> Callable[[], str]:
    """A run id that was never used."""
    return lambda: f"run:{next(_numbers)}"


@pytest.fixture
def run(name: Callable[[], str]) -> str:
    """A run id that was never used."""
    return name()
