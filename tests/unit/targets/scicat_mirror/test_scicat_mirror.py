"""What the mirror does at the public SciCat, and what it never touches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from catalogues import file_list, scicat
from excudit.domain.errors import Conflict, Drifted, Retryable, Uncertain
from excudit.domain.model import Tombstone
from excudit.domain.problem import blocking
from excudit.sandbox.scicat import SciCatSandbox
from excudit.scicat.blocks import Block
from excudit.targets.scicat_mirror import lists
from excudit.targets.scicat_mirror.mapping import changes
from mirrors import LISTS, described, frozen, mirror, original


class Patient:
    def progress(self, done, total, unit): ...

    def stop(self):
        return False


@pytest.fixture(scope="module")
def private():
    with SciCatSandbox() as running:
        yield running


@pytest.fixture
def public():
    with SciCatSandbox(public=True) as running:
        yield running


@pytest.fixture
def target(private, public):
    made = mirror(private, public)
    yield made
    made.close()


def published(target, snapshot, previous=None):
    draft = target.reserve(snapshot, key=snapshot.key, previous=previous)
    return target.publish(target.fill(draft, snapshot, Patient()), snapshot)


def writes(sandbox):
    return [w for w in sandbox.writes() if not w.endswith("/auth/login")]


def test_the_copy_has_the_same_pid_its_own_groups_and_its_provenance(private, public, target):
    pid = original(private, sharedWith=["rick@example.org"], instrumentGroup="p00-staff")
    snapshot = frozen(described(private, pid), doi="10.5072/abcd")
    published(target, snapshot)
    (row,) = public.rows("dataset")
    assert row["pid"] == pid
    assert row["accessGroups"] == ["public-p00"]
    assert row["sourceFolder"] == "/public/p00/2025/data/9"
    assert not row.get("sharedWith")
    assert "instrumentGroup" not in row
    assert row["inputDatasets"] == ["20.500.12345/one", "20.500.12345/two"]
    assert row["scientificMetadata"]["energy"]["value"] == 18
    origin, doi = row["relationships"]
    assert origin["identifier"].startswith(private.url)
    assert origin["externalId"] == f"urn:uuid:{snapshot.key}"
    assert doi["identifier"] == "https://doi.org/10.5072/abcd"
    assert (row["size"], row["numberOfFiles"]) == (36_073_764, 3)
    assert {b["ownerGroup"] for b in public.rows("block")} == {"p20250001"}
    assert [a["aid"].startswith("excudit-") for a in public.rows("attachment")] == [True]


def test_the_approved_title_goes_along_unless_the_site_wants_the_originals(private, public):
    pid = original(private)
    snapshot = frozen(described(private, pid))
    first, *others = snapshot.record.titles
    titles = (first.model_copy(update={"title": "As approved"}), *others)
    snapshot = replace(snapshot, record=snapshot.record.model_copy(update={"titles": titles}))
    made = mirror(private, public, curated=False)
    published(made, snapshot)
    assert public.rows("dataset")[0]["datasetName"] == "Drift buoys in the Skagerrak"
    made.close()
    curated = mirror(private, public)
    deposit = curated.find(snapshot)
    curated.amend(deposit, snapshot)
    assert public.rows("dataset")[0]["datasetName"] == "As approved"
    curated.close()


def test_a_dataset_that_excudit_did_not_make_is_never_touched(private, public, target):
    pid = original(private)
    snapshot = frozen(described(private, pid))
    other = scicat(public)
    row = {k: v for k, v in snapshot.facts["scicat"]["dataset"].items() if k != "relationships"}
    other.create_dataset({**row, "datasetName": "Somebody's own"})
    other.close()
    assert [p.rule for p in blocking(list(target.check(snapshot)))] == ["scicat-mirror.pid"]
    public.calls.clear()
    with pytest.raises(Conflict):
        target.find(snapshot)
    with pytest.raises(Conflict):
        target.reserve(snapshot, key=snapshot.key)
    assert writes(public) == []


def test_a_copy_of_another_publication_is_left_alone_unless_it_is_the_one_before(
    private, public, target
):
    pid = original(private)
    first = frozen(described(private, pid))
    deposit = published(target, first)
    second = replace(first, key="0197a4b2-0000-7000-8000-000000000002")
    assert target.find(second) is None
    public.calls.clear()
    with pytest.raises(Conflict):
        target.reserve(second, key=second.key)
    held = target.reserve(second, key=second.key, previous=deposit)
    assert held.state == "public, update waits"
    target.discard(held)
    assert writes(public) == [], "nothing changes before the point of no return"
    target.publish(held, second)
    assert len(writes(public)) == 1, "the name of its publication"
    assert target.find(first) is None
    assert target.find(second).state == "public"


def test_what_changed_after_approval_is_not_published(private, public, target):
    pid = original(private)
    snapshot = frozen(described(private, pid))
    draft = target.reserve(snapshot, key=snapshot.key)
    client = scicat(private)
    client.blocks.add(pid, Block("", 7, "", tuple(file_list({"late": 7})["dataFileList"])))
    with pytest.raises(Drifted):
        target.fill(draft, snapshot, Patient())
    with pytest.raises(Drifted):
        target.publish(draft, snapshot)
    assert not public.rows("dataset")[0]["isPublished"]
    again = replace(frozen(described(private, pid)), key=snapshot.key)
    target.publish(draft, again)
    picture = next(client.attachments(pid))
    client.change_attachment(picture["aid"], {"caption": "Changed"})
    client.close()
    with pytest.raises(Drifted):
        target.publish(draft, again)
    assert public.rows("dataset")[0]["isPublished"], "what is public stays so"


def test_an_update_that_breaks_off_is_hidden_and_goes_on(private, public, target):
    pid = original(private)
    first = frozen(described(private, pid))
    deposit = published(target, first)
    client = scicat(private)
    client.blocks.add(pid, Block("", 7, "", tuple(file_list({"late": 7})["dataFileList"])))
    client.close()
    second = frozen(described(private, pid))
    held = target.reserve(second, key=second.key, previous=deposit)
    public.fault("500-before", method="POST", path="/origdatablocks$")
    with pytest.raises(Uncertain):
        target.publish(held, second)
    assert not public.rows("dataset")[0]["isPublished"]
    with pytest.raises(Conflict):
        target.discard(held)
    done = target.publish(held, second)
    assert target.confirm(done, second) == []
    assert len(public.rows("block")) == 3


def test_repeated_lists_are_told_and_copied_once_or_as_they_are(private, public):
    pid = original(private, (LISTS[0], LISTS[1], LISTS[1], LISTS[1]))
    snapshot = frozen(described(private, pid))
    once = mirror(private, public)
    (told,) = once.check(snapshot)
    assert (told.rule, told.severity) == ("scicat-mirror.repeated", "warning")
    deposit = published(once, snapshot)
    assert len(public.rows("block")) == 2
    assert once.confirm(deposit, snapshot) == []
    once.close()
    exact = mirror(private, public, repeated="as-is")
    deposit = exact.publish(deposit, snapshot)
    assert len(public.rows("block")) == 4
    assert exact.confirm(deposit, snapshot) == []
    exact.close()


def test_lists_that_do_not_belong_to_a_draft_are_replaced_or_removed(private, public, target):
    pid = original(private)
    snapshot = frozen(described(private, pid))
    draft = target.reserve(snapshot, key=snapshot.key)
    client = scicat(public)
    for n in range(4):
        client.blocks.add(pid, Block("", n, "", tuple(file_list({f"odd-{n}": n})["dataFileList"])))
    client.close()
    public.calls.clear()
    target.fill(draft, snapshot, Patient())
    kinds = [w.split()[0] for w in writes(public) if "origdatablocks" in w]
    assert kinds == ["PATCH", "PATCH", "DELETE", "DELETE"]
    done = target.publish(draft, snapshot)
    assert target.confirm(done, snapshot) == []


def test_a_draft_is_freed_where_nothing_may_be_deleted(private, public):
    pid = original(private)
    first = frozen(described(private, pid))
    made = mirror(private, public, may_delete=False)
    draft = made.reserve(first, key=first.key)
    made.discard(draft)
    made.discard(draft)
    assert len(public.rows("dataset")) == 1
    assert made.find(first) is None
    second = replace(first, key="0197a4b2-0000-7000-8000-000000000003")
    deposit = published(made, second)
    assert made.confirm(deposit, second) == []
    assert len(public.rows("dataset")) == 1
    made.close()


def test_what_was_withdrawn_is_hidden_with_all_that_hangs_on_it(private, public, target):
    pid = original(private)
    snapshot = frozen(described(private, pid))
    deposit = published(target, snapshot)
    stone = Tombstone("By mistake.", date(2026, 1, 31), snapshot.landing_url)
    gone = target.withdraw(deposit, snapshot, stone)
    assert gone.state == "withdrawn"
    kept = (*public.rows("dataset"), *public.rows("block"), *public.rows("attachment"))
    assert not any(row["isPublished"] for row in kept)
    with pytest.raises(Conflict):
        target.amend(gone, snapshot)
    anew = replace(snapshot, key="0197a4b2-0000-7000-8000-000000000004")
    assert target.confirm(published(target, anew), anew) == []


def test_several_datasets_are_copied_in_one_publication(private, public, target):
    pids = [original(private) for _ in range(3)]
    facts = {"datasets": [dict(described(private, pid).facts) for pid in pids]}
    snapshot = replace(frozen(described(private, pids[0])), facts=facts, refs=tuple(pids))
    deposit = published(target, snapshot)
    assert target.confirm(deposit, snapshot) == []
    assert {r["pid"] for r in public.rows("dataset") if r["isPublished"]} == set(pids)
    assert len(public.rows("block")) == 6


def test_a_publication_from_elsewhere_is_refused_in_words(private, target):
    snapshot = replace(frozen(described(private, original(private))), facts={})
    (told,) = target.check(snapshot)
    assert "do not come from a SciCat" in told.message


def test_members_that_are_missing_are_told_all_at_once(private, public):
    pid = original(private, license="")
    private.store.change("dataset", pid, {"type": None, "contactEmail": None})
    made = mirror(private, public, required=["license"])
    told = made.check(frozen(described(private, pid)))
    assert [p.rule for p in told] == [
        "scicat-mirror.contactEmail",
        "scicat-mirror.type",
        "scicat-mirror.license",
    ]
    assert public.rows("dataset") == []
    made.close()


def test_a_list_too_large_to_be_posted_is_split_and_stays_complete(monkeypatch):
    files = tuple({"path": f"f-{n}", "size": n, "time": "t"} for n in range(100))
    monkeypatch.setattr(lists, "LARGEST_POST", 1000)
    parts = list(lists.pieces(Block("b", 4950, "md5", files)))
    assert len(parts) > 3
    assert tuple(f for p in parts for f in p.files) == files
    assert sum(p.size for p in parts) == 4950
    assert {p.chk_alg for p in parts} == {"md5"}


def test_copying_stops_when_it_is_asked_to_and_goes_on_later(private, public, target):
    class Hasty(Patient):
        def stop(self):
            return True

    snapshot = frozen(described(private, original(private)))
    draft = target.reserve(snapshot, key=snapshot.key)
    with pytest.raises(Retryable):
        target.fill(draft, snapshot, Hasty())
    target.fill(draft, snapshot, Patient())
    assert len(public.rows("block")) == 2


def test_a_merge_patch_removes_what_went_away_and_nothing_else():
    row = {"pid": "x", "comment": "old", "keywords": ["a"], "license": "MIT", "size": 3}
    row["scientificMetadata"] = {"a": {"value": 1, "unit": "m", "valueSI": 1}, "b": 2}
    body = {"pid": "x", "license": "MIT", "scientificMetadata": {"a": {"value": 2, "unit": "m"}}}
    assert changes(row, body) == {
        "comment": None,
        "keywords": [],
        "scientificMetadata": {"a": {"value": 2}, "b": None},
    }
    assert changes(row, {**body, "comment": "old", "keywords": ["a"], "scientificMetadata": {
        "a": {"value": 1, "unit": "m"}, "b": 2}}) == {}  # fmt: skip


def test_the_doctor_looks_at_both_catalogues(private, public, target):
    assert list(target.probe()) == []
    lost = mirror(private, public, origin={"url": "http://127.0.0.1:9", "token": {"env": "HOME"}})
    assert [p.where for p in lost.probe()] == ["/origin/url"]
    lost.close()
