"""The sandbox registry answers every recorded request as DataCite does."""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from excudit.sandbox.datacite import Registry

AUTH = {
    "repo": ("DEMO.REPO", "sandbox"),
    "other": ("DEMO.OTHER", "sandbox"),
    "wrong": ("DEMO.REPO", "not the password"),
    "none": None,
}
FAULTS = {"fault-unique-race": "unique-race", "fault-handle-down": "handle-down"}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with Registry(mode="thread") as registry, httpx2.Client(base_url=registry.api_url) as client:
        yield client


def send(client: httpx2.Client, told: dict[str, Any], folder: Path) -> httpx2.Response:
    headers = {"Content-Type": "application/vnd.api+json", **told.get("headers", {})}
    content = None
    if "body" in told:
        body = copy.deepcopy(told["body"])
        if "xmlFile" in told:
            document = (folder / told["xmlFile"]).read_bytes()
            body["data"]["attributes"]["xml"] = base64.b64encode(document).decode()
        content = json.dumps(body)
    auth = AUTH[told["auth"]]
    return client.request(told["method"], told["path"], headers=headers, content=content, auth=auth)


def same_errors(expected: list[dict[str, str]], found: list[dict[str, str]]) -> None:
    assert len(found) == len(expected)
    for patterns, error in zip(expected, found, strict=True):
        assert set(error) == set(patterns)
        for key, pattern in patterns.items():
            assert re.search(pattern, error[key]), (key, error[key])


def judge(expected: dict[str, Any], answer: httpx2.Response) -> None:
    assert answer.status_code == expected["status"], answer.text
    known = {"status", "attributes", "attributesMatch", "attributesAbsent", "errors"}
    known |= {"errorsMatch", "body", "emptyBody", "headers", "headersPresent"}
    assert set(expected) <= known
    for name, value in expected.get("headers", {}).items():
        assert answer.headers[name] == value
    for name in expected.get("headersPresent", ()):
        assert answer.headers[name]
    if expected.get("emptyBody"):
        assert answer.content == b""
        return
    body = answer.json()
    assert "errors" not in expected or body["errors"] == expected["errors"]
    if "errorsMatch" in expected:
        same_errors(expected["errorsMatch"], body["errors"])
    assert "body" not in expected or body == expected["body"]
    attributes = body.get("data", {}).get("attributes", {}) if isinstance(body, dict) else {}
    for name, value in expected.get("attributes", {}).items():
        assert attributes[name] == value, name
    for name, pattern in expected.get("attributesMatch", {}).items():
        assert re.search(pattern, attributes[name]), (name, attributes[name])
    for name in expected.get("attributesAbsent", ()):
        assert name not in attributes


def test_every_recorded_case_is_answered_as_datacite_does(
    client: httpx2.Client, shared: Path, subtests: pytest.Subtests
) -> None:
    folder = shared / "data" / "datacite"
    recorded = json.loads((folder / "rest" / "cases.json").read_text())["cases"]
    assert len(recorded) == 70
    for case in recorded:
        with subtests.test(case["id"]):
            client.post("/_sandbox/reset")
            for step in case.get("setup", ()):
                assert send(client, step, folder).is_success
            if case["id"] in FAULTS:
                client.post("/_sandbox/faults", json={"kind": FAULTS[case["id"]]})
            judge(case["expect"], send(client, case["request"], folder))
