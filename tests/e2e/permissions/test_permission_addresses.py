"""No address is forgotten, and none does anything for people who are not signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from permission_calls import EVERY, PUBLIC_CALLS, Call
from permission_house import Person, Place, Watch
from permission_trying import Trying

SIGNED_IN = tuple(c for c in EVERY if c.needs)
OWN_MARK = ("POST /sign-in/openid/logout",)
"""What the provider sends, signed by it."""


def addresses(app: FastAPI) -> Iterator[str]:
    """Method and address of everything that the app answers."""
    for route in app.routes:
        included = getattr(route, "effective_route_contexts", None)
        for one in included() if included else [route]:
            path = re.sub(r":path}", "}", one.path)
            if not re.fullmatch(r"/static/\w+\.(css|js)", path):
                yield from (f"{method} {path}" for method in one.methods - {"HEAD"})


def test_every_address_of_the_service_stands_in_the_list(trying: Trying) -> None:
    app = trying.web.app
    assert isinstance(app, FastAPI)
    assert set(addresses(app)) == {str(c) for c in EVERY}


def test_the_list_holds_every_call_of_the_description(trying: Trying) -> None:
    paths = trying.web.get("/api/v1/openapi.json").json()["paths"]
    described = {f"{m.upper()} {p.replace(':path', '')}" for p, ms in paths.items() for m in ms}
    assert described <= {str(c) for c in EVERY}


@pytest.mark.parametrize("call", SIGNED_IN, ids=str)
def test_nobody_without_an_account_gets_further_than_the_door(
    trying: Trying, watch: Watch, call: Call
) -> None:
    before = watch.now()
    answer = trying.call(call, None)
    if call.is_api:
        assert answer.status_code == 401, answer.text
        assert answer.headers["www-authenticate"].startswith("Bearer")
    else:
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith("/sign-in")
    assert watch.now() == before


def test_a_form_without_the_sessions_own_mark_changes_nothing(
    trying: Trying, place: Place, watch: Watch
) -> None:
    adam = Person("adam", "owner")
    for call in EVERY:
        if call.is_api or call.method != "POST" or str(call) in OWN_MARK:
            continue
        for state in ("draft", "in_review", "published"):
            found = place.placed(state, adam)
            before = watch.now()
            for mark in ("", "0" * 43):
                answer = trying.call(call, "adam", found, csrf=mark)
                assert answer.status_code in (303, 401, 403), (call, answer.text)
            assert watch.now() == before, call


def test_the_ways_of_everybody_need_no_account(trying: Trying) -> None:
    for call in PUBLIC_CALLS:
        if call.method == "GET":
            answer = trying.call(call, None)
            assert answer.status_code in (call.statuses or (200,)), (call, answer.text)
