"""Every fault switch of the sandbox registry, as a real HTTP client meets it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from excudit.sandbox.datacite import Registry

DOI = "10.14454/faulty"
RECORD: dict[str, Any] = {
    "doi": DOI,
    "event": "publish",
    "url": "https://example.org/x",
    "schemaVersion": "http://datacite.org/schema/kernel-4",
    "creators": [{"name": "A, B"}],
    "titles": [{"title": "T"}],
    "publisher": "P",
    "publicationYear": 2016,
    "types": {"resourceTypeGeneral": "Dataset"},
}


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with Registry(mode="thread", index_lag_s=0) as registry:
        yield registry


@pytest.fixture
def client(registry: Registry) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=registry.api_url, auth=("DEMO.REPO", "sandbox")) as client:
        client.post("/_sandbox/reset")
        yield client


def post(client: httpx2.Client, **changed: Any) -> httpx2.Response:
    return client.post("/dois", json={"data": {"attributes": RECORD | changed}})


def put(client: httpx2.Client, **attributes: Any) -> httpx2.Response:
    return client.put(f"/dois/{DOI}", json={"data": {"attributes": attributes}})


def switch(client: httpx2.Client, kind: str, **told: Any) -> int:
    answer = client.post("/_sandbox/faults", json={"kind": kind, **told})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["ids"][0])


def committed(client: httpx2.Client) -> int:
    return int(client.get("/_sandbox/log?committed=true").json()["total"])


def test_a_drop_before_commit_cuts_the_connection_and_changes_nothing(
    client: httpx2.Client,
) -> None:
    switch(client, "drop-before-commit", method="POST")
    with pytest.raises(httpx2.TransportError):
        post(client)
    assert client.get(f"/dois/{DOI}").status_code == 404
    assert committed(client) == 0


def test_a_drop_after_commit_cuts_the_connection_but_the_doi_is_there(
    client: httpx2.Client,
) -> None:
    switch(client, "drop-after-commit", method="POST")
    with pytest.raises(httpx2.TransportError):
        post(client)
    assert client.get(f"/dois/{DOI}").json()["data"]["attributes"]["state"] == "findable"
    assert committed(client) == 1
    assert post(client).json()["errors"][0]["title"] == "This DOI has already been taken"


def test_a_handle_server_that_is_down_leaves_registered_null_until_a_later_put(
    client: httpx2.Client, registry: Registry
) -> None:
    switch(client, "handle-down", doi=DOI)
    client.get(f"/dois/{DOI}")
    put(client, version="a draft has no handle yet")
    client.delete(f"/dois/{DOI}")
    assert post(client).json()["data"]["attributes"]["registered"] is None
    assert httpx2.get(f"{registry.resolver_url}/{DOI}").status_code == 404
    lost = client.get(f"/dois/{DOI}/get-url")
    assert lost.json() == {"errors": [{"status": 404, "title": "Not found"}]}
    assert put(client, url=RECORD["url"]).json()["data"]["attributes"]["registered"]
    assert httpx2.get(f"{registry.resolver_url}/{DOI}").headers["Location"] == RECORD["url"]


def test_throttling_answers_429_with_retry_after_only_where_told(client: httpx2.Client) -> None:
    switch(client, "throttle", count=1)
    switch(client, "throttle", count=1, skip=1, retry_after="7")
    first, second, third = post(client), post(client), post(client)
    assert (first.status_code, "Retry-After" in first.headers) == (429, False)
    assert (second.status_code, second.headers["Retry-After"]) == (429, "7")
    assert third.status_code == 201


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize(("when", "there"), [("before", 404), ("after", 200)])
def test_an_html_error_comes_before_or_after_the_commit(
    client: httpx2.Client, status: int, when: str, there: int
) -> None:
    switch(client, "html-5xx", status=status, when=when)
    answer = post(client)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert client.get(f"/dois/{DOI}").status_code == there


def test_edge_throttling_is_an_html_403(client: httpx2.Client) -> None:
    switch(client, "html-403")
    answer = post(client)
    assert (answer.status_code, answer.text[:6]) == (403, "<html>")
    assert committed(client) == 0


def test_a_registry_that_lies_says_200_in_html(client: httpx2.Client) -> None:
    switch(client, "html-200", when="before")
    answer = post(client)
    assert (answer.status_code, answer.text[:6]) == (200, "<html>")
    assert client.get(f"/dois/{DOI}").status_code == 404


@pytest.mark.parametrize(("when", "there"), [("before", False), ("after", True)])
def test_a_slow_answer_outlasts_the_client_before_or_after_the_commit(
    client: httpx2.Client, when: str, there: bool
) -> None:
    switch(client, "slow", when=when, delay_s=60, method="POST")
    with pytest.raises(httpx2.ReadTimeout):
        client.post("/dois", json={"data": {"attributes": RECORD}}, timeout=0.5)
    assert client.get(f"/dois/{DOI}").is_success is there


def test_a_slow_body_begins_and_does_not_end_in_time(client: httpx2.Client) -> None:
    switch(client, "slow", when="body", delay_s=60, method="POST")
    payload = {"data": {"attributes": RECORD}}
    with client.stream("POST", "/dois", json=payload, timeout=0.5) as answer:
        assert answer.status_code == 201
        with pytest.raises(httpx2.ReadTimeout):
            answer.read()


def test_a_slow_body_is_whole_in_the_end(client: httpx2.Client) -> None:
    switch(client, "slow", when="body", delay_s=0.2, method="POST")
    began = time.monotonic()
    assert post(client).json()["data"]["id"] == DOI
    assert time.monotonic() - began >= 0.2


def test_a_lost_race_is_a_409_and_the_next_try_wins(client: httpx2.Client) -> None:
    switch(client, "unique-race", method="POST")
    assert post(client).status_code == 409
    assert post(client).status_code == 201


def test_a_doi_of_someone_else_is_taken_foreign_and_not_ours_to_change(
    client: httpx2.Client,
) -> None:
    switch(client, "foreign-owner", doi=DOI, method="POST")
    assert post(client).json()["errors"][0]["title"] == "This DOI has already been taken"
    shown = client.get(f"/dois/{DOI}").json()["data"]
    assert shown["relationships"]["client"]["data"]["id"] == "foreign.repo"
    assert put(client, url="https://example.org/z").status_code == 403


def test_a_draft_of_someone_else_is_taken_but_hidden(client: httpx2.Client) -> None:
    switch(client, "foreign-owner", doi="10.14454/*", method="POST", state="draft")
    assert post(client).status_code == 422
    assert client.get(f"/dois/{DOI}").status_code == 404


def test_a_frozen_index_knows_nothing_new_until_it_thaws(client: httpx2.Client) -> None:
    number = switch(client, "index-freeze")
    post(client)
    assert client.get("/dois").json()["meta"]["total"] == 0
    assert client.get(f"/dois/{DOI}").status_code == 200
    client.delete(f"/_sandbox/faults/{number}")
    assert client.get("/dois").json()["meta"]["total"] == 1
    assert client.get(f"/dois/{DOI}/activities").json()["meta"]["total"] == 1


@pytest.mark.parametrize(("when", "there"), [("before", 404), ("after", 200)])
def test_the_client_process_is_killed_at_the_exact_point(
    client: httpx2.Client, registry: Registry, when: str, there: int
) -> None:
    script = (
        "import sys, httpx2; sys.stdin.readline();"
        f"httpx2.post('{registry.api_url}/dois', auth=('DEMO.REPO', 'sandbox'),"
        f" json={{'data': {{'attributes': {RECORD!r}}}}}); print('alive')"
    )
    command = [sys.executable, "-c", script]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as child:
        switch(client, "kill", pid=child.pid, when=when, method="POST")
        printed, _ = child.communicate("go\n", timeout=60)
    assert (child.returncode, printed) == (-9, "")
    assert client.get(f"/dois/{DOI}").status_code == there


def test_a_switch_matches_by_method_path_doi_and_event(client: httpx2.Client) -> None:
    switch(client, "html-403", method="PUT", path="^/dois/", doi="10.14454/f*", event="publish")
    assert post(client, event=None).status_code == 201
    assert put(client, version="2").status_code == 200
    assert put(client, event="publish").status_code == 403
    assert put(client, event="publish").status_code == 200


def test_switches_are_listed_with_how_often_they_fired_and_taken_back(
    client: httpx2.Client,
) -> None:
    switch(client, "html-403", count=None)
    assert [post(client).status_code for _ in range(3)] == [403, 403, 403]
    listed = client.get("/_sandbox/faults").json()["faults"]
    assert [(one["kind"], one["fired"]) for one in listed] == [("html-403", 3)]
    assert client.delete("/_sandbox/faults").json() == {"removed": 1}
    assert post(client).status_code == 201


@pytest.mark.parametrize(
    ("told", "hint"),
    [
        ({"kind": "explode"}, "kind: Input should be 'drop-before-commit'"),
        ({}, "kind: "),
        ({"kind": "slow", "count": "many"}, "count: "),
        ({"kind": "slow", "path": "("}, "path: not a regular expression"),
        ({"kind": "html-5xx", "status": 7}, "status: "),
        ({"kind": "slow", "delay": 3}, "unknown: delay"),
        ({"kind": "slow", "when": "never"}, "when: Input should be"),
        ({"kind": "kill"}, "pid: kill needs"),
        ("slow", "a JSON object"),
    ],
)
def test_a_switch_that_cannot_be_is_refused_with_what_can(
    client: httpx2.Client, told: Any, hint: str
) -> None:
    answer = client.post("/_sandbox/faults", json=told)
    assert answer.status_code == 400
    assert hint in answer.json()["error"]


def test_the_log_tells_every_request_and_the_counts_tell_every_state(
    client: httpx2.Client,
) -> None:
    switch(client, "html-5xx", when="after", method="PUT")
    post(client)
    put(client, version="2")
    requests = client.get(f"/_sandbox/log?doi={DOI}").json()["requests"]
    told = [(r["method"], r["status"], r["committed"], r["event"], r["faults"]) for r in requests]
    assert told == [
        ("POST", 201, True, "publish", []),
        ("PUT", 503, True, "", ["html-5xx"]),
    ]
    counts = client.get("/_sandbox/count").json()
    assert counts["DEMO.REPO"] == {"draft": 0, "registered": 0, "findable": 1}
    client.post("/_sandbox/reset")
    assert client.get("/_sandbox/log").json()["total"] == 0
    assert client.get("/_sandbox/count").json()["DEMO.REPO"]["findable"] == 0
