"""The sandbox registry as a server: it keeps its state, and knows who may do what."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from excudit.domain.errors import Unavailable, Unsupported
from excudit.sandbox.datacite import DEFAULT_ACCOUNTS, Account, Registry

OWNER = ("DEMO.REPO", "sandbox")
PATIENCE_S = 30.0
RECORD: dict[str, Any] = {
    "event": "publish",
    "url": "https://example.org/x",
    "schemaVersion": "http://datacite.org/schema/kernel-4",
    "creators": [{"name": "A, B"}],
    "titles": [{"title": "T"}],
    "publisher": "P",
    "publicationYear": 2016,
    "types": {"resourceTypeGeneral": "Dataset"},
}


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "this never came true"


def written(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "dois", "attributes": attributes}}


@pytest.fixture
def registry() -> Iterator[Registry]:
    accounts = (*DEFAULT_ACCOUNTS, Account("DEMO.GONE", prefixes=("10.5072",), active=False))
    with Registry(mode="thread", accounts=accounts) as registry:
        yield registry


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_was_answered_is_there_after_a_restart_on_the_same_ports(
    tmp_path: Path, end: str
) -> None:
    registry = Registry(tmp_path / "registry.sqlite").start()
    before = (registry.api_url, registry.resolver_url)
    try:
        for number in range(20):
            doi = f"10.14454/kept-{number}"
            answer = httpx2.post(
                f"{registry.api_url}/dois", json=written(doi=doi, **RECORD), auth=OWNER
            )
            assert answer.status_code == 201
        getattr(registry, end)()
        registry.start()
        assert (registry.api_url, registry.resolver_url) == before
        counts = httpx2.get(f"{registry.api_url}/_sandbox/count").json()
        assert counts["DEMO.REPO"]["findable"] == 20
        resolved = httpx2.get(f"{registry.resolver_url}/10.14454/KEPT-7")
        assert (resolved.status_code, resolved.headers["Location"]) == (302, RECORD["url"])
    finally:
        registry.stop()


def test_the_child_process_ends_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import os, signal; from excudit.sandbox.datacite import Registry;"
        f"r = Registry({str(tmp_path / 's')!r}).start();"
        "print(r.api_url, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    parent = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    url = parent.stdout.strip()
    assert url.startswith("http://127.0.0.1:")

    def gone() -> bool:
        try:
            httpx2.get(f"{url}/heartbeat", timeout=1)
        except httpx2.TransportError:
            return True
        return False

    until(gone)


def test_a_port_that_is_taken_is_an_error_that_says_so(registry: Registry) -> None:
    with pytest.raises(Unavailable, match="did not start") as caught:
        Registry(port=registry.port).start()
    assert str(registry.port) in caught.value.hint


def test_the_command_line_says_where_it_listens() -> None:
    command = [sys.executable, "-m", "excudit.sandbox.datacite", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        urls = json.loads(child.stdout.readline())
        assert httpx2.get(f"{urls['api_url']}/heartbeat").text == "OK"
        child.terminate()
    assert child.returncode in (0, -15)


def test_an_index_with_a_lag_shows_a_write_later_than_the_database() -> None:
    with Registry(mode="thread", index_lag_s=0.3) as registry:
        made = time.monotonic()
        httpx2.post(f"{registry.api_url}/dois", json=written(doi="10.14454/l"), auth=OWNER)
        with httpx2.Client(base_url=registry.api_url, auth=OWNER) as client:
            assert client.get("/dois").json()["meta"]["total"] == 0
            assert client.get("/dois/10.14454/l").status_code == 200
            until(lambda: client.get("/dois").json()["meta"]["total"] == 1)
        assert time.monotonic() - made >= 0.3


def test_a_token_is_as_good_as_a_password(registry: Registry) -> None:
    token = DEFAULT_ACCOUNTS[0].tokens[0]
    for given, status in ((token, 201), ("DC.wrong", 401)):
        headers = {"Authorization": f"Bearer {given}"}
        answer = httpx2.post(
            f"{registry.api_url}/dois", json=written(doi="10.14454/t"), headers=headers
        )
        assert answer.status_code == status
    assert answer.headers["X-Anonymous-Consumer"] == "true"


def test_an_inactive_account_may_not_write(registry: Registry) -> None:
    answer = httpx2.post(
        f"{registry.api_url}/dois", json=written(doi="10.5072/x"), auth=("DEMO.GONE", "sandbox")
    )
    assert answer.status_code == 403


def test_answers_name_the_account(registry: Registry) -> None:
    answer = httpx2.get(f"{registry.api_url}/prefixes", auth=("demo.repo", "sandbox"))
    assert answer.headers["X-Credential-Username"] == "DEMO.REPO"


def test_a_delete_of_what_another_repository_owns_is_refused(registry: Registry) -> None:
    url = f"{registry.api_url}/dois/10.14454/mine"
    httpx2.put(url, json=written(), auth=OWNER)
    assert httpx2.delete(url, auth=("DEMO.OTHER", "sandbox")).status_code == 403
    assert httpx2.delete(url).status_code == 401
    assert httpx2.delete(url, auth=OWNER).status_code == 204


def test_a_malformed_doi_in_the_path_of_a_put_is_not_found(registry: Registry) -> None:
    answer = httpx2.put(f"{registry.api_url}/dois/10.14454/a+b", json=written(), auth=OWNER)
    assert answer.status_code == 404


def test_what_no_one_knows_of_datacite_is_marked(registry: Registry) -> None:
    answer = httpx2.get(f"{registry.api_url}/providers")
    assert answer.status_code == 404
    assert answer.headers["X-Sandbox-Note"]


def test_unknown_schema_versions_skip_the_schema_unless_told_otherwise() -> None:
    skipping = "http://datacite.org/schema/kernel-4.4"
    wrong = RECORD | {"creators": [], "schemaVersion": skipping}
    for bypass, status in ((True, 201), (False, 422)):
        with Registry(mode="thread", bypass=bypass) as registry:
            url = f"{registry.api_url}/dois"
            answer = httpx2.post(url, json=written(doi="10.14454/s", **wrong), auth=OWNER)
            assert answer.status_code == status


def test_without_a_schema_version_post_says_only_that_metadata_is_invalid(
    registry: Registry,
) -> None:
    wrong = {k: v for k, v in RECORD.items() if k not in ("creators", "schemaVersion")}
    url = f"{registry.api_url}/dois"
    answer = httpx2.post(url, json=written(doi="10.14454/s", **wrong), auth=OWNER)
    assert answer.json()["errors"] == [
        {"source": "metadata", "title": "Is invalid", "uid": "10.14454/s"}
    ]
    draft = {**wrong, "event": None}
    httpx2.post(url, json=written(doi="10.14454/s", **draft), auth=OWNER)
    put = httpx2.put(f"{url}/10.14454/s", json=written(event="publish"), auth=OWNER)
    assert [error["source"] for error in put.json()["errors"]] == ["creators"]


def test_a_refused_write_changes_nothing(registry: Registry) -> None:
    url = f"{registry.api_url}/dois/10.14454/r"
    httpx2.put(url, json=written(version="1"), auth=OWNER)
    before = httpx2.get(url, auth=OWNER).json()
    refused = httpx2.put(url, json=written(version="2", url="no url"), auth=OWNER)
    assert refused.status_code == 422
    assert httpx2.get(url, auth=OWNER).json() == before


def test_the_resolver_answers_apart_from_the_api(registry: Registry) -> None:
    httpx2.put(f"{registry.api_url}/dois/10.14454/h", json=written(**RECORD), auth=OWNER)
    handle = httpx2.get(f"{registry.resolver_url}/api/handles/10.14454/H").json()
    assert handle["responseCode"] == 1
    assert handle["values"][0]["data"] == {"format": "string", "value": RECORD["url"]}
    unknown = httpx2.get(f"{registry.resolver_url}/api/handles/10.14454/none")
    assert (unknown.status_code, unknown.json()["responseCode"]) == (404, 100)
    assert httpx2.get(f"{registry.resolver_url}/10.14454/none").status_code == 404
    assert httpx2.get(f"{registry.api_url}/api/handles/10.14454/h").status_code == 404


def test_the_resolver_leads_to_the_metadata_for_those_who_ask_for_it(registry: Registry) -> None:
    httpx2.put(f"{registry.api_url}/dois/10.14454/h", json=written(**RECORD), auth=OWNER)
    headers = {"Accept": "application/vnd.citationstyles.csl+json"}
    url = f"{registry.resolver_url}/10.14454/h"
    answer = httpx2.get(url, headers=headers, follow_redirects=True)
    assert answer.json()["DOI"] == "10.14454/h"


def test_formats_of_what_is_not_findable_are_for_its_owner_only(registry: Registry) -> None:
    httpx2.put(f"{registry.api_url}/dois/10.14454/d", json=written(version="1"), auth=OWNER)
    url = f"{registry.api_url}/dois/text/csv/10.14454/d"
    assert httpx2.get(url).status_code == 404
    assert httpx2.get(url, auth=OWNER).headers["Content-Type"].startswith("text/csv")
    unknown = httpx2.get(f"{registry.api_url}/dois/text/turtle/10.14454/d", auth=OWNER)
    assert unknown.status_code == 406


def test_stopping_does_not_wait_for_slow_answers() -> None:
    with Registry() as registry:
        fault = {"kind": "slow", "when": "before", "delay_s": 300}
        httpx2.post(f"{registry.api_url}/_sandbox/faults", json=fault)
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.get(f"{registry.api_url}/dois/10.14454/d", timeout=0.3)
        began = time.monotonic()
    assert time.monotonic() - began < 8


def test_a_person_sees_the_dois_on_a_page(registry: Registry) -> None:
    titled = RECORD | {"titles": [{"title": "<script>alert(1)</script>"}]}
    httpx2.put(f"{registry.api_url}/dois/10.14454/p", json=written(**titled), auth=OWNER)
    shown = httpx2.get(registry.api_url).text
    assert "10.14454/p" in shown
    assert "findable" in shown
    assert "<script>" not in shown


def test_the_process_that_serves_is_known(tmp_path: Path) -> None:
    with Registry(tmp_path / "s") as child:
        assert child.pid not in (0, os.getpid())
    assert child.pid == 0


def test_of_many_posts_of_one_doi_at_once_one_creates_it(registry: Registry) -> None:
    def create(number: int) -> int:
        sent = written(doi="10.14454/race", version=str(number))
        return httpx2.post(f"{registry.api_url}/dois", json=sent, auth=OWNER).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(24)))
    assert sorted(answers) == [201] + [422] * 23


def test_a_refused_caller_is_named_too(registry: Registry) -> None:
    answer = httpx2.put(f"{registry.api_url}/dois/10.5438/x", json=written(), auth=OWNER)
    assert answer.status_code == 403
    assert answer.headers["X-Credential-Username"] == "DEMO.REPO"


def test_a_url_with_other_letters_is_redirected_to_in_ascii(registry: Registry) -> None:
    odd = RECORD | {"url": "https://example.org/données?q=a%20b&c=д#é"}
    httpx2.put(f"{registry.api_url}/dois/10.14454/odd", json=written(**odd), auth=OWNER)
    location = httpx2.get(f"{registry.resolver_url}/10.14454/odd").headers["Location"]
    assert location == "https://example.org/donn%C3%A9es?q=a%20b&c=%D0%B4#%C3%A9"


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table dois (doi)")
    before = other.read_bytes()
    with pytest.raises(Unsupported, match="not a state file"):
        Registry(other, mode="thread").start()
    assert other.read_bytes() == before
