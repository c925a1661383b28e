"""What changed since the last review, in words that need no JSON."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from excudit.domain.model import Actor, FileEntry
from excudit.service import changes, verbs
from excudit.store import publications, snapshots
from excudit.store.database import Database
from web_house import RECORD, House, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@example.org")


def after(**members: Any) -> dict[str, Any]:
    return {**copy.deepcopy(RECORD), **members}


def said(found: list[changes.FieldChange]) -> list[tuple[str, str, str]]:
    return [(c.label, c.before, c.after) for c in found]


def test_equal_records_have_no_changes() -> None:
    assert changes.differing(RECORD, copy.deepcopy(RECORD)) == []
    assert changes.differing(RECORD, after(subjects=RECORD["subjects"], dates=[], url="")) == []


def test_a_changed_field_is_named_in_words() -> None:
    found = changes.differing(RECORD, after(publicationYear=2025, version=""))
    assert said(found) == [("Publication year", "2026", "2025"), ("Version", "1.0", "")]
    assert [c.pointer for c in found] == ["/publicationYear", "/version"]


def test_one_member_of_an_entry_is_told_alone() -> None:
    creators = copy.deepcopy(RECORD["creators"])
    creators[0]["affiliation"][0]["name"] = "Another Institute"
    (change,) = changes.differing(RECORD, after(creators=creators))
    assert change == changes.FieldChange(
        "Author, affiliation, name",
        "/creators/0/affiliation/0/name",
        "Example Institute",
        "Another Institute",
    )


def test_an_entry_put_before_others_does_not_change_them() -> None:
    doe = {"name": "Doe, Jane", "affiliation": [{"name": "Sea Institute"}]}
    (change,) = changes.differing(RECORD, after(creators=[doe, *RECORD["creators"]]))
    assert (change.label, change.before, change.after) == (
        "Author 1",
        "",
        "Doe, Jane (Sea Institute)",
    )
    (gone,) = changes.differing(after(creators=[doe, *RECORD["creators"]]), RECORD)
    assert (gone.label, gone.before, gone.after) == ("Author 1", "Doe, Jane (Sea Institute)", "")


def test_another_order_is_one_change() -> None:
    first, second = (
        [{"subject": "sea"}, {"subject": "ice"}],
        [{"subject": "ice"}, {"subject": "sea"}],
    )
    (change,) = changes.differing({"subjects": first}, {"subjects": second})
    assert said([change]) == [("Keyword, order", "1. sea · 2. ice", "1. ice · 2. sea")]


def test_an_abstract_is_called_an_abstract() -> None:
    text = [{"description": "Hourly means.", "descriptionType": "Abstract"}]
    (change,) = changes.differing(RECORD, after(descriptions=text))
    assert change.label.startswith("Abstract")
    assert change.after == "Hourly means." or "Hourly means." in change.after


def test_words_are_marked_one_by_one() -> None:
    found = changes.marked("Daily mean temperature", "Hourly mean temperature")
    assert found == [("gone", "Daily "), ("new", "Hourly "), ("same", "mean temperature")]
    assert changes.marked("", "new") == [("new", "new")]


@pytest.mark.parametrize("odd", [{"creators": "me"}, {"titles": [1, None]}, {"x/y": {"~": 1}}])
def test_any_draft_can_be_compared(odd: dict[str, Any]) -> None:
    assert changes.differing(RECORD, odd)
    assert changes.differing(odd, RECORD)


@pytest.fixture
def arranged(database_url: str) -> Any:
    database = Database(database_url)
    prepare(database)
    yield furnished(database)
    database.close()


def frozen(house: House, key: str, files: list[FileEntry]) -> str:
    found = snapshots.freeze(
        house.parts.database,
        key,
        source="shelf",
        ref="alpha",
        revision="r1",
        record=RECORD,
        files=files,
    )
    return found.id


def many(count: int, *, but: dict[int, str] | None = None, without: tuple[int, ...] = ()) -> Any:
    digests = but or {}
    return [
        FileEntry(f"f/{n:05}ä.csv", n, digests.get(n, "aa" * 32))
        for n in range(count)
        if n not in without
    ]


def compared(house: House, old: list[FileEntry], new: list[FileEntry]) -> str:
    key = verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD).id
    first, second = frozen(house, key, old), frozen(house, key, new)
    with house.parts.database.write() as connection:
        publications.change(
            connection, key, state="in_review", reviewed_snapshot=first, snapshot=second
        )
    return key


def test_files_are_compared_page_by_page(arranged: House) -> None:
    new = many(2600, but={1700: "bb" * 32}, without=(3, 2000))
    new = sorted([*new, FileEntry("f/00500b.csv", 1, "cc" * 32)], key=lambda f: f.path.encode())
    key = compared(arranged, many(2500), new)
    first = changes.file_changes(arranged.parts, key, limit=3)
    assert [(c.path, c.what) for c in first] == [
        ("f/00003ä.csv", "removed"),
        ("f/00500b.csv", "added"),
        ("f/01700ä.csv", "changed"),
    ]
    rest = changes.file_changes(arranged.parts, key, after="f/01700ä.csv", limit=500)
    assert [(c.path, c.what) for c in rest[:2]] == [
        ("f/02000ä.csv", "removed"),
        ("f/02500ä.csv", "added"),
    ]
    assert len(rest) == 101
    assert rest[-1].before is None
    assert changes.file_changes(arranged.parts, key, after="f/02599ä.csv") == []


def test_the_same_files_are_not_looked_at(arranged: House) -> None:
    key = compared(arranged, many(3), many(3))
    assert changes.file_changes(arranged.parts, key) == []
    assert changes.field_changes(arranged.parts, key) == []


@pytest.mark.parametrize(("old", "new"), [(0, 2), (2, 0)])
def test_all_files_may_be_new_or_gone(arranged: House, old: int, new: int) -> None:
    key = compared(arranged, many(old), many(new))
    found = changes.file_changes(arranged.parts, key)
    assert [c.what for c in found] == (["added"] if new else ["removed"]) * 2


def test_nothing_was_reviewed_in_the_first_round(arranged: House) -> None:
    key = verbs.create(arranged.parts, ADA, "to-doi", "alpha").id
    assert changes.compared(arranged.parts, key).reviewed is None
    assert changes.field_changes(arranged.parts, key) == []
    assert changes.file_changes(arranged.parts, key) == []


def test_a_returned_draft_is_compared_as_it_is_typed(arranged: House) -> None:
    key = compared(arranged, many(1), many(1))
    with arranged.parts.database.write() as connection:
        publications.change(connection, key, state="changes_requested", record=after(language="de"))
    assert said(changes.field_changes(arranged.parts, key)) == [("Language", "en", "de")]
