"""The API under calls made from its own description, as each role: nothing undescribed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, checks, openapi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from excudit.domain.lifecycle import STATES
from excudit.store.database import Database, sqlite_url
from excudit.web import create_app, serve_in_thread
from permission_house import HELPER, Person, Place
from web_house import furnished, prepare

CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CALLERS = {
    "owner": "nora",
    "reviewer": "rita",
    "curator": "cora",
    "admin": "adam",
    "anonymous": "",
}
SOME_FIRST = [
    c if c in ("owner", "anonymous") else pytest.param(c, marks=pytest.mark.slow) for c in CALLERS
]
LEAKS = (
    "Traceback (most",
    "sqlalchemy",
    "sqlite3",
    "SELECT ",
    "INSERT INTO",
    "site-packages",
    "/src/excudit",
)
"""Words of the inside, which no answer may say."""


class Service:
    """The service on loopback, with publications in every state."""

    def __init__(self, place: Place, url: str, schema: Any) -> None:
        self.place, self.url, self.schema = place, url, schema
        self.session = requests.Session()

    def publications(self, caller: str) -> list[str]:
        """One in each state; the owner's are hers."""
        person = Person(CALLERS[caller] or "nora", "owner" if caller == "owner" else "stranger")
        return [self.place.placed(state, person) for state in STATES]

    def call(self, case: Case, caller: str) -> None:
        """Do it, and hold the answer against the description."""
        name = CALLERS[caller]
        # The same token for the whole walk: one that a call has revoked would end it.
        headers = self.place.house.token(name) if name else {}
        if name and case.operation.label in SELF_ENDING and case.path_parameters:
            case.path_parameters = {**case.path_parameters, "name": HELPER}
        answer = case.call(base_url=self.url, session=self.session, headers=headers)
        case.validate_response(answer, checks=CHECKS)
        # Hypothesis also sends words that it found in this very file; they may come back.
        sent = str((case.path_parameters, case.query, case.headers, case.body))
        leaked = [word for word in LEAKS if word in (answer.text or "") and word not in sent]
        assert not leaked, answer.text


SELF_ENDING = (
    "PUT /api/v1/people/{name}/roles",
    "POST /api/v1/people/{name}/disable",
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    database = Database(sqlite_url(tmp_path_factory.mktemp("described") / "excudit.db"))
    prepare(database)
    place = Place(furnished(database))
    app = create_app(place.parts)
    schema = openapi.from_dict(app.openapi())
    running = serve_in_thread(app, "127.0.0.1", 0)
    yield Service(place, running.url, schema)
    running.stop()
    database.close()


def walk(service: Service, caller: str, examples: int) -> None:
    """Every call of the description, as often with what it describes as with what it does not."""
    found = service.publications(caller)
    for result in service.schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = operation.as_strategy(generation_mode=mode)
            try:
                attempt(service, caller, cases, found, examples)
            except Unsatisfiable:
                # What takes nothing can be asked nothing wrong.
                assert mode is GenerationMode.NEGATIVE, operation.label


def attempt(service: Service, caller: str, cases: Any, found: list[str], examples: int) -> None:
    """Some calls of one operation, most of them on publications that there are."""

    @given(case=cases, at=st.sampled_from([*found, ""]))
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def one(case: Case, at: str) -> None:
        if at and "publication" in (case.path_parameters or {}):
            case.path_parameters = {**case.path_parameters, "publication": at}
        service.call(case, caller)

    one()


@pytest.mark.parametrize("caller", SOME_FIRST)
def test_every_answer_is_as_described(service: Service, caller: str) -> None:
    walk(service, caller, examples=2)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("caller", CALLERS)
def test_very_many_answers_are_as_described(service: Service, caller: str) -> None:
    walk(service, caller, examples=25)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("caller", ["owner", "admin"])
def test_calls_that_use_what_others_answered_are_as_described(
    service: Service, caller: str
) -> None:
    """By the links that follow from the description: ids of one answer in the next call."""
    headers = service.place.house.token(CALLERS[caller])
    machine: Any = service.schema.exclude(path_regex="/people/").as_state_machine()

    class Following(machine):  # type: ignore[misc]
        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"base_url": service.url, "session": service.session, "headers": headers}

        def validate_response(self, response: Any, case: Case, *_: Any, **__: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Following.run(
        settings=settings(
            max_examples=20,
            stateful_step_count=10,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )
