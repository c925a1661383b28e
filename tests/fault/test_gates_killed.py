"""A service killed around a gate: one run goes on, and no answer is lost."""

from __future__ import annotations

import json
import os
import signal

import pytest

from excudit.domain.errors import ExcuditError
from excudit.sandbox.quality import Quality
from excudit.service import gates
from house import House, until

ROUTE = """
[routes.asked]
source = "folders"
targets = ["datacite"]
review = "auto"
[routes.asked.quality]
title = "Data desk"
url = {url}
"""


@pytest.fixture
def desk():
    with Quality() as running:
        yield running


@pytest.fixture
def house(tmp_path, database_url, registry, mailbox, desk):
    more = ROUTE.format(url=json.dumps(f"{desk.url}/questions"))
    made = House(tmp_path / "house", database_url, registry, mailbox, more=more)
    yield made
    made.desk.mend()
    made.close()


def waits(house, key):
    """Wait until a run stands at the gate; a killed service is started again."""

    def open_one():
        if house.died():
            house.serve()
        return [g for g in gates.of(house.parts, key) if g.open]

    return until(open_one, f"{key} never waits: {house.words(key)}")[0]


def kill(house):
    os.kill(house.child.pid, signal.SIGKILL)
    house.child.wait(20)


def runs_behind_the_gate(house, key):
    with house.parts.database.read() as connection:
        query = "SELECT count(*) FROM runs WHERE plan = 'publish' AND publication = "
        return connection.exec_driver_sql(f"{query}'{key}'").scalar() - 1


SLOW = pytest.mark.slow
PHASES = [pytest.param("before", marks=SLOW), "effect", pytest.param("journal", marks=SLOW)]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("mode", ["later", "accept"])
def test_killed_while_it_asks_the_question_is_put_under_one_key(house, desk, phase, mode):
    before = house.dois()
    desk.mode = mode
    house.serve(f"ask.quality:{phase}")
    asked = house.ask("asked")
    until(house.died, "the service was not killed")
    house.serve()
    if mode == "later":
        waits(house, asked.id)
        assert desk.answer(desk.questions()[0]["key"], "accepted") == 200
    house.published_once(asked.id, dois_before=before)
    assert len(desk.questions()) == 1
    assert runs_behind_the_gate(house, asked.id) == 1


def test_killed_as_soon_as_the_answer_is_taken_it_goes_on_once(house, desk):
    before = house.dois()
    house.serve()
    asked = house.ask("asked")
    waits(house, asked.id)
    key = desk.questions()[0]["key"]
    assert desk.answer(key, "accepted") == 200
    kill(house)
    with pytest.raises(ExcuditError):
        desk.answer(key, "accepted")
    house.serve()
    assert desk.answer(key, "accepted") == 200
    house.published_once(asked.id, dois_before=before)
    assert runs_behind_the_gate(house, asked.id) == 1


def test_killed_while_it_waits_it_still_hears_the_answer(house, desk):
    before = house.dois()
    house.serve()
    asked = house.ask("asked")
    waits(house, asked.id)
    kill(house)
    house.serve()
    assert desk.answer(desk.questions()[0]["key"], "accepted") == 200
    house.published_once(asked.id, dois_before=before)


@pytest.mark.parametrize("phase", PHASES)
def test_killed_while_a_no_is_undone_nothing_is_left(house, desk, phase):
    before = house.dois()
    desk.mode = "reject"
    house.serve(f"reserve.datacite:{phase}/undo")
    asked = house.ask("asked")
    until(house.died, "the service was not killed")
    house.nothing_left(asked.id, dois_before=before)
    assert house.get(asked.id).state == "changes_requested"
