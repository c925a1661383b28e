"""A record as the attributes of DataCite's REST API: `to_rest` and `from_rest` lose nothing.

`parse` reads what people write: strict, with all problems at once, each at its line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from excudit.domain.errors import Rejected
from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.domain.vocabularies import SCHEMA_VERSION
from excudit.metadata.json_places import places_of
from excudit.metadata.older_forms import (
    NOT_METADATA,
    WRAPPED,
    Tree,
    modern,
    prefix_of,
    take_doi,
    too_deep,
)
from excudit.metadata.shape import Place, located, record_of


def to_rest(record: Record) -> dict[str, Any]:
    """The record as attributes for a POST or PUT, empty members omitted.

    `schemaVersion` is the one exact string with which the registry checks what it gets.
    """
    attributes = record.model_dump(mode="json", exclude_defaults=True)
    attributes["schemaVersion"] = SCHEMA_VERSION
    return attributes


def from_rest(attributes: Mapping[str, Any]) -> Record:
    """The record in what the REST API returns; derived and unknown members are left out.

    Raises Rejected with all problems when it is not a complete record, e.g. a bare draft.
    """
    if too_deep(dict(attributes)):
        raise Rejected("The registry's answer is nested too deeply to be a record.")
    record, problems = record_of(modern(_as_text(dict(attributes))))
    if record is None:
        raise Rejected(
            "The registry's answer is not a complete record.",
            hint="Complete the metadata of this DOI.",
            problems=tuple(problems),
        )
    return record


def parse(text: bytes | str) -> tuple[Record | None, list[Problem]]:
    """The record that a person wrote in JSON, and all problems, with their lines.

    The record is None when the text is not a record by the schema; with unknown members only, it
    comes without them. Semantic rules are not applied here, see `excudit.metadata.check`.
    """
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(error)]
    twice: list[bool] = []

    def once(pairs: list[tuple[str, Any]]) -> Tree:
        tree = dict(pairs)
        if len(tree) != len(pairs):
            twice.append(True)
        return tree

    try:
        tree = json.loads(decoded, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        return None, [_syntax(error)]
    except (RecursionError, ValueError) as error:
        return None, [_too_much(str(error))]
    record, problems = read_tree(tree)
    if not problems and not twice:
        return record, []
    if too_deep(tree):
        return None, [_too_much("it is nested too deeply")]
    found, repeated = places_of(decoded)
    return record if not repeated else None, [*repeated, *located(problems, found)]


def tree_of(text: bytes) -> Any:
    """The members in today's form, for a sketch; None when the text is not a JSON object."""
    try:
        tree = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return today_of(tree)


def today_of(tree: Any) -> Any:
    """A tree in any known JSON form in today's form; None when it is not an object."""
    if not isinstance(tree, dict) or too_deep(tree):
        return None
    today = modern(tree)
    take_doi(today)
    return today


def places(text: bytes) -> dict[str, Place]:
    """Line and column of every value by JSON pointer; `text` was parsed without error before.

    A record inside a saved answer stands under its pointers within the record too.
    """
    found, _ = places_of(text.decode("utf-8-sig"))
    inner = {w.removeprefix(WRAPPED): p for w, p in found.items() if w.startswith(f"{WRAPPED}/")}
    return {**found, **inner}


def read_tree(tree: Any) -> tuple[Record | None, list[Problem]]:
    """The record of a tree in any known JSON form, and its problems without lines."""
    if not isinstance(tree, dict):
        return record_of(tree)
    if too_deep(tree):
        return None, [_too_much("it is nested too deeply")]
    supported = _version_problem(tree)
    if supported:
        return None, [supported]
    plain = {name: value for name, value in tree.items() if name not in NOT_METADATA}
    record, problems = record_of(plain)
    if record is not None and not problems and not _names_doi_twice(record):
        return record, []
    record, problems = record_of(today_of(tree))
    prefix = prefix_of(tree)
    if prefix:
        problems = [Problem(**{**p.as_data(), "where": prefix + p.where}) for p in problems]
    return record, problems


def _names_doi_twice(record: Record) -> bool:
    return any(one.identifier_type == "DOI" for one in record.identifiers)


def _version_problem(tree: Tree) -> Problem | None:
    version = tree.get("schemaVersion")
    if not isinstance(version, str) or "/kernel-4" in version or "/kernel-" not in version:
        return None
    return Problem(
        "/schemaVersion",
        f"Schema {version} is no longer supported.",
        f"Bring the record to DataCite 4 and write {SCHEMA_VERSION}.",
        rule="unsupported-kernel",
    )


def _as_text(value: Any) -> Any:
    """Numbers as text, for the registry stores what it was sent: a volume may be 12 or "12"."""
    if isinstance(value, dict):
        return {k: _as_text(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_as_text(v) for v in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _syntax(error: json.JSONDecodeError) -> Problem:
    return Problem(
        "",
        f"This is not JSON: {error.msg}.",
        "Mend the text at this place.",
        rule="syntax",
        line=error.lineno,
        column=error.colno,
    )


def _too_much(reason: str) -> Problem:
    return Problem("", f"This is no record: {reason}.", "Simplify it.", rule="syntax")


def _not_utf8(error: UnicodeDecodeError) -> Problem:
    return Problem(
        "",
        f"Byte {error.start + 1} is not UTF-8.",
        "Save the file as UTF-8.",
        rule="syntax",
    )
