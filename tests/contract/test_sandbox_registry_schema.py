"""The schema that the sandbox makes from the controlled lists judges as DataCite's own does."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from excudit.sandbox.datacite import xml_writer
from excudit.sandbox.datacite.attributes import METADATA, permit
from excudit.sandbox.datacite.normalise import normalise
from excudit.sandbox.datacite.schema import compiled

Verdict = tuple[bool, list[tuple[int, str]]]
CHANGES_PER_VECTOR = 25


@pytest.fixture(scope="module")
def official(shared: Path) -> etree.XMLSchema:
    folder = shared / "contracts" / "datacite-kernel-4.7"
    return etree.XMLSchema(etree.parse(folder / "metadata.xsd"))


def verdict(schema: Any, document: Any) -> Verdict:
    valid = schema.validate(document)
    return valid, [(entry.line, entry.message) for entry in schema.error_log]


def documents(shared: Path) -> list[tuple[str, Any]]:
    paths = sorted((shared / "data" / "datacite").rglob("*.xml"))
    found = [(str(p), etree.parse(p)) for p in paths if "not-well-formed" not in p.parts]
    assert len(found) == 143
    return found


def change(document: Any, chance: random.Random) -> Any:
    """One of five ways to break a record, parsed again so that lines are those of its text."""
    changed = copy.deepcopy(document)
    elements = [e for e in changed.iter() if isinstance(e.tag, str)]
    one = chance.choice(elements)
    way = chance.randrange(5)
    if way == 0 and one.getparent() is not None:
        one.getparent().remove(one)
    elif way == 1:
        one.text = chance.choice(["", "  ", "abc", "200", "9999", "181"])
    elif way == 2 and one.attrib:
        del one.attrib[chance.choice(sorted(one.attrib))]
    elif way == 3 and one.attrib:
        one.attrib[chance.choice(sorted(one.attrib))] = chance.choice(["", "en_US", "Foo", "a b"])
    else:
        one.tag = chance.choice(elements).tag
    return etree.fromstring(etree.tostring(changed))


def test_both_schemas_say_the_same_of_every_vector(shared: Path, official: Any) -> None:
    for name, document in documents(shared):
        assert verdict(compiled(), document) == verdict(official, document), name


def test_both_schemas_say_the_same_of_broken_vectors(shared: Path, official: Any) -> None:
    refused = 0
    for name, document in documents(shared):
        chance = random.Random(name)
        for _ in range(CHANGES_PER_VECTOR):
            changed = change(document, chance)
            expected = verdict(official, changed)
            refused += not expected[0]
            assert verdict(compiled(), changed) == expected, etree.tostring(changed)
    assert refused > 1000


def test_both_schemas_say_the_same_of_xml_made_from_json(shared: Path, official: Any) -> None:
    folder = shared / "data" / "datacite"
    cases = json.loads((folder / "rest" / "cases.json").read_text())["cases"]
    bodies = [case["request"].get("body", {}) for case in cases]
    records = [body["data"]["attributes"] for body in bodies if "data" in body]
    versions = ("4.2", "4.3", "4.5")
    paths = [path for path in folder.rglob("*.json") if path.parent.name in versions]
    records += [json.loads(path.read_text()) for path in paths]
    assert len(records) > 100
    for record in records:
        kept = {name: value for name, value in permit(record).items() if name in METADATA}
        document = etree.fromstring(xml_writer.write("10.14454/x", normalise(kept)))
        assert verdict(compiled(), document) == verdict(official, document)
