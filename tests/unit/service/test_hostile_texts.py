"""Texts and names that are made to break or to stall what looks at them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from excudit.domain.errors import ExcuditError, NotFound, Rejected
from excudit.metadata import datacite_json
from excudit.metadata.field_words import label
from excudit.service import suggestions, talk
from excudit.service.changes import differing, marked
from excudit.service.places import value_at
from excudit.service.withheld import Withheld
from excudit.store import publications
from excudit.store.database import Database, sqlite_url
from excudit.web.pages.form.merge import aligned
from excudit.web.pages.form.sections import BY_KEY
from reviewing_house import person, waiting
from web_house import RECORD, House, furnished, prepare

SOON_S = 20.0
"""Ample for what takes a fraction of a second; what these tests are about took hours."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    database = Database(sqlite_url(tmp_path / "hostile.db"))
    prepare(database)
    yield furnished(database)
    database.close()


def soon(work: Callable[[], Any]) -> Any:
    begun = time.monotonic()
    found = work()
    assert time.monotonic() - begun < SOON_S
    return found


def _subjects(pattern: Callable[[int], bool], count: int) -> dict[str, Any]:
    return {"subjects": [{"subject": "x" if pattern(i) else "y"} for i in range(count)]}


@pytest.mark.parametrize(("before", "after"), [(5000, 5000), (20_000, 150), (150, 20_000)])
def test_thousands_of_the_same_entries_are_compared_soon(before: int, after: int) -> None:
    was, now = _subjects(lambda i: i % 2 == 0, before), _subjects(lambda i: i % 4 < 2, after)
    assert soon(lambda: differing(was, now))


def test_what_went_of_many_and_what_came_is_told_by_its_side() -> None:
    few = [{"subject": "a"}, {"subject": "b"}]
    many = [*few, *({"subject": f"new {n}"} for n in range(300))]
    grown = differing({"subjects": few}, {"subjects": many})
    assert [c.before for c in grown] == [""] * 300
    shrunk = differing({"subjects": many}, {"subjects": few})
    assert [c.after for c in shrunk] == [""] * 300
    assert shrunk[0].before == "new 0"


def test_long_texts_of_few_words_are_compared_soon() -> None:
    old = " ".join("ab"[i % 2] for i in range(1999))
    new = " ".join("ab"[(i // 2) % 2] for i in range(1999))
    parts = soon(lambda: marked(old, new))
    assert "".join(text for kind, text in parts if kind != "gone") == new
    assert "".join(text for kind, text in parts if kind != "new") == old


def test_a_form_of_thousands_of_the_same_rows_is_merged_soon() -> None:
    rows = next(
        node for section in BY_KEY.values() for node in section.members if node.name == "subjects"
    )
    base = {n: {"subject": "xy"[n % 2]} for n in range(3000)}
    theirs = [{"subject": "xy"[(n // 2) % 2]} for n in range(3000)]
    assert len(soon(lambda: aligned(rows, base, theirs))) == 3000  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["a" * 500_000, "a." * 250_000, "a@" + "a-" * 250_000])
def test_a_long_word_is_withheld_soon(text: str) -> None:
    soon(lambda: _withheld({}).struck(text))


def test_thousands_of_names_are_struck_out_of_a_long_text_soon() -> None:
    many = [{"name": f"Per{n} N{n}, Ole"} for n in range(3000)]
    hidden = _withheld({"creators": many})
    text = soon(lambda: hidden.struck("Taken by per17 n17 and the rest. " * 10_000))
    assert text.startswith("Taken by [withheld] [withheld] and the rest.")


def test_the_longest_name_is_struck_out_whatever_else_begins_like_it() -> None:
    kin = [{"name": f"{first}{more}"} for first in ("Ann", "ANN", "Øst") for more in ("", " Lee")]
    others = [{"name": f"Ann{n}"} for n in range(30)]
    hidden = _withheld({"creators": [*kin, *others]})
    assert hidden.struck("ann lee, øst LEE, Annika and Ann7") == (
        "[withheld], [withheld], Annika and [withheld]"
    )


def _withheld(raw: dict[str, Any]) -> Withheld:
    unknown: Any = SimpleNamespace(owner="ada", owner_email="a@example.org", reviewer="", parts=())
    return Withheld(raw, unknown, [])


def test_links_and_schemes_of_keywords_and_licences_tell_nobody() -> None:
    raw = {
        **RECORD,
        "subjects": [
            {
                "subject": "salt",
                "subjectScheme": "Carberry thesaurus",
                "schemeUri": "https://carberry.example/terms",
                "valueUri": "https://carberry.example/terms/salt",
            }
        ],
        "rightsList": [
            {"rights": "By Carberry", "rightsUri": "https://carberry.example/terms-of-use"}
        ],
    }
    shown = _withheld(raw).reduced(datacite_json.from_rest(raw), site="Example Repository")
    assert "carberry" not in shown.model_dump_json().lower()
    assert shown.subjects[0].subject == "salt"


@pytest.mark.parametrize("digit", ["²", "٣", "9" * 5000])
def test_other_digits_are_names_and_no_numbers(digit: str) -> None:
    record = {"titles": [{digit: "x"}]}
    assert value_at(record, f"/titles/{digit}") is None
    assert label(f"/titles/0/{digit}", record)
    assert differing(record, {"titles": [{digit: "y"}]})


def test_a_comment_about_another_digit_breaks_no_page(house: House) -> None:
    found, carl = waiting(house), person(house, "carl", "reviewer")
    said = talk.comment(house.parts, carl, found.id, "Here.", field="/titles/²")
    assert said.about
    with pytest.raises(Rejected):
        suggestions.suggest(house.parts, carl, found.id, "/titles/²", "x")


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", float("nan"), float("inf"), [[[["x"]]] * 2]])
def test_a_value_that_no_database_keeps_is_not_suggested(house: House, value: Any) -> None:
    found, carl = waiting(house), person(house, "carl", "reviewer")
    for _ in range(40) if isinstance(value, list) else ():
        value = [value]
    with pytest.raises(Rejected, match="cannot be kept"):
        suggestions.suggest(house.parts, carl, found.id, "/titles/0/title", value)


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999"])
def test_what_is_no_finite_number_is_no_number(text: str) -> None:
    with pytest.raises(Rejected, match="is no number"):
        suggestions.from_text({"publicationYear": 2026}, "/publicationYear", text)


def test_a_nul_character_is_refused_in_words_by_either_database(database_url: str) -> None:
    database = Database(database_url)
    prepare(database)
    house = furnished(database)
    house.token("ada")
    with pytest.raises((NotFound, Rejected)), database.read() as connection:
        publications.get(connection, "\x00")
    try:
        with database.write() as connection:
            connection.exec_driver_sql("SELECT 1")
            publications.change(connection, "none", record={"a": "\x00"})
    except ExcuditError as error:
        assert "NUL" in error.message  # noqa: PT017 -- SQLite keeps it
    database.close()
