"""Citations: as DataCite recommends, and safe in every format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excudit.domain.record import Record
from excudit.metadata import citation, datacite_json

PLAIN: dict[str, Any] = {
    "doi": "10.5072/x7f3a",
    "url": "https://data.example.org/d/7f3a",
    "creators": [
        {"name": "Carberry, Josiah", "nameType": "Personal"},
        {"name": "CERN", "nameType": "Organizational"},
    ],
    "titles": [{"title": "Currents & tides: 100 % of {all} $5_a #1"}],
    "publisher": {"name": "Example Repository"},
    "publicationYear": 2024,
    "types": {"resourceTypeGeneral": "Dataset"},
    "version": "1.0",
    "dates": [{"date": "2024-06-01", "dateType": "Issued"}],
    "subjects": [{"subject": "tide"}, {"subject": "current"}],
    "descriptions": [
        {"description": "Other words.", "descriptionType": "Methods"},
        {"description": "One.<br>Two.", "descriptionType": "Abstract"},
    ],
}


def record(**changes: Any) -> Record:
    return Record.model_validate({**PLAIN, **changes})


def test_the_text_is_the_one_that_datacite_recommends() -> None:
    assert citation.text(record()) == (
        "Carberry, Josiah; CERN (2024): Currents & tides: 100 % of {all} $5_a #1. Version 1.0. "
        "Example Repository. (Dataset). https://doi.org/10.5072/x7f3a"
    )


def test_a_question_mark_ends_a_title_and_missing_parts_leave_no_gap() -> None:
    said = citation.text(record(titles=[{"title": "Is it warm?"}], version="", doi=""))
    assert said == "Carberry, Josiah; CERN (2024): Is it warm? Example Repository. (Dataset)."


def test_many_authors_are_shortened_to_twenty() -> None:
    people = [{"name": f"N{i}, G"} for i in range(50)]
    said = citation.text(record(creators=people))
    assert "N18, G; … N49, G (2024)" in said
    assert "N19" not in said


@pytest.mark.parametrize(
    ("person", "names"),
    [
        ({"name": "Carberry, Josiah"}, ("Carberry", "Josiah")),
        ({"name": "X", "familyName": "van Dyk", "givenName": "Ada"}, ("van Dyk", "Ada")),
        ({"name": "Univ., Dept.", "nameType": "Organizational"}, ("Univ., Dept.", "")),
        ({"name": "Aristotle"}, ("Aristotle", "")),
        ({"name": "Aristotle,"}, ("Aristotle,", "")),
        ({"name": "山田, 太郎"}, ("山田", "太郎")),
    ],
)
def test_names_are_split_where_they_are_two(person: Any, names: tuple[str, str]) -> None:
    assert citation.split_name(record(creators=[person]).creators[0]) == names


def test_bibtex_escapes_and_braces() -> None:
    entry = citation.bibtex(record())
    assert entry.startswith("@misc{10.5072/x7f3a,\n")
    assert "  author = {Carberry, Josiah and {CERN}},\n" in entry
    assert r"title = {{Currents \& tides: 100 \% of \{all\} \$5\_a \#1}}" in entry
    assert "  year = {2024},\n  month = {6},\n" in entry
    assert "abstract = {One. Two.}" in entry


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_no_title_unbalances_bibtex(title: str) -> None:
    entry = citation.bibtex(record(titles=[{"title": title}]))
    plain = entry.replace("\\{", "").replace("\\}", "")
    depth = 0
    for sign in plain:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0


def test_ris_has_one_line_per_value_and_ends_with_er() -> None:
    text = citation.ris(record(titles=[{"title": "Two\nlines\r\nER  - "}]))
    lines = text.split("\r\n")
    assert "\n" not in "".join(lines)
    assert lines[0] == "TY  - DATA"
    assert lines[1] == "T1  - Two lines ER -"
    assert [x for x in lines if x.startswith("AU")] == ["AU  - Carberry, Josiah", "AU  - CERN"]
    assert [x for x in lines if x.startswith("KW")] == ["KW  - tide", "KW  - current"]
    assert "DA  - 2024/06/01" in lines
    assert lines[-2:] == ["ER  - ", ""]


def test_csl_json_is_complete_and_has_no_empty_member() -> None:
    entry = citation.csl(record())
    assert entry["author"] == [{"family": "Carberry", "given": "Josiah"}, {"literal": "CERN"}]
    assert entry["issued"] == {"date-parts": [[2024, 6, 1]]}
    assert (entry["type"], entry["DOI"]) == ("dataset", "10.5072/x7f3a")
    assert entry["abstract"] == "One.\nTwo."
    assert all(entry.values())


def test_every_record_of_the_reference_data_can_be_cited(shared: Path) -> None:
    cited = 0
    for path in sorted((shared / "data" / "datacite" / "json").rglob("*.json")):
        found, _ = datacite_json.parse(path.read_bytes())
        if found is None:
            continue
        cited += 1
        assert str(found.publication_year) in citation.text(found)
        assert citation.bibtex(found).startswith("@misc{")
        assert citation.ris(found).endswith("ER  - \r\n")
        assert json.dumps(citation.csl(found))
    assert cited > 20
