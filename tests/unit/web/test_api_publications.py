"""Publications over the API: once, unseen by strangers, never overwritten unseen."""

from __future__ import annotations

import copy
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient

from excudit.domain.model import FileEntry
from excudit.web import create_app
from web_house import RECORD, House

BASE = "https://data.example.org"
ALL = "/api/v1/publications"


def begin(web: TestClient, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    body = {"route": "to-doi", "ref": "alpha", **more}
    answer = web.post(ALL, headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_new_publication_is_prefilled_and_says_what_can_be_done(
    house: House, web: TestClient
) -> None:
    answer = web.post(ALL, headers=house.token("ada"), json={"route": "to-doi", "ref": "alpha"})
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == made["links"]["self"]["href"]
    assert made["title"] == "Station Alpha"
    assert made["record"]["creators"] == RECORD["creators"]
    assert made["links"]["submit"]["href"] == f"{BASE}{ALL}/{made['id']}/submit"
    assert made["links"]["edit"]["method"] == "PUT"
    assert "publish" not in made["links"]
    assert made["refused"]["publish"] == "Publish is possible in Approved; this is Draft."
    again = web.get(answer.headers["location"], headers=house.token("ada"))
    assert again.json() == made
    assert again.headers["etag"] == answer.headers["etag"]


def test_creating_and_submitting_happen_together_or_not_at_all(
    house: House, web: TestClient
) -> None:
    ada = house.token("ada")
    first = begin(web, ada, submit=True)
    assert first["state"] == "submitted"
    assert [s["key"] for s in first["run"]["steps"]] == ["freeze", "check"]
    answer = web.post(ALL, headers=ada, json={"route": "to-doi", "ref": "alpha", "submit": True})
    assert answer.status_code == 409
    assert first["id"] in answer.json()["detail"]
    assert len(web.get(ALL, headers=ada).json()["publications"]) == 1


def test_the_same_key_makes_the_same_publication(house: House, web: TestClient) -> None:
    headers = {**house.token("ada"), "Idempotency-Key": "k-1"}
    first = begin(web, headers)
    house.shelf.titles.pop("alpha")
    assert begin(web, headers)["id"] == first["id"]
    answer = web.post(ALL, headers=headers, json={"route": "to-doi", "ref": "beta"})
    assert answer.status_code == 422
    assert answer.json()["kind"] == "Rejected"
    other = begin(web, {**house.token("bob"), "Idempotency-Key": "k-1"}, ref="beta")
    assert other["id"] != first["id"]


def test_one_publication_from_many_calls_at_once_with_one_key(house: House) -> None:
    headers = {**house.token("ada"), "Idempotency-Key": "k-1"}
    app = create_app(house.parts)
    gate = threading.Barrier(6)
    made: list[str] = []

    def call() -> None:
        with TestClient(app, base_url=BASE) as client:
            gate.wait(10)
            made.append(begin(client, headers)["id"])

    callers = [threading.Thread(target=call) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert len(made) == 6
    assert len(set(made)) == 1


def test_a_failed_call_leaves_its_key_free(house: House, web: TestClient) -> None:
    headers = {**house.token("ada"), "Idempotency-Key": "k-1"}
    title = house.shelf.titles.pop("beta")
    assert (
        web.post(ALL, headers=headers, json={"route": "to-doi", "ref": "beta"}).status_code == 404
    )
    house.shelf.titles["beta"] = title
    assert begin(web, headers, ref="beta")["title"] == "Station Beta"


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "ä"])
def test_an_odd_key_is_refused(house: House, web: TestClient, key: str) -> None:
    headers = {**house.token("ada"), "Idempotency-Key": key.encode()}
    answer = web.post(ALL, headers=headers, json={"route": "to-doi", "ref": "alpha"})  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "Idempotency-Key".lower() in answer.json()["problems"][0]["where"].lower()


def test_without_a_token_that_counts_nothing_is_told(house: House, web: TestClient) -> None:
    page = house.opened()
    for headers, more in (
        ({}, ""),
        ({"Authorization": "Basic YTpi"}, ""),
        ({"Authorization": "Bearer exc_wrong"}, ', error="invalid_token"'),
    ):
        for path in (ALL, f"{ALL}/{page.id}", "/api/v1/routes"):
            answer = web.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == f'Bearer realm="excudit"{more}'
            assert answer.headers["content-type"] == "application/problem+json"
            assert page.id not in answer.json()["detail"]


def test_what_one_may_not_see_is_not_there(house: House, web: TestClient) -> None:
    mine = begin(web, house.token("ada"))
    eve = house.token("eve")
    here = f"{ALL}/{mine['id']}"
    because = {"reason": "x"}
    answers = [web.get(here + part, headers=eve) for part in ("", "/events", "/files", "/mails")]
    answers += [web.post(f"{here}/{verb}", headers=eve) for verb in ("submit", "publish", "stop")]
    answers += [web.post(f"{here}/withdraw", headers=eve, json=because)]
    answers += [web.put(f"{here}/record", headers=eve, json={}), web.delete(here, headers=eve)]
    absent = web.get(f"{ALL}/{'0' * 8}-0000-7000-8000-{'0' * 12}", headers=eve).json()
    for answer in answers:
        assert answer.status_code == 404
        told = {k: v for k, v in answer.json().items() if k not in ("detail", "instance")}
        assert told == {k: v for k, v in absent.items() if k not in ("detail", "instance")}
        assert answer.json()["detail"] == f"There is no publication {mine['id']}."
    assert web.get(ALL, headers=eve).json()["publications"] == []
    assert web.get(here, headers=house.token("ria", "reviewer")).status_code == 200


@pytest.mark.parametrize("name", ["x", "%00", "../secret", "😀" * 36, "a" * 5000])
def test_names_that_cannot_be_are_404(house: House, web: TestClient, name: str) -> None:
    answer = web.get(f"{ALL}/{name}", headers=house.token("ada"))
    assert answer.status_code == 404
    assert len(answer.text) < 12000


def test_the_etag_spares_reading_what_one_has(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    here = f"{ALL}/{begin(web, ada)['id']}"
    tag = web.get(here, headers=ada).headers["etag"]
    same = web.get(here, headers={**ada, "If-None-Match": tag})
    assert same.status_code == 304
    assert same.headers["etag"] == tag
    web.post(f"{here}/submit", headers=ada)
    assert web.get(here, headers={**ada, "If-None-Match": tag}).status_code == 200


def test_the_etag_changes_with_the_run_although_nobody_edits(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    made = begin(web, ada, submit=True)
    here = f"{ALL}/{made['id']}"
    before = web.get(here, headers=ada)
    with house.parts.database.write() as connection:
        house.parked(connection, made["run"]["id"])
    after = web.get(here, headers={**ada, "If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["edition"] == before.json()["edition"]


def test_nobody_overwrites_a_change_that_they_have_not_seen(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    here = f"{ALL}/{begin(web, ada)['id']}"
    seen = web.get(here, headers=ada).headers["etag"]
    first = {**RECORD, "version": "first"}
    assert (
        web.put(f"{here}/record", headers={**ada, "If-Match": seen}, json=first).status_code == 200
    )
    lost = web.put(f"{here}/record", headers={**ada, "If-Match": seen}, json=RECORD)
    assert lost.status_code == 412
    assert lost.json()["kind"] == "PreconditionFailed"
    assert web.get(here, headers=ada).json()["record"] == first
    for wrong in ('"x"', '"999.abc"', "nonsense"):
        sent = web.put(f"{here}/record", headers={**ada, "If-Match": wrong}, json=RECORD)
        assert sent.status_code == 412
    for right in ("*", '"x", W/{}'):
        tag = web.get(here, headers=ada).headers["etag"]
        headers = {**ada, "If-Match": right.format(tag)}
        assert web.put(f"{here}/record", headers=headers, json=RECORD).status_code == 200


def test_an_incomplete_record_may_be_kept_as_a_draft(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    here = f"{ALL}/{begin(web, ada)['id']}"
    answer = web.put(f"{here}/record", headers=ada, json={"titles": [{"title": "Only 🌊"}]})
    assert answer.json()["title"] == "Only 🌊"
    for titles in (3, True, {"title": "x"}, "x", [3], [[]]):
        record = {"titles": titles}
        answer = web.put(f"{here}/record", headers=ada, json=record)
        assert answer.json()["record"] == record, answer.text
        assert begin(web, ada, record=record)["record"] == record


def test_a_draft_is_deleted_and_then_nothing_can_be_done_with_it(
    house: House, web: TestClient
) -> None:
    ada = house.token("ada")
    here = f"{ALL}/{begin(web, ada)['id']}"
    answer = web.delete(here, headers=ada)
    assert (answer.status_code, answer.content) == (204, b"")
    assert web.post(f"{here}/submit", headers=ada).status_code == 409
    assert web.delete(here, headers=ada).status_code == 409


def test_lists_are_read_page_by_page_without_loss(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    made = [begin(web, ada)["id"] for _ in range(7)]
    address: str | None = f"{ALL}?limit=3&state=draft&route=to-doi"
    seen: list[str] = []
    while address:
        answer = web.get(address, headers=ada)
        page = answer.json()
        seen += [p["id"] for p in page["publications"]]
        address = page["next"]
        if address:
            assert answer.headers["link"] == f'<{address}>; rel="next"'
            assert address.startswith(f"{BASE}{ALL}?state=draft&route=to-doi&limit=3&cursor=")
    assert seen == made[::-1]
    assert "link" not in answer.headers
    assert web.get(f"{ALL}?state=published", headers=ada).json()["publications"] == []
    assert web.get(f"{ALL}?health=waiting", headers=ada).json()["publications"] == []


@pytest.mark.parametrize(
    "cursor",
    ["x", "W10", "WzFd", "WyJhIiwiYiJd", "%00", "WyIyMDI2LTAxLTAxIiwgIngiXQ", "ä", "W1tbW1tb"],
)
def test_cursors_of_others_are_refused(house: House, web: TestClient, cursor: str) -> None:
    ada = house.token("ada")
    for path in (ALL, f"{ALL}/{begin(web, ada)['id']}/files"):
        answer = web.get(f"{path}?cursor={cursor}", headers=ada)
        assert answer.status_code == 422 or (path != ALL and cursor == "WzFd")


def test_files_come_page_by_page(house: House, web: TestClient) -> None:
    files = [FileEntry(f"{i:03d}.dat", i, f"{i:064x}", "text/csv") for i in range(25)]
    page = house.opened(files=files)
    address: str | None = f"{ALL}/{page.id}/files?limit=10"
    seen: list[dict[str, Any]] = []
    while address:
        body = web.get(address, headers=house.token("ada")).json()
        seen += body["files"]
        address = body["next"]
    assert [f["path"] for f in seen] == [f.path for f in files]
    assert [f["position"] for f in seen] == list(range(25))


def test_people_decide_with_reasons_and_by_their_roles(house: House, web: TestClient) -> None:
    ada, ria = house.token("ada"), house.token("ria", "reviewer")
    made = house.opened(page_open=False, state="in_review", published_at=None)
    here = f"{ALL}/{made.id}"
    assert web.post(f"{here}/approve", headers=ada).status_code == 403
    assert web.post(f"{here}/return", headers=ria, json={"reason": "  "}).status_code == 422
    wrong = web.post(f"{here}/approve", headers=ria, json={"digest": "0" * 64})
    assert wrong.status_code == 409
    back = web.post(f"{here}/return", headers=ria, json={"reason": "The units are missing."})
    assert back.json()["state"] == "changes_requested"
    told = web.get(f"{here}/events", headers=ada).json()["events"][-1]
    assert (told["actor"], told["action"]) == ("ria", "return")
    assert told["reason"] == "The units are missing."
    mails = web.get(f"{here}/mails", headers=ada).json()["mails"]
    assert [m["recipient"] for m in mails] == ["ada@example.org"]


def test_an_approval_of_what_was_seen_starts_the_run_once(house: House, web: TestClient) -> None:
    ria = house.token("ria", "reviewer")
    made = house.opened(page_open=False, state="in_review", published_at=None)
    here = f"{ALL}/{made.id}"
    digest = web.get(here, headers=ria).json()["digest"]
    answer = web.post(f"{here}/approve", headers=ria, json={"digest": digest})
    assert answer.status_code == 202
    assert answer.json()["state"] == "publishing"
    assert web.post(f"{here}/publish", headers=house.token("ada")).status_code == 409
    runs = web.get(f"{here}/runs", headers=ria).json()["runs"]
    assert [r["plan"] for r in runs] == ["publish"]
    assert runs[0] == web.get(here, headers=ria).json()["run"]


def test_public_metadata_is_amended_only_when_complete(house: House, web: TestClient) -> None:
    cleo = house.token("cleo", "curator")
    here = f"{ALL}/{house.opened().id}"
    broken = {"record": {"titles": []}, "reason": "A typing error."}
    answer = web.post(f"{here}/amend", headers=cleo, json=broken)
    assert answer.status_code == 422
    assert {p["where"] for p in answer.json()["problems"]} >= {"/creators", "/publisher"}
    better = copy.deepcopy(RECORD)
    better["titles"] = [{"title": "Better"}]
    answer = web.post(f"{here}/amend", headers=cleo, json={"record": better, "reason": "Typing."})
    assert answer.status_code == 202
    assert answer.json()["run"]["plan"] == "amend"


def test_withdrawals_and_new_versions_begin(house: House, web: TestClient) -> None:
    page = house.opened()
    here = f"{ALL}/{page.id}"
    answer = web.post(f"{here}/new-version", headers=house.token("ada"))
    assert answer.status_code == 201
    assert answer.headers["location"] == answer.json()["links"]["self"]["href"]
    assert [v["version"] for v in answer.json()["versions"]] == [1, 2]
    assert web.post(f"{here}/new-version", headers=house.token("ada")).status_code == 409
    gone = web.post(
        f"{here}/withdraw", headers=house.token("cleo", "curator"), json={"reason": "Wrong."}
    )
    assert gone.status_code == 202
    assert gone.json()["run"]["plan"] == "withdraw"
    assert web.get(f"/d/{page.slug}").status_code == 200


def test_an_owner_recalls_cancels_stops_and_retries(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    made = house.opened(page_open=False, state="in_review", published_at=None)
    here = f"{ALL}/{made.id}"
    assert web.post(f"{here}/recall", headers=ada).json()["state"] == "draft"
    running = web.post(f"{here}/submit", headers=ada).json()
    assert running["health"] == "running"
    assert web.post(f"{here}/cancel", headers=ada).status_code == 409
    assert web.post(f"{here}/retry", headers=ada).status_code == 409
    assert web.post(f"{here}/stop", headers=ada).status_code == 202
    with house.parts.database.write() as connection:
        house.parked(connection, running["run"]["id"])
    assert web.post(f"{here}/retry", headers=ada).status_code == 202
