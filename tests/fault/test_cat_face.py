"""CAT's six calls, as its clients make them: paths, statuses and words, byte for byte."""

from __future__ import annotations

import json

import httpx2
import pytest
from assessment_house import house_for

from excudit.sandbox.invenio import Invenio
from excudit.store import users
from house import until

PEOPLE = ("u-owner-0001", "u-share-0002", "u-other-0005", "u-admin-0006")
ENDS = "/v2/zenodo/publish/assessment/{}"
DENIED = "You do not have permission to access this resource."


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    with Invenio(tmp_path_factory.mktemp("repository") / "state.db", zenodo=True) as running:
        yield running


@pytest.fixture(scope="module")
def house(tmp_path_factory, registry, mailbox, repository, shared):
    made = house_for(
        tmp_path_factory.mktemp("house"), "sqlite://", registry, mailbox, repository, shared
    )
    made.serve()
    yield made
    repository.switches.clear()
    made.close()


@pytest.fixture(scope="module")
def cat(house):
    """Call as somebody, "" = as a stranger."""
    tokens = {}
    with house.parts.database.write() as connection:
        for name in PEOPLE:
            roles = ["admin"] if "admin" in name else []
            users.put(connection, name, email=f"{name}@example.org", roles=roles)
            tokens[name] = users.issue_token(connection, name, "test", None)[1]
    client = httpx2.Client(base_url=f"http://127.0.0.1:{house.port}", timeout=30)

    def call(method, path, who="", **how):
        headers = {"Authorization": f"Bearer {tokens[who]}"} if who in tokens else {}
        if who == "nonsense":
            headers = {"Authorization": "Bearer exc_nonsense"}
        return client.request(method, path, headers=headers, **how)

    yield call
    client.close()


@pytest.fixture(scope="module")
def pdf(house):
    return (house.samples / "valid.pdf").read_bytes()


def handed_in(house, *, public=True):
    tree = json.loads(house.document())
    tree["published"] = public
    people = (house.samples / "shared-users.json").read_bytes()
    return house.receive(document=json.dumps(tree).encode(), people=people)


def said(answer):
    body = answer.json()
    return answer.status_code, body["code"], body["message"]


def done(house, cat, ref, state="PROCESS COMPLETED"):
    def found():
        info = cat("GET", f"/v2/zenodo/assessment/{ref}", "u-owner-0001")
        return info.json() if info.json().get("zenodo_state") == state else None

    return until(found, f"{ref} never is {state}")


def test_publishing_answers_202_with_the_place_to_follow_it_and_ends_completed(house, cat, pdf):
    ref = handed_in(house)
    begun = cat("POST", ENDS.format(ref), "u-owner-0001", content=pdf)
    words = (
        f"Process of uploading assessment with ID: {ref}  has started, it may take some time.. "
        "You will be informed via email when assessment is uploaded to zenodo. "
    )
    assert said(begun) == (202, 202, words)
    assert "/api/v1/publications/" in begun.headers["Location"]
    info = done(house, cat, ref)
    assert sorted(info) == [
        "assessmentId", "depositId", "is_published", "published_at", "uploaded_at", "zenodo_state",
    ]  # fmt: skip
    assert (info["assessmentId"], info["is_published"]) == (ref, True)
    assert info["published_at"].endswith("Z")
    assert info["uploaded_at"] <= info["published_at"]
    stored = next(r for r in house.deposits() if r["id"] == info["depositId"])
    with house.repository.desk.records.store.open(stored["files"]["assessment.pdf"]["blob"]) as it:
        assert it.read() == pdf


def test_a_repeat_is_refused_with_the_deposit_that_is_there(house, cat, pdf):
    ref = handed_in(house)
    cat("POST", ENDS.format(ref), "u-share-0002", content=pdf)
    deposit = done(house, cat, ref)["depositId"]
    for body in (pdf, pdf + b"\n"):
        again = cat("POST", ENDS.format(ref), "u-owner-0001", content=body)
        words = (
            f"Assessment with ID: {ref} is already in Zenodo under deposit with ID: {deposit} "
            "and it's publication status is: PUBLISHED"
        )
        assert said(again) == (409, 409, words)
        assert "/api/v1/publications/" in again.headers["Location"]
    assert said(cat("POST", f"/v2/zenodo/publish/deposit/{deposit}", "u-owner-0001")) == (
        409, 409, f"The deposit with ID: {deposit} is already published to Zenodo",
    )  # fmt: skip


def test_who_may_not_is_refused_in_the_order_of_the_checks(house, cat, pdf):
    ref, hidden = handed_in(house), handed_in(house, public=False)
    post = "POST"
    unknown = "There is no Assessment with the following id: nothing"
    private = f"Action not permitted for assessment:  {hidden}"
    for who, name, body, expected in (
        ("", ref, pdf, (401, 401, "User has not been authenticated.")),
        ("nonsense", ref, pdf, (401, 401, "User has not been authenticated.")),
        ("u-owner-0001", "nothing", b"no", (404, 404, unknown)),
        ("u-other-0005", ref, b"no", (400, 400, "Invalid PDF file format.")),
        ("u-other-0005", ref, pdf, (403, 403, DENIED)),
        ("u-admin-0006", ref, pdf, (403, 403, DENIED)),
        ("u-owner-0001", hidden, pdf, (400, 400, private)),
        ("u-owner-0001", ref, b"%PDF-1.4 hello", (400, 400, "Invalid PDF file format.")),
    ):
        assert said(cat(post, ENDS.format(name), who, content=body)) == expected, (who, name)
    for file in ("magic-only.pdf", "truncated.pdf"):
        content = (house.samples / file).read_bytes()
        refused = cat(post, ENDS.format(ref), "u-owner-0001", content=content)
        assert (refused.status_code, refused.json()["message"]) == (400, "Invalid PDF file format.")
    assert said(cat("POST", "/v2/zenodo/publish/deposit/77", "u-owner-0001")) == (
        404, 404, "No assessment info found for deposit with ID: 77 in service",
    )  # fmt: skip
    words = f"Not found zenodo assessment information for assessment with ID: {ref} to exist in CAT"
    assert said(cat("GET", f"/v2/zenodo/assessment/{ref}")) == (404, 404, words)
    words = "Not found zenodo assessment information for deposit with ID: 77"
    assert said(cat("GET", "/v2/zenodo/deposit/77")) == (404, 404, words)
    assert said(cat("GET", "/v1/admin/zenodo/deposit/77")) == (
        401, 401, "User has not been authenticated.",
    )  # fmt: skip
    assert said(cat("GET", "/v1/admin/zenodo/deposit/77", "u-owner-0001")) == (403, 403, DENIED)


def test_a_draft_is_told_to_its_own_only_and_published_by_a_retry(house, cat, pdf):
    ref = handed_in(house)
    house.repository.fault("403", method="POST", path="actions/publish$", count=None)
    cat("POST", ENDS.format(ref), "u-owner-0001", content=pdf)
    info = done(house, cat, ref, "FILE UPLOADED TO DEPOSIT")
    deposit = info["depositId"]
    assert (info["is_published"], info["published_at"]) == (False, None)
    wanted = {
        f"/v2/zenodo/assessment/{ref}": (
            "Please ensure you are logged in to CAT, in order to view assessment in draft status.",
            "User does not have permission to view this zenodo assessment info.",
        ),
        f"/v2/zenodo/deposit/{deposit}": (
            "Please ensure you are logged in to CAT in order to view deposit in draft status.",
            "User does not have permission to get info of this deposit.",
        ),
    }
    for path, (login, other) in wanted.items():
        assert said(cat("GET", path)) == (401, 401, login)
        assert said(cat("GET", path, "u-other-0005")) == (403, 403, other)
        assert cat("GET", path, "u-share-0002").status_code == 200
        assert cat("GET", path.replace("/v2/", "/v1/admin/"), "u-admin-0006").status_code == 200
    retry = f"/v2/zenodo/publish/deposit/{deposit}"
    assert said(cat("POST", retry, "u-other-0005")) == (403, 403, DENIED)
    words = (
        f"Assessment with ID: {ref} is already in Zenodo under deposit with ID: {deposit} "
        "and it's publication status is: DRAFT"
    )

    def stands():
        return said(cat("POST", ENDS.format(ref), "u-owner-0001", content=pdf)) == (409, 409, words)

    until(stands, "the draft is not told")
    house.repository.switches.clear()

    def retried():
        return cat("POST", retry, "u-share-0002").status_code == 202

    until(retried, "it cannot be retried")
    assert done(house, cat, ref)["depositId"] == deposit
    assert len([r for r in house.deposits() if ref in json.dumps(r)]) <= 1
    shown = cat("GET", f"/v2/zenodo/deposit/{deposit}").json()
    assert (shown["depositId"], shown["submitted"]) == (deposit, True)
    assert shown["doi"].endswith(deposit)
    assert shown["creators"] == [{"name": "Øygård-Ñandú, Åse", "orcid": "0000-0000-0000-1012"}]
    assert {"name": "Müßig, Jürgen", "orcid": "N/A"} in shown["contributors"]
    assert [f["fileName"] for f in shown["files"]] == ["assessment.json", "assessment.pdf"]
    assert shown["files"][1]["fileSize"] == len(pdf)


def test_of_two_calls_at_once_one_begins_and_one_is_refused(house, cat, pdf):
    from concurrent.futures import ThreadPoolExecutor

    ref = handed_in(house)
    before = len(house.deposits())
    with ThreadPoolExecutor(2) as pool:
        calls = [
            pool.submit(cat, "POST", ENDS.format(ref), who, content=pdf)
            for who in ("u-owner-0001", "u-share-0002")
        ]
        assert sorted(c.result().status_code for c in calls) == [202, 409]
    done(house, cat, ref)
    assert len(house.deposits()) == before + 1


def test_zenodo_that_does_not_answer_is_told_as_such(house, cat, pdf):
    ref = handed_in(house)
    cat("POST", ENDS.format(ref), "u-owner-0001", content=pdf)
    deposit = done(house, cat, ref)["depositId"]
    house.repository.fault("500-before", method="GET", path=f"/{deposit}", count=None)
    answer = cat("GET", f"/v2/zenodo/deposit/{deposit}")
    house.repository.switches.clear()
    assert answer.status_code == 502
    assert answer.json()["errors"]
