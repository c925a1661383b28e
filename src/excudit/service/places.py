"""Places in a record as JSON pointers (RFC 6901): what stands there, and the record with another
value there. "-" is the place after the last entry of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from excudit.domain.errors import Rejected
from excudit.domain.record import Record
from excudit.domain.sentence import Sentence
from excudit.metadata.field_words import is_number, pieces

LONGEST = 300
_FORM = re.compile(r"(?:/(?:[^~/\x00-\x1f]|~[01])+){1,12}")
MEMBERS = frozenset(
    str(field.serialization_alias or field.alias or name)
    for name, field in Record.model_fields.items()
    if name not in ("doi", "url")
)


def sound(pointer: str) -> str:
    """The pointer. Raises Rejected when it leads nowhere in any record."""
    steps = pieces(pointer)
    if len(pointer) > LONGEST or not _FORM.fullmatch(pointer) or steps[0] not in MEMBERS:
        raise Rejected(
            Sentence("%(pointer)s is no field of a record.", pointer=repr(pointer[:80])),
            hint='Name it as a JSON pointer, such as "/titles/0/title".',
        )
    return pointer


def value_at(record: Mapping[str, Any], pointer: str) -> Any:
    """What stands there; None when nothing does."""
    place: Any = record
    for step in pieces(pointer):
        if isinstance(place, Mapping):
            place = place.get(step)
        elif isinstance(place, list) and is_number(step) and int(step) < len(place):
            place = place[int(step)]
        else:
            return None
    return place


def with_value(record: Mapping[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """A record with this value there, None = with nothing there; the given one stays as it is.

    Lists and members on the way are made where they are missing. Raises Rejected where something
    else is in the way.
    """
    steps = pieces(pointer)
    changed = _put(dict(record), steps, value, pointer)
    assert isinstance(changed, dict)
    return changed


def _put(place: Any, steps: list[str], value: Any, pointer: str) -> Any:
    step, rest = steps[0], steps[1:]
    if isinstance(place, Mapping):
        inner = place.get(step)
        if rest:
            value = _put(_room(inner, rest[0]), rest, value, pointer)
        others = {k: v for k, v in place.items() if k != step}
        if value is None or value in ([], {}):
            return others
        return {**place, step: value}
    if isinstance(place, list) and (step == "-" or (is_number(step) and int(step) <= len(place))):
        at = len(place) if step == "-" else int(step)
        if rest:
            inner = place[at] if at < len(place) else None
            value = _put(_room(inner, rest[0]), rest, value, pointer)
        kept = [] if value is None else [value]
        return [*place[:at], *kept, *place[at + 1 :]]
    raise Rejected(
        Sentence("Nothing can stand at %(pointer)s in this record.", pointer=pointer),
        hint="Choose a field that the record has, or can have.",
    )


def _room(inner: Any, step: str) -> Any:
    if inner is None:
        return [] if step == "-" or is_number(step) else {}
    return inner
