"""The metadata that a folder brings along: a DataCite record or an RO-Crate."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import yaml

from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.metadata import datacite_json, datacite_xml, ro_crate, yaml_text
from excudit.metadata.check import CRATE_FILE, LARGEST, RECORD_FILES
from excudit.metadata.datacite_json import to_rest
from excudit.metadata.older_forms import modern, prefix_of

RECORD_NAMES = (*RECORD_FILES, CRATE_FILE)
_PARSERS: dict[str, Callable[[bytes], tuple[Record | None, list[Problem]]]] = {
    "datacite.json": datacite_json.parse,
    "datacite.yaml": yaml_text.parse,
    "datacite.yml": yaml_text.parse,
    "datacite.xml": datacite_xml.parse,
    CRATE_FILE: ro_crate.parse,
}
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
    """What the metadata file says, in DataCite REST JSON, and what of it could not be taken over.

    Of a broken or incomplete record comes what is sound. What is wrong with the record itself, or
    missing in it, is not told here: whoever checks the record, perhaps mended by then, sees it. The
    problems' messages name the file; `where` points into the record.
    """
    if len(content) > LARGEST:
        return {}, [_too_large(name)]
    record, problems = _PARSERS[name](content)
    if record is not None:
        plain: dict[str, Any] = json.loads(json.dumps(to_rest(record)))
        return plain, [_of(name, p) for p in problems]
    sound = _sound_members(name, content, problems)
    return sound, [_of(name, p) for p in problems if not sound or not _only_missing(p)]


def _of(name: str, problem: Problem) -> Problem:
    return replace(problem, message=f"{name}: {problem.message}")


def _only_missing(problem: Problem) -> bool:
    """A whole member is not there: something to complete, not something that was lost."""
    parent = problem.where.rpartition("/")[0]
    return problem.rule == "mandatory" and parent in ("", "/data/attributes")


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
