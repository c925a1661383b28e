"""Opaque cursors: where a page ended, as text that only this service reads."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from excudit.domain.errors import Rejected
from excudit.domain.storable import UNSTORABLE


def write(*place: Any) -> str:
    """A cursor for a place in an order."""
    body = json.dumps(place, default=datetime.isoformat, separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def moment_and_id(cursor: str) -> tuple[datetime, str]:
    """The place in an order by time. Raises Rejected for what `write` did not write."""
    moment, key = _read(cursor, 2)
    try:
        when = datetime.fromisoformat(moment)
    except (TypeError, ValueError) as error:
        raise _not_ours() from error
    if not isinstance(key, str) or when.tzinfo is None or UNSTORABLE.search(key):
        raise _not_ours()
    return when, key


def source_and_ref(cursor: str) -> tuple[str, str]:
    """The place in a basket. Raises Rejected for what `write` did not write."""
    source, ref = _read(cursor, 2)
    if not isinstance(source, str) or not isinstance(ref, str) or UNSTORABLE.search(source + ref):
        raise _not_ours()
    return source, ref


def place(cursor: str) -> tuple[datetime, int, int]:
    """The place in an order by time of several trails. Raises Rejected for what `write` did not
    write."""
    moment, rank, number = _read(cursor, 3)
    try:
        when = datetime.fromisoformat(moment)
    except (TypeError, ValueError) as error:
        raise _not_ours() from error
    if when.tzinfo != UTC or rank not in (0, 1) or not _is_number(number):
        raise _not_ours()
    return when, int(rank), number


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def position(cursor: str) -> int:
    """The place in a numbered list. Raises Rejected for what `write` did not write."""
    (place,) = _read(cursor, 1)
    if not isinstance(place, int) or not -1 <= place < 2**31:
        raise _not_ours()
    return place


def number(cursor: str) -> int:
    """The place after an entry with a number. Raises Rejected for what `write` did not write."""
    (found,) = _read(cursor, 1)
    if not _is_number(found):
        raise _not_ours()
    return int(found)


def _read(cursor: str, length: int) -> list[Any]:
    try:
        body = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = json.loads(body)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _not_ours() from error
    if not isinstance(place, list) or len(place) != length:
        raise _not_ours()
    return place


def _not_ours() -> Rejected:
    return Rejected(
        "This cursor was not given by this service.",
        hint="Take `next` of an answer as it is, or begin without a cursor.",
    )
