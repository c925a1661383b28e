"""What the store promises: one holder, one run, one mail, streams."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from excudit.domain.errors import Conflict, NotFound
from excudit.domain.model import Deposit, FileEntry
from excudit.store import deposits, events, mails, migrate, publications, runs, snapshots, users
from excudit.store.database import Database


@pytest.fixture
def database(database_url):
    found = Database(database_url)
    migrate.upgrade(found)
    yield found
    found.close()


def test_one_work_holds_a_dataset_and_the_other_is_told_who(database, add_publication):
    first, second = add_publication(database), add_publication(database)
    with database.write() as connection:
        publications.claim(connection, publications.get(connection, first))
        publications.claim(connection, publications.get(connection, first))
    with pytest.raises(Conflict, match=first), database.write() as connection:
        publications.claim(connection, publications.get(connection, second))


def test_a_stranger_is_not_told_what_others_prepare(database, add_publication):
    first, second = add_publication(database), add_publication(database, owner="bob")
    with database.write() as connection:
        publications.claim(connection, publications.get(connection, first))
    with pytest.raises(Conflict, match="somebody else") as error, database.write() as connection:
        publications.claim(connection, publications.get(connection, second))
    assert first not in error.value.message + error.value.hint
    assert "A title" not in error.value.message


def test_of_many_who_claim_at_once_exactly_one_wins(database, add_publication):
    keys = [add_publication(database) for _ in range(8)]
    start, won, lost = threading.Barrier(8), [], []

    def claim(key):
        start.wait()
        try:
            with database.write() as connection:
                publications.claim(connection, publications.get(connection, key))
            won.append(key)
        except Conflict:
            lost.append(key)

    threads = [threading.Thread(target=claim, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)


def test_a_cancelled_work_gives_its_dataset_back_but_a_published_one_keeps_it(
    database, add_publication
):
    first, second = add_publication(database), add_publication(database)
    with database.write() as connection:
        held = publications.get(connection, first)
        publications.claim(connection, held)
        publications.unclaim(connection, held)
        publications.claim(connection, publications.get(connection, second))
        publications.change(connection, second, published_at=publications.now(), state="published")
        publications.unclaim(connection, publications.get(connection, second))
    with pytest.raises(Conflict, match="already published"), database.write() as connection:
        publications.claim(connection, publications.get(connection, first))


def test_a_publication_has_one_active_run(database, add_publication):
    key = add_publication(database)
    with database.write() as connection:
        first = runs.begin(connection, key, "publish", [], actor="ada")
    with pytest.raises(Conflict, match="under way"), database.write() as connection:
        runs.begin(connection, key, "publish", [], actor="ada")
    with database.write() as connection:
        runs.change(connection, first, status="done", ended_at=publications.now())
        assert runs.begin(connection, key, "publish", [], actor="ada") != first


def test_the_first_chosen_doi_stays_and_no_two_works_share_one(database, add_publication):
    first, second = add_publication(database), add_publication(database)
    with database.write() as connection:
        assert deposits.choose_doi(connection, first, "datacite", "10.1234/AA") == "10.1234/aa"
        assert deposits.choose_doi(connection, first, "datacite", "10.1234/bb") == "10.1234/aa"
    with pytest.raises(Exception, match=r"(?i)unique"), database.write() as connection:
        deposits.choose_doi(connection, second, "datacite", "10.1234/aa")


def test_a_name_is_asked_for_the_first_time_only_once(database, add_publication):
    key = add_publication(database)
    with database.write() as connection:
        deposits.choose_doi(connection, key, "datacite", "10.1234/aa")
        assert deposits.first_ask(connection, key, "datacite")
    with database.write() as connection:
        assert not deposits.first_ask(connection, key, "datacite")
        deposits.forget(connection, key, "datacite")
        assert deposits.first_ask(connection, key, "datacite")


def test_a_foreign_name_is_never_tried_again(database, add_publication):
    key = add_publication(database)
    with database.write() as connection:
        deposits.choose_doi(connection, key, "datacite", "10.1234/aa")
        deposits.give_up_doi(connection, "10.1234/AA")
        assert deposits.choose_doi(connection, key, "datacite", "10.1234/bb") == "10.1234/bb"
        assert deposits.doi_of(connection, key) == "10.1234/bb"


def test_a_deposit_is_written_down_and_found_with_what_it_remembers(database, add_publication):
    key = add_publication(database)
    deposit = Deposit("zenodo", key, "17", "draft", data={"hash": "ab"})
    with database.write() as connection:
        deposits.save(connection, key, deposit)
        deposits.save(connection, key, deposit)
        assert deposits.of(connection, key) == [deposit]


def test_a_snapshot_streams_its_files_in_order(database, add_publication):
    key = add_publication(database)
    count = snapshots.BATCH * 2 + 3
    entries = [FileEntry(f"f{i:06}", i, "ab" * 32) for i in range(count)]
    frozen = snapshots.freeze(
        database, key, source="s", ref="r", revision="1", record={"a": 1}, files=iter(entries)
    )
    assert (frozen.files, frozen.bytes) == (count, sum(range(count)))
    stored = snapshots.StoredFiles(database, frozen)
    assert list(stored) == entries
    assert len(stored) == count
    with database.write() as connection:
        again = snapshots.refreeze(connection, frozen, {"a": 2})
    assert list(snapshots.StoredFiles(database, again)) == entries
    assert again.digest != frozen.digest
    assert again.manifest_digest == frozen.manifest_digest


def test_half_a_snapshot_is_swept_away_by_the_next(database, add_publication):
    key = add_publication(database)

    def broken():
        yield FileEntry("a", 1, "ab" * 32)
        raise OSError("disk gone")

    what = {"source": "s", "ref": "r", "revision": "1", "record": {}}
    with pytest.raises(OSError, match="disk gone"):
        snapshots.freeze(database, key, files=broken(), **what)
    kept = snapshots.freeze(database, key, files=[FileEntry("a", 1, "ab" * 32)], **what)
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT id FROM snapshots").scalars().all()
    assert rows == [kept.id]


def test_one_mail_per_event_and_recipient(database, add_publication):
    key = add_publication(database)
    words = {"kind": "published", "subject": "s", "text": "t", "html": "h"}
    with database.write() as connection:
        event = events.append(connection, key, actor="ada", action="published")
        for recipient in ("a@example.org", "a@example.org", "b@example.org"):
            mails.add(connection, event, recipient=recipient, **words)
    moment = publications.now() + timedelta(seconds=1)
    with database.write() as connection:
        assert len(mails.take_due(connection, moment, 10)) == 2
        assert mails.take_due(connection, moment, 10) == []


def test_tokens_open_the_door_until_they_are_revoked_or_expire(database):
    with database.write() as connection:
        users.put(connection, "ada", email="", roles=["curator"])
        key, token = users.issue_token(connection, "ada", "test", None)
        past = publications.now() - timedelta(days=1)
        _, expired = users.issue_token(connection, "ada", "old", past)
        with pytest.raises(NotFound):
            users.issue_token(connection, "nobody", "test", None)
    with database.write() as connection:
        assert users.holder(connection, token).roles == {"curator"}
        assert users.holder(connection, expired) is None
        assert users.holder(connection, token + "x") is None
        users.revoke(connection, key)
        assert users.holder(connection, token) is None
        assert token not in str(users.tokens(connection))


def test_lists_are_paged_without_loss_or_repeat(database, add_publication):
    keys = {add_publication(database) for _ in range(25)}
    seen, after = [], None
    with database.read() as connection:
        while page := publications.listing(connection, after=after, limit=7):
            seen += [p.id for p in page]
            after = (page[-1].updated_at, page[-1].id)
    assert len(seen) == 25
    assert set(seen) == keys
