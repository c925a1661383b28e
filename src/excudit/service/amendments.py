"""New metadata for what is public: read from what people typed or uploaded, and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from excudit.domain.errors import Conflict, Rejected
from excudit.domain.problem import Problem, blocking
from excudit.metadata import datacite_json
from excudit.metadata.check import check_text
from excudit.service.changes import FieldChange, differing
from excudit.service.merged import main_title
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


def as_text(record: Mapping[str, Any]) -> str:
    """The record as people edit it: DataCite JSON."""
    return json.dumps(plain(record), ensure_ascii=False, indent=2)


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record in its one normal form, without the members that the service sets itself."""
    normal = datacite_json.to_rest(datacite_json.from_rest(record))
    return {name: value for name, value in normal.items() if name not in _NOT_OURS}


def title_of(record: Mapping[str, Any]) -> str:
    """The main title."""
    return main_title(record)


def abstract_of(record: Mapping[str, Any]) -> str:
    """The first abstract, "" while there is none."""
    place = _abstract(record)
    return "" if place is None else _lines(record["descriptions"][place].get("description", ""))


def _abstract(record: Mapping[str, Any]) -> int | None:
    every = record.get("descriptions") or ()
    return next((i for i, d in enumerate(every) if d.get("descriptionType") == "Abstract"), None)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def read(
    parts: Parts, publication: str, typed: Mapping[str, str], *, upload: bytes = b""
) -> dict[str, Any]:
    """The record that somebody means: the uploaded file, else the typed record, with title and
    description put in where they were changed in fields of their own.

    `typed` has "record", "title" and "description". Raises Rejected with all problems.
    """
    present = public_record(parts, publication)
    text = upload or typed["record"].encode()
    meant = _parsed(text) if text.strip() else plain(present)
    title = typed["title"].strip()
    if title != title_of(present):
        meant["titles"] = _titled(meant, title)
    description = _lines(typed["description"])
    if description != abstract_of(present):
        meant["descriptions"] = _described(meant, description)
    return meant


def _parsed(text: bytes) -> dict[str, Any]:
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


def _titled(record: Mapping[str, Any], title: str) -> list[dict[str, Any]]:
    titles = [dict(t) for t in record.get("titles") or ()]
    main = next((t for t in titles if not t.get("titleType")), None)
    if main is None:
        return [{"title": title}, *titles]
    main["title"] = title
    return titles


def _described(record: Mapping[str, Any], text: str) -> list[dict[str, Any]]:
    every = [dict(d) for d in record.get("descriptions") or ()]
    place = _abstract({"descriptions": every})
    if place is None:
        every.insert(0, {"description": text, "descriptionType": "Abstract"})
    elif text:
        every[place]["description"] = text
    else:
        every.pop(place)
    return every


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """What differs, field by field, in words."""
    return differing(plain(before), plain(after))


def sent_already(parts: Parts, publication: str, record: Mapping[str, Any]) -> bool:
    """Whether this very record is the public one: the button was pressed twice."""
    return not changes(public_record(parts, publication), record)
