"""Follow-up targets: each has a run of its own after publication, and holds nothing back."""

from __future__ import annotations

from contextlib import suppress

import pytest

from databases import slowly_both  # noqa: F401 -- a fixture
from excudit.domain.errors import Conflict, Denied, Unavailable
from excudit.ports import Answer
from excudit.service import gates, verbs
from excudit.service.listening import listen
from excudit.service.overview import overview
from excudit.service.plans import every
from waiting_house import ADA, CARL, opened, until
from web_house import RECORD

BETTER = {**RECORD, "titles": [{"title": "A corrected title"}]}


@pytest.fixture
def house(tmp_path, database_url):
    yield from opened(tmp_path, database_url, follow_up=["second", "third"])


@pytest.fixture
def asking(tmp_path):
    yield from opened(tmp_path, "sqlite", follow_up=["late", "second"])


def calls(house, target, verb):
    return house.targets[target].calls.count(verb)


def follow_ups(house, key):
    return [r for r in house.runs(key) if r["plan"] == "follow-up"]


def amended(house, key):
    """Ask for an amendment; not between two tries, but at one, it is too early."""
    with suppress(Conflict):
        return verbs.amend(house.parts, CARL, key, BETTER, "A slip.")


def all_done(house, key):
    return house.told(key).count("followed_up") == 2


def test_every_follow_up_has_its_own_run_after_publication(house):
    key = house.ask()
    until(lambda: all_done(house, key))
    found = house.reaches(key, "published", "idle")
    told = house.told(key)
    assert told.index("published") < told.index("followed_up")
    assert [r["given"]["target"] for r in follow_ups(house, key)] == ["second", "third"]
    assert all(calls(house, t, "publish") == 1 for t in ("first", "second", "third"))
    assert found.state == "published"


def test_one_that_fails_stands_aside_keeps_no_other_back_and_can_be_retried(house):
    house.targets["second"].refuses["publish"] = Denied("Not for you.")
    key = house.ask()
    house.reaches(key, "published", "out_of_sync")
    until(lambda: "followed_up" in house.told(key))
    house.reaches(key, "published", "out_of_sync")
    assert (calls(house, "third", "publish"), house.told(key).count("out_of_sync")) == (1, 1)
    assert len(house.mails(key, "out_of_sync")) > 0
    house.targets["second"].refuses.clear()
    verbs.retry(house.parts, CARL, key)
    house.reaches(key, "published", "idle")
    assert all_done(house, key)
    assert "solved" in house.told(key)


def test_one_that_never_opened_is_begun_anew_by_a_retry(house):
    house.targets["third"].refuses["reserve"] = Denied("Not for you.")
    key = house.ask()
    house.reaches(key, "published", "out_of_sync")
    house.targets["third"].refuses.clear()
    verbs.retry(house.parts, CARL, key)
    until(lambda: all_done(house, key))
    house.reaches(key, "published", "idle")


def test_one_that_is_down_gives_way_to_an_amendment_and_goes_on_after_it(house):
    house.targets["second"].refuses["publish"] = Unavailable("Nobody there.")
    key = house.ask()
    house.reaches(key, "published", "waiting")
    until(lambda: amended(house, key))
    until(lambda: "amended" in house.told(key))
    house.targets["second"].refuses.clear()
    with house.parts.database.plainly():
        house.parts.client.breakers.worked("second")
    with suppress(Conflict):  # it may be at work again by itself
        verbs.retry(house.parts, CARL, key)
    until(lambda: all_done(house, key))
    house.reaches(key, "published", "idle")
    assert calls(house, "second", "reserve") == 1
    assert [r["status"] for r in follow_ups(house, key)] == ["stopped", "done", "done"]


def test_a_question_of_a_follow_up_blocks_neither_amendment_nor_version_nor_withdrawal(asking):
    house = asking
    key = house.ask()
    until(lambda: "followed_up" in house.told(key))
    house.reaches(key, "published", "waiting")
    (gate,) = gates.of(house.parts, key)
    assert gate.open
    version = verbs.new_version(house.parts, ADA, key)
    assert version.version == 2
    verbs.amend(house.parts, CARL, key, BETTER, "A slip.")
    until(lambda: "amended" in house.told(key))
    house.reaches(key, "published", "waiting")
    assert [calls(house, t, "amend") for t in ("first", "late", "second")] == [1, 1, 1]
    verbs.withdraw(house.parts, CARL, key, "Wrong data.")
    house.reaches(key, "withdrawn", "idle")
    assert [calls(house, t, "withdraw") for t in ("first", "late", "second")] == [1, 1, 1]
    house.targets["late"].said = Answer(True)
    assert listen(house.parts) == 0


def test_an_answer_to_a_follow_up_is_carried_out_and_a_no_stands_aside(asking):
    house = asking
    key = house.ask()
    until(lambda: "followed_up" in house.told(key))
    house.reaches(key, "published", "waiting")
    house.targets["late"].said = Answer(False, "Flags are missing.")
    assert listen(house.parts) == 1
    house.reaches(key, "published", "out_of_sync")
    assert house.details(key, "out_of_sync")["error"]["remote"] == "Flags are missing."
    house.targets["late"].said = None
    verbs.retry(house.parts, CARL, key)
    house.reaches(key, "published", "waiting")
    house.say(key, "answer.late", yes=True)
    house.reaches(key, "published", "idle")
    assert all_done(house, key)


def test_the_draft_of_a_follow_up_is_not_told_to_be_public(house):
    house.targets["second"].refuses["publish"] = Denied("Not for you.")
    key = house.ask()
    house.reaches(key, "published", "out_of_sync")
    until(lambda: "followed_up" in house.told(key))
    sides = {s.place: s.fate for s in overview(house.parts, ADA, key).sides}
    assert [sides[t] for t in ("first", "second", "third")] == ["public", "draft", "public"]
    verbs.amend(house.parts, CARL, key, BETTER, "A slip.")
    until(lambda: "amended" in house.told(key))
    assert [calls(house, t, "amend") for t in ("first", "second", "third")] == [1, 0, 1]


def test_a_withdrawal_removes_the_draft_that_a_follow_up_has_left(house):
    house.targets["second"].refuses["publish"] = Denied("Not for you.")
    house.targets["third"].refuses["reserve"] = Denied("Not for you.")
    key = house.ask()
    until(lambda: house.told(key).count("out_of_sync") == 2)
    verbs.withdraw(house.parts, CARL, key, "Wrong data.")
    house.reaches(key, "withdrawn", "idle")
    assert calls(house, "first", "withdraw") == 1
    assert calls(house, "third", "withdraw") == 0


def test_the_plans_of_a_route_hold_those_of_its_follow_ups(house):
    plans = every(house.parts, house.parts.route("r"))
    assert [p.name for p in plans[-2:]] == ["follow-up", "follow-up"]
    keys = [[s.key for s in p.steps] for p in plans[-2:]]
    assert keys[0] == ["reserve.second", "publish.second", "confirm.second"]
