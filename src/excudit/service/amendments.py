"""New metadata for what is public: read from what people typed or uploaded, and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from excudit.domain.errors import Conflict, Rejected
from excudit.domain.problem import Problem, blocking
from excudit.domain.sentence import Sentence
from excudit.metadata import datacite_json
from excudit.metadata.check import check_text
from excudit.service.changes import FieldChange, differing
from excudit.service.parts import Parts
from excudit.store import publications, snapshots

_NOT_OURS = ("schemaVersion", "doi", "url")


def public_record(parts: Parts, publication: str) -> dict[str, Any]:
    """The record that is public now. Raises NotFound, or Conflict when nothing was frozen."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        if found.snapshot is None:
            raise Conflict("This publication has no snapshot to amend.")
        return dict(snapshots.get(connection, found.snapshot).record)


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record in its one normal form, without the members that the service sets itself."""
    normal = datacite_json.to_rest(datacite_json.from_rest(record))
    return {name: value for name, value in normal.items() if name not in _NOT_OURS}


def kept(text: str, present: Mapping[str, Any]) -> dict[str, Any]:
    """The record that a page carries along, which may be incomplete; the public one where it
    carries none. Raises Rejected for what is none."""
    if not text.strip():
        return plain(present)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Rejected(
            Sentence("This is no record: %(error)s.", error=error), hint="Begin the amendment anew."
        ) from error
    if not isinstance(found, dict):
        raise Rejected("This is no record.", hint="Begin the amendment anew.")
    return found


def read(text: bytes) -> dict[str, Any]:
    """The record that somebody means by a file or a typed text: DataCite JSON or XML. Raises
    Rejected with all problems."""
    suffix = ".xml" if text.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" else ".json"
    checked = check_text(text, suffix)
    errors = blocking(checked.problems)
    if checked.record is None or errors:
        raise Rejected(
            "The new metadata cannot be used as they are.",
            problems=tuple(errors) or (Problem("", "This is not a record."),),
            hint="Mend them; what is public stays as it is.",
        )
    return plain(checked.record.model_dump(mode="json", exclude_defaults=True))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """What differs, field by field, in words."""
    return differing(plain(before), plain(after))


def sent_already(parts: Parts, publication: str, record: Mapping[str, Any]) -> bool:
    """Whether this very record is the public one: the button was pressed twice."""
    return not changes(public_record(parts, publication), record)
