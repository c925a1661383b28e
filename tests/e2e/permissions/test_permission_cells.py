"""Every action × every state × every person, by the API and by the pages.

What is expected is what the tables say (`permission_house.verdict`); what is refused must leave
the whole database as it was, and for those who may not see it a publication is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from excudit.domain import lifecycle, permissions
from excudit.domain.lifecycle import STATES, State
from excudit.service import consequences
from permission_calls import API_ACTIONS, PAGE_ACTIONS, Call
from permission_house import (
    PERSONS,
    RELATIONS,
    RUNS,
    SOME_FIRST,
    TWO_EYES,
    Person,
    Place,
    Verdict,
    Watch,
    verdict,
)
from permission_trying import Trying

WAYS = {"api": API_ACTIONS, "page": PAGE_ACTIONS}
NEEDS_RUN = {"stop": "running", "retry": "parked"}
"""Actions that are about a run."""
OF_PEOPLE = [t for t in lifecycle.TRANSITIONS if t.roles != {"service"}]


def test_the_list_holds_every_action_of_the_tables_both_ways() -> None:
    known = {t.action for t in OF_PEOPLE} | {p.action for p in permissions.PERMISSIONS}
    for way in WAYS.values():
        assert {c.needs for c in way} == known


def acts(call: Call) -> bool:
    """Whether it is the address that does an action, not one beside it."""
    return call.main and (call.method != "GET" or call.needs == "view")


def some(state: State, way: str) -> Sequence[Person]:
    """A quarter of the persons, others in each state and each way: every person is tried in every
    way, and every state with every relation. The slow tests try the rest."""
    return PERSONS[(STATES.index(state) + 2 * list(WAYS).index(way)) % 4 :: 4]


def test_the_short_run_tries_every_person_in_every_way_and_every_relation_in_every_state() -> None:
    for way in WAYS:
        assert {p for state in STATES for p in some(state, way)} == set(PERSONS)
        for state in STATES:
            assert {p.relation for p in some(state, way)} == set(RELATIONS)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", WAYS)
def test_a_person_gets_the_answer_of_the_tables(
    trying: Trying, place: Place, watch: Watch, way: str, state: State
) -> None:
    itself(trying, place, watch, way, state, some(state, way))


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", WAYS)
def test_every_person_gets_the_answer_of_the_tables(
    trying: Trying, place: Place, watch: Watch, way: str, state: State
) -> None:
    itself(trying, place, watch, way, state, PERSONS)


@pytest.mark.parametrize("state", SOME_FIRST)
@pytest.mark.parametrize("way", WAYS)
def test_the_addresses_beside_an_action_say_the_same(
    trying: Trying, place: Place, watch: Watch, way: str, state: State
) -> None:
    beside(trying, place, watch, way, state, some(state, way))


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", WAYS)
def test_the_addresses_beside_an_action_say_the_same_to_everybody(
    trying: Trying, place: Place, watch: Watch, way: str, state: State
) -> None:
    beside(trying, place, watch, way, state, PERSONS)


def itself(
    trying: Trying,
    place: Place,
    watch: Watch,
    way: str,
    state: State,
    persons: Sequence[Person],
) -> None:
    """The addresses that do an action."""
    wrong = []
    for run in ("", "running", "parked"):
        calls = [c for c in WAYS[way] if acts(c) and NEEDS_RUN.get(c.needs, "") == run]
        wrong += Trial(trying, place, watch, state, run=run).of(persons, calls)
    assert not wrong, "\n".join(wrong)


def beside(
    trying: Trying,
    place: Place,
    watch: Watch,
    way: str,
    state: State,
    persons: Sequence[Person],
) -> None:
    """What is not the action itself: its page, and what goes with it."""
    wrong = []
    for run in ("", "running", "parked"):
        calls = [c for c in WAYS[way] if not acts(c) and NEEDS_RUN.get(c.needs, "") == run]
        wrong += Trial(trying, place, watch, state, run=run).of(persons, calls)
    assert not wrong, "\n".join(wrong)


class Trial:
    """What people may do with publications in one state: first all that is refused, on one
    publication, then all that is allowed, on one each."""

    def __init__(
        self,
        trying: Trying,
        place: Place,
        watch: Watch,
        state: State,
        *,
        run: str = "",
        route: str = "to-doi",
    ) -> None:
        self.trying, self.place, self.watch = trying, place, watch
        self.state, self.run, self.route = state, run, route

    def of(self, persons: Sequence[Person], calls: Sequence[Call]) -> Iterator[str]:
        """What is not as the tables say, in words."""
        placed = {person: self._placed(person) for person in persons}
        cells = [(p, c, self._verdict(p, c)) for p in persons for c in calls]
        before = self.watch.now()
        for person, call, said in cells:
            if said.status != 200:
                yield from self._refused(person, call, said, placed[person])
                if self.watch.now() != before:
                    before = self.watch.now()
                    yield f"{self._cell(person, call)}: refused, and yet something was written"
        for person, call, said in cells:
            if said.status == 200 and call.main:
                reads = call.method == "GET"
                yield from self._allowed(person, call, said, placed[person] if reads else "")

    def _verdict(self, person: Person, call: Call) -> Verdict:
        roles = person.roles(self.route)
        four_eyes = self.route != TWO_EYES
        return verdict(call.needs, self.state, roles, run=self.run, four_eyes=four_eyes)

    def _placed(self, person: Person) -> str:
        return self.place.placed(self.state, person, route=self.route, run=self.run)

    def _cell(self, person: Person, call: Call) -> str:
        more = f", run {self.run}" if self.run else ""
        return f"{call} ({call.needs}) by {person} in {self.state}{more}"

    def _refused(self, person: Person, call: Call, said: Verdict, found: str) -> Iterator[str]:
        answer = self.trying.call(call, person.name, found)
        cell = self._cell(person, call)
        hidden = said.status == 404
        if hidden and not self.trying.is_absent(answer, call, person.name, found):
            yield f"{cell}: not the answer for what is not there: {answer.text[:300]}"
        friendly = self._told_friendly(answer, call, said, found)
        if answer.status_code != said.status and not friendly:
            yield f"{cell}: {answer.status_code}, not {said.status}: {_words(answer)}"

    def _told_friendly(self, answer: Any, call: Call, said: Verdict, found: str) -> bool:
        """A button that was pressed already leads to the page with a friendly word."""
        if call.is_api or said.status != 409 or answer.status_code != 303:
            return False
        return bool(consequences.done_already(self.place.parts, found, call.needs))

    def _allowed(self, person: Person, call: Call, said: Verdict, found: str) -> Iterator[str]:
        at = found or self._placed(person)
        answer = self.trying.call(call, person.name, at)
        cell = self._cell(person, call)
        if answer.status_code not in (200, 201, 202, 204, 303):
            yield f"{cell}: {answer.status_code}, not allowed: {_words(answer)}"
        elif call.method != "GET" and self.place.state(at) != said.after:
            yield f"{cell}: then {self.place.state(at)}, not {said.after}"


def _words(answer: Any) -> str:
    return answer.text[answer.text.find("<main") :][:400]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("run", RUNS)
def test_a_run_forbids_what_the_guards_say(
    trying: Trying, place: Place, watch: Watch, way: str, run: str
) -> None:
    wrong = []
    for row in OF_PEOPLE:
        calls = [c for c in WAYS[way] if c.needs == row.action and c.main]
        for state in row.before:
            trial = Trial(trying, place, watch, state, run=run)
            person = next(p for p in PERSONS if _may(p, row))
            wrong += trial.of([person], calls)
    assert not wrong, "\n".join(wrong)


def _may(person: Person, row: lifecycle.Transition) -> bool:
    own = {"owner", "collaborator"} & person.roles()
    return bool(row.roles & person.roles()) and not (own and "four_eyes" in row.guards)


@pytest.mark.parametrize("way", WAYS)
def test_without_the_four_eyes_authors_who_are_judges_decide_on_their_own(
    trying: Trying, place: Place, watch: Watch, way: str
) -> None:
    wrong = []
    calls = [c for c in WAYS[way] if c.needs in ("approve", "return", "reject")]
    for state in ("in_review", "approved"):
        trial = Trial(trying, place, watch, state, route=TWO_EYES)
        wrong += trial.of(PERSONS, calls)
    assert not wrong, "\n".join(wrong)
    own = Person("rita", "owner").roles(TWO_EYES)
    assert verdict("approve", "in_review", own, four_eyes=False).status == 200
    assert verdict("approve", "in_review", own, four_eyes=True).status == 409
