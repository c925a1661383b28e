"""On every published or broken example our verdict is the documented one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.unit.metadata.vectors import Vectors, official_schema, vectors, xsd_path

from excudit.metadata import datacite_json, datacite_xml
from excudit.metadata.check import check_path
from excudit.metadata.kernel4 import NAMESPACE

_BR = f"{{{NAMESPACE}}}br"


@pytest.fixture(scope="module")
def examples(shared: Path) -> Vectors:
    return vectors(shared)


def test_every_xml_verdict_is_that_of_the_official_schema(examples: Vectors) -> None:
    wrong = []
    for entry in examples.of(suffix=".xml"):
        record, problems = datacite_xml.parse(examples.read(entry))
        accepted = record is not None and all(p.severity == "warning" for p in problems)
        if accepted != (entry["kernel47Xsd"] == "valid"):
            wrong.append((entry["path"], [str(p) for p in problems]))
    assert wrong == []
    assert len(examples.of(suffix=".xml")) == 144


def test_every_official_json_example_becomes_a_record(examples: Vectors) -> None:
    entries = [e for e in examples.of(suffix=".json") if e["path"].startswith(("json/", "pairs/"))]
    refused = {
        entry["path"]: problems
        for entry in entries
        for record, problems in [datacite_json.parse(examples.read(entry))]
        if record is None or problems
    }
    assert refused == {}
    assert len(entries) == 75


def test_every_invalid_example_is_refused_for_its_own_reason(examples: Vectors) -> None:
    reasons = {
        "xsd-invalid": {"cardinality", "vocabulary", "text-form"},
        "not-well-formed": {"syntax"},
        "unsupported-kernel": {"unsupported-kernel"},
        "wrong-namespace": {"wrong-namespace"},
        "malformed-json": {"syntax"},
        "duplicate-keys": {"duplicate-key"},
        "wrong-shape": {"shape"},
    }
    entries = [e for e in examples.entries if e["path"].startswith("invalid/")]
    assert {entry["class"] for entry in entries} == set(reasons)
    for entry in entries:
        checked = check_path(examples.folder / entry["path"])
        assert not checked.ok, entry["path"]
        found = {p.rule: p for p in checked.problems if p.severity == "error"}
        assert reasons[entry["class"]] & set(found), entry["path"]
        assert all(p.line and p.column for p in found.values()), (entry["path"], found)
        assert all(p.mend for p in found.values()), entry["path"]


def test_the_lines_of_broken_xml_are_those_of_the_official_schema(examples: Vectors) -> None:
    for entry in examples.of(suffix=".xml"):
        if entry["kernel47Xsd"] == "valid" or entry.get("namespace") != NAMESPACE:
            continue
        _, problems = datacite_xml.parse(examples.read(entry))
        lines = [p.line for p in problems if p.severity == "error"]
        assert lines == [error["line"] for error in entry["errors"]], entry["path"]


def test_old_kernels_are_refused_in_the_registrys_words(examples: Vectors) -> None:
    for entry in examples.entries:
        if entry["class"] == "unsupported-kernel":
            _, (problem,) = datacite_xml.parse(examples.read(entry))
            assert f"Schema {entry['namespace']} is no longer supported" in problem.message


def test_xml_made_of_every_json_example_is_valid_and_comes_back(
    examples: Vectors, shared: Path
) -> None:
    for entry in examples.of(suffix=".json"):
        record, _ = datacite_json.parse(examples.read(entry))
        if record is None:
            continue
        xml = datacite_xml.to_xml(record)
        assert datacite_xml.validate_with_xsd(xml, xsd_path(shared)) == [], entry["path"]
        assert datacite_xml.parse(xml) == (record.model_copy(update={"url": ""}), [])


def test_xml_examples_lose_nothing_on_the_way_through_json(examples: Vectors, shared: Path) -> None:
    """Element by element: the same values with the same attributes, whatever their order."""
    compared = 0
    for entry in examples.of(suffix=".xml"):
        xml = examples.read(entry)
        record, problems = datacite_xml.parse(xml)
        if record is None or problems:
            continue
        again = datacite_xml.to_xml(datacite_json.from_rest(datacite_json.to_rest(record)))
        assert official_schema(shared).validate(_lxml(again)), entry["path"]
        assert _values(again) == _values(xml), entry["path"]
        compared += 1
    assert compared > 100


def test_pairs_with_equal_values_agree_as_records(examples: Vectors) -> None:
    pairs = [e for e in examples.entries if e.get("pairAgreement") == "equal values"]
    assert len(pairs) == 16
    for entry in pairs:
        from_xml, _ = datacite_xml.parse(examples.read(entry))
        from_json, _ = datacite_json.parse(
            (examples.folder / entry["path"]).with_suffix(".json").read_bytes()
        )
        assert from_xml is not None
        assert from_json is not None
        in_xml = _values(datacite_xml.to_xml(from_xml), fold=True)
        in_json = _values(datacite_xml.to_xml(from_json), fold=True)
        lost = {value for *_, value in in_xml} - {value for *_, value in in_json}
        assert lost <= {"doi"}, entry["path"]


def _lxml(xml: bytes) -> object:
    from lxml import etree

    return etree.fromstring(xml)


def _values(xml: bytes, *, fold: bool = False) -> Counter[tuple[str, str, str]]:
    """Every text and attribute value with its element and name; numbers as numbers."""
    found: Counter[tuple[str, str, str]] = Counter()
    for element in ElementTree.fromstring(xml).iter():
        name = element.tag.rpartition("}")[2]
        if element.tag == _BR:
            continue
        lines = [f"<br>{br.tail or ''}" for br in element.findall(_BR)]
        words = "".join([element.text or "", *lines])
        for attribute, value in {"": words, **element.attrib}.items():
            kept = _plain(value, name)
            if kept and "schemaLocation" not in attribute:
                found[name, attribute, " ".join(kept.split()).casefold() if fold else kept] += 1
    return found


def _plain(value: str, name: str) -> str:
    if name.endswith(("itude", "Longitude", "Latitude")):
        return repr(float(value)) if value.strip() else ""
    return value if value.strip() else ""
