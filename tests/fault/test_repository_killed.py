"""Every step of the route folder → repository × {before, effect, journal} × SIGKILL."""

from __future__ import annotations

import pytest
from repository_house import ROUTE, house_for, plan

from excudit.sandbox.invenio import Invenio
from excudit.service import verbs
from excudit.testing.crash import PHASES
from house import CURATOR, until

# Of the steps that no other route has, the instant at which most can go wrong; the whole matrix is
# for `make test-all`.
OWN = ("reserve.repository", "files.repository", "publish.repository")
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


@pytest.fixture(scope="module", params=["rdm", pytest.param("zenodo", marks=pytest.mark.slow)])
def repository(request, tmp_path_factory):
    state = tmp_path_factory.mktemp("repository") / "state.db"
    with Invenio(state, zenodo=request.param == "zenodo") as running:
        yield running


@pytest.fixture
def house(tmp_path, sqlite_url, registry, mailbox, repository):
    made = house_for(tmp_path / "house", sqlite_url, registry, mailbox, repository)
    yield made
    repository.switches.clear()
    made.close()


@pytest.fixture
def pageless(tmp_path, sqlite_url, registry, mailbox, repository):
    made = house_for(tmp_path / "house", sqlite_url, registry, mailbox, repository, pageless=True)
    yield made
    repository.switches.clear()
    made.close()


def test_the_files_come_after_all_drafts_and_before_anything_final():
    keys = [step.key for step in plan("publish").steps]
    at = keys.index("files.repository")
    assert keys.index("reserve.repository") < at < keys.index("publish.repository")
    assert plan("publish").steps[at].as_data()["undone_by"] == "reserve.repository"


@pytest.mark.parametrize(("step", "phase"), CRASHES)
def test_resumes_after_a_crash_without_a_second_deposit(house, step, phase):
    before = len(house.deposits())
    house.serve(f"{step}:{phase}")
    asked = house.ask(ROUTE)
    until(house.died, f"nothing died at {step}: {house.words(asked.id)}")
    house.deposited_once(asked.id, before=before)


def test_what_is_stopped_leaves_no_draft_and_no_name(pageless):
    house, before = pageless, len(pageless.deposits())
    house.serve()
    asked = house.ask(ROUTE)
    until(lambda: (house.detail(asked.id)["run"] or {}).get("position") == "page", "no page")
    assert len(house.deposits()) == before + 1
    verbs.stop(house.parts, CURATOR, asked.id)
    house.no_deposit(asked.id, before=before)


FAULTS = [
    "lose-reply",
    *(
        pytest.param(kind, marks=pytest.mark.slow)
        for kind in ("drop-request", "504-html-after-commit", "500-before", "429")
    ),
]
CALLS = ("/api/records$", "pids/doi$", "files$", "content$", "commit$", "actions/publish$")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_each_call_leaves_one_deposit(house, repository, fault):
    if repository.zenodo:
        pytest.skip("the calls are those of the records API")
    house.serve()
    for path in CALLS:
        before = len(house.deposits())
        repository.fault(fault, method="PUT" if path == "content$" else "POST", path=path)
        asked = house.ask(ROUTE)
        house.deposited_once(asked.id, before=before)
        assert all(f["fired"] for f in repository.switches.all()), path
        repository.switches.clear()


def test_what_was_opened_and_is_not_listed_yet_is_not_opened_again(house, repository):
    house.serve()
    before = len(house.deposits())
    repository.fault("list-lag", delay_s=0.2)
    repository.fault("lose-reply", method="POST", path="(/api/records|depositions)$")
    asked = house.ask(ROUTE)
    house.deposited_once(asked.id, before=before)
    assert len(house.deposits()) == before + 1


def test_a_doi_that_is_pending_is_seen_as_such_until_it_is_findable(house, repository):
    house.serve()
    before = len(house.deposits())
    repository.fault("doi-never")
    asked = house.ask(ROUTE)

    def pending():
        found = house.detail(asked.id)["deposits"]
        return found and found[0]["state"] == "published, DOI pending"

    until(pending, f"never pending: {house.words(asked.id)}")
    repository.switches.clear()
    house.deposited_once(asked.id, before=before)
    assert house.detail(asked.id)["deposits"][0]["state"] == "published"
