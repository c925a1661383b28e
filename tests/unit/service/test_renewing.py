"""Claims that run out are renewed while a run holds them, and a lost one stops the run."""

from __future__ import annotations

from typing import ClassVar, Literal

import pytest

from databases import slowly_both  # noqa: F401 -- a fixture
from excudit.domain.errors import Conflict, NeedsPerson, Unavailable
from excudit.domain.model import Claim
from excudit.service import renewing, verbs
from waiting_house import CARL, WaitingHouse, settings, until
from web_house import Shelf


class Lending(Shelf):
    """A shelf whose claims run out."""

    custody: ClassVar[Literal["", "submit", "publish"]] = "publish"

    def __init__(self, renew_s: float) -> None:
        super().__init__()
        self.renew_s = renew_s
        self.told: list[str] = []
        self.lost = False
        self.down = False

    def claim(self, ref: str, *, key: str) -> Claim:
        self.told.append("claim")
        return Claim(self.name, ref, key)

    def renew(self, claim: Claim) -> Claim:
        self.told.append("renew")
        if self.down:
            raise Unavailable("The shelf does not answer.")
        if self.lost:
            raise Conflict("Somebody else has it now.")
        return claim

    def release(self, claim: Claim) -> None:
        self.told.append("release")


@pytest.fixture
def lent(tmp_path, database_url):
    def made(renew_s, **route):
        house = WaitingHouse(settings(tmp_path, database_url, **route))
        house.parts.sources["shelf"] = Lending(renew_s)
        house.renewer = renewing.Renewer(house.parts)
        house.work()
        house.renewer.start()
        houses.append(house)
        return house

    houses: list[WaitingHouse] = []
    yield made
    for house in houses:
        house.renewer.stop()
        house.close()


def renewed(house):
    return house.parts.sources["shelf"].told.count("renew")


def test_a_claim_is_renewed_while_its_run_waits_for_the_next_try(lent):
    house = lent(0.1)
    house.targets["first"].refuses["reserve"] = Unavailable("Nobody there.")
    key = house.ask()
    house.reaches(key, "publishing", "waiting")
    before = renewed(house)
    until(lambda: renewed(house) > before + 3)
    house.targets["first"].refuses.clear()
    with house.parts.database.plainly():
        house.parts.client.breakers.worked("first")
        house.parts.client.try_now(house.runs(key)[-1]["id"])
    house.reaches(key, "published", "idle")


def test_a_claim_is_renewed_no_more_once_its_run_has_ended(lent):
    house = lent(0.05)
    key = house.ask()
    house.reaches(key, "published", "idle")
    assert renewing.renew_due(house.parts) == 0


def test_a_lost_claim_is_the_error_of_the_next_step_and_nothing_is_published(lent):
    house = lent(0.1)
    shelf = house.parts.sources["shelf"]
    shelf.lost = True
    house.targets["first"].refuses["reserve"] = Unavailable("Nobody there.")
    key = house.ask()
    house.reaches(key, "approved", "needs_attention")
    (run,) = [r for r in house.runs(key) if r["plan"] == "publish"]
    assert run["error"]["message"] == "Somebody else has it now."
    assert "publish" not in house.targets["first"].calls
    assert "release" in shelf.told


def test_a_source_that_does_not_answer_once_loses_no_claim(lent):
    house = lent(0.1)
    shelf = house.parts.sources["shelf"]
    house.targets["first"].refuses["publish"] = NeedsPerson("Shall it?")
    key = house.ask()
    house.reaches(key, "publishing", "needs_attention")
    shelf.down = True
    before = renewed(house)
    until(lambda: renewed(house) > before + 2)
    shelf.down = False
    house.targets["first"].refuses.clear()
    verbs.retry(house.parts, CARL, key)
    house.reaches(key, "published", "idle")


def test_one_worker_of_many_renews_in_each_period(lent):
    house = lent(1000.0)
    house.targets["first"].refuses["publish"] = NeedsPerson("Shall it?")
    key = house.ask()
    house.reaches(key, "publishing", "needs_attention")
    assert [renewing.renew_due(house.parts) for _ in range(3)] == [0, 0, 0]
    assert renewed(house) == 1
