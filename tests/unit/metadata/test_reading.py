"""What people write is read strictly, and everything wrong is told at once, at its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from excudit.domain.errors import Rejected
from excudit.metadata import datacite_json, datacite_xml, yaml_text
from excudit.metadata.check import CRATE_FILE, LARGEST, check_path, check_text
from excudit.testing.records import full_record

BROKEN = """{
  "doi": "10.14454/a",
  "creators": [
    {"name": " ", "nameIdentifiers": [
      {"nameIdentifier": "0000-0002-1825-0098", "nameIdentifierScheme": "ORCID"}]}],
  "titles": [{"title": "Tides", "titelType": "Subtitle"}],
  "publisher": {"nam": "Tidal Press"},
  "types": {"resourceTypeGeneral": "dataset"},
  "subjects": ["tides"],
  "dates": [{"date": "2024-02-30", "dateType": "Isued"}],
  "language": "en_US"
}"""


def test_all_problems_of_schema_and_rules_come_at_once_with_their_lines() -> None:
    found = {
        (p.where, p.rule, p.line)
        for p in check_text(BROKEN.encode(), ".json").problems
        if p.severity == "error"
    }
    assert found == {
        ("/creators/0/name", "blank-text", 4),
        ("/creators/0/nameIdentifiers/0/nameIdentifier", "orcid", 5),
        ("/titles/0/titelType", "unknown-member", 6),
        ("/publisher/name", "mandatory", 7),
        ("/publisher/nam", "unknown-member", 7),
        ("/types/resourceTypeGeneral", "vocabulary", 8),
        ("/subjects/0", "shape", 9),
        ("/dates/0/date", "date", 10),
        ("/dates/0/dateType", "vocabulary", 10),
        ("/language", "text-form", 11),
        ("/publicationYear", "mandatory", 1),
    }


def test_a_near_miss_is_named() -> None:
    mends = {p.where: p.mend for p in check_text(BROKEN.encode(), ".json").problems}
    assert mends["/titles/0/titelType"] == "Did you mean titleType?"
    assert mends["/types/resourceTypeGeneral"] == 'Did you mean "Dataset"?'
    assert mends["/dates/0/dateType"] == 'Did you mean "Issued"?'


def test_unknown_members_alone_leave_the_record_readable() -> None:
    record, problems = datacite_json.parse(json.dumps({**full_record(), "titel": "x"}))
    assert record is not None
    assert [(p.where, p.rule) for p in problems] == [("/titel", "unknown-member")]


def test_repeated_keys_are_told_with_both_lines() -> None:
    text = '{\n "version": "1",\n "titles": [{"title": "a",\n  "title": "b"}],\n "version": "2"}'
    _, problems = datacite_json.parse(text)
    repeated = [(p.where, p.line) for p in problems if p.rule == "duplicate-key"]
    assert repeated == [("/titles/0/title", 4), ("/version", 5)]


def test_a_record_inside_a_saved_answer_is_read_and_told_by_its_whole_pointer() -> None:
    attributes = {**full_record(), "viewCount": 0}
    answer = {"data": {"type": "dois", "attributes": attributes}}
    record, problems = datacite_json.parse(json.dumps(answer))
    assert record is not None
    assert problems == []
    attributes["language"] = "en_US"
    _, problems = datacite_json.parse(json.dumps(answer))
    assert [p.where for p in problems] == ["/data/attributes/language"]


@pytest.mark.parametrize(
    "polygon",
    [
        3,
        [[3]],
        [{"inPolygonPoint": 3}],
        [[{"inPolygonPoint": 3}]],
        [{"polygonPoint": {}}, 3],
        [{"polygonPoints": [3]}],
        [{"polygonPoints": 3}],
        [{"polygonPoint": {}}, {"polygonPoints": [{}]}],
    ],
)
def test_a_broken_polygon_is_a_problem_not_a_crash(polygon: object) -> None:
    tree = {**full_record(), "geoLocations": [{"geoLocationPolygon": polygon}]}
    checked = check_text(json.dumps(tree).encode(), ".json")
    assert checked.record is None
    places = {p.where.partition("/geoLocationPolygon")[0] for p in checked.problems}
    assert places == {"/geoLocations/0"}


def test_yaml_means_texts_and_tells_lines() -> None:
    text = yaml.safe_dump({**full_record(), "version": "1.10"}).replace("'1.10'", "1.10")
    record, problems = yaml_text.parse(text.encode())
    assert problems == []
    assert record is not None
    assert record.version == "1.10"
    assert record == datacite_json.parse(json.dumps({**full_record(), "version": "1.10"}))[0]
    _, problems = yaml_text.parse(b"titles:\n- title: a\nversion: 1\nversion: 2\n")
    assert ("/version", 4) in [(p.where, p.line) for p in problems if p.rule == "duplicate-key"]


@pytest.mark.parametrize(
    "text",
    [
        b"a: &x [1]\nb: *x\n",
        b"a: 1\n---\nb: 2\n",
        b"{a: [}",
        b"\xff\xfe\x00",
        b"[" * 100 + b"]" * 100,
        b"? [a]\n: b\n",
        b"!!python/object/apply:os.system ['true']\n",
        b"",
    ],
)
def test_dangerous_or_broken_yaml_is_refused(text: bytes) -> None:
    record, problems = yaml_text.parse(text)
    assert record is None
    assert problems


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b"[" * 100_000, b"\xff", b"{}x", b"1", b"9" * 9999]
)
def test_broken_json_is_refused_with_a_reason(text: bytes) -> None:
    record, problems = datacite_json.parse(text)
    assert record is None
    assert problems[0].message


@pytest.mark.parametrize("depth", [40, 100, 700, 50_000])
@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_deep_nesting_is_refused_not_followed(depth: int, suffix: str) -> None:
    deep = "[" * depth + "]" * depth
    text = json.dumps({**full_record(), "sizes": [], "odd": 0}).replace(
        '"odd": 0', f'"odd": {deep}'
    )
    checked = check_text(text.encode(), suffix)
    assert not checked.ok
    assert all(p.message for p in checked.problems)


@pytest.mark.parametrize(
    "attack",
    [
        b'<!DOCTYPE r [<!ENTITY a "x">]><resource xmlns="http://datacite.org/schema/kernel-4"/>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>',
        b"<a>" * 500 + b"</a>" * 500,
        b"<r>&unknown;</r>",
        b'<?xml version="1.0" encoding="no-such"?><r/>',
        b"",
    ],
)
def test_dangerous_or_broken_xml_is_refused(attack: bytes) -> None:
    record, (problem,) = datacite_xml.parse(attack)
    assert record is None
    assert problem.rule == "syntax"
    assert problem.line is not None


def test_the_official_schema_may_judge_at_run_time(shared: Path) -> None:
    schema = shared / "contracts" / "datacite-kernel-4.7" / "metadata.xsd"
    broken = b'<resource xmlns="http://datacite.org/schema/kernel-4">\n<creators/>\n</resource>'
    problems = datacite_xml.validate_with_xsd(broken, schema)
    assert problems[0].line == 2
    assert "Missing child element(s)" in problems[0].message
    assert datacite_xml.validate_with_xsd(b"<a>", schema)[0].rule == "xsd"


def test_a_bare_draft_is_rejected_with_what_it_lacks() -> None:
    with pytest.raises(Rejected) as caught:
        datacite_json.from_rest({"doi": "10.14454/a", "titles": [], "url": None})
    assert {p.where for p in caught.value.problems} == {
        "/creators",
        "/titles",
        "/publisher",
        "/publicationYear",
        "/types",
    }


def test_what_the_registry_returns_is_understood() -> None:
    record = datacite_json.from_rest(
        {
            "doi": "10.14454/a",
            "creators": [{"name": "A", "affiliation": ["X"], "nameIdentifiers": [], "lang": None}],
            "titles": [{"title": "T"}],
            "publisher": "P",
            "container": {},
            "publicationYear": 2026,
            "types": {"ris": "DATA", "schemaOrg": "Dataset", "resourceTypeGeneral": "Dataset"},
            "geoLocations": [{"geoLocationPoint": {"pointLongitude": 1, "pointLatitude": "2.5"}}],
            "relatedItems": [
                {"relatedItemType": "Journal", "relationType": "IsPublishedIn", "volume": 12}
            ],
            "version": None,
            "state": "findable",
            "viewsOverTime": [],
        }
    )
    assert record.creators[0].affiliation[0].name == "X"
    assert record.related_items[0].volume == "12"
    attributes = datacite_json.to_rest(record)
    assert attributes["schemaVersion"] == "http://datacite.org/schema/kernel-4"
    assert "version" not in attributes


def test_a_folder_must_hold_exactly_one_record(tmp_path: Path) -> None:
    assert [p.rule for p in check_path(tmp_path).problems] == ["metadata-file"]
    (tmp_path / "datacite.json").write_text(json.dumps(full_record()), encoding="utf-8")
    assert check_path(tmp_path).ok
    assert check_path(tmp_path).path == tmp_path / "datacite.json"
    (tmp_path / CRATE_FILE).write_text("{}", encoding="utf-8")
    assert check_path(tmp_path).ok
    (tmp_path / "datacite.xml").write_text("<r/>", encoding="utf-8")
    (problem,) = check_path(tmp_path).problems
    assert "datacite.json, datacite.xml" in problem.message


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".yml", ".xml"])
def test_every_form_of_the_same_record_is_fine(suffix: str, tmp_path: Path) -> None:
    record, _ = datacite_json.parse(json.dumps(full_record()))
    assert record is not None
    texts = {".json": json.dumps(full_record()).encode(), ".xml": datacite_xml.to_xml(record)}
    file = tmp_path / f"datacite{suffix}"
    file.write_bytes(texts.get(suffix) or yaml.safe_dump(full_record()).encode())
    checked = check_path(file)
    assert checked.problems == ()
    assert checked.record == (record.model_copy(update={"url": ""}) if suffix == ".xml" else record)


def test_files_that_cannot_be_read_are_problems_not_crashes(tmp_path: Path) -> None:
    assert "nothing at" in check_path(tmp_path / "no.json").problems[0].message
    (tmp_path / "readme.txt").write_text("x", encoding="utf-8")
    assert "not a metadata file" in check_path(tmp_path / "readme.txt").problems[0].message
    large = tmp_path / "datacite.json"
    with large.open("wb") as stream:
        stream.truncate(LARGEST + 1)
    assert "larger than 16 MiB" in check_path(large).problems[0].message
