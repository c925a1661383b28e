"""Whatever goes wrong at the registry: the right error, at most one DOI, and a way on."""

from __future__ import annotations

import logging
import traceback
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from excudit.domain.errors import (
    ExcuditError,
    RateLimited,
    Retryable,
    Unavailable,
    Uncertain,
)
from excudit.domain.model import Deposit, Snapshot, Tombstone
from excudit.targets.datacite import DataCiteTarget
from registries import PASSWORD, REPO, VARIABLE, Desk, snapshot_of

STONE = Tombstone("Wrong calibration.", date(2026, 2, 3), "https://data.example.org/gone")


def reserved(target: DataCiteTarget, snapshot: Snapshot) -> Deposit:
    return target.reserve(snapshot, key=snapshot.key)


def published(target: DataCiteTarget, snapshot: Snapshot) -> Deposit:
    return target.publish(reserved(target, snapshot), snapshot)


def renamed(snapshot: Snapshot) -> Snapshot:
    record = snapshot.record.model_copy(update={"version": "2.0", "subjects": ()})
    return replace(snapshot, record=record)


def persevering(act: Callable[[], Any]) -> Any:
    """What a plan does: look and act again while the error says that it may help."""
    for _ in range(8):
        try:
            return act()
        except (Retryable, Uncertain):
            continue
    pytest.fail("it never went through")


@dataclass(frozen=True)
class Verb:
    """One thing that a plan does: from where, how, and how it must end."""

    method: str
    event: str
    before: Callable[[DataCiteTarget, Snapshot], Deposit | None]
    act: Callable[[DataCiteTarget, Snapshot], Any]
    end: dict[str, int]


def look_then_reserve(target: DataCiteTarget, snapshot: Snapshot) -> Deposit:
    return target.find(snapshot) or reserved(target, snapshot)


def at(target: DataCiteTarget, snapshot: Snapshot) -> Deposit:
    return Deposit(target.name, snapshot.key, snapshot.doi, "", doi=snapshot.doi)


VERBS = {
    "reserve": Verb("POST", "", lambda t, s: None, look_then_reserve, {"draft": 1}),
    "update a draft": Verb(
        "PUT",
        "",
        reserved,
        lambda t, s: t.publish(at(t, s), renamed(s)),
        {"findable": 1},
    ),
    "publish": Verb(
        "PUT", "publish", reserved, lambda t, s: t.publish(at(t, s), s), {"findable": 1}
    ),
    "amend": Verb(
        "PUT", "", published, lambda t, s: t.amend(at(t, s), renamed(s)), {"findable": 1}
    ),
    "withdraw": Verb(
        "PUT", "hide", published, lambda t, s: t.withdraw(at(t, s), s, STONE), {"registered": 1}
    ),
    "discard": Verb("DELETE", "", reserved, lambda t, s: t.discard(at(t, s)), {}),
}

FAULTS: dict[str, tuple[dict[str, Any], type[ExcuditError]]] = {
    "drop before commit": ({"kind": "drop-before-commit"}, Uncertain),
    "drop after commit": ({"kind": "drop-after-commit"}, Uncertain),
    "HTML 502 before commit": (
        {"kind": "html-5xx", "status": 502, "when": "before"},
        Uncertain,
    ),
    "HTML 503 after commit": ({"kind": "html-5xx", "status": 503, "when": "after"}, Uncertain),
    "HTML 200 before commit": ({"kind": "html-200", "when": "before"}, Uncertain),
    "HTML 200 after commit": ({"kind": "html-200", "when": "after"}, Uncertain),
    "too slow to take it": ({"kind": "slow", "when": "before", "delay_s": 0.8}, Uncertain),
    "too slow to answer": ({"kind": "slow", "when": "after", "delay_s": 0.8}, Uncertain),
    "too slow a body": ({"kind": "slow", "when": "body", "delay_s": 8}, Uncertain),
    "throttled": ({"kind": "throttle", "retry_after": "7"}, RateLimited),
    "throttled at the edge": ({"kind": "html-403"}, RateLimited),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("verb", VERBS)
def test_a_fault_has_its_error_and_the_next_try_leads_to_exactly_one_doi(
    hasty: DataCiteTarget, desk: Desk, verb: str, fault: str
) -> None:
    todo, (switch, error) = VERBS[verb], FAULTS[fault]
    if todo.method == "DELETE" and switch.get("when") == "body":
        pytest.skip("a 204 has no body")
    snapshot = snapshot_of(hasty)
    todo.before(hasty, snapshot)
    desk.fault(**switch, method=todo.method, event=todo.event)
    with pytest.raises(error) as caught:
        todo.act(hasty, snapshot)
    assert type(caught.value) is error
    if switch.get("retry_after"):
        assert isinstance(caught.value, RateLimited)
        assert caught.value.delay_s == 7
    persevering(lambda: todo.act(hasty, snapshot))
    desk.quiet()
    assert desk.counts() == todo.end


READS: dict[str, tuple[dict[str, Any], type[ExcuditError]]] = {
    name: (switch, Unavailable if error is Uncertain else error)
    for name, (switch, error) in FAULTS.items()
}


@pytest.mark.parametrize("fault", READS)
def test_a_lost_look_is_repeated_and_never_taken_for_an_absence(
    hasty: DataCiteTarget, desk: Desk, fault: str
) -> None:
    switch, error = READS[fault]
    snapshot = snapshot_of(hasty)
    reserved(hasty, snapshot)
    desk.fault(**switch, method="GET")
    with pytest.raises(error) as caught:
        hasty.find(snapshot)
    assert type(caught.value) is error
    assert persevering(lambda: hasty.find(snapshot)) is not None
    desk.quiet()


def test_many_lost_answers_in_a_row_still_give_one_doi(hasty: DataCiteTarget, desk: Desk) -> None:
    snapshot = snapshot_of(hasty)
    desk.fault("drop-before-commit", method="POST", count=2)
    desk.fault("drop-after-commit", method="POST", count=1, skip=2)
    desk.fault("html-5xx", method="GET", count=2, skip=1)
    desk.fault("drop-after-commit", method="PUT", count=2)
    persevering(lambda: look_then_reserve(hasty, snapshot))
    persevering(lambda: hasty.publish(at(hasty, snapshot), snapshot))
    assert list(persevering(lambda: hasty.confirm(at(hasty, snapshot), snapshot))) == []
    assert desk.counts() == {"findable": 1}
    assert [method for method, _, _ in desk.writes()].count("POST") == 1


def test_a_race_that_shows_nobody_is_uncertain_and_then_goes_well(
    hasty: DataCiteTarget, desk: Desk
) -> None:
    snapshot = snapshot_of(hasty)
    desk.fault("unique-race", method="POST")
    with pytest.raises(Uncertain, match="taken in the same moment") as caught:
        reserved(hasty, snapshot)
    assert caught.value.remote == "The resource already exists."
    persevering(lambda: look_then_reserve(hasty, snapshot))
    assert desk.counts() == {"draft": 1}


def test_a_race_that_we_won_is_success(hasty: DataCiteTarget, desk: Desk) -> None:
    snapshot = snapshot_of(hasty)
    reserved(hasty, snapshot)
    desk.fault("unique-race", method="POST")
    assert reserved(hasty, snapshot).doi_state == "draft"
    assert desk.counts() == {"draft": 1}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("password", [PASSWORD, "wrong-horse-battery"], ids=["right", "wrong"])
def test_no_fault_brings_the_password_to_light(
    hasty: DataCiteTarget,
    desk: Desk,
    fault: str,
    password: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(VARIABLE, password)
    login = b64encode(f"{REPO.symbol}:{password}".encode()).decode()
    desk.fault(**FAULTS[fault][0], method="POST")
    with pytest.raises(ExcuditError) as caught:
        reserved(hasty, snapshot_of(hasty))
    words = [
        *traceback.format_exception(caught.value),
        str(caught.value.as_data()),
        repr(hasty),
        repr(vars(hasty)),
        caplog.text,
    ]
    assert not [text for text in words if password in text or login in text]
    desk.quiet()
