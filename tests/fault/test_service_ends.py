"""Ends of runs that a person meets rarely: nobody is forgotten, and nothing goes on by mistake."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from excudit.domain.errors import Conflict, Denied, Rejected
from excudit.domain.model import Actor
from excudit.engine.outcome import Ending, Outcome
from excudit.engine.step import Call, Step
from excudit.service import actions, queries, verbs
from excudit.service.ledger import RunLedger
from excudit.store import publications, runs
from house import CURATOR, OWNER, RECORD, until

EVE = Actor("Eve", frozenset(), "eve@example.org")
REFUSED = Rejected("It shows something else.").as_data()
BUG = Denied("No.").as_data()


def active(house, key):
    """The run that is under way."""
    with house.parts.database.read() as connection:
        run = runs.active(connection, key)
    assert run is not None
    return run


def ends(house, key, kind, step="", **more):
    """What the worker says at the end of the run under way."""
    RunLedger(house.parts).finished(active(house, key)["id"], Ending(kind, step, **more))


def mails(house, key, kind):
    """Who got a mail of this kind, first to last."""
    sent = queries.sent_mails(house.parts, key, CURATOR)
    return [m["recipient"] for m in sent if m["kind"] == kind]


def public(house):
    """Something published, and the service gone: the test plays the worker from here."""
    asked = house.published()
    house.stop()
    return asked.id


def awaiting(house):
    """Something in review, and nobody at work."""
    asked = house.ask("reviewed")
    ends(house, asked.id, "done")
    return asked.id


def publishing(house):
    """Something approved that is being published, and nobody at work."""
    key = awaiting(house)
    verbs.approve(house.parts, CURATOR, key)
    verbs.publish(house.parts, OWNER, key)
    return key


def test_deleting_a_draft_of_a_new_version_leaves_the_dataset_with_the_published_work(house):
    key = public(house)
    new = verbs.new_version(house.parts, OWNER, key)
    verbs.submit(house.parts, OWNER, new.id)
    ends(house, new.id, "stopped")
    verbs.step_back(house.parts, OWNER, new.id, "delete")
    ref = house.get(key).parts[0].ref
    with pytest.raises(Conflict, match=f"already published as publication {key}"):
        verbs.create(house.parts, EVE, "folder-doi", ref, submitting=True)


def test_what_was_cancelled_needs_nobodys_attention(house):
    key = publishing(house)
    ends(house, key, "undone", "compare", error=BUG)
    assert house.get(key).health == "needs_attention"
    verbs.step_back(house.parts, OWNER, key, "cancel")
    assert house.get(key).health == "idle"


def test_who_stops_a_parked_run_is_not_published_by_a_retry_of_the_undoing(house):
    key = publishing(house)
    ends(house, key, "parked", "page", error=BUG)
    verbs.stop(house.parts, OWNER, key)
    left = ("page", "reserve.datacite")
    ends(house, key, "parked", "reserve.datacite", error=BUG, cleanup=left)
    verbs.retry(house.parts, OWNER, key)
    assert orders(house, active(house, key)["id"]) == [("undo", list(left))]
    ends(house, key, "parked", "reserve.datacite", error=BUG, cleanup=left[1:])
    verbs.stop(house.parts, OWNER, key)
    assert orders(house, active(house, key)["id"]) == [("undo", list(left[1:]))]


def orders(house, run):
    """What the engine was told to do."""
    rows = house.parts.client._client.list_workflows(workflow_id_prefix=run, load_output=False)
    found = [row.input["args"][0] for row in rows]
    return [(o["mode"], o["steps"]) for o in found]


def test_a_retried_run_that_is_lost_at_once_remembers_that_something_is_public(house):
    key = publishing(house)
    ends(house, key, "parked", "publish.datacite", error=None, after_final=True)
    verbs.retry(house.parts, OWNER, key)
    run = active(house, key)
    assert (run["past_final"], run["position"]) == (True, "publish.datacite")


def test_an_amendment_in_place_of_a_parked_publication_tells_what_that_had_not_told(house):
    key = publishing(house)
    stands_at_confirm(house, key)
    ends(house, key, "parked", "confirm.datacite", error=REFUSED, after_final=True)
    verbs.amend(house.parts, CURATOR, key, RECORD, "typo")
    assert [s["key"] for s in active(house, key)["steps"]][-1] == "report"
    ends(house, key, "done")
    assert house.get(key).health == "idle"
    assert mails(house, key, "published") == [OWNER.email]
    assert mails(house, key, "solved") == mails(house, key, "out_of_sync")


def stands_at_confirm(house, key):
    """As if it had just been made public, for a source that wants a report."""
    call = Call("", key, "freeze", {}, "", 1, False, lambda: False, lambda *_: None)
    actions.freeze(house.parts, call)
    report = Step("report", "Report", do="report", harmless="again changes nothing").as_data()
    run = active(house, key)
    with house.parts.database.write() as connection:
        publications.change(connection, key, state="published", published_at=publications.now())
        runs.change(connection, run["id"], steps=[*run["steps"], report])


def test_solved_is_said_once_and_to_those_who_heard_of_the_trouble(house):
    key = public(house)
    verbs.amend(house.parts, CURATOR, key, RECORD, "typo")
    ends(house, key, "parked", "confirm.datacite", error=REFUSED, after_final=True)
    verbs.retry(house.parts, CURATOR, key)
    ends(house, key, "done")
    assert mails(house, key, "solved") == mails(house, key, "out_of_sync")
    verbs.amend(house.parts, CURATOR, key, RECORD, "another")
    ends(house, key, "done")
    assert mails(house, key, "solved") == mails(house, key, "out_of_sync")


def test_what_is_half_withdrawn_is_not_amended(house):
    key = public(house)
    verbs.withdraw(house.parts, CURATOR, key, "wrong")
    ends(house, key, "parked", "withdraw.datacite", error=BUG, after_final=True)
    with pytest.raises(Conflict):
        verbs.amend(house.parts, CURATOR, key, RECORD, "typo")
    verbs.retry(house.parts, CURATOR, key)


def test_a_cleanup_that_ends_well_does_not_hide_what_must_be_mended(house):
    key = publishing(house)
    ends(house, key, "undone", "page", error=REFUSED, cleanup=("reserve.datacite",))
    assert house.get(key).health == "cleanup_pending"
    ends(house, key, "cleaned")
    now = house.get(key)
    assert (now.state, now.health) == ("changes_requested", "needs_attention")
    assert mails(house, key, "solved") == mails(house, key, "cleanup_pending")


def test_the_next_version_follows_the_newest_one_only(house):
    key = public(house)
    second = verbs.new_version(house.parts, OWNER, key)
    with house.parts.database.write() as connection:
        publications.change(connection, second.id, state="published")
    with pytest.raises(Conflict, match="Version 2"):
        verbs.new_version(house.parts, OWNER, key)
    assert verbs.new_version(house.parts, OWNER, second.id).previous == second.id


def test_two_sweepers_tell_of_one_lost_run_once(house):
    key = house.ask("reviewed").id
    run = active(house, key)["id"]
    together = threading.Barrier(4)

    def end():
        together.wait()
        RunLedger(house.parts).finished(run, Ending("parked", "freeze", BUG))

    threads = [threading.Thread(target=end) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mails(house, key, "failed_before_publication") == [OWNER.email]


def test_stopping_a_parked_take_in_gives_the_dataset_back(house):
    asked = house.ask("reviewed")
    ends(house, asked.id, "parked", "freeze", error=BUG)
    verbs.stop(house.parts, OWNER, asked.id)
    assert house.get(asked.id).state == "draft"
    verbs.create(house.parts, EVE, "reviewed", asked.parts[0].ref, submitting=True)


SAYINGS = {
    "begun": lambda ledger, run: ledger.begun(run, "freeze", 1, undoing=False),
    "ended": lambda ledger, run: ledger.ended(
        run, "freeze", 1, Outcome("later", wait_s=60), undoing=False
    ),
    "finished": lambda ledger, run: ledger.finished(run, Ending("parked", "freeze", BUG)),
}


@pytest.mark.parametrize("saying", SAYINGS)
def test_a_person_and_the_worker_at_once_wait_for_each_other_one_way_only(house, saying):
    key = house.ask("reviewed").id
    run = active(house, key)["id"]
    SAYINGS["ended"](RunLedger(house.parts), run)
    worker = threading.Thread(target=SAYINGS[saying], args=(RunLedger(house.parts), run))
    with house.parts.database.write() as connection:
        publications.get(connection, key, lock=True)
        worker.start()
        if not house.parts.database.is_sqlite:
            until(lambda: blocked(house), "the worker never waits", 10)
        runs.change(connection, run, stop_requested=True)
    worker.join()
    with house.parts.database.read() as connection:
        assert runs.stop_requested(connection, run)


def blocked(house):
    """Whether anybody waits for a lock of another."""
    with house.parts.database.read() as connection:
        waiting = "wait_event_type = 'Lock' AND datname = current_database()"
        query = text(f"SELECT count(*) FROM pg_stat_activity WHERE {waiting}")
        return connection.execute(query).scalar()


def test_a_run_goes_on_although_its_route_has_another_first_target_now(house):
    before = house.dois()
    asked = house.ask()
    words = house.config.read_text()
    table = words[words.index("[targets.datacite]") : words.index("[routes.")]
    more = table.replace("[targets.datacite]", "[targets.newer]")
    words = words.replace('targets = ["datacite"]', 'targets = ["newer"]') + more
    house.config.write_text(words)
    house.serve()
    house.published_once(asked.id, dois_before=before)
