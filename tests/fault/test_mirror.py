"""Every step of the route scicat-mirror × {before, effect, journal} × SIGKILL, and every request of
it × lost answers and refusals, while a stranger watches the public SciCat."""

from __future__ import annotations

import pytest
from mirror_house import LISTS, house_for, plan

from catalogues import file_list, scicat
from excudit.sandbox.scicat import SciCatSandbox
from excudit.service import verbs
from excudit.testing.crash import PHASES
from house import CURATOR, until

OWN = ("fill.public", "publish.public")
CRASHES = [
    pytest.param(
        step.key,
        phase,
        marks=() if step.key in OWN and phase == "effect" else pytest.mark.slow,
    )
    for name in ("take-in", "publish")
    for step in plan(name).steps
    for phase in PHASES
]


@pytest.fixture(scope="module")
def pair():
    with SciCatSandbox() as private, SciCatSandbox(public=True) as public:
        yield private, public


@pytest.fixture
def house(tmp_path, sqlite_url, registry, mailbox, pair):
    made = house_for(tmp_path / "house", sqlite_url, registry, mailbox, *pair)
    yield made
    closed(made)


@pytest.fixture
def pageless(tmp_path, sqlite_url, registry, mailbox, pair):
    made = house_for(tmp_path / "house", sqlite_url, registry, mailbox, *pair, pageless=True)
    yield made
    closed(made)


def closed(house):
    for sandbox in (house.private, house.public):
        sandbox.switches.clear()
    house.stranger.stop()
    house.close()
    for job in house.private.rows("job"):
        house.private.store.drop("job", job["_id"])


def test_the_copy_is_filled_before_anything_is_public():
    keys = [step.key for step in plan("publish").steps]
    assert keys.index("reserve.public") < keys.index("fill.public") < keys.index("publish.public")
    assert keys.index("publish.public") < keys.index("publish.datacite")


@pytest.mark.parametrize(("step", "phase"), CRASHES)
def test_resumes_after_a_crash_without_a_second_copy(house, step, phase):
    dois = house.dois()
    house.serve(f"{step}:{phase}")
    pid = house.original()
    job = house.job(pid)
    until(house.died, f"nothing died at {step}")
    house.copied_once(pid, job, dois=dois)


WRITES = (
    ("POST", "/datasets$"),
    ("POST", "/origdatablocks$"),
    ("POST", "/attachments$"),
    ("PATCH", "/origdatablocks/"),
    ("PATCH", "/attachments/"),
    ("PATCH", "/datasets/"),
)
READS = (("GET", "/datasets/"), ("GET", "/origdatablocks$"), ("GET", "/attachments$"))
FAULTS = ("lose-reply", "500-after", "drop-request", "500-before", "503", "429")


@pytest.mark.parametrize("fault", ["lose-reply"])
def test_faults_at_all_requests_together_leave_one_copy_of_each(house, fault):
    house.serve()
    for method, path in (*WRITES, *READS):
        house.public.fault(fault, method=method, path=path)
    for method, path in (*READS, ("GET", "/jobs$"), ("PATCH", "/jobs/")):
        house.private.fault(fault, method=method, path=path, skip=9 if method == "GET" else 0)
    pids = [house.original() for _ in range(3)]
    jobs = {pid: house.job(pid) for pid in pids}
    for pid, job in jobs.items():
        until(lambda job=job: house.told(job)["statusCode"] == "finishedSuccessful", job)
        house.is_whole(pid)
    # Jobs are polled: the last fault goes off with the next look.
    until(
        lambda: all(f["fired"] for s in (house.public, house.private) for f in s.switches.all()),
        "not every fault went off",
    )


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_each_request_to_the_public_one_leaves_one_copy(house, fault):
    house.serve()
    for method, path in (*WRITES, *READS):
        dois = house.dois()
        house.public.fault(fault, method=method, path=path)
        pid = house.original()
        house.copied_once(pid, house.job(pid), dois=dois)
        assert all(f["fired"] for f in house.public.switches.all()), path
        house.public.switches.clear()


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_each_request_to_the_private_one_leaves_one_copy(house, fault):
    house.serve()
    for method, path in (*READS, ("GET", "/jobs$"), ("PATCH", "/jobs/")):
        dois = house.dois()
        pid = house.original()
        house.private.fault(fault, method=method, path=path)
        house.copied_once(pid, house.job(pid), dois=dois)
        assert all(f["fired"] for f in house.private.switches.all()), path
        house.private.switches.clear()


@pytest.mark.slow
def test_a_job_whose_call_was_lost_is_found_all_the_same(house):
    house.serve()
    dois, pid = house.dois(), house.original()
    house.private.fault("hook-lost", method="POST", path="/jobs$")
    house.copied_once(pid, house.job(pid), dois=dois)


def test_equal_jobs_attach_to_one_run_and_all_are_told(house):
    dois, pid = house.dois(), house.original()
    jobs = [house.job(pid) for _ in range(5)]
    house.serve()
    for job in jobs:
        house.copied_once(pid, job, dois=dois)
    late = house.job(pid)
    house.copied_once(pid, late, dois=dois)


@pytest.mark.slow
def test_a_job_of_several_datasets_ends_when_all_have(house):
    house.serve()
    pids = [house.original() for _ in range(3)]
    job = house.job(*pids)
    until(lambda: house.told(job)["statusCode"] == "finishedSuccessful", str(house.told(job)))
    for pid in pids:
        house.is_whole(pid)
    assert house.told(job)["statusMessage"] == "3 of 3 datasets are published."


def test_a_dataset_without_a_type_is_refused_before_the_first_write(house):
    house.serve()
    pid = house.original()
    house.private.store.change("dataset", pid, {"type": None})
    writes = len(house.public.writes())
    job = house.job(pid)
    until(lambda: house.told(job)["statusCode"] == "finishedUnsuccessful", str(house.told(job)))
    assert f"The dataset {pid} has no type" in house.told(job)["statusMessage"]
    logins = [w for w in house.public.writes()[writes:] if not w.endswith("/auth/login")]
    assert logins == []
    house.nothing_there(pid)
    house.private.store.change("dataset", pid, {"type": "raw"})
    dois, again = house.dois(), house.job(pid)
    until(lambda: house.told(again)["statusCode"] == "finishedSuccessful", str(house.told(again)))
    house.copied_once(pid, again, dois=dois)


def test_what_is_stopped_leaves_nothing_at_the_public_one(pageless):
    house, dois = pageless, pageless.dois()
    house.serve()
    pid = house.original()
    house.job(pid)
    key = house.begun(pid).id
    until(lambda: (house.detail(key)["run"] or {}).get("position") == "page", "no page")
    assert len([b for b in house.public.rows("block") if b["datasetId"] == pid]) == len(LISTS)
    verbs.stop(house.parts, CURATOR, key)
    house.nothing_left(key, dois_before=dois)
    house.nothing_there(pid)
    assert pid not in house.stranger.seen


def test_a_job_for_an_unchanged_dataset_only_reads(house):
    house.serve()
    dois, pid = house.dois(), house.original()
    house.copied_once(pid, house.job(pid), dois=dois)
    writes = house.public.writes()
    again = house.job(pid)
    until(lambda: house.told(again)["statusCode"] == "finishedSuccessful", "no answer")
    assert house.public.writes() == writes


def test_after_an_update_only_the_differences_move(house):
    house.serve()
    dois, pid = house.dois(), house.original()
    house.copied_once(pid, house.job(pid), dois=dois)
    catalogue = scicat(house.private)
    added = file_list({"scan_4.fio": 44})
    catalogue.api.call("POST", "/api/v4/origdatablocks", json={"datasetId": pid, **added})
    first = next(b for b in catalogue.blocks.of(pid) if len(b.files) == 2)
    catalogue.blocks.remove(first)
    catalogue.change_dataset(pid, {"description": "Ten buoys."})
    catalogue.close()
    lists = (LISTS[1], LISTS[2], added)
    house.stranger.expect(pid, *lists)
    house.public.calls.clear()
    job = house.job(pid)
    until(lambda: house.told(job)["statusCode"] == "finishedSuccessful", str(house.told(job)))
    house.is_whole(pid, lists)
    writes = [w for w in house.public.writes() if not w.endswith("/auth/login")]
    assert [w.split()[0] for w in writes] == ["PATCH"] * 3, writes
    assert house.public.rows("dataset")[-1]["description"] == "Ten buoys."
    assert len(house.detail(house.begun(pid).id)["deposits"]) == 2


@pytest.mark.slow
def test_lists_that_are_there_twice_are_copied_once(house):
    house.serve()
    dois = house.dois()
    pid = house.original((LISTS[0], LISTS[1], LISTS[1]))
    house.stranger.expect(pid, LISTS[0], LISTS[1])
    job = house.job(pid)
    house.copied_once(pid, job, lists=LISTS[:2], dois=dois)
