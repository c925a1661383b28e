"""The client of SciCat against its stand-in: logins, errors, lists, both APIs."""

from __future__ import annotations

import logging

import pytest

from catalogues import SITE, VARIABLE, file_list, ingest, login, scicat
from excudit.domain.errors import (
    Conflict,
    Denied,
    NotFound,
    Rejected,
    Unavailable,
    Uncertain,
    Unsupported,
)
from excudit.sandbox.scicat import SciCatSandbox
from excudit.scicat import Connection, SciCat, content_digest, plain_dataset


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
    sandbox.switches.clear()


def with_token(sandbox, monkeypatch, token):
    monkeypatch.setenv(VARIABLE, token)
    settings = Connection.model_validate({"url": sandbox.url, "token": {"env": VARIABLE}})
    return SciCat("catalogue", settings, SITE)


def test_an_account_signs_in_once_for_many_requests(sandbox, svc):
    sandbox.calls.clear()
    for _ in range(3):
        assert svc.known().username == "svc"
    assert sandbox.writes() == ["POST /api/v3/auth/login"]


def test_a_token_that_ran_out_is_renewed_and_the_request_repeated(sandbox, svc):
    svc.known()
    sandbox.calls.clear()
    svc.api._session._token = type(svc.api._session._token)(sandbox.token("svc", life_s=-1))
    assert svc.known().username == "svc"
    assert sandbox.writes() == ["POST /api/v3/auth/login"]


def test_a_request_with_an_expired_token_is_repeated_once_after_a_login(sandbox, svc):
    pid = ingest(svc)
    secret = type(svc.api._session._token)
    svc.api._session._token = secret(sandbox.token("svc", life_s=-1))
    assert svc.dataset(pid)["pid"] == pid


def test_a_token_that_counts_nothing_is_taken_for_a_strangers_and_renewed(sandbox, svc):
    pid = ingest(svc)
    secret = type(svc.api._session._token)
    svc.api._session._token = secret("garbage.garbage.garbage")
    assert svc.dataset(pid)["pid"] == pid


def test_a_403_for_a_known_account_is_real_and_not_repeated(sandbox, svc):
    pid = ingest(svc)
    rick = scicat(sandbox, "rick")
    rick.known()
    sandbox.calls.clear()
    with pytest.raises(Denied) as told:
        rick.dataset(pid)
    assert "Unauthorized access" in told.value.remote
    reads = [c for c in sandbox.calls if "/datasets/20" in c["path"]]
    assert len(reads) == 1
    assert sandbox.writes() == []


def test_a_wrong_password_is_told_without_the_password(sandbox, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(VARIABLE, "a wrong and secret password")
    told = {"url": sandbox.url, "username": "svc", "password": {"env": VARIABLE}}
    client = SciCat("catalogue", Connection.model_validate(told), SITE)
    with pytest.raises(Denied) as refused:
        client.known()
    assert "password" in refused.value.hint
    assert "a wrong and secret" not in f"{refused.value.as_data()}{caplog.text}"


def test_a_token_of_nobody_is_refused_by_known(sandbox, monkeypatch):
    with pytest.raises(Denied):
        with_token(sandbox, monkeypatch, "x.y.z").known()
    assert with_token(sandbox, monkeypatch, sandbox.token("svc")).known().username == "svc"


def test_an_expired_fixed_token_is_refused_as_such(sandbox, monkeypatch):
    with pytest.raises(Denied) as told:
        with_token(sandbox, monkeypatch, sandbox.token("svc", life_s=-5)).known()
    assert "SESSION_EXPIRED" in told.value.remote


def test_every_shape_of_an_error_is_told_in_scicats_words(sandbox, svc):
    pid = ingest(svc)
    row = svc.published.create({"title": "T", "abstract": "A", "datasetPids": [pid]})
    no_files = {"pid": pid, "files": ["zzz"]}
    job = {"type": "publish", "jobParams": {"datasetList": [no_files]}}
    cases = (
        (lambda: svc.dataset("no/such"), NotFound, "no dataset"),
        (lambda: svc.create_dataset({"pid": "x"}), Rejected, "type must be a string"),
        (lambda: svc.jobs.get("nope"), NotFound, "Invalid job id"),
        (lambda: svc.api.call("POST", "/api/v4/jobs", json=job), Rejected, "has no files zzz"),
        (lambda: svc.published.act(row["doi"], "amend"), Conflict, "registered state"),
        (lambda: svc.published.act(row["doi"], "publish"), Rejected, "creators"),
        (lambda: svc.api.call("GET", "/api/v4/nothing"), Unsupported, "no such route"),
        (lambda: svc.create_dataset(dict(plain_dataset(svc.dataset(pid)))), Conflict, "exists"),
    )
    for act, kind, words in cases:
        with pytest.raises(kind) as told:
            act()
        assert words in f"{told.value.message} {told.value.problems}", act


def test_findings_of_the_sites_schema_name_their_place(svc):
    pid = ingest(svc)
    row = svc.published.create(
        {"title": "T", "abstract": "A", "datasetPids": [pid], "metadata": {"creators": []}}
    )
    with pytest.raises(Rejected) as told:
        svc.published.act(row["doi"], "publish")
    places = {p.where for p in told.value.problems}
    assert places == {"/creators", "/publisher", "/resourceType"}


def test_a_registry_that_refuses_leaves_it_open_what_happened(sandbox, svc):
    pid = ingest(svc)
    metadata = {
        "creators": [{"name": "Doe, Jane"}],
        "publisher": {"name": "F", "publisherIdentifierScheme": "ROR"},
        "resourceType": "raw",
    }
    body = {"title": "T", "abstract": "A", "datasetPids": [pid], "metadata": metadata}
    row = svc.published.create(body)
    before, sandbox.rules = sandbox.rules, type(sandbox.rules)(register_url="http://127.0.0.1:9/")
    try:
        with pytest.raises(Uncertain):
            svc.published.act(row["doi"], "register")
    finally:
        sandbox.rules = before
    assert svc.dataset(pid)["isPublished"], "datasets are public before the registry is asked"


def test_a_write_without_an_answer_is_uncertain_and_a_read_may_be_repeated(sandbox, svc):
    svc.api.version  # noqa: B018 -- found out before the fault
    svc.known()
    for kind in ("lose-reply", "500-after"):
        sandbox.fault(kind, method="POST", path="datasets$")
        with pytest.raises(Uncertain):
            ingest(svc)
        sandbox.fault(kind, method="GET", path="datasets/")
        with pytest.raises(Unavailable):
            svc.dataset("any/thing")


@pytest.mark.parametrize("count", [0, 1, 4, 5, 105, 230])
def test_all_file_lists_come_however_many_there_are(svc, count):
    pid = ingest(svc, [file_list({f"f-{i}": i}) for i in range(count)], pictures=0)
    sizes = sorted(block.size for block in svc.blocks.of(pid))
    assert sizes == list(range(count))
    assert len(list(svc.blocks.stamps(pid))) == count


def test_large_lists_are_read_a_few_at_a_time(sandbox, svc):
    lists = [file_list({f"{n}/{i}": 1 for i in range(4000)}) for n in range(12)]
    pid = ingest(svc, lists, pictures=0)
    sandbox.calls.clear()
    assert sum(len(b.files) for b in svc.blocks.of(pid)) == 48_000
    assert len(sandbox.calls) in range(3, 6)


def test_all_attachments_come_although_lists_give_ten(svc):
    pid = ingest(svc, pictures=25)
    assert len(list(svc.attachments(pid))) == 25
    assert list(svc.attachments(pid, stranger=True)) == []


def test_equal_lists_have_equal_digests_whatever_the_server_adds(svc):
    one = file_list({"a": 1, "b": 2}, chk="ab")
    pid = ingest(svc, [one, one, {**one, "dataFileList": one["dataFileList"][::-1]}])
    assert list(svc.blocks.digests(pid).values()) == [3]


def test_what_the_server_adds_to_a_dataset_is_no_part_of_it(svc):
    row = svc.dataset(ingest(svc))
    own = plain_dataset(row)
    assert own["scientificMetadata"]["energy"] == {"value": 18, "unit": "keV"}
    assert not {"size", "_id", "createdAt", "datasetlifecycle", "isPublished"} & set(own)
    svc.create_dataset({**own, "pid": own["pid"] + "-again", "isPublished": False})
    again = plain_dataset(svc.dataset(own["pid"] + "-again"))
    assert content_digest({**again, "pid": ""}) == content_digest({**own, "pid": ""})


def test_a_stranger_sees_what_is_public_and_nothing_else(svc):
    pid = ingest(svc)
    assert svc.public_dataset(pid) is None
    svc.change_dataset(pid, {"isPublished": True})
    assert svc.public_dataset(pid)["pid"] == pid


def test_sites_without_v4_are_read_by_v3(sandbox):
    told = {"url": sandbox.url, **login(), "api": "v3"}
    old, new = SciCat("old", Connection.model_validate(told), SITE), scicat(sandbox)
    lists = [file_list({f"f-{i}": i}) for i in range(120)]
    pid = ingest(new, lists)
    assert plain_dataset(old.dataset(pid)) == plain_dataset(new.dataset(pid))
    assert len(list(old.blocks.of(pid))) == 120
    assert len(list(old.attachments(pid))) == 1
    assert [r["pid"] for r in old.datasets({"pid": {"$in": [pid]}})] == [pid]
    with pytest.raises(Unsupported):
        old.create_dataset({})


def test_published_data_fall_back_to_v3_where_v4_is_missing():
    with SciCatSandbox(legacy=True) as old:
        client = scicat(old)
        assert (client.api.version, client.published.version) == ("v4", "v3")
        assert client.published.config() == {}
        body = {"creator": ["Doe"], "publisher": "F", "publicationYear": 2026, "title": "T"}
        body |= {"abstract": "A", "dataDescription": "d", "resourceType": "raw", "pidArray": []}
        made = client.published.create({**body, "doi": "10.5072/mine"})
        assert made["status"] == "pending_registration"
        assert client.published.get("10.5072/mine", stranger=True) is None
        client.published.act("10.5072/mine", "register")
        assert client.published.get("10.5072/mine", stranger=True)["status"] == "registered"


def test_an_address_with_a_login_or_without_tls_is_refused():
    for url in ("https://svc:pw@scicat.example.org", "http://scicat.example.org"):
        with pytest.raises(ValueError, match="address"):
            Connection.model_validate({"url": url, **login()})
    made = Connection.model_validate({"url": "https://scicat.example.org/api/v3/", **login()})
    assert made.url == "https://scicat.example.org"


def test_one_way_in_is_needed():
    with pytest.raises(ValueError, match="either"):
        Connection.model_validate({"url": "https://scicat.example.org"})
