"""Every request of every step × {cut, timeout, 500, SIGKILL} × {before, after the commit}."""

from __future__ import annotations

import pytest
from route_plans import at_target

from excudit.service import verbs
from house import CURATOR, House
from matrix import sampled

FAULTS = {
    "cut before the commit": {"kind": "drop-before-commit"},
    "cut after the commit": {"kind": "drop-after-commit"},
    "too slow before the commit": {"kind": "slow", "when": "before", "delay_s": 1.0},
    "too slow after the commit": {"kind": "slow", "when": "after", "delay_s": 1.0},
    "500 before the commit": {"kind": "html-5xx", "when": "before", "status": 500},
    "500 after the commit": {"kind": "html-5xx", "when": "after", "status": 500},
    "200 with a web page": {"kind": "html-200", "when": "after"},
    "429": {"kind": "throttle", "retry_after": "1"},
    "killed before the commit": {"kind": "kill", "when": "before"},
    "killed after the commit": {"kind": "kill", "when": "after"},
}

HARDEST = ("cut after the commit", "500 before the commit", "killed after the commit")
SOME_FIRST = [f if f in HARDEST else pytest.param(f, marks=pytest.mark.slow) for f in FAULTS]


def arm(house: House, fault: str, skip: int) -> None:
    """Let the request number `skip` from now go wrong."""
    house.forget_requests()
    told = dict(FAULTS[fault])
    if told["kind"] == "kill":
        told["pid"] = house.child.pid
    house.desk.fault(**told, skip=skip, count=1)


def requests_of(house: House, key: str, step: str) -> range:
    """Which requests of a clean run, counted from its first, a step made."""
    log = house.requests()
    (attempt,) = [s for s in house.detail(key)["run"]["steps"] if s["key"] == step]
    begun, ended = attempt["begun_at"].timestamp(), attempt["ended_at"].timestamp()
    own = [i for i, r in enumerate(log) if begun - 0.002 <= r["at"] <= ended]
    assert own, f"{step} asked nothing"
    return range(own[0], own[-1] + 1)


@pytest.mark.parametrize(("step", "fault"), sampled(at_target("publish"), list(FAULTS)))
def test_a_fault_at_any_request_gives_one_doi(house, step, fault):
    house.serve()
    before = house.dois()
    house.forget_requests()
    clean = house.ask()
    house.published_once(clean.id, dois_before=before)
    for number in requests_of(house, clean.id, step):
        before = house.dois()
        arm(house, fault, number)
        asked = house.ask()
        house.still(asked.id)
        house.mend(fired=True)
        house.published_once(asked.id, dois_before=before)


@pytest.mark.parametrize("fault", SOME_FIRST)
def test_a_fault_while_discarding_leaves_no_draft(pageless_house, fault):
    house, before = pageless_house, pageless_house.dois()
    house.serve()
    for number in range(2):
        asked = house.waits_at_its_page()
        arm(house, fault, number)
        verbs.stop(house.parts, CURATOR, asked.id)
        house.still(asked.id)
        house.mend(fired=True)
        house.nothing_left(asked.id, dois_before=before)


@pytest.mark.parametrize("fault", SOME_FIRST)
def test_a_fault_while_withdrawing_leaves_one_tombstone(house, fault):
    house.serve()
    for number in range(3):
        asked = house.published()
        before = house.dois()
        arm(house, fault, number)
        verbs.withdraw(house.parts, CURATOR, asked.id, "wrong calibration")
        now = house.still(asked.id)
        house.mend(fired=True)
        assert (now.state, now.health) == ("withdrawn", "idle"), house.words(asked.id)
        there = house.at_registry(asked.id)
        assert there["state"] == "registered"
        assert [d["dateType"] for d in there["dates"]].count("Withdrawn") == 1
        assert house.dois() == before


def test_a_draft_that_cannot_be_removed_is_cleanup_pending_and_removed_later(pageless_house):
    house, before = pageless_house, pageless_house.dois()
    house.serve()
    asked = house.waits_at_its_page()
    house.desk.fault("html-5xx", method="DELETE", count=None, when="before", status=503)
    verbs.stop(house.parts, CURATOR, asked.id)
    now = house.settled(asked.id, "cleanup_pending")
    assert now.state == "approved"
    assert house.dois() == before + 1
    assert "Cleanup pending" in house.subjects(asked.id)[-1]
    house.desk.mend()
    verbs.retry(house.parts, CURATOR, asked.id)
    house.settled(asked.id, "idle")
    house.nothing_left(asked.id, dois_before=before)
    assert "Solved" in house.subjects(asked.id)[-1]


def test_a_name_that_is_somebody_elses_is_given_up_and_another_is_used(house):
    house.serve()
    before = house.dois()
    house.desk.fault("foreign-owner", method="POST")
    asked = house.ask()
    house.published_once(asked.id, dois_before=before)
    assert [i["state"] for i in house.detail(asked.id)["identifiers"]] == ["foreign", "findable"]


def test_a_doi_without_a_handle_is_published_only_once_it_resolves(house):
    house.serve()
    before = house.dois()
    house.desk.fault("handle-down", event="publish")
    asked = house.ask()
    house.published_once(asked.id, dois_before=before)
    assert house.at_registry(asked.id)["registered"]
