"""Datasets of one source go the ways of their groups: by platform and by level."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from excudit.domain.errors import Rejected
from excudit.domain.model import Actor
from excudit.sandbox.quince import Cruise, QuinCe
from excudit.service import intake, queries, verbs
from excudit.settings import Site
from excudit.sources.quince import QuinceSource
from excudit.store import users
from quince_house import PLATFORMS, settings_of
from waiting_house import ADA, CARL, WaitingHouse, settings


@pytest.fixture
def quince() -> Iterator[QuinCe]:
    with QuinCe() as running:
        running.add(Cruise("26NA20050107", rows=30))
        running.add(Cruise("26NA20050108", rows=30, nrt=True), id_=100)
        running.add(Cruise("77FF20190402", code="77FF", rows=30), id_=101)
        running.add(Cruise("99XX20190402", code="99XX", instrument="Other", rows=30), id_=102)
        yield running


def _house(tmp_path: Path, url: str, quince: QuinCe, group: str) -> WaitingHouse:
    route = {"intake": "draft", "groups": [group], "intake_owner": "ada"}
    house = WaitingHouse(settings(tmp_path, url, **route))
    platforms = {
        "26NA": PLATFORMS["26NA"].model_copy(update={"nrt_group": "nrt"}),
        "77FF": PLATFORMS["77FF"].model_copy(update={"owners": []}),
    }
    own = settings_of(quince, tmp_path, platforms=platforms)
    house.parts.sources["shelf"] = QuinceSource("shelf", own, Site())
    with house.parts.database.write() as connection:
        users.put(connection, "ada", email="ada@example.org", roles=[])
    return house


@pytest.mark.parametrize(
    ("group", "name"),
    [("network", "26NA20050107"), ("nrt", "26NA20050108"), ("others", "77FF20190402")],
)
def test_a_route_takes_in_its_own_group_alone(
    tmp_path: Path, sqlite_url: str, quince: QuinCe, group: str, name: str
) -> None:
    house = _house(tmp_path, sqlite_url, quince, group)
    assert intake.take_in(house.parts, "r") == 1
    # Its package is known by now, and names the revision from here on.
    intake.take_in(house.parts, "r")
    assert intake.take_in(house.parts, "r") == 0
    (made,) = queries.listing(house.parts, CARL)
    assert house.get(made.id).parts[0].title == name
    house.close()


def test_a_platform_that_nobody_configured_is_shown_to_operators(
    tmp_path: Path, sqlite_url: str, quince: QuinCe
) -> None:
    house = _house(tmp_path, sqlite_url, quince, "network")
    intake.take_in(house.parts, "r")
    operator = Actor("adam", frozenset({"admin"}))
    (shown,) = intake.listing(house.parts, operator)
    assert shown.ref == "102/99XX20190402"
    assert "99XX" in str(shown.error)
    house.close()


def test_nobody_takes_a_dataset_the_way_of_another_group(
    tmp_path: Path, sqlite_url: str, quince: QuinCe
) -> None:
    house = _house(tmp_path, sqlite_url, quince, "others")
    with pytest.raises(Rejected, match="group network"):
        verbs.create(house.parts, ADA, "r", "99/26NA20050107")
    house.close()
