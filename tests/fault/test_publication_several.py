"""Publications of several datasets meet the same faults as those of one."""

from __future__ import annotations

import pytest

from excudit.domain.errors import Conflict
from excudit.service import queries, verbs
from excudit.testing.crash import PHASES
from house import CURATOR, OWNER, House, until
from matrix import sampled

PATHS = [
    "cruise-1/data/co2.csv",
    "cruise-1/datacite.json",
    "cruise-2/data/co2.csv",
    "cruise-2/datacite.json",
    "cruise-3/data/co2.csv",
    "cruise-3/datacite.json",
]


def ask(house: House, route: str = "folder-doi"):
    refs = [str(house.dataset()) for _ in range(3)]
    return verbs.create(house.parts, OWNER, route, refs, submitting=True)


@pytest.mark.parametrize(("step", "phase"), sampled(["freeze", "compare"], PHASES))
def test_several_datasets_survive_a_crash_as_one_publication(house, step, phase):
    before = house.dois()
    house.serve(f"{step}:{phase}")
    asked = ask(house)
    until(house.died, f"nothing died at {step}: {house.words(asked.id)}")
    house.published_once(asked.id, dois_before=before)
    assert [f["path"] for f in queries.files(house.parts, asked.id)] == PATHS
    assert len(house.detail(asked.id)["datasets"]) == 3


def test_a_change_in_one_of_several_after_approval_goes_back_to_a_person(house):
    house.serve()
    before = house.dois()
    asked = ask(house, "reviewed")
    until(lambda: house.get(asked.id).state == "in_review", house.words(asked.id))
    until(lambda: house.get(asked.id).health == "idle", house.words(asked.id))
    (house.folder / "cruise-2" / "data" / "co2.csv").write_text("time,co2\n1,999\n")
    verbs.approve(house.parts, CURATOR, asked.id)
    verbs.publish(house.parts, CURATOR, asked.id)
    now = house.still(asked.id)
    assert now.state == "changes_requested"
    problems = house.detail(asked.id)["run"]["error"]["problems"]
    assert [p["where"] for p in problems] == ["cruise-2/data/co2.csv"]
    house.nothing_left(asked.id, dois_before=before)


def test_one_dataset_held_by_another_work_holds_back_all(house):
    house.serve()
    shared = house.published().parts[0].ref
    with pytest.raises(Conflict, match="already published"):
        verbs.create(
            house.parts, OWNER, "folder-doi", [str(house.dataset()), shared], submitting=True
        )
    assert len(queries.listing(house.parts, OWNER)) == 1
