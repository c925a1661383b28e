"""Which mails go to whom, when they wait for each other, and that each goes out once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from excudit.domain.errors import Rejected
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import acts, mail_choices, reminders, talk, verbs
from excudit.service.bundles import close_due
from excudit.service.letters import next_digest
from excudit.service.mail import EVENTS
from excudit.service.outbox import StoredOutbox
from excudit.service.parts import Parts
from excudit.store import mails, publications, users
from excudit.store.database import Database
from web_house import RECORD, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@x.org", full_name="Ada Lovelace")
BOB = Actor("bob", frozenset(), "bob@x.org")
CURIE = Actor("curie", frozenset({"curator"}), "curie@x.org", full_name="Marie Curie")
RITA = Actor("rita", frozenset({"reviewer"}), "rita@x.org")
NOTIFIED = "board@x.org"
SOON = timedelta(hours=1)


def furnish(url: str, **changes: Any) -> Parts:
    database = Database(url)
    prepare(database)
    parts = furnished(database).parts
    settings = parts.settings
    route = settings.routes["to-doi"].model_copy(update={"notify": [NOTIFIED], **changes})
    settings = settings.model_copy(update={"routes": {"to-doi": route}})
    with database.write() as connection:
        for actor in (ADA, BOB, CURIE, RITA):
            users.put(connection, actor.name, email=actor.email, roles=list(actor.roles))
            if actor.full_name:
                users.change(connection, actor.name, full_name=actor.full_name)
    return replace(parts, settings=settings)


@pytest.fixture
def parts(database_url: str):
    made = furnish(database_url)
    yield made
    made.database.close()


@pytest.fixture
def one(sqlite_url: str):
    made = furnish(sqlite_url)
    yield made
    made.database.close()


def request(parts: Parts, state: str = "in_review", **columns: Any) -> Publication:
    made = verbs.create(parts, ADA, "to-doi", "alpha", record=RECORD)
    columns = {"round": 1, "waiting_since": publications.now(), **columns}
    with parts.database.write() as connection:
        publications.change(connection, made.id, state=state, **columns)
        return publications.get(connection, made.id)


def tell(parts: Parts, key: str, actor: Actor, action: str, **said: Any) -> None:
    with parts.database.write() as connection:
        found = publications.get(connection, key)
        acts.tell(connection, parts, found, actor=actor, action=action, **said)


def of(parts: Parts, key: str, kind: str = "") -> list[dict[str, Any]]:
    with parts.database.read() as connection:
        return [m for m in mails.of(connection, key) if kind in ("", m["kind"])]


def to(parts: Parts, key: str, kind: str) -> set[str]:
    return {m["recipient"].removesuffix("@x.org") for m in of(parts, key, kind)}


def leave(parts: Parts, moment: datetime | None = None) -> list[Any]:
    """What would go to the mail server now."""
    outbox = StoredOutbox(parts.database, parts.settings.site)
    taken = list(outbox.due(moment or publications.now() + SOON, 100))
    for mail in taken:
        outbox.sent(mail.id)
    return taken


def test_a_comment_goes_to_the_other_side(one: Parts) -> None:
    key = request(one, reviewer="rita").id
    talk.collaborate(one, ADA, key, "bob")
    talk.comment(one, RITA, key, "Which sensor?", field="/titles/0")
    assert to(one, key, "comment") == {"ada", "bob"}
    tell(one, key, BOB, "comment", details={"comment": "The new one.", "about": ""})
    assert to(one, key, "comment") == {"ada", "bob", "rita"}
    assert "Which sensor?" in of(one, key, "comment")[0]["text"]
    assert "Title" in of(one, key, "comment")[0]["text"]


def test_without_a_reviewer_the_curators_of_the_route_hear_a_comment(one: Parts) -> None:
    key = request(one).id
    talk.comment(one, ADA, key, "Hello?")
    assert to(one, key, "comment") == {"board", "curie", "rita"}


def test_nobody_is_written_to_about_a_draft_that_nobody_reviews(one: Parts) -> None:
    key = request(one, "draft", round=0).id
    talk.comment(one, ADA, key, "A note to myself.")
    assert of(one, key, "comment") == []


def test_internal_words_stand_in_no_mail(one: Parts) -> None:
    key = request(one, reviewer="rita").id
    talk.comment(one, CURIE, key, "Smells of a copy.", internal=True)
    assert of(one, key, "comment") == []


def test_a_reviewer_hears_what_others_assign_and_not_what_they_take(one: Parts) -> None:
    key = request(one).id
    tell(one, key, RITA, "assign", details={"reviewer": "rita"})
    assert of(one, key, "assigned") == []
    tell(one, key, CURIE, "assign", details={"reviewer": "rita"})
    (mail,) = of(one, key, "assigned")
    assert (mail["recipient"], mail["subject"][:17]) == ("rita@x.org", "Waiting for you: ")
    assert "Marie Curie gave you the review" in mail["text"]
    assert "Ada Lovelace" in mail["text"]


def test_collaborators_hear_that_they_were_added_and_then_all_that_the_owner_hears(
    one: Parts,
) -> None:
    key = request(one).id
    talk.collaborate(one, ADA, key, "bob")
    assert to(one, key, "invited") == {"bob"}
    verbs.turn_down(one, CURIE, key, "return", "The units are gone.")
    assert to(one, key, "returned") == {"ada", "bob"}
    assert "(round 1)" in of(one, key, "returned")[0]["text"]


def test_a_label_is_told_only_where_the_route_wants_it(one: Parts) -> None:
    key = request(one).id
    tell(one, key, CURIE, "label", details={"label": "checked"})
    assert of(one, key, "labelled") == []
    route = one.settings.routes["to-doi"].model_copy(update={"label_mails": True})
    wanting = replace(one, settings=one.settings.model_copy(update={"routes": {"to-doi": route}}))
    tell(wanting, key, CURIE, "label", details={"label": "checked"})
    assert to(one, key, "labelled") == {"ada"}


def test_a_publish_date_is_told_to_both_sides_but_not_to_who_set_it(one: Parts) -> None:
    key = request(one, reviewer="rita").id
    tell(one, key, ADA, "schedule", details={"publish_at": "2030-01-02T03:04:00+00:00"})
    assert to(one, key, "scheduled") == {"rita", "board"}
    assert "2 January 2030, 03:04 UTC" in of(one, key, "scheduled")[0]["text"]
    tell(one, key, CURIE, "schedule", details={"publish_at": ""})
    assert "lifted" in of(one, key, "scheduled")[-1]["text"]


def test_links_lead_to_the_page_where_one_goes_on(one: Parts) -> None:
    key = request(one, reviewer="rita").id
    talk.comment(one, RITA, key, "Which sensor?")
    tell(one, key, CURIE, "assign", details={"reviewer": "rita"})
    tell(one, key, CURIE, "reject", reason="No.")
    for kind, page in (("comment", "/discussion"), ("assigned", "/review"), ("rejected", "")):
        assert f": https://data.example.org/publications/{key}{page}\n" in _text(one, key, kind)
    verbs.turn_down(one, CURIE, key, "return", "Please.")
    assert f"/publications/{key}/edit\n" in _text(one, key, "returned")


def _text(parts: Parts, key: str, kind: str) -> str:
    return of(parts, key, kind)[0]["text"] + "\n"


def test_an_approval_says_when_it_is_published(one: Parts) -> None:
    key = request(one, publish_at=datetime(2031, 5, 6, tzinfo=UTC)).id
    verbs.approve(one, CURIE, key)
    assert "6 May 2031" in of(one, key, "approved")[0]["text"]


def test_what_was_said_in_a_review_goes_out_with_the_decision(parts: Parts) -> None:
    key = request(parts, reviewer="curie").id
    talk.comment(parts, CURIE, key, "Which sensor?")
    tell(parts, key, CURIE, "suggest", details={"label": "Title", "field": "/titles/0"})
    assert leave(parts, publications.now()) == []
    verbs.turn_down(parts, CURIE, key, "return", "Please mend.")
    (mail,) = leave(parts, publications.now())
    assert mail.subject.startswith("Changes needed: ")
    assert mail.text.startswith("Marie Curie returned your submission")
    for words in ("Which sensor?", "“Title”", "Please mend.", "you are its depositor"):
        assert words in mail.text
    assert mail.thread == key
    assert {m["status"] for m in of(parts, key)} == {"sent", "bundled"}
    assert leave(parts) == []


def test_a_comment_alone_goes_out_when_no_other_followed(one: Parts) -> None:
    key = request(one, reviewer="curie").id
    talk.comment(one, CURIE, key, "Which sensor?")
    (mail,) = leave(one)
    assert mail.subject.startswith("Question about ")
    assert mail.text.startswith("Marie Curie wrote about")
    assert mail.text.count("/preferences") == 1


def test_nothing_is_gathered_where_the_site_wants_none_of_it(sqlite_url: str) -> None:
    parts = furnish(sqlite_url)
    mail = parts.settings.mail.model_copy(update={"gather_s": 0})
    parts = replace(parts, settings=parts.settings.model_copy(update={"mail": mail}))
    key = request(parts, reviewer="curie").id
    talk.comment(parts, CURIE, key, "Which sensor?")
    assert len(leave(parts, publications.now())) == 1
    parts.database.close()


def test_a_bulk_action_sends_each_one_mail(parts: Parts) -> None:
    keys = [_another(parts, n).id for n in range(5)]
    for key in keys:
        details = {"reviewer": "rita", "bulk": "b1"}
        tell(parts, key, CURIE, "assign", details=details)
    (mail,) = leave(parts)
    assert mail.subject == "Waiting for you: 5 publications"
    assert mail.text.startswith("Marie Curie acted on 5 publications at once.")
    assert all(key in mail.text and key in mail.html for key in keys)
    assert mail.thread not in keys


def _another(parts: Parts, n: int) -> Publication:
    record = {**RECORD, "titles": [{"title": f"Number {n}"}]}
    return verbs.create(parts, ADA, "to-doi", "alpha", record=record)


def test_a_digest_bundles_a_day_and_goes_out_at_its_hour(parts: Parts) -> None:
    mail_choices.choose(parts, ADA, {"returned": "digest", "published": "digest"})
    first, second = _another(parts, 1).id, _another(parts, 2).id
    for key, action in ((first, "return"), (second, "published"), (first, "published")):
        tell(parts, key, CURIE, action, reason="Because.")
    assert {m["status"] for m in of(parts, first) if m["recipient"] == ADA.email} == {"held"}
    assert ADA.email not in {m.recipient for m in leave(parts, publications.now())}
    due = next_digest(publications.now(), parts.settings.mail.digest_hour)
    (mail,) = [m for m in leave(parts, due) if m.recipient == ADA.email]
    assert mail.subject == "Daily digest: 3 messages"
    assert "Number 1" in mail.text
    assert "Number 2" in mail.html
    assert "once a day" in mail.text
    assert mail.thread == "digest"
    assert leave(parts, due + SOON) == []


def test_the_next_digest_is_always_ahead() -> None:
    six = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    assert next_digest(six - timedelta(seconds=1), 6) == six
    assert next_digest(six, 6) == six + timedelta(days=1)


def test_bundles_go_out_once_with_many_workers(parts: Parts) -> None:
    mail_choices.choose(parts, ADA, dict.fromkeys(("returned", "published"), "digest"))
    for n in range(10):
        tell(parts, _another(parts, n).id, CURIE, "published")
    due = publications.now() + timedelta(days=2)
    closed = _at_once(4, lambda: close_due(parts.database, parts.settings.site, due))
    assert sum(closed) == 1
    assert len([m for m in leave(parts, due) if m.recipient == ADA.email]) == 1


def test_a_worker_that_dies_while_bundling_leaves_the_bundle_whole(
    one: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_choices.choose(one, ADA, {"published": "digest"})
    key = _another(one, 1).id
    tell(one, key, CURIE, "published")
    due = publications.now() + timedelta(days=2)
    with monkeypatch.context() as broken:
        broken.setattr(mails, "close_bundle", _die)
        with pytest.raises(KeyboardInterrupt):
            close_due(one.database, one.settings.site, due)
    assert [m["status"] for m in of(one, key) if m["recipient"] == ADA.email] == ["held"]
    assert [m.recipient for m in leave(one, due)].count(ADA.email) == 1


def _die(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def _at_once(count: int, work: Callable[[], int]) -> list[int]:
    done: list[int] = []
    threads = [threading.Thread(target=lambda: done.append(work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == count
    return done


def test_what_is_off_is_not_written_and_what_asks_comes_all_the_same(one: Parts) -> None:
    with one.database.write() as connection:
        users.change(connection, "ada", mail={"published": "off", "returned": "off"})
    key = request(one).id
    tell(one, key, CURIE, "published")
    tell(one, key, CURIE, "return", reason="Because.")
    assert "ada" not in to(one, key, "published")
    assert "ada" in to(one, key, "returned")


def test_choices_are_checked_all_at_once(one: Parts) -> None:
    with pytest.raises(Rejected) as caught:
        mail_choices.choose(one, ADA, {"returned": "off", "published": "weekly", "x": "off"})
    assert {p.where for p in caught.value.problems} == {"returned", "published", "x"}
    assert mail_choices.chosen(one, ADA) == dict.fromkeys(EVENTS, "now")
    mail_choices.choose(one, ADA, {"published": "off", "returned": "now"})
    assert mail_choices.chosen(one, ADA)["published"] == "off"


LONG_AGO = timedelta(days=8)


@pytest.mark.parametrize(
    ("state", "columns", "expected"),
    [
        ("changes_requested", {}, {"ada"}),
        ("in_review", {"reviewer": "rita"}, {"rita"}),
        ("in_review", {}, {"board", "curie", "rita"}),
        ("publishing", {"health": "needs_attention"}, {"help@example.org"}),
        ("published", {"health": "out_of_sync"}, {"help@example.org"}),
        ("approved", {}, set()),
        ("draft", {}, set()),
        ("published", {}, set()),
        ("changes_requested", {"publish_at": datetime(2040, 1, 1, tzinfo=UTC)}, set()),
    ],
)
def test_whoever_acts_next_is_reminded(one: Parts, state, columns, expected) -> None:
    since = publications.now() - LONG_AGO
    found = request(one, state, waiting_since=since, **columns)
    assert reminders.remind(one, publications.now()) == bool(expected)
    assert to(one, found.id, "reminder") == expected
    assert (reminders.next_reminder(one, found) is not None) == bool(expected)


def test_who_publishes_by_hand_is_reminded_of_what_was_approved(sqlite_url: str) -> None:
    parts = furnish(sqlite_url, publish="manual")
    key = request(parts, "approved", waiting_since=publications.now() - LONG_AGO).id
    assert reminders.remind(parts, publications.now()) == 1
    assert to(parts, key, "reminder") == {"ada"}
    parts.database.close()


def test_a_reminder_comes_once_in_a_period_whoever_sweeps(parts: Parts) -> None:
    found = request(parts, waiting_since=publications.now() - LONG_AGO, reviewer="rita")
    now = publications.now()
    assert sum(_at_once(4, lambda: reminders.remind(parts, now))) == 1
    assert len(of(parts, found.id, "reminder")) == 1
    assert reminders.remind(parts, now + timedelta(days=6)) == 0
    assert reminders.remind(parts, now + timedelta(days=7)) == 1
    with parts.database.read() as connection:
        after = publications.get(connection, found.id)
    assert after.edition == found.edition
    assert reminders.next_reminder(parts, after) == now + timedelta(days=14)


def test_moving_on_begins_the_time_anew(one: Parts) -> None:
    found = request(one, waiting_since=publications.now() - LONG_AGO)
    reminders.remind(one, publications.now())
    returned = verbs.turn_down(one, CURIE, found.id, "return", "Please.")
    assert reminders.remind(one, publications.now() + timedelta(days=6)) == 0
    due = reminders.next_reminder(one, returned)
    assert due is not None
    assert due - publications.now() > timedelta(days=6, hours=23)


def test_a_site_may_remind_nobody(one: Parts) -> None:
    site = one.settings.site.model_copy(update={"remind_after_days": 0})
    silent = replace(one, settings=one.settings.model_copy(update={"site": site}))
    found = request(silent, waiting_since=publications.now() - LONG_AGO)
    assert reminders.remind(silent, publications.now()) == 0
    assert reminders.next_reminder(silent, found) is None


def test_a_title_cannot_break_the_subject_of_a_bundle(one: Parts) -> None:
    key = request(one, reviewer="curie").id
    with one.database.write() as connection:
        publications.change(connection, key, title="A\r\nBcc: all@x.org\u2028<b>")
    talk.comment(one, CURIE, key, "<script>alert(1)</script>\r\n.\r\nBcc: x")
    (mail,) = leave(one)
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html
