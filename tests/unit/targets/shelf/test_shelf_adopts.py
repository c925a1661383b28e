"""Whole folders on a shelf: moved there, opened, looked at, given back, damaged, withdrawn."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import bagit
import pytest
from tests.unit.targets.shelf.shelf_house import (
    CONTENTS,
    Watching,
    adopted,
    folder,
    shelf,
    snapshot_of,
    source,
)

from excudit.domain.errors import Conflict, Drifted, NeedsPerson, Unavailable
from excudit.domain.model import Tombstone
from excudit.domain.problem import blocking
from open_places import open_place

__all__ = ["open_place"]
STONE = Tombstone("Published by mistake.", date(2026, 1, 31), "https://data.example.org/p/1")


def contents(place: Path) -> dict[str, bytes]:
    files = [p for p in place.rglob("*") if p.is_file() and not p.name.startswith("excudit-")]
    return {str(p.relative_to(place)): p.read_bytes() for p in files}


@pytest.fixture
def web(open_place: Path) -> Iterator[str]:
    """The curated area as a web server shows it."""
    (open_place / "curated").mkdir()
    shown = partial(SimpleHTTPRequestHandler, directory=str(open_place / "curated"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), shown)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_adopted_folder_is_public_under_its_name_and_nowhere_else(
    open_place: Path, web: str
) -> None:
    home = folder(open_place / "home" / "Carberry_buoys_2026")
    kept, target = source(open_place), shelf(open_place / "curated", public_url=web, mirrors=[web])
    snapshot = snapshot_of(home)
    deposit = adopted(target, kept, snapshot)
    assert [p.name for p in (open_place / "curated").iterdir()] == [".excudit"]
    public = target.publish(deposit, snapshot)
    assert list(target.confirm(public, snapshot)) == []
    assert public.url == f"{web}/Carberry_buoys_2026/"
    there = open_place / "curated" / "Carberry_buoys_2026"
    assert contents(there) == CONTENTS
    assert not home.exists()
    assert [p.name for p in (open_place / "staging").iterdir()] == [".excudit"]
    assert kept.standing(str(home)) == f"file://{there}"
    assert json.loads((there / "excudit-datacite.json").read_text())["doi"] == "10.5072/buoys"
    assert stat.S_IMODE((there / "README.md").stat().st_mode) == 0o644


def test_a_bag_with_a_crate_is_valid_by_the_library_of_congress(open_place: Path) -> None:
    home = folder(open_place / "home" / "buoys")
    (home / "excudit-metadata.json").write_text("{}")
    kept, target = source(open_place), shelf(open_place / "curated", bagit=True, ro_crate=True)
    snapshot = snapshot_of(home)
    public = target.publish(adopted(target, kept, snapshot), snapshot)
    there = open_place / "curated" / "buoys"
    bagit.Bag(str(there)).validate()
    assert list(target.confirm(public, snapshot)) == []
    assert (there / "excudit-metadata.json").read_text() == "{}"
    graph = {
        e["@id"]: e for e in json.loads((there / "ro-crate-metadata.json").read_text())["@graph"]
    }
    parts = [part["@id"] for part in graph["./"]["hasPart"]]
    assert parts == ["data/README.md", "data/a/one%201.csv", "data/%C3%A9t%C3%A9.nc"]
    assert all(graph[part]["@type"] == "File" for part in parts)
    target.amend(public, snapshot)
    bagit.Bag(str(there)).validate()


@pytest.mark.parametrize("bag", [False, True])
def test_a_draft_given_up_goes_back_as_it_was(open_place: Path, bag: bool) -> None:
    home = folder(open_place / "home" / "buoys")
    (home / "README.md").chmod(0o600)
    (home / "excudit-metadata.json").write_text("{}")
    kept, target = source(open_place), shelf(open_place / "curated", bagit=bag, ro_crate=True)
    snapshot = snapshot_of(home)
    deposit = adopted(target, kept, snapshot)
    (open_place / "curated" / "buoys").mkdir()
    with pytest.raises(Conflict):
        target.publish(deposit, snapshot)
    for _ in range(2):
        target.discard(deposit)
    assert contents(open_place / "staging" / "buoys") == CONTENTS
    assert target.find(snapshot) is None
    kept.release(kept.claim(str(home), key=snapshot.key))
    assert sorted(p.name for p in home.iterdir()) == [
        "README.md", "a", "excudit-metadata.json", "\u00e9t\u00e9.nc",
    ]  # fmt: skip
    assert stat.S_IMODE((home / "README.md").stat().st_mode) == 0o600
    assert list((open_place / "curated" / "buoys").iterdir()) == []


def test_a_folder_that_changed_after_approval_is_not_taken_over_for_good(open_place: Path) -> None:
    home = folder(open_place / "home" / "buoys")
    kept, target = source(open_place, owner_access="write"), shelf(open_place / "curated")
    snapshot = snapshot_of(home)
    kept.claim(str(home), key=snapshot.key)
    (open_place / "staging" / "buoys" / "README.md").write_text("# other\n")
    deposit = target.reserve(snapshot, key=snapshot.key)
    with pytest.raises(Drifted) as caught:
        target.adopt(deposit, snapshot, kept.place(str(home), key=snapshot.key), Watching())
    assert [p.where for p in caught.value.problems] == ["README.md"]
    target.discard(deposit)
    kept.release(kept.claim(str(home), key=snapshot.key))
    assert (home / "README.md").read_text() == "# other\n"


def test_a_stranger_who_may_not_read_is_noticed(open_place: Path) -> None:
    home = folder(open_place / "home" / "buoys")
    kept, target = source(open_place), shelf(open_place / "curated")
    snapshot = snapshot_of(home)
    public = target.publish(adopted(target, kept, snapshot), snapshot)
    (open_place / "curated" / "buoys" / "README.md").chmod(0o600)
    assert [p.where for p in blocking(list(target.confirm(public, snapshot)))] == ["README.md"]
    open_place.chmod(0o700)
    found = [p for p in target.confirm(public, snapshot) if p.rule == "shelf.unreachable"]
    assert [str(open_place) in p.message for p in found] == [True]
    assert any(p.rule == "shelf.unreachable" for p in target.check(snapshot))


def test_permissions_that_do_not_stay_stop_the_publication(
    open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = folder(open_place / "home" / "buoys")
    kept, target = source(open_place), shelf(open_place / "curated")
    snapshot = snapshot_of(home)
    deposit = adopted(target, kept, snapshot)
    monkeypatch.setattr(os, "fchmod", lambda fd, mode: None)  # as some network shares do
    with pytest.raises(NeedsPerson):
        target.publish(deposit, snapshot)
    assert not (open_place / "curated" / "buoys").exists()
    monkeypatch.undo()
    public = target.publish(deposit, snapshot)
    assert list(target.confirm(public, snapshot)) == []


def test_a_mirror_that_lags_is_waited_for_and_a_closed_server_is_told(
    open_place: Path, web: str
) -> None:
    home = folder(open_place / "home" / "buoys")
    kept = source(open_place)
    snapshot = snapshot_of(home)
    target = shelf(open_place / "curated", public_url=web)
    public = target.publish(adopted(target, kept, snapshot), snapshot)
    lagging = shelf(open_place / "curated", public_url=web, mirrors=[f"{web}/mirror"])
    with pytest.raises(Unavailable):
        lagging.confirm(public, snapshot)
    closed = shelf(open_place / "curated", public_url=f"{web}/wrong")
    assert {p.rule for p in closed.confirm(public, snapshot)} == {"shelf.stranger"}


def test_damage_is_found_by_reading_everything_again(open_place: Path) -> None:
    home = folder(open_place / "home" / "buoys")
    kept, target = source(open_place), shelf(open_place / "curated", ro_crate=True)
    snapshot = snapshot_of(home)
    public = target.publish(adopted(target, kept, snapshot), snapshot)
    assert list(target.fixity(public, snapshot, Watching())) == []
    there = open_place / "curated" / "buoys"
    (there / "a" / "one 1.csv").write_bytes(b"x,y\n1,3\n")
    (there / "foreign").write_bytes(b"")
    (there / "README.md").unlink()
    found = {p.where for p in target.fixity(public, snapshot, Watching())}
    assert found == {"a/one 1.csv", "foreign", "README.md"}


def test_what_is_withdrawn_is_hidden_whole_and_a_tombstone_stands_there(open_place: Path) -> None:
    home = folder(open_place / "home" / "buoys")
    kept, target = source(open_place), shelf(open_place / "curated")
    snapshot = snapshot_of(home)
    public = target.publish(adopted(target, kept, snapshot), snapshot)
    gone = target.withdraw(public, snapshot, STONE)
    there = open_place / "curated" / "buoys"
    assert [p.name for p in there.iterdir()] == ["excudit-tombstone.json"]
    assert json.loads((there / "excudit-tombstone.json").read_text())["reason"] == STONE.reason
    (hidden,) = (open_place / "curated" / ".excudit" / "withdrawn").iterdir()
    assert contents(hidden) == CONTENTS
    assert list(target.fixity(gone, snapshot, Watching())) == []


def test_a_name_that_somebody_has_is_found_before_anything_moves(open_place: Path) -> None:
    home = folder(open_place / "home" / "Buoys")
    kept, target = source(open_place), shelf(open_place / "curated")
    (open_place / "curated" / "bUOYS").mkdir()
    snapshot = snapshot_of(home)
    with pytest.raises(Conflict) as caught:
        kept.claim(str(home), key=snapshot.key)
    assert caught.value.problems[0].rule == "name-in-curated"
    with pytest.raises(Conflict):
        target.reserve(snapshot, key=snapshot.key)
    (open_place / "curated" / "Buoys").mkdir()
    assert [p.rule for p in target.check(snapshot)] == ["name-in-curated"]
    assert contents(home) == CONTENTS


def test_a_later_version_stands_beside_the_first(open_place: Path) -> None:
    home = folder(open_place / "home" / "buoys")
    kept, target = source(open_place, curated=""), shelf(open_place / "curated")
    first = snapshot_of(home)
    one = target.publish(adopted(target, kept, first), first)
    folder(home)
    second = replace(first, key=f"{first.key}-2")
    kept.claim(str(home), key=second.key)
    draft = target.reserve(second, key=second.key, previous=one)
    draft = target.adopt(draft, second, kept.place(str(home), key=second.key), Watching())
    assert target.publish(draft, second).remote_id == "buoys-v2"
    assert contents(open_place / "curated" / "buoys") == CONTENTS
    assert contents(open_place / "curated" / "buoys-v2") == CONTENTS
