"""The metadata that a folder brings along: a DataCite record or an RO-Crate."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from excudit.domain.problem import Problem
from excudit.metadata.check import check_path
from excudit.metadata.datacite_json import to_rest

RECORD_NAMES = (
    "datacite.json",
    "datacite.yaml",
    "datacite.yml",
    "datacite.xml",
    "ro-crate-metadata.json",
)
LARGEST = 16 * 1024 * 1024


def choose(names: Collection[str]) -> tuple[str, list[Problem]]:
    """The file that holds the metadata, "" without one, and what to know about the choice."""
    present = [name for name in RECORD_NAMES if name in names]
    if not present:
        return "", [
            Problem(
                "",
                "The folder has no metadata file.",
                "Complete the prefilled record, or put a datacite.yaml into the folder.",
                "warning",
                "no-metadata-file",
            )
        ]
    if len(present) == 1:
        return present[0], []
    return present[0], [
        Problem(
            present[0],
            f"There are {len(present)} metadata files ({', '.join(present)}); this one is used.",
            "Remove the others if they say something else.",
            "warning",
            "several-metadata-files",
        )
    ]


def read_record(name: str, content: bytes) -> tuple[dict[str, Any], list[Problem]]:
    """What the metadata file says, in DataCite REST JSON, and what is wrong with it.

    A record that is broken or not complete comes as far as it can be read. The problems' messages
    name the file; `where` points into the record.
    """
    if len(content) > LARGEST:
        return {}, [_too_large(name)]
    with tempfile.TemporaryDirectory(prefix="excudit-") as folder:
        # the checked bytes are those that were hashed, whatever happens to the folder meanwhile
        copy = Path(folder, name)
        copy.write_bytes(content)
        checked = check_path(copy)
    problems = [replace(p, message=f"{name}: {p.message}") for p in checked.problems]
    if checked.record is not None:
        plain: dict[str, Any] = json.loads(json.dumps(to_rest(checked.record)))
        return plain, problems
    return _as_it_stands(name, content), problems


def _as_it_stands(name: str, content: bytes) -> dict[str, Any]:
    """The members of a DataCite file that is not a record yet; {} when there is no telling."""
    if not name.startswith("datacite.") or name.endswith(".xml"):
        return {}
    try:
        tree = json.loads(content) if name.endswith(".json") else yaml.safe_load(content)
    except (ValueError, yaml.YAMLError, RecursionError):
        return {}
    for wrapper in ("data", "attributes"):
        if isinstance(tree, dict) and isinstance(tree.get(wrapper), dict):
            tree = tree[wrapper]
    return tree if isinstance(tree, dict) and all(isinstance(key, str) for key in tree) else {}


def _too_large(name: str) -> Problem:
    return Problem(
        name,
        f"The metadata file is larger than {LARGEST // 1024**2} MiB.",
        "Give the record itself only; long lists of files belong elsewhere.",
        rule="metadata-too-large",
    )
