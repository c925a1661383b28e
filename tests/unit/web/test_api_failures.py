"""Every failure is problem+json with what to do, and gives nothing inner away."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from excudit.domain.errors import (
    KINDS,
    Conflict,
    Denied,
    ExcuditError,
    NeedsPerson,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
    Unsupported,
)
from excudit.domain.problem import Problem
from excudit.store.database import Database
from excudit.web import create_app
from excudit.web.headers import BODY_LIMIT
from excudit.web.kinds import of_error
from web_house import RECORD, House

ALL = "/api/v1/publications"


class Failing:
    """A source that fails as it is told."""

    name = "shelf"
    custody = ""
    reports = False

    def __init__(self, error: Exception) -> None:
        self.error = error

    def search(self, text: str, **_: Any) -> Any:
        raise self.error


def failing(house: House, error: Exception) -> Any:
    house.parts.sources["shelf"] = Failing(error)  # type: ignore[index]
    with TestClient(create_app(house.parts), raise_server_exceptions=False) as web:
        return web.get("/api/v1/datasets?route=to-doi", headers=house.token("ada"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Rejected("a"), 422),
        (NotFound("a"), 404),
        (Denied("a"), 403),
        (Conflict("a"), 409),
        (Unsupported("a"), 501),
        (Unavailable("a"), 503),
        (RateLimited("a"), 429),
        (NeedsPerson("a"), 409),
        (Uncertain("a"), 502),
    ],
)
def test_each_kind_of_error_has_its_status_and_all_its_words(
    house: House, error: ExcuditError, status: int
) -> None:
    error.hint, error.remote = "Mend it.", "their words"
    error.problems = (Problem("/titles", "There is none.", "Add one."),)
    answer = failing(house, error)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": f"https://data.example.org/problems/{error.kind}",
        "title": error.sentence,
        "status": status,
        "detail": "a",
        "instance": "/api/v1/datasets",
        "kind": error.kind,
        "hint": "Mend it.",
        "remote": "their words",
        "problems": [
            {
                "where": "/titles",
                "message": "There is none.",
                "mend": "Add one.",
                "severity": "error",
            }
        ],
    }


def test_every_kind_of_error_has_a_status() -> None:
    for kind in KINDS.values():
        assert 400 <= of_error(kind("x")).status < 600


def test_waiting_is_told_in_seconds(house: House) -> None:
    assert failing(house, RateLimited("a", delay_s=41.6)).headers["retry-after"] == "42"
    assert failing(house, Unavailable("a")).headers["retry-after"] == "5"


def test_a_bug_gives_a_number_here_and_the_trace_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "excudit.web"):
        answer = failing(house, ZeroDivisionError("the secret inside"))
    assert answer.status_code == 500
    body = answer.json()
    assert re.fullmatch("[0-9a-f]{12}", body["incident"])
    assert body["incident"] in body["hint"]
    assert "secret" not in answer.text
    assert "Zero" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert body["incident"] in caplog.text
    assert "the secret inside" in caplog.text


def test_a_database_that_is_away_is_503_without_its_address(
    house: House, web: TestClient, tmp_path: Any
) -> None:
    page = house.opened()
    ada = house.token("ada")
    lost = Database(f"sqlite:///{tmp_path}/no-such-folder/secret-name.db")
    object.__setattr__(house.parts, "database", lost)
    for path in (ALL, f"/d/{page.slug}", "/"):
        answer = web.get(path, headers=ada)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "secret-name" not in answer.text
    health = web.get("/health")
    assert health.status_code == 503
    assert health.json()["checks"]["database"]["status"] == "failing"
    assert "secret-name" not in health.text


def test_health_tells_a_database_that_was_not_set_up(
    house: House, web: TestClient, tmp_path: Any
) -> None:
    assert web.get("/health").json()["status"] == "ok"
    bare = Database(f"sqlite:///{tmp_path}/bare.db")
    object.__setattr__(house.parts, "database", bare)
    answer = web.get("/health")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"]["status"] == "ok"
    assert "Run `excudit init`." in answer.json()["checks"]["migrations"]["detail"]


@pytest.mark.parametrize(
    ("content", "content_type", "status", "words"),
    [
        (b'{"route": ', "application/json", 400, "not JSON"),
        (b"[" * 100_000, "application/json", 400, "nested too deeply"),
        (b'{"route": "to-doi", "ref": "alpha"}', "text/plain", 415, "application/json"),
        (b'{"route": "to-doi", "ref": "alpha"}', "", 415, "application/json"),
        (b"route=to-doi", "application/x-www-form-urlencoded", 415, "application/json"),
        (b"\xff\xfe", "application/json", 400, "not JSON"),
        (b"", "application/json", 422, "does not fit"),
        (b"[]", "application/json", 422, "does not fit"),
        (b'{"ref": "alpha"}', "application/json", 422, "does not fit"),
        (b'{"route": "to-doi", "ref": "alpha", "x": 1}', "application/json", 422, "does not fit"),
    ],
)
def test_bodies_that_do_not_fit_say_so(
    house: House, web: TestClient, content: bytes, content_type: str, status: int, words: str
) -> None:
    headers = {**house.token("ada"), "Content-Type": content_type}
    answer = web.post(ALL, headers=headers, content=content)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    "text",
    [
        '"\\u0000"',
        '"\\ud800"',
        "NaN",
        "-Infinity",
        "1e999",
        "9223372036854775808",
        "[" * 40 + "]" * 40,
        '{"\\u0000": 1}',
    ],
)
def test_what_no_database_can_keep_is_refused_with_its_place(
    house: House, web: TestClient, text: str
) -> None:
    body = '{"route": "to-doi", "ref": "alpha", "record": {"titles": ' + text + "}}"
    headers = {**house.token("ada"), "Content-Type": "application/json"}
    answer = web.post(ALL, headers=headers, content=body.encode())
    assert answer.status_code == 422
    assert [p["where"] for p in answer.json()["problems"]] == ["/record"]
    ref = web.post(ALL, headers=headers, content=b'{"route": "to-doi", "ref": "a\\u0000"}')
    assert ref.status_code == 422


def test_too_large_bodies_are_refused_before_and_while_they_come(
    house: House, web: TestClient
) -> None:
    headers = {**house.token("ada"), "Content-Type": "application/json"}
    long = b'"' + b"a" * BODY_LIMIT + b'"'
    announced = web.post(ALL, headers=headers, content=long)
    chunked = web.post(ALL, headers=headers, content=iter([long[:1000], long[1000:]]))
    for answer in (announced, chunked):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.json()["status"], answer.json()["kind"]) == (413, "ContentTooLarge")
        assert "nosniff" in answer.headers["x-content-type-options"]


def test_unknown_addresses_and_methods_are_problems_too(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    assert web.get("/api/v1/nowhere", headers=ada).json()["kind"] == "NotFound"
    wrong = web.patch(ALL, headers=ada)
    assert wrong.status_code == 405
    assert wrong.json()["detail"] == "This address does not know that method."
    assert "GET" in wrong.headers["allow"]


def test_no_other_site_may_call_the_api_from_a_browser(house: House, web: TestClient) -> None:
    headers = {**house.token("ada"), "Origin": "https://evil.example.com"}
    assert "access-control-allow-origin" not in web.get(ALL, headers=headers).headers
    asked = {**headers, "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in web.options(ALL, headers=asked).headers


def test_a_record_is_checked_without_being_kept(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    good = web.post("/api/v1/records/check", headers=ada, json={"record": RECORD}).json()
    assert good["publishable"] is True
    bad = web.post("/api/v1/records/check", headers=ada, json={"record": {}}).json()
    assert bad["publishable"] is False
    assert {p["where"] for p in bad["problems"]} >= {"/titles", "/creators", "/publisher"}
    assert web.get(ALL, headers=ada).json()["publications"] == []


def test_routes_and_their_datasets_are_found(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    (route,) = web.get("/api/v1/routes", headers=ada).json()["routes"]
    assert (route["name"], route["source"], route["targets"]) == ("to-doi", "shelf", ["registry"])
    found = web.get(route["links"]["datasets"]["href"], headers=ada).json()["datasets"]
    assert [d["ref"] for d in found] == ["alpha", "beta"]
    found = web.get("/api/v1/datasets?route=to-doi&q=BETA", headers=ada).json()["datasets"]
    assert [d["title"] for d in found] == ["Station Beta"]
    assert web.get("/api/v1/datasets?route=no", headers=ada).status_code == 404
    assert web.get("/api/v1/datasets", headers=ada).status_code == 422
    house.shelf.is_down = True
    assert web.get("/api/v1/datasets?route=to-doi", headers=ada).json()["remote"] == "ECONNREFUSED"
