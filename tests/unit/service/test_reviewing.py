"""Who reviews, who may not, labels, and suggestions; on both databases where two people meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from excudit.domain.errors import Conflict, Denied, ExcuditError, NotFound, Rejected
from excudit.domain.model import SERVICE
from excudit.service import acts, assigning, bulk, labels, people, suggestions, verbs
from excudit.service.bulk import Given
from excudit.store import publications, snapshots, users
from excudit.store.database import Database, sqlite_url
from reviewing_house import now, person, told, waiting, with_help_of
from web_house import House, furnished, prepare


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A service on either database."""
    database = Database(database_url)
    prepare(database)
    yield furnished(database)
    database.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[House]:
    """A service on SQLite, for what no database does differently."""
    database = Database(sqlite_url(tmp_path / "alone.db"))
    prepare(database)
    yield furnished(database)
    database.close()


def at_once(*does: Callable[[], Any]) -> list[Any]:
    """What each gave or raised, all begun together."""
    start = Barrier(len(does))

    def one(do: Callable[[], Any]) -> Any:
        start.wait(20)
        try:
            return do()
        except ExcuditError as error:
            return error

    with ThreadPoolExecutor(len(does)) as pool:
        return list(pool.map(one, does))


def test_of_two_who_claim_at_once_the_second_hears_of_the_first(house: House) -> None:
    made = waiting(house)
    rita, carl = person(house, "rita", "reviewer"), person(house, "carl", "curator")
    results = at_once(
        lambda: assigning.claim(house.parts, rita, made.id),
        lambda: assigning.claim(house.parts, carl, made.id),
    )
    (lost,) = [r for r in results if isinstance(r, ExcuditError)]
    holder = now(house, made).reviewer
    assert isinstance(lost, Conflict)
    assert holder in ("rita", "carl")
    assert holder in lost.message
    (event,) = told(house, made, "assign")
    assert event.details == {"reviewer": holder, "was": ""}


def test_approving_and_returning_at_once_decides_once(house: House) -> None:
    made = waiting(house)
    rita, carl = person(house, "rita", "reviewer"), person(house, "carl", "curator")
    results = at_once(
        lambda: verbs.approve(house.parts, rita, made.id),
        lambda: verbs.turn_down(house.parts, carl, made.id, "return", "Mend it."),
    )
    states = [r.state for r in results if not isinstance(r, ExcuditError)]
    # What was approved may still be returned, but not while its publication runs.
    assert len(states) == 1
    assert len(told(house, made, "approve") + told(house, made, "return")) == 1


def test_pressing_a_bulk_twice_at_once_does_each_thing_once(house: House) -> None:
    made = [waiting(house) for _ in range(4)]
    carl = person(house, "carl", "curator")
    plan = bulk.prepare(house.parts, carl, "return", [p.id for p in made])
    given = Given(reason="The units are missing.")

    def press() -> bulk.Bulk:
        return bulk.carry_out(house.parts, carl, plan.id, given, count=4)

    at_once(press, press)
    assert [r.status for r in bulk.get(house.parts, carl, plan.id).rows] == ["done"] * 4
    for one in made:
        (event,) = told(house, one, "return")
        assert event.details["bulk"] == plan.id
        assert event.reason == "The units are missing."


def test_of_two_who_accept_one_suggestion_at_once_one_edits(house: House) -> None:
    made = waiting(house, state="changes_requested")
    rita, ada = person(house, "rita", "reviewer"), person(house, "ada")
    offered = suggestions.suggest(house.parts, rita, made.id, "/version", "2.0")

    def accept() -> Any:
        return suggestions.accept(house.parts, ada, made.id, offered.id)

    results = at_once(accept, accept)
    assert sum(isinstance(r, Conflict) for r in results) == 1
    assert now(house, made).record["version"] == "2.0"
    assert len(told(house, made, "edit")) == 1


def test_a_label_is_the_same_however_it_is_capitalised(house: House) -> None:
    carl = person(house, "carl", "curator")
    define = labels.define
    results = at_once(
        lambda: define(house.parts, carl, "Waits for Ömer"),
        lambda: define(house.parts, carl, "waits for ömer"),
    )
    assert sum(isinstance(r, Conflict) for r in results) == 1
    assert len(labels.every(house.parts)) == 1


# On one database is enough.


def test_a_collaborator_is_no_independent_reviewer(alone: House) -> None:
    made = waiting(alone)
    rita = person(alone, "rita", "reviewer")
    with_help_of(alone, made, "rita")
    for decide in (
        lambda: verbs.approve(alone.parts, rita, made.id),
        lambda: verbs.turn_down(alone.parts, rita, made.id, "return", "No."),
        lambda: verbs.turn_down(alone.parts, rita, made.id, "reject", "No."),
    ):
        with pytest.raises(Conflict, match="own publication"):
            decide()
    with pytest.raises(Rejected, match="works on it"):
        assigning.claim(alone.parts, rita, made.id)
    assert "rita" not in assigning.choices(alone.parts, made)


def test_where_the_route_allows_it_history_says_that_an_author_decided(alone: House) -> None:
    route = alone.parts.settings.routes["to-doi"]
    alone.parts.settings.routes["to-doi"] = route.model_copy(update={"four_eyes": False})
    try:
        made = waiting(alone)
        ada = person(alone, "ada", "curator")
        verbs.turn_down(alone.parts, ada, made.id, "return", "I forgot a file.")
    finally:
        alone.parts.settings.routes["to-doi"] = route
    (event,) = told(alone, made, "return")
    assert event.details == {"by_author": True}


def test_a_returned_request_comes_back_to_its_reviewer(alone: House) -> None:
    made = waiting(alone)
    rita = person(alone, "rita", "reviewer")
    verbs.turn_down(alone.parts, rita, made.id, "return", "Mend it.")
    taken_in(alone, made.id)
    assert (now(alone, made).reviewer, now(alone, made).round) == ("rita", 2)
    assert told(alone, made, "assign") == []


def taken_in(house: House, publication: str) -> None:
    """As the take-in run ends."""
    with house.parts.database.write() as connection:
        publications.change(connection, publication, state="submitted")
        acts.act(connection, house.parts, SERVICE, publication, "take_in", by_service=True)


@pytest.mark.parametrize("lost", ["disabled", "role", "route"])
def test_a_request_whose_reviewer_cannot_review_any_more_is_nobodys(
    alone: House, lost: str
) -> None:
    made = waiting(alone, reviewer="rita")
    person(alone, "rita", "reviewer")
    with alone.parts.database.write() as connection:
        roles = {"role": [], "route": ["reviewer:other"]}.get(lost, ["reviewer"])
        users.put(connection, "rita", email="r@example.org", roles=roles)
        if lost == "disabled":
            connection.exec_driver_sql("UPDATE users SET disabled_at = created_at")
    taken_in(alone, made.id)
    assert now(alone, made).reviewer == ""
    (event,) = told(alone, made, "assign")
    assert (event.actor, event.details["was"]) == (SERVICE.name, "rita")
    assert "cannot review" in event.details["why"]


@pytest.mark.parametrize("how", ["disable", "roles"])
def test_closing_an_account_gives_back_what_it_reviews(alone: House, how: str) -> None:
    adam = person(alone, "adam", "admin")
    person(alone, "rita", "reviewer")
    taken, returned = waiting(alone, reviewer="rita"), waiting(alone, reviewer="rita")
    done = waiting(alone, reviewer="rita", state="published")
    if how == "disable":
        people.disable(alone.parts, adam, "rita", reason="Left.")
    else:
        people.set_roles(alone.parts, adam, "rita", ["reviewer"], reason="The same.")
        assert now(alone, taken).reviewer == "rita"
        people.set_roles(alone.parts, adam, "rita", [], reason="Moved.")
    assert [now(alone, p).reviewer for p in (taken, returned, done)] == ["", "", "rita"]
    assert [e.details["was"] for e in told(alone, taken, "assign")] == ["rita"]


def test_only_who_reviews_on_the_route_is_assigned_and_nobody_takes_it_back(alone: House) -> None:
    made = waiting(alone)
    carl = person(alone, "carl", "curator")
    person(alone, "rita", "reviewer:to-doi")
    person(alone, "bob", "reviewer:other")
    for name in ("bob", "nobody-at-all", "ada"):
        with pytest.raises(Rejected, match="cannot review"):
            assigning.assign(alone.parts, carl, made.id, name)
    edition = now(alone, made).edition
    assert assigning.assign(alone.parts, carl, made.id, "rita").reviewer == "rita"
    assert assigning.assign(alone.parts, carl, made.id, "rita").reviewer == "rita"
    assert len(told(alone, made, "assign")) == 1
    with pytest.raises(Conflict, match="rita"):
        assigning.assign(alone.parts, carl, made.id, "carl", seen="")
    assert assigning.assign(alone.parts, carl, made.id, "", seen="rita").reviewer == ""
    # Nobody's typing is in conflict with it.
    assert now(alone, made).edition == edition
    with pytest.raises(Denied):
        assigning.assign(alone.parts, person(alone, "ada"), made.id, "rita")


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 61, "In review", "in_review", "PUBLISHED", "a\x00b", "needs attention"]
)
def test_a_label_is_a_word_and_never_a_state(alone: House, name: str) -> None:
    with pytest.raises(Rejected):
        labels.define(alone.parts, person(alone, "carl", "curator"), name)


def test_a_label_lives_from_its_definition_to_its_retirement(alone: House) -> None:
    made, carl = waiting(alone), person(alone, "carl", "curator")
    rita = person(alone, "rita", "reviewer")
    with pytest.raises(Denied):
        labels.define(alone.parts, rita, "Late")
    labels.define(alone.parts, carl, "  Late   data ", "Waits for the station.")
    labels.define(alone.parts, carl, "Never used")
    edition = now(alone, made).edition
    assert labels.put(alone.parts, rita, made.id, "late DATA", "Asked again.").label == "Late data"
    labels.put(alone.parts, rita, made.id, "Late data")
    labels.retire(alone.parts, carl, "Late data")
    labels.retire(alone.parts, carl, "Late data")
    with pytest.raises(Conflict, match="retired"):
        labels.put(alone.parts, rita, waiting(alone).id, "Late data")
    with pytest.raises(Conflict, match="history"):
        labels.delete(alone.parts, carl, "Late data")
    with pytest.raises(NotFound):
        labels.put(alone.parts, rita, made.id, "Nothing")
    labels.put(alone.parts, rita, made.id, "", "Solved.")
    labels.delete(alone.parts, carl, "Never used")
    labels.restore(alone.parts, carl, "Late data")
    history = labels.history(alone.parts, made.id)
    assert [(h["label"], h["comment"]) for h in history] == [
        ("", "Solved."),
        ("Late data", "Asked again."),
    ]
    assert [e.details["label"] for e in told(alone, made, "label")] == ["Late data", ""]
    assert now(alone, made).edition == edition
    assert [la["name"] for la in labels.every(alone.parts)] == ["Late data"]


def test_an_accepted_suggestion_is_an_edit_of_the_author(alone: House) -> None:
    made, rita = waiting(alone), person(alone, "rita", "reviewer")
    ada, bob = person(alone, "ada"), person(alone, "bob")
    with_help_of(alone, made, "bob")
    better = suggestions.suggest(
        alone.parts, rita, made.id, "/titles/0/title", "Sea surface temperature", "Shorter."
    )
    added = suggestions.suggest(
        alone.parts, rita, made.id, "/descriptions/-", {"description": "All of it."}
    )
    away = suggestions.suggest(alone.parts, rita, made.id, "/creators/0/affiliation", None)
    with pytest.raises(Conflict, match="possible in"):
        suggestions.accept(alone.parts, ada, made.id, better.id)
    verbs.turn_down(alone.parts, rita, made.id, "return", "See my suggestions.")
    assert [s.id for s in suggestions.open(alone.parts, made.id)] == [better.id, added.id, away.id]
    with pytest.raises(Denied):
        suggestions.accept(alone.parts, rita, made.id, better.id)
    edited = suggestions.accept(alone.parts, bob, made.id, better.id)
    assert edited.title == "Sea surface temperature"
    suggestions.decline(alone.parts, ada, made.id, away.id)
    assert suggestions.accept_all(alone.parts, ada, made.id) == (1, 0)
    record = now(alone, made).record
    assert record["descriptions"][-1] == {"description": "All of it."}
    assert record["creators"][0]["affiliation"]
    assert [s.status for s in suggestions.of(alone.parts, made.id)] == [
        "accepted",
        "accepted",
        "declined",
    ]


def test_a_suggestion_for_what_was_changed_since_shows_three_values(alone: House) -> None:
    made, rita = waiting(alone, state="changes_requested"), person(alone, "rita", "reviewer")
    ada = person(alone, "ada")
    offered = suggestions.suggest(alone.parts, rita, made.id, "/publicationYear", 2024)
    verbs.edit(alone.parts, ada, made.id, {**made.record, "publicationYear": 2025})
    (shown,) = suggestions.open(alone.parts, made.id)
    assert (shown.before, shown.now, shown.after) == (2026, 2025, 2024)
    assert shown.conflict
    with pytest.raises(Conflict, match="changed since"):
        suggestions.accept(alone.parts, ada, made.id, offered.id)
    assert suggestions.accept_all(alone.parts, ada, made.id) == (0, 1)
    assert now(alone, made).record["publicationYear"] == 2025
    with pytest.raises(Denied):
        suggestions.take_back(alone.parts, ada, made.id, offered.id)
    suggestions.take_back(alone.parts, rita, made.id, offered.id)
    assert suggestions.open(alone.parts, made.id) == []


@pytest.mark.parametrize(
    ("field", "after"),
    [
        ("titles", "x"),
        ("/nonsense", "x"),
        ("/doi", "10.1/x"),
        ("/titles/0/title/deeper/still", "x"),
        ("/titles/99/title", "x"),
        ("/titles/0/title", "Sea surface temperature, station Alpha, 2024"),
        ("/" + "x" * 400, "x"),
        ("/titles/0/title", "x" * 100_001),
    ],
)
def test_what_is_no_field_or_no_change_cannot_be_suggested(
    alone: House, field: str, after: str
) -> None:
    made, rita = waiting(alone), person(alone, "rita", "reviewer")
    with pytest.raises(Rejected):
        suggestions.suggest(alone.parts, rita, made.id, field, after)


def test_one_failure_in_a_bulk_stops_no_other(alone: House) -> None:
    carl = person(alone, "carl", "curator")
    made = [waiting(alone) for _ in range(4)]
    mine = waiting(alone, owner="carl")
    plan = bulk.prepare(alone.parts, carl, "approve", [*(p.id for p in made), mine.id, mine.id])
    assert plan.count == 4
    assert [r.status for r in plan.rows] == ["planned"] * 4 + ["impossible"]
    assert "own publication" in plan.rows[-1].words
    verbs.turn_down(alone.parts, person(alone, "rita", "reviewer"), made[1].id, "reject", "Twice.")
    with alone.parts.database.write() as connection:
        frozen = snapshots.get(connection, str(made[2].snapshot))
        other = snapshots.refreeze(connection, frozen, {**frozen.record, "version": "2"})
        publications.change(connection, made[2].id, snapshot=other.id)
    done = bulk.carry_out(alone.parts, carl, plan.id, Given(), count=4)
    assert [r.status for r in done.rows] == ["done", "failed", "failed", "done", "impossible"]
    assert "this is Rejected" in done.rows[1].words
    assert "not what is frozen" in done.rows[2].words
    again = bulk.carry_out(alone.parts, carl, plan.id, Given(reason="Another"), count=0)
    assert again == done
    assert len(told(alone, made[0], "approve")) == 1


def test_a_bulk_is_confirmed_by_its_count_and_given_what_it_needs(alone: House) -> None:
    carl, rita = person(alone, "carl", "curator"), person(alone, "rita", "reviewer")
    made = [waiting(alone).id for _ in range(2)]
    plan = bulk.prepare(alone.parts, carl, "return", made)
    with pytest.raises(Rejected) as refused:
        bulk.carry_out(alone.parts, carl, plan.id, Given(), count=3)
    assert [p.where for p in refused.value.problems] == ["/reason", "/count"]
    with pytest.raises(NotFound):
        bulk.carry_out(alone.parts, rita, plan.id, Given("x"), count=2)
    with pytest.raises(Rejected, match="1 to 500"):
        bulk.prepare(alone.parts, carl, "return", [f"{n}" for n in range(501)])
    with pytest.raises(Rejected, match="1 to 500"):
        bulk.prepare(alone.parts, carl, "return", [])
    with pytest.raises(Denied):
        bulk.prepare(alone.parts, person(alone, "ada"), "return", made)
    with pytest.raises(NotFound):
        bulk.prepare(alone.parts, person(alone, "olga", "curator:other"), "label", made)
    labelled = bulk.prepare(alone.parts, carl, "label", made)
    labels.define(alone.parts, carl, "Late")
    bulk.carry_out(alone.parts, carl, labelled.id, Given(label="late"), count=2)
    assigned = bulk.prepare(alone.parts, carl, "assign", made)
    bulk.carry_out(alone.parts, carl, assigned.id, Given(reviewer="rita"), count=2)
    with alone.parts.database.read() as connection:
        rows = [publications.get(connection, key) for key in made]
    assert {(r.label, r.reviewer) for r in rows} == {("Late", "rita")}
