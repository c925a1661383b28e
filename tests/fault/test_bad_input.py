"""Bad input and bad luck: a clear error with what to do, nothing lost, and a way on."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading

import pytest

from excudit.domain.errors import Conflict, Denied, NotFound, Rejected, Unavailable
from excudit.service import queries, verbs
from excudit.store import migrate
from excudit.store.database import Database
from house import CURATOR, OWNER, RECORD, House
from registries import OTHER

STAYS = """
[routes.stays]
source = "folders"
targets = ["datacite"]
review = "auto"
on_refusal = "stay"
"""


def error_of(house, key):
    """The error of the last run, as people see it."""
    return house.detail(key)["run"]["error"]


def test_broken_metadata_come_back_with_all_problems_and_go_out_once_mended(house):
    before = house.dois()
    house.serve()
    place = house.dataset()
    (place / "datacite.json").write_text('{"titles": [{"title": "A"}], "publicationYear": "soon"')
    asked = verbs.create(house.parts, OWNER, "folder-doi", str(place), submitting=True)
    now = house.still(asked.id)
    assert (now.state, now.health) == ("changes_requested", "needs_attention")
    problems = error_of(house, asked.id)["problems"]
    assert {"line", "message"} <= set(problems[0])
    assert {"/creators", "/publisher"} <= {p.get("where") for p in problems}
    assert house.subjects(asked.id) == [f"Changes needed: {now.title}"]
    (place / "datacite.json").write_text(json.dumps(RECORD))
    verbs.submit(house.parts, OWNER, asked.id)
    house.published_once(asked.id, dois_before=before)


def test_a_folder_that_vanishes_after_its_approval_is_asked_for_by_name(house):
    before = house.dois()
    house.serve()
    asked = house.ask("reviewed")
    place = house.get(asked.id).parts[0].ref
    house.settled(asked.id, "idle")
    shutil.move(place, place + "-away")
    verbs.approve(house.parts, CURATOR, asked.id)
    verbs.publish(house.parts, CURATOR, asked.id)
    now = house.still(asked.id)
    assert (now.state, now.health) == ("approved", "needs_attention")
    assert place in error_of(house, asked.id)["message"]
    shutil.move(place + "-away", place)
    verbs.publish(house.parts, CURATOR, asked.id)
    house.published_once(asked.id, dois_before=before)


def test_what_changed_after_its_approval_goes_back_with_a_diff_and_no_doi(house):
    before = house.dois()
    house.serve()
    asked = house.ask("reviewed")
    house.settled(asked.id, "idle")
    place = house.folder / f"cruise-{house.made}"
    (place / "data" / "co2.csv").write_text("time,co2\n1,999.9\n")
    (place / "new.txt").write_text("late")
    verbs.approve(house.parts, CURATOR, asked.id)
    verbs.publish(house.parts, CURATOR, asked.id)
    now = house.still(asked.id)
    assert now.state == "changes_requested"
    changed = {p["where"] for p in error_of(house, asked.id)["problems"]}
    assert changed == {"data/co2.csv", "new.txt"}
    assert house.dois() == before
    verbs.submit(house.parts, OWNER, asked.id)
    house.settled(asked.id, "idle")
    verbs.approve(house.parts, CURATOR, asked.id)
    verbs.publish(house.parts, CURATOR, asked.id)
    house.published_once(asked.id, dois_before=before)


def test_a_read_only_folder_is_published_like_any_other(house):
    before = house.dois()
    house.serve()
    place = house.dataset()
    for folder in (place / "data", place):
        folder.chmod(0o555)
    asked = verbs.create(house.parts, OWNER, "folder-doi", str(place), submitting=True)
    house.published_once(asked.id, dois_before=before)
    place.chmod(0o755)
    (place / "data").chmod(0o755)


def test_a_wrong_password_is_told_to_whoever_can_mend_it_and_nothing_is_lost(house):
    before = house.dois()
    password = (house.folder / "password").read_text()
    guess = "not-the-one-7351"
    (house.folder / "password").write_text(guess)
    house.serve()
    asked = house.ask()
    now = house.still(asked.id)
    assert (now.state, now.health) == ("approved", "needs_attention")
    error = error_of(house, asked.id)
    assert error["kind"] == "Denied"
    assert "Bad credentials" in error["remote"]
    assert "password" in error["hint"]
    (step,) = [s for s in house.detail(asked.id)["run"]["steps"] if s["key"] == "reserve.datacite"]
    assert (step["status"], step["error"]["kind"]) == ("undone", "Denied")
    assert guess not in json.dumps(house.detail(asked.id), default=str)
    (house.folder / "password").write_text(password)
    verbs.publish(house.parts, OWNER, asked.id)
    house.published_once(asked.id, dois_before=before)


def test_of_two_submits_of_one_folder_at_once_one_is_told_of_the_other(house):
    before = house.dois()
    house.serve()
    place, start = house.dataset(), threading.Barrier(2)
    made, refused = [], []

    def submit():
        start.wait()
        try:
            made.append(verbs.create(house.parts, OWNER, "folder-doi", str(place), submitting=True))
        except Conflict as error:
            refused.append(error)

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), len(refused)) == (1, 1)
    assert made[0].id in refused[0].message
    assert len(queries.listing(house.parts, CURATOR)) == 1
    house.published_once(made[0].id, dois_before=before)
    with pytest.raises(Conflict, match="already published") as again:
        verbs.create(house.parts, OWNER, "folder-doi", str(place), submitting=True)
    assert "new-version" in again.value.hint


def test_a_registry_that_refuses_the_record_is_quoted_word_for_word(house):
    house.serve()
    house.desk.fault("throttle", method="POST", retry_after="0")
    before = house.dois()
    asked = house.ask()
    house.published_once(asked.id, dois_before=before)
    (attempt,) = [
        s for s in house.detail(asked.id)["run"]["steps"] if s["key"] == "reserve.datacite"
    ]
    assert attempt["attempts"] == 2


def test_an_unknown_route_or_folder_names_what_there_is(house):
    with pytest.raises(NotFound) as error:
        verbs.create(house.parts, OWNER, "no-such", str(house.dataset()))
    assert "folder-doi" in error.value.hint
    with pytest.raises((NotFound, Denied)):
        verbs.create(house.parts, OWNER, "folder-doi", str(house.folder / "nowhere"))
    with pytest.raises((NotFound, Denied)):
        verbs.create(house.parts, OWNER, "folder-doi", "/etc")


def test_an_amendment_with_problems_changes_nothing(house):
    asked = house.published()
    bad = {**house.detail(asked.id)["record"], "publicationYear": 99999, "titles": []}
    with pytest.raises(Rejected) as error:
        verbs.amend(house.parts, CURATOR, asked.id, bad, "a reason")
    assert len(error.value.problems) >= 2
    now = house.get(asked.id)
    assert (now.state, now.health) == ("published", "idle")
    assert house.detail(asked.id)["record"]["titles"]


def test_a_run_that_the_engine_gave_up_stands_still_and_tells_and_can_go_back(pageless_house):
    house, before = pageless_house, pageless_house.dois()
    house.serve()
    asked = house.waits_at_its_page()
    house.stop()
    schema = "" if house.parts.database.is_sqlite else "dbos."
    with house.parts.database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE {schema}workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' "
            "WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')"
        )
    house.serve()
    now = house.settled(asked.id, "needs_attention")
    assert now.state == "publishing"
    assert "worker's log" in error_of(house, asked.id)["hint"]
    assert "Publication stopped" in house.subjects(asked.id)[-1]
    verbs.stop(house.parts, CURATOR, asked.id)
    house.nothing_left(asked.id, dois_before=before)


def test_an_approved_request_can_be_taken_back_mended_and_published(house):
    before = house.dois()
    house.serve()
    asked = house.ask("reviewed")
    house.settled(asked.id, "idle")
    verbs.approve(house.parts, CURATOR, asked.id)
    assert verbs.step_back(house.parts, OWNER, asked.id, "recall").state == "draft"
    verbs.edit(house.parts, OWNER, asked.id, {**RECORD, "version": "0.9"})
    verbs.submit(house.parts, OWNER, asked.id)
    house.settled(asked.id, "idle")
    verbs.approve(house.parts, CURATOR, asked.id)
    verbs.publish(house.parts, CURATOR, asked.id)
    house.published_once(asked.id, dois_before=before)
    assert house.at_registry(asked.id)["version"] == "0.9"


def test_a_refusal_to_publish_is_quoted_and_can_be_undone(
    tmp_path, database_url, registry, mailbox
):
    # This account's landing pages must be at example.org; ours are on loopback.
    house = House(tmp_path / "house", database_url, registry, mailbox, account=OTHER, more=STAYS)
    before = house.dois()
    house.serve()
    asked = house.ask("stays")
    now = house.still(asked.id)
    assert (now.state, now.health) == ("publishing", "needs_attention")
    error = error_of(house, asked.id)
    assert "is not allowed by repository DEMO.OTHER domain settings" in json.dumps(error)
    assert house.marked(asked.id) == ["draft"]
    verbs.stop(house.parts, CURATOR, asked.id)
    house.nothing_left(asked.id, dois_before=before)
    house.close()


def test_a_refusal_to_publish_removes_the_draft_where_the_route_does_not_keep_it(
    tmp_path, registry, mailbox
):
    house = House(tmp_path / "house", "sqlite", registry, mailbox, account=OTHER)
    before = house.dois()
    house.serve()
    asked = house.ask()
    now = house.still(asked.id)
    assert (now.state, now.health) == ("changes_requested", "needs_attention")
    told = json.dumps(error_of(house, asked.id))
    assert "is not allowed by repository DEMO.OTHER domain settings" in told
    house.nothing_left(asked.id, dois_before=before)
    house.close()


def test_what_is_public_can_be_amended_although_a_run_of_it_stands_still(house):
    asked = house.published()
    house.desk.put(house.detail(asked.id)["doi"], identifiers=[])  # our mark is gone
    record = {**house.detail(asked.id)["record"], "version": "2"}
    verbs.amend(house.parts, CURATOR, asked.id, record, "a reason")
    now = house.settled(asked.id, "out_of_sync")
    assert now.state == "published"
    assert "record incomplete" in house.subjects(asked.id)[-1]
    mark = [{"identifier": asked.id, "identifierType": "excudit"}]
    house.desk.put(house.detail(asked.id)["doi"], identifiers=mark)
    verbs.amend(house.parts, CURATOR, asked.id, {**record, "version": "3"}, "again")
    house.settled(asked.id, "idle")
    assert house.at_registry(asked.id)["version"] == "3"


class TestSQLite:
    """A database that is locked, full, read-only, or was never set up."""

    @pytest.fixture
    def database(self, tmp_path):
        made = Database(f"sqlite:///{tmp_path}/excudit.db", patience_s=0.2)
        migrate.upgrade(made)
        yield made
        made.close()

    def write(self, database, text="x"):
        with database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO users (name, email, roles, created_at) VALUES (?, '', '[]', '2026')",
                (text,),
            )

    def test_locked_by_another_program(self, database, tmp_path):
        other = sqlite3.connect(tmp_path / "excudit.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked") as error:
            self.write(database)
        assert "backup" in error.value.hint
        other.execute("ROLLBACK")
        self.write(database)

    def fill(self, database, pages):
        """Write until a database of so many pages has no room."""
        rows = [(f"{i} " + "x" * 150,) for i in range(5000)]
        with database.write() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            connection.exec_driver_sql(
                "INSERT INTO users (name, email, roles, created_at) VALUES (?, '', '[]', '2026')",
                rows,
            )

    def test_full(self, database):
        with database.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        with pytest.raises(Unavailable, match="full") as error:
            self.fill(database, pages)
        assert "space" in error.value.hint

    def test_read_only(self, database, tmp_path):
        frozen = Database(f"sqlite:///file:{tmp_path}/excudit.db?mode=ro&uri=true")
        with pytest.raises(Denied, match="cannot be written") as error:
            self.write(frozen)
        assert "permission" in error.value.hint
        frozen.close()

    def test_never_set_up(self, tmp_path):
        fresh = Database(f"sqlite:///{tmp_path}/other.db")
        with pytest.raises(Rejected, match="not been set up") as error:
            self.write(fresh)
        assert "excudit init" in error.value.hint
        fresh.close()


def test_a_postgresql_that_is_down_is_told_without_its_password():
    gone = Database("postgresql+psycopg://ada:secret-word@127.0.0.1:9/excudit")
    with pytest.raises(Unavailable) as error, gone.read():
        pass
    assert "secret-word" not in str(error.value.as_data())
    gone.close()
