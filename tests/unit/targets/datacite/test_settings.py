"""The table of a DataCite target: what it refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from excudit.settings import Site
from excudit.targets.datacite import DataCiteSettings, DataCiteTarget
from excudit.targets.datacite.doctor import allowed

GOOD: dict[str, Any] = {
    "username": "DEMO.REPO",
    "password": {"env": "DATACITE_PASSWORD"},
    "prefix": "10.14454",
}


def test_an_account_and_a_prefix_are_enough() -> None:
    settings = DataCiteSettings.model_validate({**GOOD, "older_prefixes": ["10.5072"]})
    assert settings.url == "https://api.datacite.org"
    assert settings.prefixes == ("10.14454", "10.5072")
    assert settings.per_second == 5


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://api.datacite.org"}, "https:// address is needed"),
        ({"url": "https://DEMO.REPO:hunter2@api.datacite.org"}, "not in the address"),
        ({"url": "https://api.test.datacite.org"}, "do not resolve at doi.org"),
        ({"prefix": "10.14454/"}, "prefix"),
        ({"prefix": "11.14454"}, "prefix"),
        ({"shoulder": "FK2"}, "shoulder"),
        ({"shoulder": "fk2-"}, "shoulder"),
        ({"domains": []}, "domains"),
        ({"domains": ["https://example.org"]}, "domains"),
        ({"password": "hunter2"}, "password"),
        ({"per_second": -1}, "per_second"),
        ({"passwort": {"env": "X"}}, "passwort"),
    ],
)
def test_what_cannot_work_is_refused_without_showing_a_secret(
    wrong: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        DataCiteSettings.model_validate({**GOOD, **wrong})
    told = str([(e["loc"], e["msg"]) for e in caught.value.errors(include_input=False)])
    assert words in told
    assert "hunter2" not in told


def test_plain_http_is_for_this_machine_only() -> None:
    for url in ("http://127.0.0.1:8080/", "http://localhost:1", "http://[::1]:5"):
        assert DataCiteSettings.model_validate({**GOOD, "url": url}).url == url.rstrip("/")


def test_a_target_is_made_without_asking_or_reading_anything() -> None:
    target = DataCiteTarget("doi", DataCiteSettings.model_validate(GOOD), Site())
    assert target.name_doi().startswith("10.14454/")
    target.close()


@pytest.mark.parametrize(
    ("host", "domains", "answer"),
    [
        ("data.example.org", ["*"], True),
        ("data.example.org", ["example.org"], False),
        ("example.org", ["*.example.org"], False),
        ("data.example.org", ["x.org", " *.Example.org"], True),
        ("evilexample.org", ["*.example.org"], False),
        ("example.org", ["example.org"], True),
    ],
)
def test_domains_are_matched_as_the_registry_does(
    host: str, domains: list[str], answer: bool
) -> None:
    assert allowed(host, domains) is answer
