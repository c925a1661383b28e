"""What people say to each other: append-only, and internal notes stay among reviewers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from excudit.domain.errors import Conflict, Denied, NotFound, Rejected
from excudit.domain.model import Actor
from excudit.service import queries, talk, verbs
from excudit.store import events, mails, publications, users
from excudit.store.database import Database
from web_house import RECORD, House, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@example.org")
BOB = Actor("bob", frozenset(), "bob@example.org")
CURIE = Actor("curie", frozenset({"curator"}), "curie@example.org")
STRANGER = Actor("eve", frozenset())


@pytest.fixture
def arranged(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    prepare(database)
    made = furnished(database)
    for actor in (ADA, BOB, CURIE):
        made.token(actor.name, *actor.roles)
    yield made
    database.close()


def begun(house: House, owner: Actor = ADA) -> str:
    return verbs.create(house.parts, owner, "to-doi", "alpha", record=RECORD).id


def heard(house: House, actor: Actor, key: str) -> list[str]:
    return [c.text for c in talk.comments(house.parts, actor, key)]


def test_what_is_internal_is_seen_by_reviewers_only(arranged: House) -> None:
    key = begun(arranged)
    talk.collaborate(arranged.parts, ADA, key, "bob")
    talk.comment(arranged.parts, CURIE, key, "Which\r\nsensor? ", field="/titles/0")
    talk.comment(arranged.parts, CURIE, key, "Smells of a copy.", internal=True)
    talk.comment(arranged.parts, BOB, key, "The new one.")
    assert heard(arranged, CURIE, key) == ["Which\nsensor?", "Smells of a copy.", "The new one."]
    for actor in (ADA, BOB):
        assert heard(arranged, actor, key) == ["Which\nsensor?", "The new one."]
        told = queries.timeline(arranged.parts, key, actor)
        assert "Smells" not in str(told)
        assert [e["action"] for e in told].count("comment") == 2
    assert "Smells" in str(queries.timeline(arranged.parts, key, CURIE))
    (first, *_) = talk.comments(arranged.parts, ADA, key)
    assert (first.about, first.author, first.round) == ("Title", "curie", 0)


def test_mails_of_internal_notes_are_not_listed_for_owners(arranged: House) -> None:
    key = begun(arranged)
    talk.comment(arranged.parts, CURIE, key, "Among us.", internal=True)
    talk.comment(arranged.parts, CURIE, key, "For all.")
    with arranged.parts.database.write() as connection:
        for event in events.of(connection, key, action="comment"):
            for name in ("test", "again"):
                words = {"subject": "Question", "text": "…", "html": "…"}
                mails.add(connection, event, kind="comment", recipient=f"{name}@x.org", **words)

    def listed(actor: Actor) -> int:
        every = queries.sent_mails(arranged.parts, key, actor)
        return sum(mail["recipient"].endswith("@x.org") for mail in every)

    assert (listed(CURIE), listed(ADA)) == (4, 2)


def test_a_curator_does_not_see_notes_on_their_own_publication(arranged: House) -> None:
    key = begun(arranged, owner=CURIE)
    admin = Actor("root", frozenset({"admin"}))
    talk.comment(arranged.parts, admin, key, "Hm.", internal=True)
    assert heard(arranged, CURIE, key) == []
    with pytest.raises(Denied, match="your own"):
        talk.comment(arranged.parts, CURIE, key, "Hm?", internal=True)


def test_owners_write_no_internal_notes_and_strangers_nothing(arranged: House) -> None:
    key = begun(arranged)
    with pytest.raises(Denied):
        talk.comment(arranged.parts, ADA, key, "psst", internal=True)
    with pytest.raises(Denied):
        talk.comment(arranged.parts, STRANGER, key, "hello")


@pytest.mark.parametrize(
    ("text", "field"),
    [("  \n ", ""), ("x" * 10_001, ""), ("a\x00b", ""), ("a", "/nothing/0"), ("a", "titles")],
)
def test_unsound_comments_are_refused_with_their_problems(
    arranged: House, text: str, field: str
) -> None:
    key = begun(arranged)
    with pytest.raises(Rejected) as refused:
        talk.comment(arranged.parts, ADA, key, text, field=field)
    assert refused.value.problems
    assert heard(arranged, ADA, key) == []


def test_collaborators_are_named_by_account_or_address(arranged: House) -> None:
    key = begun(arranged)
    assert talk.collaborate(arranged.parts, ADA, key, " BOB@example.org ") == "bob"
    assert talk.collaborate(arranged.parts, ADA, key, "bob") == "bob"
    assert [c.user for c in talk.collaborators(arranged.parts, key)] == ["bob"]
    assert verbs.visible(arranged.parts, BOB, key).id == key
    talk.leave_out(arranged.parts, ADA, key, "bob")
    talk.leave_out(arranged.parts, ADA, key, "bob")
    assert talk.collaborators(arranged.parts, key) == []
    told = [e["action"] for e in queries.timeline(arranged.parts, key, ADA)]
    assert told == ["create", "collaborate", "uncollaborate"]


def test_collaborators_may_leave_but_invite_nobody(arranged: House) -> None:
    key = begun(arranged)
    talk.collaborate(arranged.parts, ADA, key, "bob")
    with pytest.raises(Denied):
        talk.collaborate(arranged.parts, BOB, key, "curie")
    talk.leave_out(arranged.parts, BOB, key, "bob")
    assert talk.collaborators(arranged.parts, key) == []


def test_unknown_double_and_own_names_are_refused(arranged: House) -> None:
    key = begun(arranged)
    with pytest.raises(NotFound, match="nobody@example"):
        talk.collaborate(arranged.parts, ADA, key, "nobody@example.org")
    with pytest.raises(Conflict, match="owner"):
        talk.collaborate(arranged.parts, ADA, key, "ada@example.org")
    with pytest.raises(Rejected):
        talk.collaborate(arranged.parts, ADA, key, " ")
    with arranged.parts.database.write() as connection:
        users.put(connection, "bob2", email="bob@example.org", roles=[])
    with pytest.raises(Conflict, match="Several"):
        talk.collaborate(arranged.parts, ADA, key, "bob@example.org")


def test_only_the_owner_hides_what_is_over(arranged: House) -> None:
    key = begun(arranged)
    with pytest.raises(Conflict):
        talk.archive(arranged.parts, ADA, key, archived=True)
    with arranged.parts.database.write() as connection:
        publications.change(connection, key, state="cancelled")
    with pytest.raises(Denied):
        talk.archive(arranged.parts, CURIE, key, archived=True)
    assert talk.archive(arranged.parts, ADA, key, archived=True).archived
    edition = talk.archive(arranged.parts, ADA, key, archived=True).edition
    assert talk.archive(arranged.parts, ADA, key, archived=False).edition == edition + 1
