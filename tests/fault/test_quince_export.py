"""The export from QuinCe, killed at its steps and cut off at its calls: exported once, QuinCe in
the right status, nothing claimed for ever."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from excudit.cli.routes import plans_of
from excudit.sandbox.datacite import Registry
from excudit.sandbox.quince import Cruise, QuinCe
from excudit.service import verbs
from excudit.store import runs
from excudit.testing.crash import PHASES
from house import until
from matrix import sampled
from registries import OTHER, REPO

sys.path.insert(0, str(Path(__file__).parent.parent))

from quince_station import Station

NAME = "26NA20050107"
OF_THE_SOURCE = ("claim", "compare", "report")
"""Steps that call QuinCe; those of targets are killed in the matrices of their own routes."""
Open = Callable[..., Station]


@cache
def keys(name: str) -> list[str]:
    """All steps of a plan, from the product itself."""
    every = plans_of(Path("there-is-none.toml"), "quince-export", lambda: None)
    return [s.key for s in next(p for p in every if p.name == name).steps]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    stations: list[Station] = []
    with QuinCe() as quince, Registry(index_lag_s=0, accounts=(REPO, OTHER)) as registry:
        quince.add(Cruise(NAME, rows=40))

        def station(deadly: str = "") -> Station:
            stations.append(Station(tmp_path, quince, registry, deadly=deadly))
            return stations[-1]

        yield station
        for made in stations:
            made.close()


def _asked(quince: QuinCe, call: str) -> int:
    return sum(c["path"].endswith(call) and c["status"] == 200 for c in quince.calls)


def _exported_once(station: Station, key: str) -> None:
    station.reaches(key, "published")
    assert station.quince.status() == 140
    with station.parts.database.read() as connection:
        assert runs.newest(connection, key)["status"] == "done"


_MATRIX = [
    param
    for param in sampled([*keys("take-in"), *keys("publish")], PHASES)
    if param.values[0] in (*OF_THE_SOURCE, *keys("take-in"))
]


@pytest.mark.parametrize(("step", "phase"), _MATRIX)
def test_a_killed_export_ends_exported_once(opened: Open, step: str, phase: str) -> None:
    station = opened(f"{step}:{phase}")
    made = station.draft(f"99/{NAME}")
    verbs.submit(station.parts, station.actor("ola"), made.id)
    if step in keys("take-in"):
        until(station.died, f"nothing died at {step}")
    station.reaches(made.id, "in_review")
    verbs.approve(station.parts, station.actor("eva"), made.id)
    if step in keys("publish"):
        until(station.died, f"nothing died at {step}")
    _exported_once(station, made.id)
    assert _asked(station.quince, "completeExport") == 1


@pytest.mark.parametrize(
    ("fault", "call"),
    [
        ("half-reply", "exportDataset"),
        ("lose-reply", "completeExport"),
        pytest.param("login-page", "completeExport", marks=pytest.mark.slow),
        pytest.param("500-after", "exportDataset", marks=pytest.mark.slow),
        pytest.param("lose-reply", "exportDataset", marks=pytest.mark.slow),
        pytest.param("drop-request", "completeExport", marks=pytest.mark.slow),
        pytest.param("503", "downloadDataset", marks=pytest.mark.slow),
        pytest.param("login-page", "downloadDataset", marks=pytest.mark.slow),
    ],
)
def test_a_call_that_fails_on_its_way_changes_nothing_in_the_end(
    opened: Open, fault: str, call: str
) -> None:
    station = opened()
    station.quince.fault(fault, path=call)
    made = station.in_review(f"99/{NAME}")
    verbs.approve(station.parts, station.actor("eva"), made.id)
    _exported_once(station, made.id)


def test_data_that_changed_after_the_review_go_back_to_people_and_are_given_back(
    opened: Open,
) -> None:
    station = opened()
    made = station.in_review(f"99/{NAME}")
    station.quince.recalculate()
    verbs.approve(station.parts, station.actor("eva"), made.id)
    station.reaches(made.id, "changes_requested", health=("idle", "needs_attention"))
    assert station.quince.status() == 120
    assert _asked(station.quince, "abandonExport") == 1
    assert _asked(station.quince, "exportDataset") == 1
    # What was given back is not taken again before a person submits it.
    verbs.submit(station.parts, station.actor("ola"), made.id)
    station.reaches(made.id, "in_review")
    verbs.approve(station.parts, station.actor("eva"), made.id)
    _exported_once(station, made.id)
