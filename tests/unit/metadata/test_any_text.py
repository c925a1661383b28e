"""Whatever stands in a metadata file, checking answers; it never breaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.metadata.mutations import near_valid
from tests.unit.metadata.vectors import official_schema

from excudit.metadata import datacite_xml, ro_crate
from excudit.metadata.check import check_text
from excudit.testing.records import full_record
from record_strategies import BOUNDED

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10_000),
    st.floats(allow_nan=True),
    st.sampled_from(["", " ", "x", "DOI", "10.14454/x", "2024", "\x00", "Other", "Personal"]),
)
# fmt: off
_NAMES = st.sampled_from(
    [
        "name", "title", "type", "data", "attributes", "identifiers", "identifier",
        "identifierType", "schemaVersion", "publisher", "polygonPoint", "polygonPoints",
        "inPolygonPoint", "geoLocationPolygons", "affiliations", "creatorName", "schemeURI",
        "funderIdentifier", "awardNumber", "relatedItemIdentifier", "doi", "resourceType",
    ]
)
# fmt: on
VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def spoiled(draw: Any) -> dict[str, Any]:
    """The full record with a few of its parts replaced, removed or added at random."""
    tree = full_record()
    for _ in range(draw(st.integers(1, 4))):
        node: Any = tree
        while draw(st.booleans()) or node is tree:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if not isinstance(node[key], dict | list) or draw(st.integers(0, 3)) == 0:
                node[key] = draw(VALUES)
                break
            node = node[key]
        if isinstance(node, dict) and draw(st.integers(0, 4)) == 0:
            node[draw(_NAMES)] = draw(VALUES)
    return tree


@BOUNDED
@given(spoiled(), st.sampled_from([".json", ".yaml"]))
def test_spoiled_records_are_judged_without_a_crash(tree: dict[str, Any], suffix: str) -> None:
    text = json.dumps(tree) if suffix == ".json" else yaml.dump(tree, Dumper=yaml.CSafeDumper)
    checked = check_text(text.encode(), suffix)
    assert checked.record is not None or checked.problems
    for problem in checked.problems:
        assert problem.message
        assert problem.where == "" or problem.where.startswith("/")


def test_what_passes_the_check_passes_the_official_schema(shared: Path) -> None:
    schema = official_schema(shared)

    @BOUNDED
    @given(spoiled())
    def passes(tree: dict[str, Any]) -> None:
        from lxml import etree

        checked = check_text(json.dumps(tree).encode(), ".json")
        if checked.record is not None:
            document = etree.fromstring(datacite_xml.to_xml(checked.record))
            assert schema.validate(document), schema.error_log

    passes()


@BOUNDED
@given(VALUES)
@example({"data": {"attributes": {"creators": {"name": "x"}}}})
def test_any_json_at_all_is_judged_without_a_crash(value: Any) -> None:
    text = json.dumps(value).encode()
    assert check_text(text, ".json").problems
    assert check_text(text, ".yaml").problems
    assert ro_crate.parse(text)[1]


@BOUNDED
@given(st.binary(max_size=60))
def test_any_bytes_at_all_are_judged_without_a_crash(text: bytes) -> None:
    for suffix in (".json", ".yaml", ".xml"):
        assert check_text(text, suffix).problems


@BOUNDED
@given(near_valid())
def test_every_problem_of_an_xml_document_has_its_line(xml: bytes) -> None:
    for problem in check_text(xml, ".xml").problems:
        assert problem.line
        assert problem.column
