"""The metadata document of a folder: a template's attributes, kept in a small file of our own.

The file belongs to the folder and moves with it, but is not part of the dataset: it is written to
when the identifier is known. Where the file system has extended attributes the document stands in
one of the folder's, too, for tools that look there.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from excudit.domain.errors import Rejected
from excudit.domain.model import Outcome
from excudit.domain.problem import Problem
from excudit.metadata.template import crosswalk, document
from excudit.metadata.template.judge import Finding, judged
from excudit.metadata.template.template import Template, datacite, load
from excudit.storage.folders import Folder
from excudit.storage.own_files import METADATA

LARGEST = 4 * 1024 * 1024
ATTRIBUTE = "user.excudit.metadata"
_LONGEST_ATTRIBUTE = 60_000
EMPTY: dict[str, Any] = {"avus": [], "irods-avus": []}


def template_of(name: str) -> Template:
    """The template that a setting names: "datacite", or a file. Raises Rejected."""
    return datacite() if name == "datacite" else load(Path(name))


def read(folder: Folder) -> dict[str, Any]:
    """The document of a folder; an empty one where it has none. Raises Rejected for a broken
    file."""
    text = folder.peek(METADATA, LARGEST + 1)
    if text is None:
        return dict(EMPTY)
    try:
        found = json.loads(text) if len(text) <= LARGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Rejected(
            f"{METADATA} of {folder.address.name} is no JSON object, or larger than "
            f"{LARGEST // 1024**2} MiB.",
            hint="Replace the metadata, or remove that file.",
        )
    return found


def write(folder: Folder, found: Mapping[str, Any]) -> None:
    """Replace the document, whole or not at all. The same again writes nothing. Raises Rejected
    for what is no document, and what `Folder.write` raises."""
    document.read(found)
    text = json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n"
    if len(text) > LARGEST:
        raise Rejected(f"The metadata is larger than {LARGEST // 1024**2} MiB.")
    if folder.peek(METADATA, LARGEST + 1) != text:
        folder.write(METADATA, text)
    _mirror(folder, found)


def _mirror(folder: Folder, found: Mapping[str, Any]) -> None:
    short = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
    if folder.address.bucket or len(short) > _LONGEST_ATTRIBUTE:
        return
    # Many file systems have none; the file is what counts.
    with contextlib.suppress(OSError):
        os.setxattr(folder.address.path, ATTRIBUTE, short, follow_symlinks=False)


def findings(found: Mapping[str, Any], template: Template, *, own: str = "") -> list[Finding]:
    """All that is wrong with a document. Raises Rejected for what is none."""
    return judged(document.read(found), template, year=_year(), own=own)


def metadata(
    found: Mapping[str, Any], template: Template
) -> tuple[dict[str, Any], Sequence[Problem]]:
    """The record that a document describes, and what is wrong with it."""
    try:
        tree = document.read(found)
    except Rejected as error:
        return {}, error.problems
    if not tree.children:
        words = "No metadata found for the folder."
        return {}, [Problem("", words, "Fill in the metadata template.", rule="template")]
    record = {**crosswalk.record(tree, template), "publicationYear": _year()}
    own = _own(found)
    return record, [f.problem for f in judged(tree, template, year=_year(), own=own)]


def _year() -> int:
    return datetime.now(UTC).year


def _own(found: Mapping[str, Any]) -> str:
    """The identifier that excudit itself wrote back into the document."""
    return str(found.get("excudit-identifier", ""))


def write_back(folder: Folder, outcome: Outcome) -> None:
    """Write the identifier and the year of publication into the document, and nothing else.
    Idempotent."""
    found = read(folder)
    kept = [a for a in found.get("avus", []) if a.get("attr") not in _WRITTEN]
    kind = {"attr": "identifierType", "value": "DOI", "unit": ""}
    given = [
        {"attr": "identifier", "value": outcome.doi, "unit": "", "avus": [kind]},
        {"attr": "publicationYear", "value": str(_written_year(found, outcome)), "unit": ""},
    ]
    write(folder, {**found, "avus": [*kept, *given], "excudit-identifier": outcome.doi})


_WRITTEN = ("identifier", "publicationYear")


def _written_year(found: Mapping[str, Any], outcome: Outcome) -> str:
    """The year that was written the first time stays, however often this is called."""
    if _own(found) == outcome.doi:
        for one in found.get("avus", []):
            if one.get("attr") == "publicationYear":
                return str(one.get("value", ""))
    return str(_year())
