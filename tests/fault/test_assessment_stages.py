"""The six stages of an assessment on its way to Zenodo, each ending as its rule says: failure in
the first three takes the deposit away, in the fourth leaves a draft, in the fifth leaves it out of
sync until it is healed. Who asked reads it in a mail, each time."""

from __future__ import annotations

import json
import sqlite3

import pytest
from assessment_house import ASE, ELENI, ROUTE, house_for, plan

from excudit.domain.errors import Conflict, Denied
from excudit.sandbox.invenio import Invenio
from excudit.service import handing_in, healing, queries, stored
from excudit.service.sweep import EVERY_S
from excudit.testing.crash import PHASES
from house import CURATOR, until

STAGES = (
    "Create deposit",
    "Upload PDF",
    "Store information",
    "Publish deposit",
    "Update database",
    "Send mail",
)
# What the database does when the deposit is published: it refuses the very row that says so.
REFUSE = (
    "CREATE TRIGGER refused BEFORE UPDATE ON publications WHEN NEW.state = 'published' "
    "BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END"
)
ALLOW = "DROP TRIGGER refused"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    with Invenio(tmp_path_factory.mktemp("repository") / "state.db") as running:
        yield running


@pytest.fixture
def idle(tmp_path, registry, mailbox, repository, shared):
    """A house whose service is not started yet."""
    made = house_for(tmp_path / "house", "sqlite://", registry, mailbox, repository, shared)
    yield made
    repository.switches.clear()
    made.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory, registry, mailbox, repository, shared):
    """One service for all tests that do not kill it."""
    place = tmp_path_factory.mktemp("house")
    made = house_for(place, "sqlite://", registry, mailbox, repository, shared)
    made.serve()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _mended(repository):
    yield
    repository.switches.clear()


def drafts(house):
    return [r for r in house.deposits() if r["state"] == "draft"]


def said(house, asked, beginning):
    """The first mail about it whose subject begins so."""

    def found():
        return [t for s, t in house.letters(asked.id) if s.startswith(beginning)]

    return until(found, f"no mail “{beginning}”: {house.subjects(asked.id)}")[0]


def completed(house, key):
    now = house.still(key)
    assert (now.state, now.health) == ("published", "idle"), house.words(key)
    assert queries.detail(house.parts, key, CURATOR)["status"] == "PROCESS COMPLETED"
    return now


def test_the_plan_has_the_six_stages_by_their_names_and_in_their_order():
    titles = [step.title for step in plan("publish").steps]
    assert [title for title in titles if title in STAGES] == list(STAGES)


def test_an_assessment_becomes_one_record_with_pdf_and_json_and_what_is_stored_says_so(house):
    before = len(house.deposits())
    asked = house.ask()
    now = completed(house, asked.id)
    assert len(house.deposits()) == before + 1
    record = house.deposits()[0]
    assert sorted(record["files"]) == ["assessment.json", "assessment.pdf"]
    (kept,) = stored.of(house.parts, now)
    assert (kept.dataset, kept.deposit) == (now.parts[0].ref, record["id"])
    assert (kept.state, kept.status) == ("PROCESS COMPLETED", "PUBLISHED")
    assert now.created_at <= kept.created_at <= kept.published_at
    mail = said(house, asked, "Published: ")
    for words in (kept.dataset, kept.deposit, record["doi"], f"/records/{record['id']}"):
        assert words in mail


def test_the_record_says_who_published_who_shares_it_and_under_which_licence(house):
    asked = house.ask()
    completed(house, asked.id)
    metadata = house.deposits()[0]["metadata"]
    creator = metadata["creators"][0]
    assert creator["person_or_org"]["name"] == "Øygård-Ñandú, Åse"
    assert creator["person_or_org"]["identifiers"][0]["identifier"] == ASE.orcid
    assert creator["affiliations"][0]["name"].startswith("Institut für Beispielkunde")
    editors = {
        (who["person_or_org"]["family_name"], who["person_or_org"]["given_name"])
        for who in metadata["contributors"]
        if who["role"]["id"] == "editor"
    }
    assert editors == {("Παράδειγμα", "Ελένη"), ("Müßig", "Jürgen"), ("李", "示例")}
    assert [right["id"] for right in metadata["rights"]] == ["cc-by-4.0"]
    related = {(r["identifier"], r["relation_type"]["id"]) for r in metadata["related_identifiers"]}
    assert ("https://example.org/services/omega", "ismetadatafor") in related
    assert ("10.5072/example.tombstone.1", "references") in related


# Every call of the first three stages, refused for good.
REFUSALS = [
    pytest.param("POST", "/api/records$", "1 of 6: Create deposit", id="create"),
    pytest.param("POST", "pids/doi$", "1 of 6: Create deposit", id="reserve-doi"),
    pytest.param("POST", "/files$", "2 of 6: Upload PDF", id="name-file"),
    pytest.param("PUT", "content$", "2 of 6: Upload PDF", id="content"),
    pytest.param("POST", "commit$", "2 of 6: Upload PDF", id="commit"),
]


@pytest.mark.parametrize(("method", "path", "stage"), REFUSALS)
def test_failure_before_publication_deletes_the_deposit_and_says_why(house, method, path, stage):
    before = len(house.deposits())
    house.repository.fault("403", method=method, path=path)
    asked = house.ask()
    now = house.still(asked.id)
    assert now.state in ("approved", "changes_requested"), house.words(asked.id)
    assert len(house.deposits()) == before, "an orphan"
    assert queries.detail(house.parts, asked.id, CURATOR)["status"] == "PROCESS FAILED"
    assert stored.of(house.parts, now) == []
    mail = said(house, asked, "Publication stopped")
    for words in (f"Stage: {stage}", "403", "Permission denied.", now.parts[0].ref, "removed"):
        assert words in mail, words
    house.repository.switches.clear()
    handing_in.put_forward(house.parts, ASE, ROUTE, now.parts[0].ref)
    completed(house, asked.id)
    assert len(house.deposits()) == before + 1


NOT_STORED = (
    "CREATE TRIGGER unstored BEFORE UPDATE ON {} WHEN {} "
    "BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END"
)


@pytest.mark.parametrize(
    ("table", "when", "stage"),
    [
        ("publications", "NEW.page_open AND NOT OLD.page_open", "3 of 6: Store information"),
        pytest.param(
            "deposits", "NEW.state = 'draft'", "1 of 6: Create deposit", marks=pytest.mark.slow
        ),
    ],
)
def test_a_database_that_does_not_store_the_deposit_has_it_deleted(house, table, when, stage):
    before = len(house.deposits())
    direct = sqlite3.connect(house.parts.settings.service.data_dir / "excudit.db", timeout=30)
    direct.execute(NOT_STORED.format(table, when))
    try:
        asked = house.ask()
        now = house.still(asked.id)
        assert now.state == "approved", house.words(asked.id)
        assert len(house.deposits()) == before, "an orphan"
        mail = said(house, asked, "Publication stopped")
        for words in (f"Stage: {stage}", "refused by a trigger", now.parts[0].ref, "removed"):
            assert words in mail, words
    finally:
        direct.execute("DROP TRIGGER unstored")
        direct.close()
    handing_in.put_forward(house.parts, ASE, ROUTE, now.parts[0].ref)
    completed(house, asked.id)
    assert len(house.deposits()) == before + 1


def test_failure_to_publish_leaves_the_draft_says_how_to_go_on_and_a_retry_publishes_it(house):
    before = len(house.deposits())
    house.repository.fault("403", method="POST", path="actions/publish$", count=None)
    asked = house.ask()
    now = house.settled(asked.id, "needs_attention")
    (kept,) = stored.of(house.parts, now)
    assert (kept.state, kept.status) == ("FILE UPLOADED TO DEPOSIT", "DRAFT")
    assert kept.published_at is None
    assert [r["id"] for r in drafts(house)] == [kept.deposit]
    mail = said(house, asked, "Waiting at Zenodo")
    for words in (
        "Stage: 4 of 6: Publish deposit",
        f"/uploads/{kept.deposit}",
        "press Publish deposit",
        now.parts[0].ref,
    ):
        assert words in mail, words
    with pytest.raises(Conflict):
        handing_in.put_forward(house.parts, ASE, ROUTE, now.parts[0].ref)
    house.repository.switches.clear()
    handing_in.retry(house.parts, ELENI, asked.id)
    completed(house, asked.id)
    assert (len(house.deposits()), drafts(house)) == (before + 1, [])


def test_a_database_that_refuses_the_publication_is_told_of_once_and_healed_by_itself(house):
    before = len(house.deposits())
    direct = sqlite3.connect(house.parts.settings.service.data_dir / "excudit.db", timeout=30)
    direct.execute(REFUSE)
    try:
        asked = house.ask()
        now = house.settled(asked.id, "out_of_sync")
        assert house.deposits()[0]["state"] == "published"
        assert queries.detail(house.parts, asked.id, CURATOR)["status"] == "DEPOSIT PUBLISHED"
        mail = said(house, asked, "Published, but record incomplete")
        for words in ("refused by a trigger", now.parts[0].ref, "by itself"):
            assert words in mail, words
        assert healing.heal(house.parts, first_s=0) == 1
        house.settled(asked.id, "out_of_sync")  # it refuses still
    finally:
        direct.execute(ALLOW)
        direct.close()
    until(lambda: healing.heal(house.parts, first_s=0) == 1, "it is not healed")
    completed(house, asked.id)
    assert len(house.deposits()) == before + 1
    said(house, asked, "Solved")
    said(house, asked, "Published: ")
    subjects = [s for s in house.subjects(asked.id) if s.startswith("Published, but")]
    assert len(subjects) == 2, "one to the owner, one to the operators"


def test_the_sweep_waits_longer_each_time_and_leaves_what_needs_a_person(house):
    house.repository.fault("403", method="POST", path="actions/publish$", count=None)
    asked = house.ask()
    house.settled(asked.id, "needs_attention")
    assert healing.heal(house.parts, first_s=0) == 0
    house.repository.switches.clear()
    handing_in.retry(house.parts, ASE, asked.id)
    completed(house, asked.id)


def test_a_changed_assessment_becomes_the_next_version_of_the_same_record(house):
    before = len(house.deposits())
    asked = house.ask()
    first = completed(house, asked.id)
    ref = first.parts[0].ref
    with pytest.raises(Conflict):
        handing_in.put_forward(house.parts, ASE, ROUTE, ref)
    tree = json.loads(house.document())
    tree["id"] = tree["assessment_doc"]["id"] = ref
    tree["assessment_doc"] |= {"version": "1.3", "name": "Changed"}
    house.receive(document=json.dumps(tree).encode())
    begun = handing_in.put_forward(house.parts, ASE, ROUTE, ref)
    second = completed(house, begun.id)
    assert (second.version, second.concept) == (2, first.concept)
    newer, older = house.deposits()[:2]
    assert len(house.deposits()) == before + 2
    assert newer["parent"] == older["parent"]
    assert newer["metadata"]["title"].startswith("Changed")
    related = newer["metadata"]["related_identifiers"]
    assert (older["doi"], "isnewversionof") in {
        (r["identifier"], r["relation_type"]["id"]) for r in related
    }


def test_somebody_elses_assessment_is_neither_taken_nor_published(house):
    asked = house.ask()
    ref = completed(house, asked.id).parts[0].ref
    with pytest.raises(Denied):
        house.receive(by=CURATOR, ref=ref)
    with pytest.raises(Denied):
        handing_in.put_forward(house.parts, CURATOR, ROUTE, ref)


# Of the steps that no other route has, or where most can go wrong; the whole matrix is for
# `make test-all`.
OWN = ("page", "publish.zenodo", "notify")
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


@pytest.mark.parametrize(("step", "phase"), CRASHES)
def test_a_service_killed_at_any_stage_goes_on_to_one_deposit_and_one_mail(idle, step, phase):
    before = len(idle.deposits())
    idle.serve(f"{step}:{phase}")
    asked = idle.ask()
    until(idle.died, f"nothing died at {step}: {idle.words(asked.id)}")
    completed(idle, asked.id)
    assert len(idle.deposits()) == before + 1
    assert [s[:11] for s in idle.subjects(asked.id)] == ["Published: "]


FAULTS = ("lose-reply", "drop-request", "504-html-after-commit", "500-after-commit", "500-before")
CALLS = ("/api/records$", "pids/doi$", "/files$", "content$", "commit$", "actions/publish$")


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", CALLS)
def test_a_fault_at_any_call_before_or_after_its_effect_leaves_one_deposit(house, fault, path):
    before = len(house.deposits())
    method = "PUT" if path == "content$" else "POST"
    house.repository.fault(fault, method=method, path=path)
    asked = house.ask()
    completed(house, asked.id)
    assert len(house.deposits()) == before + 1
    assert all(f["fired"] for f in house.repository.switches.all())
    assert [s[:11] for s in house.subjects(asked.id)] == ["Published: "]


@pytest.mark.slow
def test_the_service_heals_what_is_out_of_sync_without_being_asked(house):
    direct = sqlite3.connect(house.parts.settings.service.data_dir / "excudit.db", timeout=30)
    direct.execute(REFUSE)
    try:
        asked = house.ask()
        house.settled(asked.id, "out_of_sync")
    finally:
        direct.execute(ALLOW)
        direct.close()
    patience_s = 2 * (healing.FIRST_S + EVERY_S) + 60
    until(lambda: house.get(asked.id).health == "idle", "it is never healed", patience_s)
    completed(house, asked.id)
    said(house, asked, "Solved")


PG_FUNCTION = (
    "CREATE FUNCTION excudit.refuse() RETURNS trigger AS "
    "$$ BEGIN RAISE EXCEPTION 'refused by a trigger'; END $$ LANGUAGE plpgsql"
)
PG_REFUSE = (
    "CREATE TRIGGER refused BEFORE UPDATE ON excudit.publications FOR EACH ROW WHEN "
    "(NEW.state = 'published' AND OLD.state <> 'published') EXECUTE FUNCTION excudit.refuse()"
)
PG_ALLOW = "DROP TRIGGER refused ON excudit.publications"


@pytest.mark.slow
def test_postgresql_that_refuses_the_publication_is_told_of_and_healed(
    tmp_path, postgresql_url, registry, mailbox, repository, shared
):
    place = tmp_path / "house"
    house = house_for(place, postgresql_url, registry, mailbox, repository, shared)
    try:
        house.serve()
        with house.parts.database.write() as connection:
            connection.exec_driver_sql(PG_FUNCTION)
            connection.exec_driver_sql(PG_REFUSE)
        asked = house.ask()
        house.settled(asked.id, "out_of_sync")
        said(house, asked, "Published, but record incomplete")
        with house.parts.database.write() as connection:
            connection.exec_driver_sql(PG_ALLOW)
        assert healing.heal(house.parts, first_s=0) == 1
        completed(house, asked.id)
        said(house, asked, "Solved")
    finally:
        house.close()
