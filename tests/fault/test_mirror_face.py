"""What SciCat's jobs call, and how many of them become publications."""

from __future__ import annotations

import threading
from collections import Counter

import httpx2
import pytest
from mirror_house import KEY, ROUTE, house_for
from sqlalchemy import func, select

from catalogues import file_list, ingest, scicat
from excudit.sandbox.scicat import SciCatSandbox
from excudit.service import requested
from excudit.store import site_events
from excudit.store.tables import publications
from house import until


@pytest.fixture(scope="module")
def pair():
    with SciCatSandbox() as private, SciCatSandbox(public=True) as public:
        yield private, public


@pytest.fixture(scope="module")
def house(tmp_path_factory, registry, mailbox, pair):
    made = house_for(tmp_path_factory.mktemp("house"), "sqlite://", registry, mailbox, *pair)
    made.serve()
    yield made
    made.stranger.stop()
    made.close()


@pytest.fixture(scope="module")
def door(house):
    """Call the face with a key, "" = without."""
    client = httpx2.Client(base_url=f"http://127.0.0.1:{house.port}", timeout=10)

    def call(method, path, key=KEY, **how):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return client.request(method, path, headers={**headers, **how.pop("headers", {})}, **how)

    yield call
    client.close()


def kept(house, job):
    with house.parts.database.read() as connection:
        return len(site_events.listing(connection, about=f"scicat:{job}"))


@pytest.mark.parametrize(
    "body",
    [
        {"id": "job-1", "type": "publish", "jobParams": {"datasetList": []}},
        {"_id": "job-1"},
        {"job": "job-1", "pids": ["P/x"], "email": "jane@example.org"},
        {"job": {"id": "job-1", "type": "publish"}},
    ],
)
def test_a_call_is_kept_and_answered_at_once_whatever_else_it_says(house, door, body):
    answer = door("POST", "/scicat/jobs", json=body)
    assert answer.status_code == 202
    assert answer.headers["location"].endswith("/scicat/jobs/job-1")
    assert kept(house, "job-1") == 1
    there = door("GET", "/scicat/jobs/job-1")
    assert (there.status_code, there.json()["job"]) == (200, "job-1")


@pytest.mark.parametrize("key", ["", "wrong", KEY + "x", KEY[:-1]])
def test_without_the_key_nothing_is_kept(house, door, key):
    for method, path in (("POST", "/scicat/jobs"), ("GET", "/scicat/jobs/job-1")):
        answer = door(method, path, key, json={"id": "job-2"})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert KEY not in answer.text
    assert kept(house, "job-2") == 0


def test_another_way_to_sign_in_with_the_key_is_none(door):
    answer = door("POST", "/scicat/jobs", "", headers={"Authorization": f"Basic {KEY}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"[]", b'{"id": 7}', b'{"id": ""}', b'{"id": "a b"}', b'{"id": "../x"}',
     b'{"id": "' + b"x" * 300 + b'"}', b'{"job": {}}', b"\xff\xfe", b"[" * 100_000],
)  # fmt: skip
def test_a_body_without_a_job_is_refused_and_says_what_is_due(door, body):
    answer = door("POST", "/scicat/jobs", content=body)
    assert answer.status_code == 400
    assert "id of a job" in answer.json()["message"]


def test_a_body_that_is_too_large_is_refused(door):
    answer = door("POST", "/scicat/jobs", content=b'{"id": "' + b" " * (2 << 20) + b'"}')
    assert answer.status_code in (400, 413)


def test_a_job_that_nobody_announced_is_not_there(door):
    assert door("GET", "/scicat/jobs/nothing").status_code == 404


def test_a_job_about_a_dataset_that_cannot_be_read_is_told_so(house, door, pair):
    pid = house.original()
    job = house.job(pid)
    until(lambda: house.told(job)["statusCode"] == "finishedSuccessful", house.told(job))
    gone = house.original()
    lost = house.job(gone)
    pair[0].store.drop("dataset", gone)
    told = until(
        lambda: (t := house.told(lost))["statusCode"] == "finishedUnsuccessful" and t, lost
    )
    assert "has no dataset" in told["statusMessage"] or "not" in told["statusMessage"]


@pytest.mark.parametrize(
    "count", [25, pytest.param(1000, marks=(pytest.mark.slow, pytest.mark.timeout(900)))]
)
def test_many_jobs_become_one_publication_for_each_dataset(tmp_path, registry, mailbox, count):
    """A tenth of the jobs are for a dataset that was asked for already; two workers answer."""
    with SciCatSandbox() as private, SciCatSandbox(public=True) as public:
        house = house_for(tmp_path / "many", "sqlite://", registry, mailbox, private, public)
        private.rules = type(private.rules)()
        client = scicat(private)
        pids = [ingest(client, [file_list({"a": n})], pictures=0) for n in range(count)]
        jobs = [house.job(pid) for pid in (*pids, *pids[: count // 10])][:1000]
        client.close()
        answering = [
            threading.Thread(target=requested.answer, args=(house.parts, ROUTE)) for _ in range(2)
        ]
        for thread in answering:
            thread.start()
        for thread in answering:
            thread.join()
        requested.answer(house.parts, ROUTE)
        held = [house.newest(pid) for pid in pids]
        assert all(p is not None and p.state == "submitted" for p in held)
        with house.parts.database.read() as connection:
            every = connection.execute(select(func.count()).select_from(publications)).scalar()
        assert every == count
        said = Counter(house.told(job)["statusCode"] for job in jobs)
        assert said == {"inProgress": len(jobs)}
        house.stranger.stop()
        house.close()
