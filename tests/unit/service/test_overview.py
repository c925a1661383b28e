"""A publication's page in one reading, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from excudit.domain.model import Actor, Deposit
from excudit.service import overview, plans, talk, verbs
from excudit.service.headline import Said
from excudit.settings import Plugged
from excudit.store import events, publications, runs
from excudit.store.database import Database
from web_house import RECORD, House, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@example.org")
CURIE = Actor("curie", frozenset({"curator"}))


@pytest.fixture
def arranged(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    prepare(database)
    made = furnished(database)
    made.token("ada")
    made.token("curie", "curator")
    yield made
    database.close()


def begun(house: House) -> str:
    return verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD).id


def edited(house: House, key: str, times: int) -> None:
    for n in range(times):
        verbs.edit(house.parts, ADA, key, {**RECORD, "version": str(n)})


def test_edits_in_a_row_are_one_entry(arranged: House) -> None:
    key = begun(arranged)
    edited(arranged, key, 3)
    talk.comment(arranged.parts, CURIE, key, "Fine.")
    edited(arranged, key, 1)
    told = [e.event for e in overview.overview(arranged.parts, ADA, key).timeline.present]
    assert [(e.action, e.times) for e in told if e] == [
        ("create", 1),
        ("edit", 3),
        ("comment", 1),
        ("edit", 1),
    ]


def test_the_history_is_read_page_by_page_newest_first(arranged: House) -> None:
    key = begun(arranged)
    for n in range(5):
        talk.comment(arranged.parts, CURIE, key, f"No. {n}", internal=n == 2)
    first = overview.history(arranged.parts, ADA, key, limit=3)
    assert [e.about for e in first.events] == [("No. 4",), ("No. 3",)]
    rest = overview.history(arranged.parts, ADA, key, before=first.next, limit=3)
    assert [e.action for e in rest.events] == ["comment", "comment", "create"]
    assert rest.next is None
    assert len(overview.history(arranged.parts, CURIE, key).events) == 6


def test_each_round_of_the_review_has_its_number(arranged: House) -> None:
    key = begun(arranged)
    for _ in range(2):
        with arranged.parts.database.write() as connection:
            publications.change(connection, key, state="in_review")
            found = publications.get(connection, key)
            publications.change(connection, key, round=found.round + 1)
            events.append(connection, key, actor="excudit", action="take_in")
        verbs.turn_down(arranged.parts, CURIE, key, "return", "Mend it.")
    seen = overview.overview(arranged.parts, ADA, key).timeline.present
    rounds = [(e.event.action, e.event.round) for e in seen if e.event and e.event.round]
    assert rounds == [("take_in", 1), ("return", 1), ("take_in", 2), ("return", 2)]


def test_the_mark_changes_with_whatever_the_page_shows(arranged: House) -> None:
    key = begun(arranged)

    def mark(actor: Actor = ADA) -> str:
        return overview.mark(arranged.parts, verbs.visible(arranged.parts, actor, key), actor)

    seen = {mark(), mark(CURIE)}
    assert len(seen) == 2
    assert mark() in seen
    verbs.submit(arranged.parts, ADA, key)
    seen.add(mark())
    with arranged.parts.database.write() as connection:
        run = runs.active(connection, key)
        assert run is not None
        moment = publications.now()
        runs.attempt_begun(
            connection, run["id"], "freeze", 1, undoing=False, final=False, at=moment
        )
    seen.add(mark())
    with arranged.parts.database.write() as connection:
        runs.progress(connection, run["id"], "freeze", done=1, total=2, unit="bytes")
    seen.add(mark())
    talk.comment(arranged.parts, ADA, key, "Hello")
    seen.add(mark())
    assert len(seen) == 6


def test_sentences_keep_their_values_apart(arranged: House) -> None:
    top = overview.head(arranged.parts, CURIE, begun(arranged))
    assert top.sentence == Said(
        "A draft: %(owner)s completes and submits it.",
        {"owner": "ada", "reviewer": "a reviewer", "round": 0},
    )
    assert str(top.sentence) == "A draft: ada completes and submits it."
    assert top.choices["publish"].why_not == "Publish is possible in Approved; this is Draft."
    assert not top.acting


def test_an_open_page_is_not_called_nothing_public(arranged: House) -> None:
    made = arranged.opened(
        elsewhere=Deposit("registry", "k", "1", "draft"), state="publishing", published_at=None
    )
    seen = overview.overview(arranged.parts, ADA, made.id)
    assert str(seen.outside) == (
        "The landing page is open, but no DOI leads to it. A draft is kept at registry."
    )


def test_places_are_called_by_the_titles_of_the_settings(arranged: House) -> None:
    plugged = {"registry": Plugged(kind="datacite", title="DataCite")}
    settings = arranged.parts.settings.model_copy(update={"targets": plugged})
    parts = replace(arranged.parts, settings=settings)
    key = verbs.create(parts, ADA, "to-doi", "alpha", record=RECORD).id
    sides = overview.overview(parts, ADA, key).sides
    assert [(s.place, s.title) for s in sides][1:] == [("registry", "DataCite")]
    steps = plans.publish(parts, parts.route("to-doi")).steps
    assert "Publish at DataCite" in [s.title for s in steps]
    assert parts.settings.target_title("gone") == "gone"
