"""Names for the pickers: out of files, out of what was published, found again, forgotten."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from excudit.domain.errors import NotFound, Rejected
from excudit.domain.model import Actor
from excudit.metadata.datacite_json import from_rest
from excudit.service import names
from excudit.service.name_files import bring_organisations, bring_people
from excudit.store.database import Database
from excudit.store.names import count, search
from web_house import RECORD, furnished, prepare

ADA = Actor("ada")


@pytest.fixture
def parts(database_url):
    database = Database(database_url)
    prepare(database)
    yield furnished(database).parts
    database.close()


@pytest.fixture
def one(sqlite_url):
    database = Database(sqlite_url)
    prepare(database)
    yield furnished(database).parts
    database.close()


def quiet(done: int, total: int) -> None:
    assert done >= 0


def organisation(key: str, *values: str, status: str = "active", town: str = "Bergen") -> dict:
    kinds = [["ror_display", "label"]] + [["alias"]] * len(values)
    return {
        "id": f"https://ror.org/{key}",
        "names": [
            {"value": v, "types": t, "lang": None} for v, t in zip(values, kinds, strict=False)
        ],
        "status": status,
        "locations": [{"geonames_details": {"name": town, "country_name": "Norway"}}],
    }


BERGEN = organisation("03zga2b32", "University of Bergen", "Universitetet i Bergen", "UiB")
NERSC = organisation("0492wrx28", "Nansen Environmental Centre", "Nansen Senteret")
ZURICH = organisation("02crff812", "University of Zurich", "Universität Zürich", town="Zürich")


def dump(folder: Path, *trees: dict, name: str = "v2.0-ror-data.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(list(trees), ensure_ascii=False, indent=2), encoding="utf-8")
    return path


def people(folder: Path, *lines: str) -> Path:
    path = folder / "people.csv"
    path.write_text("\n".join(("name,orcid,affiliation", *lines)), encoding="utf-8")
    return path


def found(parts, kind: str, text: str, actor: Actor = ADA) -> list[str]:
    return [p.name for p in names.find(parts, actor, kind, text)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("bergen", ["University of Bergen", "Nansen Environmental Centre"]),
        ("UNIV berg", ["University of Bergen"]),
        ("berg univ", ["University of Bergen"]),
        ("universitetet", ["University of Bergen"]),
        ("uib", ["University of Bergen"]),
        ("zurich", ["University of Zurich"]),
        ("Zürich", ["University of Zurich"]),
        ("universitat zu", ["University of Zurich"]),
        ("norway univ", ["University of Bergen", "University of Zurich"]),
        ("https://ror.org/03zga2b32", ["University of Bergen"]),
        ("ror.org/03zga2", ["University of Bergen"]),
        ("03zga2b32", ["University of Bergen"]),
        ("berg nansen oxford", []),
        ("ergen", []),
        ("%", []),
        ("_____", []),
        ("' OR 1=1 --", []),
        ("\x00", []),
        ("\ud800", []),
        ("", []),
    ],
)
def test_organisations_are_found_by_the_beginning_of_every_word(one, tmp_path, typed, expected):
    bring_organisations(one.database, dump(tmp_path, BERGEN, NERSC, ZURICH), quiet)
    assert found(one, "organisations", typed) == expected


def test_a_dump_may_be_zipped_and_the_same_again_changes_nothing(parts, tmp_path):
    archive = tmp_path / "v2.0-ror-data.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.write(dump(tmp_path, BERGEN, ZURICH), "v2.0-ror-data.json")
        made.writestr("v2.0-ror-data.csv", "id,name")
    first = bring_organisations(parts.database, archive, quiet)
    again = bring_organisations(parts.database, archive, quiet)
    assert (first.read, first.changed, again.read, again.changed) == (2, 2, 2, 0)
    assert found(parts, "organisations", "univ zurich") == ["University of Zurich"]


def test_a_newer_dump_renames_and_takes_withdrawn_ones_away(parts, tmp_path):
    bring_organisations(parts.database, dump(tmp_path, BERGEN, NERSC), quiet)
    renamed = organisation("0492wrx28", "Nansen Center")
    gone = {**BERGEN, "status": "withdrawn"}
    done = bring_organisations(parts.database, dump(tmp_path, gone, renamed), quiet)
    assert (done.changed, done.gone) == (1, 1)
    assert found(parts, "organisations", "bergen") == ["Nansen Center"]
    assert found(parts, "organisations", "environmental") == []


def test_a_dump_is_read_in_pieces_wherever_they_are_cut(one, tmp_path, monkeypatch):
    monkeypatch.setattr("excudit.metadata.ror.PIECE", 7)
    assert bring_organisations(one.database, dump(tmp_path, BERGEN, ZURICH), quiet).read == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{}", "no list of organisations"),
        (b"", "ends with ''"),
        (b"[{}, 3]", "no organisation of ROR schema v2"),
        (b'[{"id": "https://ror.org/03zga2b32", "name": "X"}]', "older schema v1"),
        (b"[\xff]", "not UTF-8"),
        (b"[" + json.dumps(BERGEN).encode() + b', {"id": ', "ends with"),
        (b"[[[[", "broken"),
    ],
)
def test_a_file_that_is_no_dump_is_refused_with_the_place(one, tmp_path, content, words):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(Rejected, match=words):
        bring_organisations(one.database, path, quiet)


def test_people_come_from_a_table_and_fill_the_whole_row(parts, tmp_path):
    path = people(tmp_path, '"Carberry, Josiah",0000-0002-1825-0097,Brown University')
    assert bring_people(parts.database, path, quiet).changed == 1
    assert bring_people(parts.database, path, quiet).changed == 0
    (pick,) = names.find(parts, ADA, "people", "jos carb brown")
    assert pick.value == "Carberry, Josiah"
    assert pick.fills["given"] == "Josiah"
    assert pick.fills["identifier"] == "https://orcid.org/0000-0002-1825-0097"
    for typed in ("0000-0002-18", "https://orcid.org/0000-0002-1825-0097", "0000000218250097"):
        assert found(parts, "people", typed) == ["Carberry, Josiah"]


def test_all_bad_lines_of_a_table_are_told_at_once_and_nothing_is_taken(one, tmp_path):
    path = people(
        tmp_path,
        "Josiah Carberry,0000-0002-1825-0097,Brown",
        "Josiah Carberry,0000-0002-1825-0098,Brown",
        ",0000-0002-1825-0097,",
        "A B,https://example.org,X,Y",
    )
    with pytest.raises(Rejected) as caught:
        bring_people(one.database, path, quiet)
    assert [(p.line, p.where) for p in caught.value.problems] == [
        (3, "orcid"),
        (4, "name"),
        (5, "orcid"),
        (5, ""),
    ]
    with one.database.read() as connection:
        assert count(connection, "person") == 0


def test_a_table_without_the_columns_says_how_to_begin(one, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("who,where\nx,y\n")
    with pytest.raises(Rejected) as caught:
        bring_people(one.database, path, quiet)
    assert "name,orcid,affiliation" in caught.value.problems[0].mend


def test_names_are_learned_from_what_was_published(parts):
    with parts.database.write() as connection:
        names.learn(connection, from_rest(RECORD))
        names.learn(connection, from_rest(RECORD))
    (pick,) = names.find(parts, ADA, "people", "carb example")
    assert pick.fills["affiliation-identifier"] == "https://ror.org/01hhn8329"
    assert found(parts, "organisations", "example") == ["Example Institute"]
    assert found(parts, "subjects", "temp") == ["sea temperature"]


def test_what_a_file_says_is_not_changed_by_what_is_published(one, tmp_path):
    bring_people(one.database, people(tmp_path, "Joe C,0000-0002-1825-0097,Brown"), quiet)
    with one.database.write() as connection:
        names.learn(connection, from_rest(RECORD))
    assert found(one, "people", "0000-0002-1825-0097") == ["C, Joe"]


def test_the_forgotten_stay_forgotten(parts, tmp_path):
    path = people(tmp_path, "Josiah Carberry,0000-0002-1825-0097,Brown")
    bring_people(parts.database, path, quiet)
    assert names.forget(parts, ADA, "https://orcid.org/0000-0002-1825-0097")
    with parts.database.write() as connection:
        names.learn(connection, from_rest(RECORD))
    bring_people(parts.database, path, quiet)
    assert found(parts, "people", "carberry") == []
    assert found(parts, "people", "0000-0002-1825-0097") == []
    assert not names.forget(parts, ADA, "0000-0002-1825-0097")


def test_one_can_be_kept_out_before_one_was_known(one):
    assert not names.forget(one, ADA, "0000-0002-1825-0097")
    with one.database.write() as connection:
        names.learn(connection, from_rest(RECORD))
    assert found(one, "people", "carberry") == []


def test_forgetting_asks_for_an_identifier(one):
    with pytest.raises(Rejected, match="neither"):
        names.forget(one, ADA, "Josiah")


def test_everybody_finds_themselves_and_nobody_else_does(one):
    me = Actor("ada", full_name="Ada Lovelace", orcid="0000-0002-1825-0097", affiliation="Home")
    assert found(one, "people", "love", me) == ["Lovelace, Ada"]
    assert found(one, "people", "love") == []


def test_licences_come_with_their_meaning_and_their_own_address(one):
    best = names.find(one, ADA, "licences", "cc by 4")[0]
    assert best.id == "CC-BY-4.0"
    assert best.note.startswith("Anybody may use")
    assert best.fills["rights-uri"] == "https://creativecommons.org/licenses/by/4.0/"
    assert names.find(one, ADA, "licences", "mit")[0].id == "MIT"
    assert names.find(one, ADA, "licences", "public domain dedication")[0].id == "PDDL-1.0"


def test_languages_are_found_by_tag_and_by_either_name(one):
    for typed in ("de", "german", "deutsch"):
        assert names.find(one, ADA, "languages", typed)[0].value == "de"
    assert names.find(one, ADA, "languages", "norsk bokmal")[0].value == "nb"


def test_there_is_nothing_else_to_pick(one):
    with pytest.raises(NotFound):
        names.find(one, ADA, "passwords", "x")


def test_the_best_of_many_comes_first(parts, tmp_path):
    with parts.database.write() as connection:
        assert search(connection, "organisation", "berg") == []
    longer = organisation("01hhn8329", "Bergen University of Something Else", town="")
    bring_organisations(parts.database, dump(tmp_path, longer, BERGEN), quiet)
    assert found(parts, "organisations", "university of bergen")[0] == "University of Bergen"
