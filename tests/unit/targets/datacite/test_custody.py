"""Whose DOI it is, where it leads, and what is never touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from excudit.domain.errors import (
    Conflict,
    Denied,
    NotFound,
    Rejected,
    Unavailable,
)
from excudit.domain.model import Deposit, Snapshot, Tombstone
from excudit.sandbox.datacite import Registry
from excudit.targets.datacite import DataCiteTarget
from registries import PASSWORD, VARIABLE, Desk, snapshot_of, target_for

STONE = Tombstone("Wrong calibration.", date(2026, 2, 3), "https://data.example.org/gone")


def reserved(target: DataCiteTarget, snapshot: Snapshot) -> Deposit:
    return target.reserve(snapshot, key=snapshot.key)


def published(target: DataCiteTarget, snapshot: Snapshot) -> Deposit:
    return target.publish(reserved(target, snapshot), snapshot)


def at(target: DataCiteTarget, snapshot: Snapshot) -> Deposit:
    return Deposit(target.name, snapshot.key, snapshot.doi, "", doi=snapshot.doi)


@pytest.mark.parametrize("state", ["findable", "draft"])
def test_a_name_that_a_stranger_holds_is_a_conflict_and_stays_untouched(
    target: DataCiteTarget, desk: Desk, state: str
) -> None:
    snapshot = snapshot_of(target)
    desk.fault("foreign-owner", method="POST", doi=snapshot.doi, state=state)
    with pytest.raises(Conflict, match=r"taken by someone else") as caught:
        reserved(target, snapshot)
    assert "Choose another name" in caught.value.hint
    assert desk.counts() == {}
    assert desk.counts("FOREIGN.REPO") == {state: 1}
    again = replace(snapshot, doi=target.name_doi())
    reserved(target, again)
    assert desk.counts() == {"draft": 1}
    if state == "findable":
        with pytest.raises(Conflict):
            target.find(snapshot)
    else:
        assert target.find(snapshot) is None


def test_our_account_s_other_doi_is_not_ours_without_our_mark(
    target: DataCiteTarget, desk: Desk
) -> None:
    snapshot = snapshot_of(target)
    desk.put(snapshot.doi, titles=[{"title": "Made by hand"}])
    for act in (
        lambda: target.find(snapshot),
        lambda: reserved(target, snapshot),
        lambda: target.publish(at(target, snapshot), snapshot),
    ):
        with pytest.raises(Conflict):
            act()
    target.discard(at(target, snapshot))
    assert desk.doi(snapshot.doi)["titles"] == [{"title": "Made by hand"}]


def test_a_doi_without_a_handle_waits_and_is_told_again(target: DataCiteTarget, desk: Desk) -> None:
    snapshot = snapshot_of(target)
    deposit = reserved(target, snapshot)
    desk.fault("handle-down", method="PUT", count=None)
    deposit = target.publish(deposit, snapshot)
    assert deposit.doi_state == "findable"
    with pytest.raises(Unavailable, match="does not resolve"):
        target.confirm(deposit, snapshot)
    desk.mend()
    assert list(target.confirm(deposit, snapshot)) == []
    assert desk.counts() == {"findable": 1}


def test_one_failed_handle_registration_is_healed_by_the_first_look(
    target: DataCiteTarget, desk: Desk
) -> None:
    snapshot = snapshot_of(target)
    deposit = reserved(target, snapshot)
    desk.fault("handle-down", method="PUT", event="publish")
    deposit = target.publish(deposit, snapshot)
    assert desk.doi(snapshot.doi)["registered"] is None
    assert list(target.confirm(deposit, snapshot)) == []
    assert desk.doi(snapshot.doi)["registered"]


def test_an_old_address_at_the_handle_server_is_replaced(
    target: DataCiteTarget, desk: Desk
) -> None:
    snapshot = snapshot_of(target)
    published(target, snapshot)
    moved = replace(snapshot, landing_url=f"{snapshot.landing_url}/moved")
    desk.fault("handle-down", method="PUT")
    amended = target.amend(at(target, moved), moved)
    assert list(target.confirm(amended, moved)) == []


def test_a_withdrawal_waits_until_the_tombstone_is_where_the_doi_leads(
    target: DataCiteTarget, desk: Desk
) -> None:
    snapshot = snapshot_of(target)
    deposit = published(target, snapshot)
    desk.fault("handle-down", method="PUT", count=2)
    with pytest.raises(Unavailable, match=r"should lead to https://data\.example\.org/gone"):
        target.withdraw(deposit, snapshot, STONE)
    withdrawn = target.withdraw(deposit, snapshot, STONE)
    assert withdrawn.doi_state == "registered"
    shown = desk.doi(snapshot.doi)
    assert shown["url"] == STONE.url
    assert [d for d in shown["dates"] if d["dateType"] == "Withdrawn"] == [
        {
            "date": "2026-02-03",
            "dateType": "Withdrawn",
            "dateInformation": "Wrong calibration.",
        }
    ]
    with pytest.raises(Rejected, match="withdrawn"):
        target.amend(withdrawn, snapshot)


@pytest.mark.parametrize("act", ["find", "reserve", "publish", "confirm", "amend", "discard"])
def test_a_registry_that_is_down_is_unavailable_and_nothing_was_sent(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    target = target_for(registry, url="http://127.0.0.1:9")
    snapshot = snapshot_of(target)
    deposit = at(target, snapshot)
    acts: dict[str, Callable[[], Any]] = {
        "find": lambda: target.find(snapshot),
        "reserve": lambda: reserved(target, snapshot),
        "publish": lambda: target.publish(deposit, snapshot),
        "confirm": lambda: target.confirm(deposit, snapshot),
        "amend": lambda: target.amend(deposit, snapshot),
        "discard": lambda: target.discard(deposit),
    }
    with pytest.raises(Unavailable, match="cannot be reached"):
        acts[act]()


def test_a_wrong_password_is_denied_with_the_registrys_words_and_not_shown(
    target: DataCiteTarget, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = snapshot_of(target)
    monkeypatch.setenv(VARIABLE, "wrong-horse-battery")
    for act in (lambda: target.find(snapshot), lambda: reserved(target, snapshot)):
        with pytest.raises(Denied) as caught:
            act()
        assert caught.value.remote == "Bad credentials."
        assert "username and password" in caught.value.hint
        assert "wrong-horse-battery" not in str(caught.value.as_data())
    assert desk.counts() == {}


def test_a_password_that_is_nowhere_is_told_before_anything_is_sent(
    target: DataCiteTarget, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(Rejected, match=f"{VARIABLE} is not set"):
        reserved(target, snapshot_of(target))
    assert desk.counts() == {}


def test_a_doi_under_another_prefix_is_never_touched(target: DataCiteTarget, desk: Desk) -> None:
    snapshot = replace(snapshot_of(target), doi="10.5438/3mfp-6m52")
    deposit = at(target, snapshot)
    for act in (
        lambda: target.find(snapshot),
        lambda: reserved(target, snapshot),
        lambda: target.publish(deposit, snapshot),
        lambda: target.discard(deposit),
        lambda: target.withdraw(deposit, snapshot, STONE),
    ):
        with pytest.raises(Rejected, match="not under the prefixes"):
            act()
    assert desk.writes() == []


def test_what_vanished_is_not_made_again_by_an_update(target: DataCiteTarget, desk: Desk) -> None:
    snapshot = snapshot_of(target)
    for act in (
        lambda: target.publish(at(target, snapshot), snapshot),
        lambda: target.amend(at(target, snapshot), snapshot),
        lambda: target.withdraw(at(target, snapshot), snapshot, STONE),
        lambda: target.confirm(at(target, snapshot), snapshot),
    ):
        with pytest.raises(NotFound):
            act()
    assert desk.writes() == []


def test_a_nameless_snapshot_is_never_sent(target: DataCiteTarget, desk: Desk) -> None:
    snapshot = replace(snapshot_of(target), doi="")
    assert target.find(snapshot) is None
    with pytest.raises(Rejected):
        reserved(target, snapshot)
    assert desk.writes() == []
