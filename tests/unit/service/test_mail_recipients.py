"""That mails and pages say the same: who acts next, what it is called, what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from excudit.domain.model import Actor, Deposit
from excudit.domain.publication import Publication
from excudit.service import acts, letter_values, overview, talk, verbs
from excudit.service.parts import Parts
from excudit.settings import Plugged
from excudit.store import deposits, mails, publications, runs, snapshots, tables, users
from excudit.store.database import Database
from web_house import RECORD, House, furnished, prepare

CONTACT = "help@example.org"
PEOPLE = {
    "ada": Actor("ada", frozenset(), "ada@x.org", full_name="Ada Lovelace"),
    "bob": Actor("bob", frozenset(), "bob@x.org"),
    "rita": Actor("rita", frozenset({"reviewer"}), "rita@x.org", full_name="Rita Jensen"),
    "curie": Actor("curie", frozenset({"curator:to-doi"}), "curie@x.org"),
    "olga": Actor("olga", frozenset({"curator:other"}), "olga@x.org"),
    "adam": Actor("adam", frozenset({"admin"}), CONTACT),
}
STEPS = [
    {"key": "reserve.registry", "title": "Open a draft", "do": "reserve", "undo": "discard"},
    {"key": "publish.registry", "title": "Publish", "do": "publish", "final": "it is public"},
    {"key": "confirm.registry", "title": "Look as a stranger", "do": "confirm", "final": "public"},
]


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    database = Database(sqlite_url)
    prepare(database)
    made = furnished(database)
    made.parts = titled(made.parts)
    with database.write() as connection:
        for actor in PEOPLE.values():
            users.put(connection, actor.name, email=actor.email, roles=list(actor.roles))
            users.change(connection, actor.name, full_name=actor.full_name)
    yield made
    database.close()


def titled(parts: Parts, **route: Any) -> Parts:
    """Source and target have titles; the route is as asked."""
    data = parts.settings
    changed = data.routes["to-doi"].model_copy(update=route)
    settings = data.model_copy(
        update={
            "routes": {"to-doi": changed},
            "targets": {"registry": Plugged(kind="datacite", title="DataCite Fabrica")},
            "sources": {"shelf": Plugged(kind="shelf", title="The old shelf")},
        }
    )
    return replace(parts, settings=settings)


def made(house: House, state: str, **columns: Any) -> Publication:
    found = verbs.create(house.parts, PEOPLE["ada"], "to-doi", "alpha", record=RECORD)
    talk.collaborate(house.parts, PEOPLE["ada"], found.id, "bob")
    columns = {"round": 1, "waiting_since": publications.now(), **columns}
    with house.parts.database.write() as connection:
        publications.change(connection, found.id, state=state, **columns)
        return publications.get(connection, found.id)


def tell(house: House, found: Publication, action: str, by: str = "rita", **said: Any) -> None:
    with house.parts.database.write() as connection:
        now = publications.get(connection, found.id)
        acts.tell(connection, house.parts, now, actor=PEOPLE[by], action=action, **said)


def of(house: House, found: Publication, kind: str) -> dict[str, dict[str, Any]]:
    with house.parts.database.read() as connection:
        every = mails.of(connection, found.id)
    return {m["recipient"]: m for m in every if m["kind"] == kind}


def parked(house: House, found: Publication, **values: Any) -> None:
    with house.parts.database.write() as connection:
        run = runs.begin(connection, found.id, "publish", STEPS, actor="ada")
        runs.change(connection, run, **{"status": "parked", **values})


REFUSED = {"kind": "Rejected", "message": "The registry refuses.", "problems": []}
DOWN = {"kind": "Unavailable", "message": "The registry is down."}
STANDS = {
    "before anything is public": ("publishing", "reserve.registry", False, DOWN, False),
    "refused at the first final step": ("publishing", "publish.registry", True, REFUSED, True),
    "lost at the first final step": ("publishing", "publish.registry", True, DOWN, True),
    "past the point of no return": ("publishing", "confirm.registry", True, DOWN, True),
    "out of sync": ("published", "confirm.registry", True, DOWN, True),
}


@pytest.mark.parametrize("case", STANDS)
def test_the_mail_of_a_run_that_stands_still_asks_whom_its_page_names(
    house: House, case: str
) -> None:
    state, at, past, error, told = STANDS[case]
    health = "out_of_sync" if state == "published" else "needs_attention"
    found = made(house, state, health=health, reviewer="rita")
    parked(house, found, position=at, past_final=past, error=error)
    action = "out_of_sync" if state == "published" else "attention"
    tell(house, found, action, details={"error": error, "past_final": told, "target": "registry"})
    with house.parts.database.read() as connection:
        written = {m["recipient"]: m for m in mails.of(connection, found.id)}
    written = {a: m for a, m in written.items() if m["kind"] != "invited"}
    asked = {a for a, m in written.items() if "There is nothing for you to do" not in m["text"]}
    acting = {
        person.email
        for person in PEOPLE.values()
        if person.email in written and overview.head(house.parts, person, found.id).acting
    }
    assert asked == acting
    assert asked
    for address, mail in written.items():
        if address not in asked:
            assert "act" in mail["text"].split("nothing for you to do. ")[1].split("\n")[0]
        assert "registry" not in re.sub(r"The registry \w+", "", mail["text"])


def test_a_request_is_told_to_all_who_may_review_it_once_its_checks_are_passed(
    house: House,
) -> None:
    found = made(house, "in_review")
    talk.collaborate(house.parts, PEOPLE["ada"], found.id, "rita")
    tell(house, found, "submit", by="ada")
    assert of(house, found, "submitted") == {}
    tell(house, found, "take_in")
    told = of(house, found, "submitted")
    assert set(told) == {"ada@x.org", "bob@x.org", "rita@x.org", "curie@x.org"}
    assert "Please take it for review" in told["curie@x.org"]["text"]
    assert f"/publications/{found.id}/review" in told["curie@x.org"]["text"]
    assert "Ada Lovelace submitted" in told["curie@x.org"]["text"]
    # Rita works on it: nobody decides on their own.
    assert "nothing for you to do now" in told["rita@x.org"]["text"]
    assert "you work on it" in told["rita@x.org"]["text"]


def test_a_request_that_comes_back_is_told_to_its_reviewer(house: House) -> None:
    found = made(house, "in_review", reviewer="rita", round=2)
    tell(house, found, "take_in")
    assert set(of(house, found, "submitted")) == {"ada@x.org", "bob@x.org", "rita@x.org"}
    assert "again, round 2" in of(house, found, "submitted")["rita@x.org"]["text"]


def test_where_nobody_reviews_the_operators_hear_of_it(house: House) -> None:
    with house.parts.database.write() as connection:
        for name in ("rita", "curie"):
            users.put(connection, name, email=f"{name}@x.org", roles=[])
    found = made(house, "in_review")
    tell(house, found, "take_in")
    assert "nobody else reviews" in of(house, found, "submitted")[CONTACT]["text"]


def test_the_usual_days_are_those_of_the_settings_else_as_measured(house: House) -> None:
    found = made(house, "in_review")
    asked = publications.now() - timedelta(days=30)
    with house.parts.database.write() as connection:
        assert letter_values.usual_days(connection, house.parts, "to-doi") is None
        for waited in (1, 3.5, 20):
            for at, action in ((asked, "take_in"), (asked + timedelta(days=waited), "return")):
                happened(connection, found, action, at)
        assert letter_values.usual_days(connection, house.parts, "to-doi") == 4
        assert letter_values.usual_days(connection, house.parts, "another") is None
        told = titled(house.parts, answer_days=10)
        assert letter_values.usual_days(connection, told, "to-doi") == 10
    tell(house, found, "take_in")
    assert "Usual answer: within 4 days." in of(house, found, "submitted")["ada@x.org"]["text"]


def happened(connection: Any, found: Publication, action: str, at: datetime) -> None:
    row = {"publication": found.id, "at": at, "actor": "rita", "action": action, "details": {}}
    row |= {"before": "in_review", "after": "in_review", "reason": "", "run": ""}
    connection.execute(insert(tables.events), row)


def published(house: House) -> Publication:
    found = made(house, "published")
    with house.parts.database.write() as connection:
        deposits.choose_doi(connection, found.id, "registry", "10.5072/alpha")
        remote = Deposit("registry", found.id, "1", "findable", url="https://repo.example/1")
        deposits.save(connection, found.id, remote)
    frozen = snapshots.freeze(
        house.parts.database,
        found.id,
        source="shelf",
        ref="alpha",
        revision="r1",
        record=RECORD,
        files=(),
    )
    with house.parts.database.write() as connection:
        publications.change(connection, found.id, snapshot=frozen.id)
        return publications.get(connection, found.id)


def test_what_is_published_is_cited_and_its_places_have_their_titles(house: House) -> None:
    found = published(house)
    tell(house, found, "published", details={"by": "ada"})
    text = of(house, found, "published")["ada@x.org"]["text"]
    assert "Cite it as: Carberry, Josiah (2026)" in text
    assert "https://doi.org/10.5072/alpha" in text
    assert "DataCite Fabrica: https://repo.example/1" in text


def test_an_amendment_tells_what_changed_against_what_was_public(house: House) -> None:
    found = published(house)
    carl, changed = PEOPLE["curie"], {**RECORD, "version": "1.1"}
    verbs.amend(house.parts, carl, found.id, changed, "A typo.")
    with house.parts.database.write() as connection:
        run = runs.active(connection, found.id)
        assert run is not None
        runs.change(connection, run["id"], status="parked")
    again = {**changed, "titles": [{"title": "Sea temperature"}], "subjects": []}
    verbs.amend(house.parts, carl, found.id, again, "Another.")
    with house.parts.database.read() as connection:
        now = runs.active(connection, found.id)
    assert now is not None
    tell(house, found, "amended", details={"before": now["given"]["before"]})
    mail = of(house, found, "amended")["ada@x.org"]
    for words in (
        "Title\n  was: Sea surface temperature, station Alpha, 2024\n  now: Sea temperature",
        "  was: 1.0\n  now: 1.1",
        "  was: sea temperature\n  now: (nothing)",
    ):
        assert words in mail["text"]
    assert "<del><bdi>1.0</bdi></del>" in mail["html"]


def test_who_only_works_on_it_is_not_asked_to_publish(house: House) -> None:
    house.parts = titled(house.parts, publish="manual")
    found = made(house, "approved")
    tell(house, found, "approve")
    told = of(house, found, "approved")
    assert "You can publish it now" in told["ada@x.org"]["text"]
    assert "Ada Lovelace acts next." in told["bob@x.org"]["text"]
    assert overview.head(house.parts, PEOPLE["ada"], found.id).acting
    assert not overview.head(house.parts, PEOPLE["bob"], found.id).acting
