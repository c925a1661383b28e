"""The odd answers of InvenioRDM and Zenodo, each met by the target and come to a right end."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from excudit.domain.errors import (
    Conflict,
    Denied,
    NeedsPerson,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
from excudit.domain.model import Deposit, FileEntry, Snapshot, Tombstone
from excudit.sandbox.invenio import OTHER_TOKEN, WEAK_TOKEN, Invenio
from excudit.targets.invenio import InvenioSettings, InvenioTarget
from repositories import CONTENTS, TOKEN, VARIABLE, deposit_snapshot, opened


def filled(target: InvenioTarget, snapshot: Snapshot, **how: Any) -> Deposit:
    deposit = target.reserve(snapshot, key=snapshot.key, **how)
    for file in snapshot.files:
        target.put(deposit, file, opened(file))
    return deposit


def published(target: InvenioTarget, snapshot: Snapshot) -> Deposit:
    return target.publish(filled(target, snapshot), snapshot)


def test_a_draft_saved_with_errors_is_a_failure_with_all_of_them(rdm, make):
    target = make(rdm)
    bad = deposit_snapshot(titles=[{"title": "x"}], dates=[{"date": "soon", "dateType": "Issued"}])
    with pytest.raises(Rejected) as refused:
        target.reserve(bad, key=bad.key)
    places = {p.where for p in refused.value.problems}
    assert {"/titles/0/title", "/publicationYear"} <= places


def test_a_doi_reserved_before_is_taken_as_it_is(rdm, make):
    target, snapshot = make(rdm), deposit_snapshot()
    rdm.fault("lose-reply", method="POST", path="pids/doi")
    with pytest.raises(Uncertain):
        target.reserve(snapshot, key=snapshot.key)
    found = target.find(snapshot)
    assert found is not None
    assert target.amend(found, snapshot).doi == f"10.1234/{found.remote_id}"


def test_a_complete_equal_file_is_not_sent_again(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    deposit = filled(target, snapshot)
    sent = sandbox.calls("PUT", "/content") + sandbox.calls("PUT", "/a.csv")
    for file in snapshot.files:
        assert target.put(deposit, file, opened(file)).checksum.startswith("md5:")
    assert sandbox.calls("PUT", "/content") + sandbox.calls("PUT", "/a.csv") == sent


@pytest.mark.parametrize("fault", ["lose-reply", "500-after-commit", "500-before", "short-file",
                                   "checksum-flip", "504-html-after-commit"])  # fmt: skip
def test_a_file_that_did_not_arrive_is_whole_after_the_next_attempt(sandbox, make, fault):
    target, snapshot = make(sandbox), deposit_snapshot()
    deposit = target.reserve(snapshot, key=snapshot.key)
    file = snapshot.files[0]
    sandbox.fault(fault, method="PUT")
    with pytest.raises(Uncertain):
        target.put(deposit, file, opened(file))
    target.put(deposit, file, opened(file))
    assert sandbox.records[0]["files"][file.path]["size"] == file.size


def test_a_commit_without_an_answer_is_looked_at(rdm, make):
    target, snapshot = make(rdm), deposit_snapshot()
    deposit = target.reserve(snapshot, key=snapshot.key)
    rdm.fault("500-after-commit", method="POST", path="commit")
    file = snapshot.files[0]
    with pytest.raises(Uncertain):
        target.put(deposit, file, opened(file))
    target.put(deposit, file, opened(file))
    assert rdm.calls("PUT", "/content") == 1


def test_a_file_goes_in_parts_where_they_are_taken(rdm, make):
    content = b"0123456789" * 250_000
    snapshot = deposit_snapshot({"m.bin": content})
    target = make(rdm, multipart_above_mb=1, part_mb=1)
    deposit = target.reserve(snapshot, key=snapshot.key)
    target.put(deposit, snapshot.files[0], io.BytesIO(content))
    assert [rdm.calls("PUT", f"/content/{n}") for n in (1, 2, 3)] == [1, 1, 1]
    assert rdm.records[0]["files"]["m.bin"]["size"] == len(content)


def test_a_file_goes_in_one_piece_where_parts_are_not_taken(rdm, make):
    content = b"0123456789" * 250_000
    snapshot = deposit_snapshot({"m.bin": content})
    target = make(rdm, multipart_above_mb=1, part_mb=1)
    rdm.fault("no-multipart")
    deposit = target.reserve(snapshot, key=snapshot.key)
    target.put(deposit, snapshot.files[0], io.BytesIO(content))
    assert rdm.calls("PUT", "/content") == 1


def test_a_file_that_is_not_ours_to_publish_is_removed(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    deposit = filled(target, snapshot)
    target.put(deposit, FileEntry("stray.txt", 3), io.BytesIO(b"abc"))
    target.publish(deposit, snapshot)
    assert sorted(sandbox.records[0]["files"]) == sorted(CONTENTS)


def test_bytes_changed_behind_our_back_are_not_published(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    deposit = target.reserve(snapshot, key=snapshot.key)
    told = {f.path: target.put(deposit, f, opened(f)).checksum for f in snapshot.files}
    first = snapshot.files[0]
    target.put(deposit, first, io.BytesIO(b"z" * first.size))
    with pytest.raises(Rejected, match="approved"):
        target.publish(replace(deposit, data={**deposit.data, "receipts": told}), snapshot)
    assert sandbox.records[0]["state"] == "draft"


@pytest.mark.parametrize("fault", ["lose-reply", "500-after-commit", "504-html-after-commit"])
def test_published_without_an_answer_is_seen_and_not_done_again(sandbox, make, fault):
    target, snapshot = make(sandbox), deposit_snapshot()
    deposit = filled(target, snapshot)
    sandbox.fault(fault, method="POST", path="publish")
    with pytest.raises(Uncertain):
        target.publish(deposit, snapshot)
    again = target.publish(deposit, snapshot)
    assert (again.state, again.doi_state) == ("published", "findable")
    assert sandbox.calls("POST", "actions/publish") == 1


def test_while_a_publication_may_still_happen_it_only_looks(sandbox, make):
    target, snapshot = make(sandbox, publish_lag_s=600), deposit_snapshot()
    deposit = filled(target, snapshot)
    sandbox.fault("500-before", method="POST", path="publish")
    with pytest.raises(Uncertain):
        target.publish(deposit, snapshot)
    calls = sandbox.calls("POST", "actions/publish")
    sent = replace(deposit, data={**deposit.data, "sent_at": time.time()})
    with pytest.raises(Uncertain, match="draft still"):
        target.publish(sent, snapshot)
    assert sandbox.calls("POST", "actions/publish") == calls


def test_published_with_a_pending_doi_is_a_state_of_its_own(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    sandbox.fault("doi-never")
    deposit = published(target, snapshot)
    assert (deposit.state, deposit.doi_state) == ("published, DOI pending", "draft")
    with pytest.raises(Unavailable, match="pending"):
        target.confirm(deposit, snapshot)
    sandbox.switches.clear()
    assert list(target.confirm(deposit, snapshot)) == []


def test_the_doi_that_zenodo_foresees_is_not_taken_for_the_real_one(zenodo, make):
    target, snapshot = make(zenodo), deposit_snapshot()
    draft = target.reserve(snapshot, key=snapshot.key)
    assert (draft.doi, draft.data["foreseen"]) == ("", f"10.5281/zenodo.{draft.remote_id}")
    for file in snapshot.files:
        target.put(draft, file, opened(file))
    assert target.publish(draft, snapshot).doi == f"10.5072/zenodo.{draft.remote_id}"


def test_the_next_version_is_one_draft_of_the_same_concept(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    first = published(target, snapshot)
    second = deposit_snapshot({"b.csv": b"new\n"}, version="2.0")
    for _ in range(2):
        draft = target.reserve(second, key=second.key, previous=first)
    target.put(draft, second.files[0], io.BytesIO(b"new\n"))
    after = target.publish(draft, second)
    assert after.data["concept_doi"] == first.data["concept_doi"]
    assert after.doi != first.doi
    assert [sorted(r["files"]) for r in sandbox.records] == [["b.csv"], sorted(CONTENTS)]
    assert list(target.confirm(first, snapshot)) == []


def test_of_two_drafts_with_our_mark_the_one_with_files_is_kept(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    full = filled(target, snapshot)
    target.reserve(snapshot, key=snapshot.key)
    found = target.find(snapshot)
    assert found is not None
    assert found.remote_id == full.remote_id
    target.amend(found, snapshot)
    assert [r["id"] for r in sandbox.records] == [full.remote_id]


def test_a_community_is_asked_once_and_the_record_is_public_when_it_accepted(rdm, make):
    target, snapshot = make(rdm, community="ocean"), deposit_snapshot()
    deposit = filled(target, snapshot)
    for _ in range(2):
        with pytest.raises(NeedsPerson, match="accepted"):
            target.publish(deposit, snapshot)
    assert rdm.calls("POST", "submit-review") == 1
    asked = rdm.records[0]["review"]
    rdm.desk.records.publish(None, deposit.remote_id, accepted=True)
    assert asked
    assert target.publish(deposit, snapshot).state == "published"


def test_an_open_review_is_cancelled_before_the_draft_is_deleted(rdm, make):
    target, snapshot = make(rdm, community="ocean"), deposit_snapshot()
    deposit = filled(target, snapshot)
    with pytest.raises(NeedsPerson):
        target.publish(deposit, snapshot)
    target.discard(deposit)
    assert rdm.records == []
    target.discard(deposit)


def test_a_deletion_that_fails_is_told_and_done_the_next_time(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    deposit = target.reserve(snapshot, key=snapshot.key)
    sandbox.fault("delete-fails")
    with pytest.raises(Uncertain):
        target.discard(deposit)
    target.discard(deposit)
    assert sandbox.records == []


def test_who_owns_a_record_must_ask_its_keepers_to_remove_it(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    deposit = published(target, snapshot)
    with pytest.raises(NeedsPerson, match="removed"):
        target.withdraw(deposit, snapshot, Tombstone("Wrong.", date(2026, 1, 1), "https://x.org"))


@pytest.mark.parametrize("token", [WEAK_TOKEN, "nobody's"])
def test_a_token_without_rights_is_denied(sandbox, make, monkeypatch, token):
    target, snapshot = make(sandbox), deposit_snapshot()
    monkeypatch.setenv(VARIABLE, token)
    with pytest.raises(Denied):
        target.reserve(snapshot, key=snapshot.key)


def test_the_draft_of_another_user_is_not_ours(sandbox, make, monkeypatch):
    target, snapshot = make(sandbox), deposit_snapshot()
    deposit = target.reserve(snapshot, key=snapshot.key)
    monkeypatch.setenv(VARIABLE, OTHER_TOKEN)
    assert target.find(snapshot) is None
    with pytest.raises(Denied):
        target.publish(deposit, snapshot)
    monkeypatch.setenv(VARIABLE, TOKEN)
    with pytest.raises(Conflict):
        target.publish(deposit, deposit_snapshot())


def test_429_waits_as_long_as_it_says_and_other_answers_retry_after_is_not_obeyed(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    sandbox.fault("429", retry_after="7")
    with pytest.raises(RateLimited) as limited:
        target.find(snapshot)
    assert limited.value.delay_s == 7
    assert target.find(snapshot) is None


def test_an_almost_empty_window_slows_us_down(sandbox, make):
    target, snapshot = make(sandbox), deposit_snapshot()
    sandbox.desk.remaining, sandbox.desk.reset_s = 0, 300.0
    target.find(snapshot)
    with pytest.raises(RateLimited, match="rate limit"):
        target.find(snapshot)


def test_a_link_that_leads_elsewhere_is_not_followed(rdm, make):
    target = make(rdm)
    with pytest.raises(Conflict, match="leads elsewhere"):
        target._api.call("GET", "https://elsewhere.example.org/api/records")


def test_a_record_too_large_or_without_a_licence_is_told_before_anything_begins(rdm, make):
    target = make(rdm, max_files=1, max_gb=0.000_000_1)
    snapshot = deposit_snapshot(rightsList=[])
    rules = {p.rule for p in target.check(snapshot)}
    assert rules == {"invenio.files", "invenio.bytes", "invenio.licence"}


def test_a_community_needs_the_records_api():
    with pytest.raises(ValueError, match="rdm"):
        InvenioSettings.model_validate(
            {"token": {"env": "X"}, "dialect": "zenodo-legacy", "community": "ocean"}
        )


def test_what_is_kept_survives_the_sandbox(tmp_path, make):
    snapshot = deposit_snapshot()
    with Invenio(tmp_path / "state.db", token=TOKEN) as first:
        port = first.port
        published(make(first), snapshot)
    with Invenio(tmp_path / "state.db", port=port, token=TOKEN) as second:
        found = make(second).find(snapshot)
    assert found is not None
    assert found.state == "published"
