"""Intake: what a source says is ready begins by itself, once per revision."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from databases import slowly_both  # noqa: F401 -- a fixture
from excudit.domain.errors import Denied, NotFound, Rejected, Unavailable
from excudit.domain.model import Dataset
from excudit.service import intake, queries, verbs
from excudit.service.intake import Intaker
from excudit.store import intakes, users
from waiting_house import ADA, CARL, WaitingHouse, settings, until
from web_house import RECORD, Shelf


class Ready(Shelf):
    """A shelf that says what is ready."""

    def __init__(self):
        super().__init__()
        self.listed = {}
        self.seen = 0
        self.asked = 0
        self.down = False
        self.broken = {}

    def put(self, ref, revision="r1", owner="ada"):
        self.titles[ref] = f"Dataset {ref}"
        self.listed[ref] = Dataset(self.name, ref, self.titles[ref], revision, owner=owner)

    def ready(self):
        self.asked += 1
        if self.down:
            raise Unavailable("The shelf does not answer.")
        yield from self.listed.values()

    def look(self, ref):
        self.seen += 1
        if ref in self.broken:
            raise self.broken[ref]
        found = replace(super().look(ref), metadata=RECORD)
        return replace(found, revision=self.listed[ref].revision)


@pytest.fixture
def made(tmp_path, database_url):
    def one(**route):
        house = WaitingHouse(settings(tmp_path, database_url, **{"intake": "draft", **route}))
        house.parts.sources["shelf"] = house.shelf = Ready()
        with house.parts.database.write() as connection:
            users.put(connection, "ada", email="ada@example.org", roles=[])
        houses.append(house)
        return house

    houses = []
    yield one
    for house in houses:
        house.close()


@pytest.fixture
def house(made):
    return made()


def turn(house):
    return intake.take_in(house.parts, "r")


def every(house):
    return queries.listing(house.parts, CARL)


def test_what_is_ready_becomes_a_draft_of_its_owner_once(house):
    house.shelf.put("alpha")
    house.shelf.put("beta", owner="ADA@example.org")
    assert turn(house) == 2
    assert turn(house) == 0
    assert {(p.owner, p.state) for p in every(house)} == {("ada", "draft")}
    assert len(every(house)) == 2
    assert house.told(every(house)[0].id) == ["create", "intake"]


def test_what_is_ready_may_be_submitted_at_once(made):
    house = made(intake="submitted")
    house.work()
    house.shelf.put("alpha")
    assert turn(house) == 1
    (found,) = every(house)
    house.reaches(found.id, "published", "idle")


def test_a_new_revision_begins_the_next_version_only_after_the_first_is_published(made):
    house = made(intake="submitted")
    house.shelf.put("alpha")
    assert turn(house) == 1
    (first,) = every(house)
    house.shelf.put("alpha", "r2")
    assert turn(house) == 0, "its work is under way"
    house.work()
    house.reaches(first.id, "published", "idle")
    house.rest()
    assert turn(house) == 1
    assert turn(house) == 0
    newest = max(every(house), key=lambda p: p.version)
    assert (newest.version, newest.concept, newest.state) == (2, first.id, "submitted")
    assert house.get(newest.id).parts[0].revision == "r2"
    assert len(every(house)) == 2


def test_what_somebody_began_by_hand_is_left_alone(house):
    house.shelf.put("alpha")
    verbs.create(house.parts, ADA, "r", "alpha", record=RECORD)
    house.shelf.put("alpha", "r2")
    assert turn(house) == 0
    assert len(every(house)) == 1


def test_one_that_fails_keeps_no_other_back_and_is_looked_at_again(house):
    for ref in ("alpha", "beta", "gamma"):
        house.shelf.put(ref)
    house.shelf.broken = {
        "alpha": Unavailable("Not now."),
        "beta": Rejected("It cannot be described."),
    }
    assert turn(house) == 1
    seen = {t.ref: (t.status, t.error["message"]) for t in intake.listing(house.parts, CARL)}
    assert seen == {
        "alpha": ("failed", "Not now."),
        "beta": ("quarantined", "It cannot be described."),
    }
    house.shelf.broken = {}
    assert turn(house) == 1, "what failed for a while is tried again, what was refused is not"
    intake.look_again(house.parts, CARL, "r", "beta")
    assert turn(house) == 1
    assert intake.listing(house.parts, CARL) == []


def test_a_reference_that_no_database_takes_keeps_no_other_back(house):
    house.shelf.put("x" * 3000)
    house.shelf.put("alpha")
    assert turn(house) == 1
    assert intake.listing(house.parts, CARL) == []


def test_a_refused_revision_is_begun_when_it_changes(house):
    house.shelf.put("alpha")
    house.shelf.broken = {"alpha": Rejected("It cannot be described.")}
    assert turn(house) == 0
    house.shelf.broken = {}
    house.shelf.put("alpha", "r2")
    assert turn(house) == 1


def test_a_person_may_quarantine_what_fails(house):
    house.shelf.put("alpha")
    house.shelf.broken = {"alpha": Unavailable("Not now.")}
    turn(house)
    intake.quarantine(house.parts, CARL, "r", "alpha")
    house.shelf.broken = {}
    assert turn(house) == 0
    for actor, ref, error in ((ADA, "alpha", Denied), (CARL, "nothing", NotFound)):
        with pytest.raises(error):
            intake.look_again(house.parts, actor, "r", ref)


def test_a_dataset_whose_owner_is_unknown_goes_to_the_owner_of_the_settings(made):
    house = made(intake_owner="ada")
    house.shelf.put("alpha", owner="nobody@example.org")
    assert turn(house) == 1
    assert every(house)[0].owner == "ada"


def test_a_dataset_that_nobody_could_own_is_told_with_what_to_do(house):
    house.shelf.put("alpha", owner="nobody@example.org")
    assert turn(house) == 0
    (told,) = intake.listing(house.parts, CARL)
    assert "intake_owner" in told.error["hint"]


def test_five_thousand_known_datasets_cost_one_request_and_next_to_nothing(house):
    for number in range(5000):
        house.shelf.put(f"set-{number}")
    same = {"route": "r", "source": "shelf", "status": "begun", "seen_at": intake.now()}
    known = [{**same, "ref": d.ref, "revision": d.revision} for d in house.shelf.listed.values()]
    with house.parts.database.write() as connection:
        connection.execute(intakes.insert(intakes.r.intakes), known)
    turn(house)
    asked, seen, before = house.shelf.asked, house.shelf.seen, time.thread_time()
    assert turn(house) == 0
    assert time.thread_time() - before < 0.1
    assert (house.shelf.asked - asked, house.shelf.seen - seen) == (1, 0)


def test_one_worker_at_a_time_asks_and_no_sooner_than_it_is_time(house):
    with house.parts.database.write() as connection:
        taken = [intakes.take_turn(connection, "r", 60, 900) for _ in range(2)]
        intakes.end_turn(connection, "r", 0)
        assert [*taken, intakes.take_turn(connection, "r", 60, 900)] == [True, False, False]
        intakes.hasten(connection, "r")
        assert intakes.take_turn(connection, "r", 60, 900)


def test_a_source_that_does_not_answer_is_told_and_asked_again(house):
    house.shelf.put("alpha")
    house.shelf.down = True
    asking = Intaker(house.parts)
    asking.start()

    def error():
        with house.parts.database.read() as connection:
            return intakes.turns(connection).get("r", {}).get("error")

    assert until(error)["message"] == "The shelf does not answer."
    house.shelf.down = False
    with house.parts.database.write() as connection:
        intakes.hasten(connection, "r")
    until(lambda: every(house))
    asking.stop()
