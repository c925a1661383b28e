"""The publish date: set, moved, lifted, and done when it has come, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deciding_house import approved, with_route, without_routes
from excudit.domain.errors import Conflict, Denied, Rejected
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import schedule, verbs
from excudit.store import events, mails, publications, runs
from excudit.store.database import Database
from web_house import House, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@example.org")
CARL = Actor("carl", frozenset({"curator"}))
RITA = Actor("rita", frozenset({"reviewer"}))


@pytest.fixture
def home(database_url: str) -> Iterator[House]:
    """The service on both databases."""
    database = Database(database_url)
    prepare(database)
    yield furnished(database)
    database.close()


@pytest.fixture
def small(sqlite_url: str) -> Iterator[House]:
    """The service on SQLite, for what no database does differently."""
    database = Database(sqlite_url)
    prepare(database)
    yield furnished(database)
    database.close()


def ahead(**time: float) -> datetime:
    return (publications.now() + timedelta(**time)).replace(microsecond=0)


def look(house: House, publication: str) -> Publication:
    with house.parts.database.read() as connection:
        return publications.get(connection, publication)


def begun(house: House, publication: str) -> list[dict[str, Any]]:
    with house.parts.database.read() as connection:
        return [r for r in runs.of(connection, publication) if r["plan"] == "publish"]


def told(house: House, publication: str) -> list[tuple[str, Any]]:
    with house.parts.database.read() as connection:
        return [(e.action, dict(e.details)) for e in events.of(connection, publication)]


def pass_by(house: House, publication: str) -> None:
    """Let the date pass."""
    with house.parts.database.write() as connection:
        publications.change(connection, publication, publish_at=ahead(minutes=-5))


def test_setting_moving_and_lifting_a_date_each_write_one_event(home: House) -> None:
    draft = verbs.create(home.parts, ADA, "to-doi", "beta")
    first, second = ahead(days=3), ahead(days=9)
    schedule.settle(home.parts, ADA, draft.id, first)
    schedule.settle(home.parts, ADA, draft.id, first)
    schedule.settle(home.parts, CARL, draft.id, second)
    assert look(home, draft.id).publish_at == second
    schedule.lift(home.parts, ADA, draft.id)
    schedule.lift(home.parts, ADA, draft.id)
    assert look(home, draft.id).publish_at is None
    dates = [d["publish_at"] for action, d in told(home, draft.id) if action == "schedule"]
    assert dates == [first.isoformat(), second.isoformat(), ""]


def test_a_date_in_the_past_or_beyond_ten_years_is_refused(small: House) -> None:
    draft = verbs.create(small.parts, ADA, "to-doi", "beta")
    for wrong in (ahead(hours=-1), ahead(days=3660), datetime(9999, 12, 31, tzinfo=UTC)):
        with pytest.raises(Rejected):
            schedule.settle(small.parts, ADA, draft.id, wrong)
    assert look(small, draft.id).publish_at is None


def test_who_only_reviews_sets_no_date(small: House) -> None:
    draft = verbs.create(small.parts, ADA, "to-doi", "beta")
    with pytest.raises(Denied):
        schedule.settle(small.parts, RITA, draft.id, ahead(days=1))


def test_what_is_public_gets_no_date(small: House) -> None:
    public = small.opened()
    with pytest.raises(Conflict):
        schedule.settle(small.parts, ADA, public.id, ahead(days=1))


def test_the_record_gets_the_day_when_it_becomes_available_once(small: House) -> None:
    draft = verbs.create(small.parts, ADA, "to-doi", "beta")
    schedule.settle(small.parts, ADA, draft.id, ahead(days=3), available=True)
    schedule.settle(small.parts, ADA, draft.id, ahead(days=9), available=True)
    after = look(small, draft.id)
    day = {"date": f"{ahead(days=9):%Y-%m-%d}", "dateType": "Available"}
    assert [d for d in after.record["dates"] if d["dateType"] == "Available"] == [day]
    assert after.edited


def test_a_frozen_record_is_left_as_it_was_approved(small: House) -> None:
    before = approved(small)
    schedule.settle(small.parts, ADA, before.id, ahead(days=3), available=True)
    assert look(small, before.id).record == before.record


def test_approving_before_the_date_waits_and_the_mail_says_until_when(home: House) -> None:
    at = ahead(days=30)
    found = approved(home, state="in_review", approved_digest="", publish_at=at)
    after = verbs.approve(home.parts, CARL, found.id)
    assert after.state == "approved"
    assert after.publish_at == at
    assert begun(home, found.id) == []
    with home.parts.database.read() as connection:
        (letter,) = [m for m in mails.of(connection, found.id) if m["kind"] == "approved"]
    assert f"{at.day} {at:%B %Y, %H:%M} UTC" in letter["text"]


def test_approving_after_the_date_publishes_at_once(small: House) -> None:
    found = approved(small, state="in_review", publish_at=ahead(minutes=-5))
    assert verbs.approve(small.parts, CARL, found.id).state == "publishing"


def test_the_button_before_the_date_asks_to_lift_it_first(small: House) -> None:
    found = approved(small, publish_at=ahead(days=2))
    with pytest.raises(Conflict, match="not before"):
        verbs.publish(small.parts, ADA, found.id)
    assert look(small, found.id).state == "approved"


def test_lifting_the_date_of_what_is_approved_publishes_it_now(home: House) -> None:
    found = approved(home, publish_at=ahead(days=2))
    assert schedule.lift(home.parts, ADA, found.id).state == "publishing"
    assert len(begun(home, found.id)) == 1


def test_lifting_by_a_page_that_saw_something_else_changes_nothing(small: House) -> None:
    found = approved(small, publish_at=ahead(days=2))
    with pytest.raises(Conflict):
        schedule.publish_now(small.parts, ADA, found.id, digest="0" * 64)
    assert look(small, found.id).publish_at == found.publish_at


def test_where_a_person_presses_the_button_lifting_publishes_nothing(small: House) -> None:
    by_hand = with_route(small.parts, publish="manual")
    found = approved(small, publish_at=ahead(days=2))
    assert schedule.lift(by_hand, ADA, found.id).state == "approved"


def test_nothing_is_published_before_its_date(small: House) -> None:
    found = approved(small, publish_at=ahead(minutes=2))
    assert schedule.publish_due(small.parts) == 0
    assert look(small, found.id).state == "approved"


def test_two_sweeps_at_the_date_begin_one_run(home: House) -> None:
    found = approved(home)
    pass_by(home, found.id)
    start = threading.Barrier(4)
    counts: list[int] = []

    def sweep() -> None:
        start.wait()
        counts.append(schedule.publish_due(home.parts))

    sweeps = [threading.Thread(target=sweep) for _ in range(4)]
    for one in sweeps:
        one.start()
    for one in sweeps:
        one.join()
    assert sorted(counts) == [0, 0, 0, 1]
    assert len(begun(home, found.id)) == 1
    assert [a for a, _ in told(home, found.id) if a == "publish"] == ["publish"]


def test_the_button_pressed_while_it_is_due_begins_one_run(home: House) -> None:
    found = approved(home)
    pass_by(home, found.id)
    start = threading.Barrier(2)
    refused: list[Conflict] = []

    def press() -> None:
        start.wait()
        try:
            verbs.publish(home.parts, ADA, found.id)
        except Conflict as error:
            refused.append(error)

    button = threading.Thread(target=press)
    button.start()
    start.wait()
    by_date = schedule.publish_due(home.parts)
    button.join()
    assert by_date + (1 - len(refused)) == 1
    assert len(begun(home, found.id)) == 1


def test_what_is_no_longer_approved_is_left_alone(small: House) -> None:
    found = approved(small)
    pass_by(small, found.id)
    verbs.step_back(small.parts, ADA, found.id, "recall")
    assert schedule.publish_due(small.parts) == 0
    assert look(small, found.id).state == "draft"


def test_a_stopped_publication_is_not_begun_again_by_a_date_that_has_passed(small: House) -> None:
    found = approved(small)
    pass_by(small, found.id)
    assert schedule.publish_due(small.parts) == 1
    with small.parts.database.write() as connection:
        run = runs.active(connection, found.id)
        runs.change(connection, run["id"], status="stopped", ended_at=publications.now())
        publications.change(connection, found.id, state="approved", health="idle")
    assert schedule.publish_due(small.parts) == 0


def test_a_date_that_comes_when_the_route_is_gone_is_told_once(small: House) -> None:
    found = approved(small)
    pass_by(small, found.id)
    bare = without_routes(small.parts)
    assert schedule.publish_due(bare) == 0
    assert schedule.publish_due(bare) == 0
    assert look(small, found.id).health == "needs_attention"
    assert [a for a, _ in told(small, found.id) if a == "overdue"] == ["overdue"]
    with small.parts.database.read() as connection:
        (letter,) = mails.of(connection, found.id)
    assert "There is no route" in letter["text"]
    assert "Nothing is public" in letter["text"]
    # With the route back, the button works.
    assert verbs.publish(small.parts, ADA, found.id).state == "publishing"


def test_a_date_on_a_route_of_the_button_publishes_nothing_by_itself(small: House) -> None:
    found = approved(small)
    pass_by(small, found.id)
    by_hand = with_route(small.parts, publish="manual")
    assert schedule.publish_due(by_hand) == 0
    assert verbs.publish(by_hand, ADA, found.id).state == "publishing"
