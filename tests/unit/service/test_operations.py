"""What operators see and do, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deciding_house import approved
from excudit.domain.errors import Denied, NotFound, Rejected, Unavailable
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.service import operations, probing, verbs
from excudit.store import events, mails, publications, runs, site_events
from excudit.store.database import Database
from web_house import House, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@example.org")
ANNA = Actor("anna", frozenset({"admin"}))
CARL = Actor("carl", frozenset({"curator"}))


@pytest.fixture
def home(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    prepare(database)
    yield furnished(database)
    database.close()


def stuck(house: House, *, status: str = "parked", health: str = "needs_attention") -> str:
    """A publication whose publishing run stands still at the registry."""
    found = approved(house)
    verbs.publish(house.parts, ADA, found.id)
    with house.parts.database.write() as connection:
        run = runs.active(connection, found.id)
        assert run is not None
        error = {"kind": "Denied", "message": "The registry refused us."}
        values: dict[str, Any] = {"status": status, "position": "reserve.registry"}
        runs.change(connection, run["id"], error=error, **values)
        publications.set_health(connection, found.id, health)
    return found.id


def written(house: House) -> list[tuple[str, str, str, str]]:
    with house.parts.database.read() as connection:
        rows = site_events.listing(connection)
    return [(r["actor"], r["action"], r["about"], r["reason"]) for r in reversed(rows)]


def test_the_overview_counts_what_needs_somebody(home: House) -> None:
    stuck(home)
    stuck(home, status="waiting", health="waiting")
    seen = operations.overview(home.parts, ANNA)
    assert seen.troubled["needs_attention"] == 1
    assert seen.troubled["waiting"] == 1
    assert {(p.kind, p.name) for p in seen.places} >= {
        ("source", "shelf"),
        ("target", "registry"),
    }
    (depth,) = [d for d in seen.depths if d.queue == "target-registry"]
    assert depth.enqueued == 2
    assert depth.oldest is not None
    assert seen.disk[1] > 0


@pytest.mark.parametrize("who", [ADA, CARL])
def test_operations_are_for_admins_only(home: House, who: Actor) -> None:
    calls = (
        lambda: operations.overview(home.parts, who),
        lambda: operations.troubled(home.parts, who, "waiting"),
        lambda: operations.retry_many(home.parts, who, []),
        lambda: operations.pause(home.parts, who, "registry", "why"),
        lambda: operations.resume(home.parts, who, "registry"),
        lambda: operations.probe(home.parts, who),
        lambda: operations.failed_mails(home.parts, who),
        lambda: operations.resend(home.parts, who, [1]),
    )
    for call in calls:
        with pytest.raises(Denied):
            call()
    assert written(home) == []


def test_lists_are_paged_and_have_the_newest_run(home: House) -> None:
    ids = [stuck(home) for _ in range(5)]
    found: list[str] = []
    after = None
    while True:
        rows = operations.troubled(home.parts, ANNA, "needs_attention", after=after, limit=2)
        found += [r.id for r in rows]
        if len(rows) < 2:
            break
        after = (rows[-1].updated_at, rows[-1].id)
        assert rows[0].run is not None
        assert rows[0].run["position"] == "reserve.registry"
    assert found == list(reversed(ids))


def test_retrying_several_tells_of_each_and_one_failure_stops_no_other(home: House) -> None:
    first, second = stuck(home), stuck(home)
    idle = home.opened().id
    results = operations.retry_many(
        home.parts, ANNA, [first, idle, "nothing", second, first], reason="Mended."
    )
    assert [(r.id, bool(r.words)) for r in results] == [
        (first, False),
        (idle, True),
        ("nothing", True),
        (second, False),
    ]
    assert ("anna", "retry_many", "", "Mended.") in written(home)
    with pytest.raises(Rejected):
        operations.retry_many(home.parts, ANNA, [str(n) for n in range(201)])


def test_a_paused_target_is_shown_written_down_and_resumed(home: House) -> None:
    waits = stuck(home, status="waiting", health="waiting")
    operations.pause(home.parts, ANNA, "registry", "Their maintenance.")
    (place,) = [p for p in operations.overview(home.parts, ANNA).places if p.name == "registry"]
    assert place.breaker is not None
    assert place.breaker.paused
    operations.resume(home.parts, ANNA, "registry", "It is over.")
    (place,) = [p for p in operations.overview(home.parts, ANNA).places if p.name == "registry"]
    assert place.breaker is None
    assert written(home) == [
        ("anna", "pause", "target:registry", "Their maintenance."),
        ("anna", "resume", "target:registry", "It is over."),
    ]
    assert waits


def test_pausing_needs_a_reason_and_a_target_that_is_there(home: House) -> None:
    with pytest.raises(Rejected):
        operations.pause(home.parts, ANNA, "registry", "  ")
    with pytest.raises(NotFound):
        operations.pause(home.parts, ANNA, "nowhere", "why")
    assert written(home) == []


def test_probes_keep_when_it_was_last_well_and_last_not(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert operations.probe(home.parts, ANNA) == 0
    home.shelf.is_down = True
    refusing = lambda: [Problem("/password", "The password was refused.")]  # noqa: E731
    monkeypatch.setattr(home.registry, "probe", refusing)
    assert operations.probe(home.parts, ANNA) == 2
    places = {p.name: p.probe for p in operations.overview(home.parts, ANNA).places}
    for name, words in (("shelf", "does not answer"), ("registry", "was refused")):
        probe = places[name]
        assert probe is not None
        assert probe.well_at is not None
        assert probe.failed_at is not None
        assert probe.failed_at > probe.well_at
        assert words in str(probe.problems)
    assert places["repository"] is not None
    assert not places["repository"].problems


def test_only_what_nobody_looked_at_lately_is_looked_at(home: House) -> None:
    assert set(probing.stale(home.parts)) == set(probing.names(home.parts))
    probing.look(home.parts, ["source:shelf"])
    assert "source:shelf" not in probing.stale(home.parts)


def test_a_source_that_is_gone_fails_its_probe(home: House) -> None:
    (problem,) = probing.look(home.parts, ["source:gone"])["source:gone"]
    assert "There is no source" in problem.message


def test_failed_mails_are_tried_again_once_and_written_down(home: House) -> None:
    made = home.opened()
    with home.parts.database.write() as connection:
        event = events.append(connection, made.id, actor="ada", action="published")
        for name in ("a", "b"):
            letter = {"subject": "Published", "text": "x", "html": "x"}
            mails.add(connection, event, kind="published", recipient=f"{name}@x.example", **letter)
        first, second = mails.of(connection, made.id)
        mails.failed(connection, first["id"], "550 no such user", None)
    (failed,) = operations.failed_mails(home.parts, ANNA)
    assert failed["error"] == "550 no such user"
    assert "text" not in failed
    assert operations.resend(home.parts, ANNA, [first["id"], second["id"], 4711]) == 1
    assert operations.resend(home.parts, ANNA, [first["id"]]) == 0
    with home.parts.database.read() as connection:
        told = [e.action for e in events.of(connection, made.id)]
        statuses = [m["status"] for m in mails.of(connection, made.id)]
    assert told.count("resend_mail") == 1
    assert statuses == ["due", "due"]


def test_the_plans_of_a_route_are_drawn_with_what_cannot_be_undone(home: House) -> None:
    plans = operations.drawn(home.parts, home.parts.route("to-doi"))
    assert set(plans) == {"take-in", "publish", "amend", "withdraw"}
    finals = [s["key"] for s in plans["publish"] if s.get("final")]
    assert finals == ["publish.registry"]


def test_a_probe_that_raises_is_a_finding(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> Any:
        raise Unavailable("It does not answer.", remote="ECONNREFUSED")

    monkeypatch.setattr(home.registry, "probe", down)
    (problem,) = probing.look(home.parts, ["target:registry"])["target:registry"]
    assert problem.message == "It does not answer. ECONNREFUSED"
