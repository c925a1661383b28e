"""References of datasets: the longest that are kept fit both databases, longer ones are refused."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from excudit.domain.errors import Rejected
from excudit.domain.model import Actor, Dataset
from excudit.service import basket, picking, prospect, selection, verbs
from excudit.store.database import Database
from excudit.web import create_app
from web_house import RECORD, House, furnished, prepare

# As long as a name can be, in signs of four bytes.
ADA = Actor("𝔞" * 200, frozenset(), "ada@example.org")
_dice = random.Random(7)
LONGEST = "".join(chr(_dice.randrange(0x10000, 0x1F000)) for _ in range(selection.REF_BYTES // 4))
TOO_LONG = LONGEST + "x"


@pytest.fixture
def home(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    prepare(database)
    made = furnished(database)
    made.token(ADA.name)
    made.shelf.titles = {LONGEST: "The longest", TOO_LONG: "Too long", "b": "B"}
    yield made
    database.close()


def test_the_longest_reference_goes_all_the_way(home: House) -> None:
    assert basket.add(home.parts, ADA, "shelf", [LONGEST]).new == 1
    assert basket.contents(home.parts, ADA).picked[0].ref == LONGEST
    made = verbs.create(home.parts, ADA, "to-doi", LONGEST, record=RECORD)
    verbs.submit(home.parts, ADA, made.id)
    other = verbs.create(home.parts, ADA, "to-doi", LONGEST, record=RECORD)
    with pytest.raises(Exception, match="already being published"):
        verbs.submit(home.parts, ADA, other.id)


def _add(home: House) -> None:
    problems = basket.add(home.parts, ADA, "shelf", [TOO_LONG]).problems
    raise Rejected("", problems=problems)


def _add_found(home: House) -> None:
    found = [Dataset("shelf", TOO_LONG, "Too long", "r1")]
    raise Rejected("", problems=basket.add_found(home.parts, ADA, found).problems)


def _foresee(home: House) -> None:
    seen = prospect.of(home.parts, ADA, "to-doi", [TOO_LONG])
    raise Rejected("", problems=seen.datasets[0].problems)


ENTRANCES: dict[str, Callable[[House], object]] = {
    "create": lambda h: verbs.create(h.parts, ADA, "to-doi", TOO_LONG),
    "create of several": lambda h: verbs.create(h.parts, ADA, "to-doi", ["b", TOO_LONG]),
    "copy": lambda h: verbs.copy(
        h.parts, ADA, verbs.create(h.parts, ADA, "to-doi", "b").id, refs=[TOO_LONG]
    ),
    "basket": _add,
    "basket, by a search": _add_found,
    "basket, as a whole": lambda h: basket.replace(h.parts, ADA, [("shelf", TOO_LONG)]),
    "what becomes public": _foresee,
}


@pytest.mark.parametrize("entrance", ENTRANCES.values(), ids=ENTRANCES.keys())
def test_a_longer_one_is_refused_at_every_entrance(
    home: House, entrance: Callable[[House], object]
) -> None:
    with pytest.raises(Rejected) as refused:
        entrance(home)
    (problem,) = refused.value.problems
    assert problem.message == "The reference has 1,025 bytes; 1,024 are the most."
    assert "shorter name" in problem.mend
    assert basket.contents(home.parts, ADA).picked == ()


def test_a_search_may_find_it(home: House) -> None:
    found = picking.search(home.parts, ADA, "shelf", "long")
    assert {d.ref for d in found.datasets} == {LONGEST, TOO_LONG}


def test_the_api_says_so(home: House) -> None:
    with TestClient(create_app(home.parts), base_url="https://data.example.org") as web:
        headers = home.token("bea")
        wish = {"route": "to-doi", "ref": TOO_LONG}
        answer = web.post("/api/v1/publications", headers=headers, json=wish)
        assert answer.status_code == 422
        assert "1,024 are the most" in answer.text
        wish["ref"] = "x" * 1_025
        answer = web.post("/api/v1/publications", headers=headers, json=wish)
        assert answer.status_code == 422
        assert "1024" in answer.text
