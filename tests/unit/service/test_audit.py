"""The audit: both trails in one order, filtered, paged and taken out safely."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert

from excudit.domain.errors import Denied, Rejected
from excudit.domain.model import Actor
from excudit.service import audit, verbs
from excudit.store import events, publications, site_events
from excudit.store import tables as t
from excudit.store.audit import Filters, page
from excudit.store.database import Database
from web_house import House, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@example.org")
ANNA = Actor("anna", frozenset({"admin"}))


@pytest.fixture
def home(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    prepare(database)
    yield furnished(database)
    database.close()


def happened(house: House, count: int = 30) -> str:
    """Things happen to a publication and to the site by turns, some at the same moment."""
    made = verbs.create(house.parts, ADA, "to-doi", "alpha")
    moment = publications.now()
    with house.parts.database.write() as connection:
        for number in range(count):
            values = {
                "publication": made.id,
                "at": moment + timedelta(seconds=number // 3),
                "actor": "ada" if number % 2 else "carl",
                "action": "edit",
                "reason": "100% salty_water" if number == 4 else "",
                "details": {},
            }
            connection.execute(insert(t.events), values)
            site_events.append(connection, actor="anna", action="pause", about="target:registry")
    return made.id


def test_pages_give_every_entry_once_and_newest_first(home: House) -> None:
    happened(home)
    whole, _ = audit.entries(home.parts, ANNA, Filters(), limit=500)
    found, before = [], None
    while True:
        rows, _ = audit.entries(home.parts, ANNA, Filters(), before=before, limit=7)
        found += rows
        if len(rows) < 7:
            break
        before = rows[-1].place
    assert [e.place for e in found] == [e.place for e in whole]
    assert len({(e.trail, e.id) for e in found}) == len(found) == 61
    assert [e.at for e in found] == sorted((e.at for e in found), reverse=True)


def test_filters_narrow_both_trails(home: House) -> None:
    made = happened(home)

    def count(**asked: object) -> int:
        rows, _ = audit.entries(home.parts, ANNA, Filters(**asked), limit=500)  # type: ignore[arg-type]
        return len(rows)

    assert count(actor="anna") == 30
    assert count(actor="carl") == 15
    assert count(action="create") == 1
    assert count(publication=made) == 31
    assert count(publication="nothing") == 0
    assert count(reason="100% SALTY_") == 1
    assert count(reason="100x") == 0
    assert count(since=publications.now() + timedelta(hours=1)) == 0
    assert count(until=publications.now() - timedelta(hours=1)) == 0


def test_entries_name_the_titles_of_their_publications(home: House) -> None:
    made = happened(home, 1)
    _, titles = audit.entries(home.parts, ANNA, Filters())
    assert titles == {made: "Station Alpha"}


@pytest.mark.parametrize("roles", [(), ("reviewer",), ("curator",)])
def test_only_those_who_may_audit_read_it(home: House, roles: tuple[str, ...]) -> None:
    other = Actor("sam", frozenset(roles))
    with pytest.raises(Denied):
        audit.entries(home.parts, other, Filters())
    with pytest.raises(Denied):
        audit.export(home.parts, other, Filters(), "csv")


def test_an_unknown_form_of_export_is_refused(home: House) -> None:
    with pytest.raises(Rejected):
        audit.export(home.parts, ANNA, Filters(), "xlsx")


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")'])
def test_no_cell_of_the_export_is_a_formula(home: House, evil: str) -> None:
    made = verbs.create(home.parts, ADA, "to-doi", "alpha")
    with home.parts.database.write() as connection:
        events.append(connection, made.id, actor=evil, action="edit", reason=f'{evil}\n,";')
        site_events.append(connection, actor=evil, action="pause", about=evil, reason=evil)
    text = "".join(audit.export(home.parts, ANNA, Filters(), "csv"))
    head, *rows = list(csv.reader(io.StringIO(text)))
    assert tuple(head) == audit.COLUMNS
    assert {row[3] for row in rows} == {"ada", f"'{evil}"}
    assert not [cell for row in rows for cell in row if cell.startswith(audit.FORMULA)]
    assert f"'{evil}\n,\";" in {row[9] for row in rows}


def test_lines_of_the_export_have_the_same_entries_as_they_are(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened(home)
    monkeypatch.setattr(audit, "AT_ONCE", 7)
    lines = "".join(audit.export(home.parts, ANNA, Filters(), "jsonl")).splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 61
    assert {row["trail"] for row in rows} == {"publication", "site"}
    with home.parts.database.read() as connection:
        newest = page(connection, Filters(), limit=1)[0]
    assert rows[0]["number"] == newest.id


def test_no_token_and_no_password_stands_in_the_audit(home: House) -> None:
    headers = home.token("ada")
    cookie, csrf = home.signed_in("ada")
    verbs.create(home.parts, ADA, "to-doi", "alpha")
    text = "".join(audit.export(home.parts, ANNA, Filters(), "jsonl"))
    for secret in (headers["Authorization"][7:], cookie["Cookie"].split("=")[1], csrf):
        assert secret not in text
