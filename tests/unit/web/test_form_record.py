"""The form reaches every member of a record, and what it posts is what it showed."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from excudit.domain.record import Polygon, Record
from excudit.metadata import datacite_json
from excudit.web.pages.form import posted, trees
from excudit.web.pages.form.kinds import Field, Node, Rows, member
from excudit.web.pages.form.merge import Merge
from excudit.web.pages.form.sections import SECTIONS
from record_strategies import BOUNDED, records

GIVEN_BY_US = {"doi", "url"}
NODES: tuple[Node, ...] = tuple(n for s in SECTIONS for n in s.members)


def pruned(tree: Any) -> Any:
    """A tree without what says nothing, and with the line ends of browsers."""
    if isinstance(tree, str):
        return trees.plain(tree)
    if isinstance(tree, dict):
        kept = {k: pruned(v) for k, v in tree.items()}
        return {k: v for k, v in kept.items() if v not in ("", {}, [])}
    if isinstance(tree, list):
        return [v for v in map(pruned, tree) if v not in ({}, [])]
    return tree


def without_blank_texts(tree: dict[str, Any]) -> dict[str, Any]:
    """A blank entry of sizes and formats is no entry; nor is a row of blanks."""
    filled = {
        name: [v for v in value if not _blank(v)] if isinstance(value, list) else value
        for name, value in tree.items()
    }
    return {k: v for k, v in filled.items() if v != []}


def _blank(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict):
        return all(map(_blank, value.values()))
    return isinstance(value, list) and all(map(_blank, value))


def deeply(tree: Any) -> Any:
    """`without_blank_texts` at every level."""
    if isinstance(tree, dict):
        inner = without_blank_texts({k: deeply(v) for k, v in tree.items()})
        return {k: v for k, v in inner.items() if v not in ({}, "")}
    return [deeply(v) for v in tree] if isinstance(tree, list) else tree


def posted_onto(draft: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """The record after everything that `shown` shows was typed into the form of `draft`."""
    texts = trees.view(NODES, trees.unfolded(shown))
    base = trees.view(NODES, trees.unfolded(draft))
    typed = posted.read(NODES, posted.flat(texts), base)
    assert not typed.refused
    return trees.folded(Merge().members(NODES, "", base, typed.texts, trees.unfolded(draft)))


def members(model: type[BaseModel], nodes: tuple[Node, ...], where: str = "") -> list[str]:
    """The members of the model that the description lacks."""
    missing = []
    for name, info in model.model_fields.items():
        alias = info.alias or name
        here = f"{where}/{alias}"
        node = member(nodes, alias)
        if node is None:
            missing.append(here)
            continue
        inner = _model(info.annotation)
        if inner is Polygon or inner is None:
            continue
        assert not isinstance(node, Field), here
        missing += members(inner, node.entry if isinstance(node, Rows) else node.members, here)
    return missing


def _model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model(part) for part in get_args(annotation))
    return next((m for m in found if m), None)


def test_every_member_of_the_record_has_its_field() -> None:
    assert {m.removeprefix("/") for m in members(Record, NODES)} == GIVEN_BY_US


@given(records())
@BOUNDED
def test_a_record_typed_into_an_empty_form_is_that_record(record: Record) -> None:
    tree = {
        k: v
        for k, v in datacite_json.to_rest(record).items()
        if k not in {*GIVEN_BY_US, "schemaVersion"}
    }
    assert posted_onto({}, tree) == deeply(pruned(tree))


@given(records())
@BOUNDED
def test_a_form_sent_back_as_it_was_shown_changes_nothing(record: Record) -> None:
    tree = datacite_json.to_rest(record)
    texts = trees.view(NODES, trees.unfolded(tree))
    typed = posted.read(NODES, posted.flat(texts), texts)
    merge = Merge(tidy=False)
    after = trees.folded(merge.members(NODES, "", texts, typed.texts, trees.unfolded(tree)))
    assert after == trees.folded(trees.unfolded(tree))
    assert datacite_json.from_rest(after) == datacite_json.from_rest(tree)
    assert not merge.foreign


@given(records())
@BOUNDED
def test_polygons_survive_as_text(record: Record) -> None:
    tree = datacite_json.to_rest(record)
    again = datacite_json.from_rest(trees.folded(trees.unfolded(tree)))
    assert again.geo_locations == datacite_json.from_rest(tree).geo_locations


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
TOP = st.sampled_from([n.name for n in NODES])


@given(st.dictionaries(TOP, JSON, max_size=6))
@BOUNDED
def test_a_draft_of_any_shape_can_be_shown_and_sent_back(draft: dict[str, Any]) -> None:
    record = trees.unfolded(draft)
    texts = trees.view(NODES, record)
    typed = posted.read(NODES, posted.flat(texts), texts)
    after = Merge(tidy=False).members(NODES, "", texts, typed.texts, record)
    assert trees.view(NODES, after) == texts


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=5), max_size=10))
@BOUNDED
def test_names_that_the_form_does_not_have_are_ignored(fields: dict[str, str]) -> None:
    known = {name: text for name, text in fields.items() if posted.field_at(NODES, name)}
    typed = posted.read(NODES, fields.items(), {})
    assert dict(posted.flat(typed.texts)) == {k: trees.plain(v) for k, v in known.items()}


@pytest.mark.parametrize(
    "name",
    [
        "creators.99999999.name",
        "creators.-1.name",
        "creators.0.name.0",
        "creators",
        "creators.0",
        "creators.0.__class__",
        "doi",
        ".".join(["creators.0"] * 500),
        "sizes.٣",
        "relatedItems.0.creators.0.nameIdentifiers.0.nameIdentifier",
    ],
)
def test_a_strange_name_is_no_field(name: str) -> None:
    assert posted.field_at(NODES, name) is None


def test_a_huge_index_takes_no_room() -> None:
    typed = posted.read(NODES, [("creators.9999999.name", "x")], {})
    after = Merge().members(NODES, "", {}, typed.texts, {})
    assert after == {"creators": [{"name": "x"}]}


def test_too_many_new_rows_are_refused() -> None:
    pairs = [(f"creators.{n}.name", "x") for n in range(posted.NEW_ROWS + 1)]
    assert posted.read(NODES, pairs, {}).refused


def test_what_cannot_be_stored_is_refused_beside_its_field() -> None:
    typed = posted.read(NODES, [("titles.0.title", "a\x0bb"), ("version", "x" * 9000)], {})
    assert "control character (after 1 others)" in typed.refused["titles.0.title"]
    assert "9,000 characters; at most 8,000" in typed.refused["version"]


def test_what_stands_there_already_may_be_longer() -> None:
    long = "x" * 9000
    assert not posted.read(NODES, [("version", long)], {"version": long}).refused


def test_a_base_that_is_not_ours_is_refused() -> None:
    bomb = trees.packed("x" * (trees.LONGEST_BASE + 10))
    for text in ("", "?", "eA==", bomb):
        with pytest.raises(ValueError, match=r"not ours|too large|base64|padding|JSON|value"):
            trees.unpacked(text)
