"""Gates: a run ends at a question, and goes on from its one answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from databases import slowly_both  # noqa: F401 -- a fixture
from excudit.domain.errors import Conflict, Denied, Rejected, Unavailable
from excudit.domain.model import Actor
from excudit.ports import Answer
from excudit.service import gates, verbs
from excudit.service.listening import listen
from excudit.service.reminders import remind
from excudit.store import gates as stored
from excudit.store.publications import now
from waiting_house import ADA, CARL, WaitingHouse, opened, settings, until


@pytest.fixture
def house(tmp_path, database_url):
    yield from opened(tmp_path, database_url, targets=["first", "asking"])


@pytest.fixture
def sqlite_house(tmp_path):
    yield from opened(tmp_path, "sqlite", targets=["first", "asking"])


def waiting_gate(house, key):
    house.reaches(key, "publishing", "waiting")
    (gate,) = gates.of(house.parts, key)
    return gate


def test_a_yes_starts_one_run_at_the_step_behind_the_gate(house):
    house.parts.targets["asking"].asks_before = True
    key = house.ask()
    gate = waiting_gate(house, key)
    assert (gate.key, gate.open, gate.title) == ("answer.asking", True, "Accepted by the editors?")
    assert house.told(key)[-1] == "gate_opened"
    house.say(key, gate.key, yes=True, words="Fine.")
    house.reaches(key, "published", "idle")
    first, second = [r for r in house.runs(key) if r["plan"] == "publish"]
    assert (first["status"], second["status"]) == ("waiting", "done")
    assert house.targets["asking"].calls.count("publish") == 1
    (answered,) = gates.of(house.parts, key)
    assert (answered.verdict, answered.by, answered.words) == ("yes", "carl", "Fine.")


def test_the_same_answer_twice_is_one_and_another_one_is_refused(house):
    key = house.ask()
    gate = waiting_gate(house, key)
    for _ in range(2):
        house.say(key, gate.key, yes=True)
    with pytest.raises(Conflict, match="already"):
        house.say(key, gate.key, yes=False, words="No!")
    house.reaches(key, "published", "idle")
    assert len([r for r in house.runs(key) if r["plan"] == "publish"]) == 2


@pytest.fixture
def before_all(tmp_path):
    yield from opened(tmp_path, "sqlite", targets=["asking"])


def test_a_no_before_anything_is_public_undoes_all_and_goes_back_to_the_owner(before_all):
    house = before_all
    key = house.ask()
    gate = waiting_gate(house, key)
    assert house.targets["asking"].there
    house.say(key, gate.key, yes=False, words="The units are missing.")
    found = house.reaches(key, "changes_requested", "needs_attention")
    assert not house.targets["asking"].there
    assert not found.page_open
    error = house.details(key, "refuse")["error"]
    assert (error["kind"], error["remote"]) == ("Rejected", "The units are missing.")
    assert any("The units are missing." in m["text"] for m in house.mails(key, "returned"))


def test_a_no_gives_back_what_was_taken_into_custody(before_all):
    house = before_all
    house.shelf.custody = "submit"
    key = house.ask()
    gate = waiting_gate(house, key)
    house.say(key, gate.key, yes=False, words="The units are missing.")
    until(lambda: "given_back" in house.told(key))
    house.reaches(key, "changes_requested", "needs_attention")
    assert house.runs(key)[-1]["plan"] == "give-back"


def test_a_no_after_something_is_public_parks_and_a_retry_asks_anew(house):
    key = house.ask()
    gate = waiting_gate(house, key)
    assert house.targets["first"].calls.count("publish") == 1
    house.say(key, gate.key, yes=False, words="Not ours.")
    house.reaches(key, "publishing", "needs_attention")
    assert house.mails(key, "failed_at_final_step")
    verbs.retry(house.parts, CARL, key)
    gate = waiting_gate(house, key)
    assert (gate.open, gate.verdict) == (True, "")
    house.say(key, gate.key, yes=True)
    house.reaches(key, "published", "idle")


def test_a_run_can_be_stopped_while_it_waits_at_a_gate(before_all):
    house = before_all
    key = house.ask()
    gate = waiting_gate(house, key)
    verbs.stop(house.parts, ADA, key)
    house.reaches(key, "approved", "idle")
    assert not house.targets["asking"].there
    with pytest.raises(Conflict):
        gates.answered(house.parts, gate.id, Answer(True), by="somebody")


def test_a_question_that_stays_open_is_reminded_of_to_those_who_may_answer(before_all):
    house = before_all
    key = house.ask()
    waiting_gate(house, key)
    assert house.mails(key, "asked")
    assert remind(house.parts, now() + timedelta(days=6)) == 0
    assert remind(house.parts, now() + timedelta(days=8)) == 1
    (mail,) = house.mails(key, "reminder")
    assert mail["recipient"] == "help@example.org"
    assert "answer for them" in mail["text"]


def test_while_it_waits_it_cannot_be_published_or_retried_again(house):
    key = house.ask()
    waiting_gate(house, key)
    for verb in (verbs.publish, verbs.retry):
        with pytest.raises(Conflict):
            verb(house.parts, CARL, key)


def test_an_answer_that_comes_before_the_gate_is_kept_for_it(tmp_path, database_url):
    house = WaitingHouse(settings(tmp_path, database_url, targets=["asking"]))
    try:
        key = house.ask()
        house.work()
        gate = waiting_gate(house, key)
        house.rest()
        with house.parts.database.write() as connection:
            stored.change(connection, gate.id, opened_at=None)
        gates.answered(house.parts, gate.id, Answer(True), by="the desk")
        assert house.get(key).health == "waiting"
        with house.parts.database.write() as connection:
            found = house.get(key)
            run = house.runs(key)[-1]
            gates.stand(connection, house.parts, found, run, gate.key)
        house.work()
        house.reaches(key, "published", "idle")
        assert house.told(key).count("gate_opened") == 1
    finally:
        house.close()


def test_only_curators_and_admins_answer_and_a_no_needs_words(sqlite_house):
    house = sqlite_house
    key = house.ask()
    gate = waiting_gate(house, key)
    for actor in (ADA, Actor("rita", frozenset({"reviewer"}))):
        with pytest.raises(Denied):
            gates.answer(house.parts, actor, key, gate.key, yes=True)
    with pytest.raises(Rejected, match="reason"):
        house.say(key, gate.key, yes=False)
    with pytest.raises(Conflict):
        house.say(key, "answer.nobody", yes=True)
    assert house.get(key).health == "waiting"


def test_the_answer_of_people_at_a_target_is_heard_once(house):
    key = house.ask()
    waiting_gate(house, key)
    target = house.targets["asking"]
    assert listen(house.parts) == 0
    target.said = Answer(True, "Accepted by the board.", {"minute": 7})
    assert listen(house.parts) == 1
    assert listen(house.parts) == 0
    house.reaches(key, "published", "idle")
    (gate,) = gates.of(house.parts, key)
    assert (gate.by, gate.words, gate.details) == ("asking", target.said.words, {"minute": 7})
    assert target.calls.count("publish") == 1


@pytest.fixture
def asked_late(tmp_path):
    yield from opened(tmp_path, "sqlite", targets=["late", "first"])


def test_people_may_be_asked_after_publication_before_the_next_target(asked_late):
    house = asked_late
    key = house.ask()
    waiting_gate(house, key)
    assert "publish" in house.targets["late"].calls
    assert "publish" not in house.targets["first"].calls
    house.targets["late"].said = Answer(True)
    assert listen(house.parts) == 1
    house.reaches(key, "published", "idle")
    assert "answered" in house.targets["late"].calls


def test_a_target_that_does_not_answer_keeps_no_other_from_being_asked(house):
    first, second = house.ask("alpha"), house.ask("beta")
    waiting_gate(house, first)
    waiting_gate(house, second)
    target = house.targets["asking"]
    target.said = Answer(True)
    silent = next(iter(target.there))

    class HalfDown(type(target)):
        def answered(self, deposit, snapshot):
            if deposit.key == silent:
                raise Unavailable("The board does not answer.")
            return self.said

    target.__class__ = HalfDown
    assert listen(house.parts) == 1
