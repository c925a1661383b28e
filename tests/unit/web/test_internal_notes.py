"""What is internal to a review is never told to whose work it is, whatever else they may do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from excudit.domain.model import Actor
from excudit.service import audit, queries, talk
from excudit.store import collaborators, mails
from excudit.store import publications as stored
from excudit.store.audit import Filters
from excudit.store.database import Database
from permission_calls import EVERY
from web_house import House, furnished, prepare

NOTE = "Smells-of-a-copy"
OWN = {"owner": "ada", "collaborator": "bob"}
EVERY_ROLE = ("admin", "curator", "reviewer")


def arranged(house: House) -> str:
    """Owner and collaborator hold every role there is; a note is written by a third person."""
    for name in (*OWN.values(), "anna"):
        house.token(name, *EVERY_ROLE)
    made = house.opened(files=())
    with house.parts.database.write() as connection:
        stored.change(connection, made.id, state="in_review", page_open=False)
        collaborators.add(connection, made.id, "bob", by="ada")
    talk.comment(house.parts, actor("anna"), made.id, NOTE, internal=True)
    return made.id


def actor(name: str) -> Actor:
    return Actor(name, frozenset(EVERY_ROLE), f"{name}@example.org")


def addresses(publication: str) -> Iterator[str]:
    """Every address that can be read and needs to know the publication at most."""
    for call in EVERY:
        path = call.path.replace("{publication}", publication).replace("{form}", "jsonl")
        if call.method == "GET" and "{" not in path:
            yield path


def telling(web: TestClient, headers: dict[str, str], publication: str) -> set[str]:
    """The addresses that tell the note to this reader."""
    found = set()
    for path in addresses(publication):
        answer = web.get(path, headers=headers, follow_redirects=False)
        assert answer.status_code < 500, path
        if NOTE in answer.text:
            found.add(path)
    return found


@pytest.mark.parametrize("name", OWN.values(), ids=OWN.keys())
def test_no_address_tells_an_internal_note_to_whose_work_it_is(
    house: House, web: TestClient, name: str
) -> None:
    made = arranged(house)
    told = telling(web, house.signed_in(name, *EVERY_ROLE)[0], made)
    told |= telling(web, house.token(name), made)
    assert told == set()


def test_pages_api_audit_and_export_tell_it_to_another_admin(house: House, web: TestClient) -> None:
    made = arranged(house)
    told = telling(web, house.signed_in("anna", *EVERY_ROLE)[0], made)
    told |= telling(web, house.token("anna"), made)
    assert {
        f"/publications/{made}",
        f"/publications/{made}/discussion",
        f"/publications/{made}/review",
        f"/api/v1/publications/{made}/comments",
        f"/api/v1/publications/{made}/events",
        "/audit",
        "/audit/export.jsonl",
        "/api/v1/audit",
    } <= told


def test_no_mail_holds_it(house: House) -> None:
    made = arranged(house)
    with house.parts.database.read() as connection:
        assert NOTE not in str(mails.of(connection, made))
    assert NOTE not in str(queries.sent_mails(house.parts, made, actor("ada")))


def test_the_audit_of_both_databases_leaves_out_only_what_is_internal_to_own_work(
    database_url: str,
) -> None:
    database = Database(database_url)
    prepare(database)
    house = furnished(database)
    made = arranged(house)
    talk.comment(house.parts, actor("anna"), made, "Which sensor?")
    everything, _ = audit.entries(house.parts, actor("anna"), Filters(), limit=500)
    for name in OWN.values():
        rows, _ = audit.entries(house.parts, actor(name), Filters(), limit=500)
        assert [e for e in everything if e not in rows] == [
            e for e in everything if NOTE in str(e.details)
        ]
        assert NOTE not in "".join(audit.export(house.parts, actor(name), Filters(), "csv"))
    database.close()
