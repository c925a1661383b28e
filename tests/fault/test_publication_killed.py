"""Every step of the plans × {before effect, after effect, after journal} × SIGKILL."""

from __future__ import annotations

import pytest
from route_plans import keys, with_undo

from excudit.service import verbs
from excudit.testing.crash import PHASES
from house import CURATOR, House, until
from matrix import sampled


@pytest.mark.parametrize(("step", "phase"), sampled([*keys("take-in"), *keys("publish")], PHASES))
def test_resumes_after_a_crash_without_a_second_doi(house, step, phase):
    before = house.dois()
    house.serve(f"{step}:{phase}")
    asked = house.ask()
    until(house.died, f"nothing died at {step}: {house.words(asked.id)}")
    house.published_once(asked.id, dois_before=before)


@pytest.mark.parametrize(("step", "phase"), sampled(with_undo("publish"), PHASES))
def test_a_crash_while_undoing_leaves_nothing_behind(pageless_house: House, step, phase):
    house, before = pageless_house, pageless_house.dois()
    house.serve(f"{step}:{phase}/undo")
    asked = house.waits_at_its_page()
    verbs.stop(house.parts, CURATOR, asked.id)
    until(house.died, f"nothing died at {step}: {house.words(asked.id)}")
    house.nothing_left(asked.id, dois_before=before)


@pytest.mark.parametrize(("step", "phase"), sampled(keys("amend"), PHASES))
def test_an_amendment_survives_a_crash(house, step, phase):
    asked = house.published()
    before = house.dois()
    house.stop()
    house.serve(f"{step}:{phase}")
    new = {**house.detail(asked.id)["record"], "version": "1.1"}
    verbs.amend(house.parts, CURATOR, asked.id, new, "a typing error")
    until(house.died, f"nothing died at {step}: {house.words(asked.id)}")
    now = house.still(asked.id)
    assert (now.state, now.health) == ("published", "idle"), house.words(asked.id)
    assert house.at_registry(asked.id)["version"] == "1.1"
    assert house.dois() == before


@pytest.mark.parametrize(("step", "phase"), sampled(keys("withdraw"), PHASES))
def test_a_withdrawal_survives_a_crash_and_leaves_one_tombstone(house, step, phase):
    asked = house.published()
    before = house.dois()
    house.stop()
    house.serve(f"{step}:{phase}")
    verbs.withdraw(house.parts, CURATOR, asked.id, "wrong calibration")
    until(house.died, f"nothing died at {step}: {house.words(asked.id)}")
    now = house.still(asked.id)
    assert (now.state, now.health) == ("withdrawn", "idle"), house.words(asked.id)
    there = house.at_registry(asked.id)
    assert there["state"] == "registered"
    assert [d["dateType"] for d in there["dates"]].count("Withdrawn") == 1
    assert house.dois() == before
