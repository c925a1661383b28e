"""What the source `scicat` tells of datasets, to whom, and what it finds wrong in their lists."""

from __future__ import annotations

import hashlib

import pytest

from catalogues import TIME, file_list, ingest, scicat, source, written
from excudit.domain.errors import Denied, Drifted, Rejected, Unsupported
from excudit.domain.model import LISTED, SERVICE, Actor, Deposit, Outcome
from excudit.domain.problem import blocking
from excudit.metadata import datacite_json
from excudit.sandbox.scicat import SciCatSandbox
from excudit.sandbox.scicat.samples import ALLOY, LIPIDS, OLDER

JANE = Actor("jane", frozenset(), "jane@example.org")
JOHN = Actor("john", frozenset(), "john@example.org")
RICK = Actor("rick", frozenset(), "rick@example.org")
NOBODY = Actor("ada", frozenset(), "ada@example.org")


@pytest.fixture(scope="module")
def sandbox():
    with SciCatSandbox() as running:
        running.load_samples()
        yield running


@pytest.fixture
def svc(sandbox):
    made = scicat(sandbox)
    yield made
    made.close()


def found(made, text, actor):
    return {d.ref for d in made.search(text, actor=actor)}


@pytest.mark.parametrize("people", ["email", "account"])
def test_people_find_and_see_their_own_datasets_only(sandbox, people):
    made = source(sandbox, people=people)
    assert LIPIDS in found(made, "lipid", JANE)
    assert found(made, "lipid", JOHN) == found(made, "lipid", RICK) == set()
    assert found(made, "", JOHN) == {ALLOY}
    assert found(made, "", NOBODY) == set()
    assert made.sees(LIPIDS, actor=JANE)
    assert not made.sees(LIPIDS, actor=JOHN)
    assert not made.sees(LIPIDS, actor=NOBODY)
    assert not made.sees("no/such", actor=JANE)
    made.close()


def test_curators_and_the_service_see_what_our_account_sees(sandbox):
    made = source(sandbox)
    curator = Actor("cuno", frozenset({"curator:scicat-doi"}), "cuno@example.org")
    for actor in (SERVICE, curator):
        assert {LIPIDS, ALLOY} <= found(made, "", actor)
    made.close()


def test_the_best_match_comes_first(svc, sandbox):
    best = ingest(svc, datasetName="Needle")
    ingest(svc, datasetName="A needle in hay", description="needle")
    made = source(sandbox)
    hits = [d.title for d in made.search("needle", actor=SERVICE)]
    assert hits[0] == "Needle"
    assert len(hits) == 2
    assert [d.ref for d in made.search(best, actor=SERVICE)] == [best]
    assert list(made.search(".*", actor=SERVICE)) == [], "a text is no expression"
    made.close()


def test_the_record_says_what_scicat_says_without_mail_addresses(sandbox):
    made = source(sandbox, publisher="Example Facility", publisher_ror="https://ror.org/01hhn8329")
    dataset = made.describe(LIPIDS)
    record = datacite_json.from_rest({**dataset.metadata, "publicationYear": 2026})
    assert record.titles[0].title.startswith("Lipid monolayers")
    assert record.creators[0].family_name == "Doe"
    assert "0000-0002-1825-0097" in record.creators[0].name_identifiers[0].name_identifier
    assert record.rights_list[0].rights_identifier == "CC-BY-4.0"
    assert {d.date_type for d in record.dates} == {"Created", "Collected"}
    assert "x-ray reflectivity" in {s.subject for s in record.subjects}
    assert "Proposal: 20250001." in record.descriptions[1].description
    assert "@" not in str(dataset.metadata)
    assert dataset.owner == "jane@example.org"
    derived = made.describe(ALLOY).metadata
    assert [r["relationType"] for r in derived["relatedIdentifiers"]] == ["IsDerivedFrom"] * 2
    made.close()


def test_faulty_lists_are_told_and_nothing_is_mended(sandbox):
    made = source(sandbox)
    dataset = made.describe(OLDER)
    rules = {n.rule for n in dataset.notes}
    assert rules == {
        "scicat.sum",
        "scicat.twice",
        "scicat.absolute",
        "scicat.folder",
        "scicat.checksum",
        "scicat.repeated-list",
    }
    assert blocking(list(dataset.notes)) == []
    paths = [f.path for f in dataset.files]
    assert paths == sorted(set(paths), key=str.encode)
    assert "some/abs/file.fio" in paths
    assert made.measure(OLDER).files == len(paths)
    assert dataset.facts["scicat"]["repeated"] == 1
    made.close()


def test_a_file_is_bound_by_its_checksum_else_by_all_that_is_said_of_it(svc, sandbox):
    chk = hashlib.sha256(b"x").hexdigest()
    listed = {**file_list({"a": 1}, chk=chk), "chkAlg": "SHA-256"}
    pid = ingest(svc, [listed, file_list({"b": 2})])
    made = source(sandbox)
    before = {f.path: f.sha256 for f in made.describe(pid).files}
    assert before["a"] == chk
    kinds = {f.path: f.media_type for f in made.describe(pid).files}
    assert kinds == {"a": "", "b": LISTED}, "only real checksums are shown as such"
    block = next(b for b in svc.blocks.of(pid) if b.size == 2)
    entry = {"path": "b", "size": 2, "time": TIME.replace("2025", "2024")}
    body = {"size": 2, "dataFileList": [entry]}
    svc.api.call("PATCH", f"/api/v4/origdatablocks/{block.id}", json=body)
    after = {f.path: f.sha256 for f in made.describe(pid).files}
    assert after["a"] == chk
    assert after["b"] != before["b"]
    made.close()


def test_a_path_that_climbs_out_is_listed_nowhere(svc, sandbox):
    pid = ingest(svc, [file_list({"../../etc/passwd": 1, "a/../b": 1, "good": 1})])
    made = source(sandbox)
    dataset = made.describe(pid)
    assert [f.path for f in dataset.files] == ["good"]
    assert "scicat.outside" in {n.rule for n in dataset.notes}
    made.close()


def test_the_revision_changes_with_lists_and_attachments_and_not_with_flags(svc, sandbox):
    pid = ingest(svc, [file_list({"a": 1})])
    made = source(sandbox)
    seen = {made.look(pid).revision}
    assert made.describe(pid).revision in seen
    svc.change_dataset(pid, {"isPublished": True})
    assert made.look(pid).revision in seen
    svc.api.call("POST", "/api/v4/origdatablocks", json={"datasetId": pid, **file_list({"b": 2})})
    seen.add(made.look(pid).revision)
    picture = next(svc.attachments(pid))
    svc.change_attachment(picture["aid"], {"caption": "Another"})
    seen.add(made.look(pid).revision)
    svc.change_dataset(pid, {"comment": "x"})
    seen.add(made.look(pid).revision)
    assert len(seen) == 4
    made.close()


def test_without_a_rule_for_its_folder_no_bytes_are_read(sandbox):
    made = source(sandbox)
    entry = next(iter(made.describe(LIPIDS).files))
    with pytest.raises(Unsupported):
        made.open(LIPIDS, entry)
    made.close()


def test_files_that_are_not_as_listed_are_refused_all_at_once(svc, sandbox, tmp_path):
    md5 = hashlib.md5(b"right").hexdigest()
    listed = {**file_list({"bad": 5, "gone": 3, "short": 9}, chk=md5), "chkAlg": "md5"}
    pid = ingest(svc, [listed], sourceFolder="/site/x")
    written(tmp_path / "x", {"bad": b"wrong", "short": b"s"})
    made = source(sandbox, folders=[{"prefix": "/site", "folder": str(tmp_path)}])
    with pytest.raises(Rejected) as told:
        made.describe(pid)
    assert {p.where for p in told.value.problems} == {"bad", "gone", "short"}
    made.close()


def test_a_dataset_that_changes_while_it_is_read_is_read_again_later(svc, sandbox):
    pid = ingest(svc, [file_list({"a": 1})])
    made = source(sandbox)

    class Meddling:
        def progress(self, done, total, unit):
            svc.change_dataset(pid, {"comment": f"{done}"})

        def stop(self):
            return False

    with pytest.raises(Drifted):
        made.describe(pid, Meddling())
    made.close()


def job(svc, *pids):
    listed = [{"pid": pid, "files": []} for pid in pids]
    body = {"type": "publish", "jobParams": {"datasetList": listed}}
    body |= {"ownerUser": "jane", "ownerGroup": "g", "contactEmail": "jane@example.org"}
    return svc.api.call("POST", "/api/v4/jobs", json=body).value["id"]


def test_jobs_about_one_dataset_are_one_request_and_are_told_once_each(svc, sandbox):
    pid = ingest(svc)
    jobs = [job(svc, pid), job(svc, pid)]
    made = source(sandbox, job_type="publish")
    assert [(r.ref, r.email, r.said) for r in made.requests() if r.ref == pid] == [
        (pid, "jane@example.org", "")
    ]
    for _ in range(2):
        made.show(pid, "In progress.", key="k")
    assert [r.said for r in made.requests() if r.ref == pid] == ["In progress."]
    sandbox.calls.clear()
    copy = Deposit("public", "k", pid, "public", url="https://public.example.org/d")
    outcome = Outcome(True, "10.5072/x", "https://data.example.org/d/1", deposits=(copy,))
    for _ in range(2):
        made.report(pid, outcome, key="k")
    assert len([w for w in sandbox.writes() if w.startswith("PATCH")]) == 2
    for one in jobs:
        told = svc.jobs.get(one)
        assert (told.status, told.result["doi"]) == ("finishedSuccessful", "10.5072/x")
        assert told.result["publicationUrl"] == "https://public.example.org/d"
    assert [r for r in made.requests() if r.ref == pid] == []
    made.close()


def test_a_job_of_several_datasets_ends_with_the_last(svc, sandbox):
    one, two = ingest(svc), ingest(svc)
    asked = job(svc, one, two)
    made = source(sandbox, job_type="publish")
    made.report(one, Outcome(True, "", "https://data.example.org/d/1"), key="k1")
    assert svc.jobs.get(asked).status == "inProgress"
    assert {r.ref for r in made.requests()} >= {two}
    assert one not in {r.ref for r in made.requests()}
    made.report(two, Outcome(False, message="It has no type."), key="k2")
    told = svc.jobs.get(asked)
    assert (told.status, told.message) == (
        "finishedWithDatasetErrors",
        "1 of 2 datasets are published.",
    )
    made.close()


def test_an_account_that_may_not_change_jobs_says_how_to_mend_it(svc, sandbox):
    pid = ingest(svc, accessGroups=["publisher", "nobody"])
    body = {"type": "publish", "jobParams": {"datasetList": [{"pid": pid, "files": []}]}}
    body |= {"ownerUser": "weak", "ownerGroup": "nobody", "contactEmail": "jane@example.org"}
    svc.api.call("POST", "/api/v4/jobs", json=body)
    made = source(sandbox, "weak", job_type="publish")
    with pytest.raises(Denied) as told:
        made.report(pid, Outcome(True), key="k")
    assert "UPDATE_JOB_PRIVILEGED_GROUPS" in told.value.hint
    made.close()


def test_the_doctor_finds_a_wrong_account_and_missing_rights(sandbox):
    assert list(source(sandbox, people="account", job_type="publish").probe()) == []
    assert [p.where for p in source(sandbox, "weak", people="account").probe()] == ["/people"]
    lost = source(sandbox, password={"env": "NO_SUCH_VARIABLE"})
    assert [p.where for p in lost.probe()] == ["/username"]
