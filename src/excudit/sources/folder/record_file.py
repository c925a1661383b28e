"""The metadata that a folder brings along: a DataCite record or an RO-Crate."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import yaml

from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.metadata import ro_crate
from excudit.metadata.check import CRATE_FILE, LARGEST, RECORD_FILES, check_record, check_text
from excudit.metadata.datacite_json import to_rest
from excudit.metadata.older_forms import modern, prefix_of

RECORD_NAMES = (*RECORD_FILES, CRATE_FILE)
MEMBERS = frozenset(field.alias or name for name, field in Record.model_fields.items())


def choose(names: Collection[str]) -> tuple[str, list[Problem]]:
    """The file that holds the metadata, "" without one, and what is wrong with the choice.

    A DataCite record goes before an RO-Crate. Of several records the first is taken, but which
    one is meant has to be said before publication.
    """
    present = [name for name in RECORD_NAMES if name in names]
    if not present:
        return "", [
            Problem(
                "",
                "The folder has no metadata file.",
                "Complete the prefilled record, or put a datacite.yaml into the folder.",
                "warning",
                "metadata-file",
            )
        ]
    records = [name for name in present if name != CRATE_FILE]
    if len(records) < 2:
        return present[0], []
    message = f"The folder holds several records: {', '.join(records)}."
    return present[0], [Problem("", message, "Keep one of them.", rule="metadata-file")]


def read_record(name: str, content: bytes) -> tuple[dict[str, Any], list[Problem]]:
    """What the metadata file says, in DataCite REST JSON, and what is wrong with it.

    A record that is broken or not complete comes as far as it can be read. The problems' messages
    name the file; `where` points into the record.
    """
    if len(content) > LARGEST:
        return {}, [_too_large(name)]
    record, found = _checked(name, content)
    problems = [replace(p, message=f"{name}: {p.message}") for p in found]
    if record is None:
        return _sound_members(name, content, found), problems
    plain: dict[str, Any] = json.loads(json.dumps(to_rest(record)))
    return plain, problems


def _checked(name: str, content: bytes) -> tuple[Record | None, list[Problem]]:
    if name == CRATE_FILE:
        record, problems = ro_crate.parse(content)
        return record, [*problems, *(check_record(record) if record else ())]
    checked = check_text(content, PurePosixPath(name).suffix)
    return checked.record, list(checked.problems)


def _sound_members(name: str, content: bytes, problems: list[Problem]) -> dict[str, Any]:
    """The members of a DataCite file that is no record yet, without those that have errors."""
    if name == CRATE_FILE or name.endswith(".xml"):
        return {}
    try:
        tree = json.loads(content) if name.endswith(".json") else _plain_yaml(content)
        json.dumps(tree)
    except (ValueError, yaml.YAMLError, RecursionError):
        return {}
    if not isinstance(tree, dict):
        return {}
    prefix = prefix_of(tree)
    wrong = {part for p in problems for part in p.where.removeprefix(prefix).split("/")[1:2]}
    return {key: value for key, value in modern(tree).items() if key in MEMBERS - wrong}


def _plain_yaml(content: bytes) -> Any:
    """Mappings, lists and texts only; no aliases, with which a small file could grow huge."""
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, yaml.BaseLoader)):
        raise ValueError("aliases are not allowed")
    return yaml.load(content, yaml.BaseLoader)  # noqa: S506 - the base loader makes no objects


def _too_large(name: str) -> Problem:
    return Problem(
        "",
        f"{name}: The metadata file is larger than {LARGEST // 1024**2} MiB.",
        "Give the record itself only; long lists of files belong elsewhere.",
        rule="metadata-file",
    )
