"""What the target sends, what it leaves alone, and what it says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from excudit.domain.errors import ExcuditError, Rejected, Unavailable, Uncertain
from excudit.domain.model import Deposit, Tombstone
from excudit.domain.problem import Problem
from excudit.sandbox.datacite import Registry
from excudit.settings import Site
from excudit.targets.datacite import DataCiteTarget
from registries import OTHER, PASSWORD, VARIABLE, Desk, snapshot_of, target_for


def places(problems: object) -> list[str]:
    assert isinstance(problems, list | tuple)
    return [problem.where for problem in problems if isinstance(problem, Problem)]


def test_the_whole_way_sends_each_thing_once(target: DataCiteTarget, desk: Desk) -> None:
    snapshot = snapshot_of(target)
    deposit = target.reserve(snapshot, key=snapshot.key)
    draft = desk.doi(snapshot.doi)
    assert draft["state"] == "draft"
    assert draft["schemaVersion"] == "http://datacite.org/schema/kernel-4"
    assert draft["url"] == snapshot.landing_url
    assert {"identifier": snapshot.key, "identifierType": "excudit"} in draft["identifiers"]
    assert {"identifier": "cruise-7", "identifierType": "Local"} in draft["identifiers"]
    deposit = target.publish(deposit, snapshot)
    target.publish(deposit, snapshot)
    target.amend(deposit, snapshot)
    assert list(target.confirm(deposit, snapshot)) == []
    assert desk.writes() == [("POST", "", 201), ("PUT", "publish", 200)]
    assert deposit.url == f"{target.settings.resolver_url}/{snapshot.doi}"


def test_a_withdrawal_is_one_write(target: DataCiteTarget, desk: Desk) -> None:
    snapshot = snapshot_of(target)
    deposit = target.publish(target.reserve(snapshot, key=snapshot.key), snapshot)
    stone = Tombstone("Retracted.", date(2026, 3, 4), snapshot.landing_url)
    for _ in range(3):
        deposit = target.withdraw(deposit, snapshot, stone)
    assert desk.writes(snapshot.doi)[2:] == [("PUT", "hide", 200)]


def test_what_the_record_lost_is_cleared_at_the_registry(
    target: DataCiteTarget, desk: Desk
) -> None:
    snapshot = snapshot_of(target)
    deposit = target.publish(target.reserve(snapshot, key=snapshot.key), snapshot)
    gone = {"subjects": (), "version": "", "language": "", "geo_locations": (), "rights_list": ()}
    poorer = replace(snapshot, record=snapshot.record.model_copy(update=gone))
    target.amend(deposit, poorer)
    shown = desk.doi(snapshot.doi)
    assert (shown["subjects"], shown["geoLocations"], shown["rightsList"]) == ([], [], [])
    assert (shown["version"], shown["language"]) == (None, None)
    assert list(target.confirm(deposit, poorer)) == []


def test_drift_at_the_registry_is_shown_at_its_place_and_mended_by_amending(
    target: DataCiteTarget, desk: Desk
) -> None:
    snapshot = snapshot_of(target)
    deposit = target.publish(target.reserve(snapshot, key=snapshot.key), snapshot)
    desk.put(snapshot.doi, version="9", url="https://elsewhere.example.org/", sizes=["1 file"])
    found = target.confirm(deposit, snapshot)
    assert sorted(places(found)) == ["/sizes/0", "/sizes/1", "/url", "/version"]
    seen = target.find(snapshot)
    assert seen is not None
    assert seen.data["sent"] == ""
    target.amend(deposit, snapshot)
    assert list(target.confirm(deposit, snapshot)) == []


def test_the_hash_of_what_was_sent_follows_the_metadata(target: DataCiteTarget) -> None:
    snapshot = snapshot_of(target)
    first = target.reserve(snapshot, key=snapshot.key)
    found = target.find(snapshot)
    assert found is not None
    assert found.data == first.data
    other = replace(snapshot, record=snapshot.record.model_copy(update={"version": "2"}))
    assert target.amend(first, other).data["sent"] != first.data["sent"]


def test_a_refusal_reaches_the_user_word_for_word_at_its_field(
    registry: Registry, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    target = target_for(registry, OTHER)
    snapshot = snapshot_of(target, url="https://elsewhere.test/x")
    deposit = target.reserve(snapshot, key=snapshot.key)
    with pytest.raises(Rejected) as caught:
        target.publish(deposit, snapshot)
    words = "URL https://elsewhere.test/x is not allowed by repository DEMO.OTHER domain settings."
    assert [(p.where, p.message) for p in caught.value.problems] == [("/url", words)]
    assert words in caught.value.remote
    assert desk.counts("DEMO.OTHER") == {"draft": 1}
    assert "/url" in places(target.check(snapshot))


def test_the_line_of_the_schema_judge_is_kept(target: DataCiteTarget, desk: Desk) -> None:
    snapshot = snapshot_of(target)
    broken = replace(snapshot, record=snapshot.record.model_copy(update={"creators": ()}))
    deposit = target.reserve(broken, key=broken.key)
    with pytest.raises(Rejected) as caught:
        target.publish(deposit, broken)
    [problem] = caught.value.problems
    assert problem.where == "/creators"
    assert problem.message.startswith(f"DOI {snapshot.doi}: Missing child element(s).")
    assert problem.message.endswith("at line 4, column 0")
    assert desk.counts() == {"draft": 1}
    target.publish(deposit, snapshot)
    assert desk.counts() == {"findable": 1}


def test_check_tells_everything_at_once_and_touches_nothing(
    target: DataCiteTarget, desk: Desk
) -> None:
    mark = {"identifier": "x", "identifierType": "excudit"}
    snapshot = snapshot_of(target, doi="10.14454/other", identifiers=[mark])
    wrong = replace(snapshot, doi="10.9999/abcd", landing_url="")
    assert {"/url", "/doi", "/identifiers/0/identifierType"} <= set(places(target.check(wrong)))
    assert len([p for p in places(target.check(wrong)) if p == "/doi"]) >= 2
    assert desk.writes() == []


def test_probe_names_each_wrong_setting_with_its_mend(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    assert list(target_for(registry).probe()) == []
    wrong = target_for(
        registry,
        prefix="10.9999",
        older_prefixes=["10.14454", "10.8888"],
        domains=["example.com"],
        resolver_url="http://127.0.0.1:9",
    )
    found = wrong.probe()
    assert places(found) == ["/resolver_url", "/domains", "/prefix", "/older_prefixes/1"]
    assert all(problem.mend for problem in found)
    other = DataCiteTarget(
        "other", target_for(registry, OTHER).settings, Site(base_url="https://data.example.net")
    )
    assert places(other.probe()) == ["/domains", "/domains"]
    assert places(target_for(registry, username="DEMO.NOBODY").probe()) == ["/password"]
    assert places(target_for(registry, url="http://127.0.0.1:9").probe()) == ["/url"]
    monkeypatch.setenv(VARIABLE, "wrong-horse-battery")
    [denied] = target_for(registry).probe()
    assert (denied.where, "Bad credentials." in denied.message) == ("/password", True)
    assert "wrong-horse-battery" not in str(denied)


class Liar(BaseHTTPRequestHandler):
    """A registry whose answers are well-formed JSON and wrong."""

    lie: ClassVar[Any] = None

    def log_request(self, code: object = "-", size: object = "-") -> None:
        return

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(self.lie).encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815


def shown(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "dois", "attributes": attributes}}


@pytest.fixture
def liar(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataCiteTarget]:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    target = target_for(registry, url=f"http://127.0.0.1:{server.server_port}")
    yield target
    target.close()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "lie",
    [
        None,
        [],
        {"data": None},
        {"data": {"attributes": []}},
        shown(doi="10.14454/another", state="draft"),
        shown(state="draft"),
        "own DOI, odd state",
    ],
)
def test_an_answer_about_something_else_is_not_believed(
    liar: DataCiteTarget, lie: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = snapshot_of(liar)
    odd = shown(doi=snapshot.doi, state="reserved")
    monkeypatch.setattr(Liar, "lie", odd if isinstance(lie, str) else lie)
    with pytest.raises(Uncertain):
        liar.reserve(snapshot, key=snapshot.key)
    with pytest.raises(Unavailable):
        liar.find(snapshot)


def test_an_event_that_was_ignored_without_a_word_is_noticed(
    liar: DataCiteTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = snapshot_of(liar)
    mark = [{"identifier": snapshot.key, "identifierType": "excudit"}]
    draft = shown(doi=snapshot.doi.upper(), state="draft", identifiers=mark)
    monkeypatch.setattr(Liar, "lie", draft)
    deposit = Deposit("registry", snapshot.key, snapshot.doi, "draft", doi=snapshot.doi)
    with pytest.raises(Rejected, match=r"left .* draft; it should be findable"):
        liar.publish(deposit, snapshot)


@pytest.mark.parametrize("identifiers", [7, "x", [None], [{"identifierType": "excudit"}]])
def test_odd_identifiers_are_nobodys_mark(
    liar: DataCiteTarget, identifiers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = snapshot_of(liar)
    told = shown(doi=snapshot.doi, state="draft", identifiers=identifiers)
    monkeypatch.setattr(Liar, "lie", told)
    with pytest.raises(ExcuditError):
        liar.find(snapshot)
