"""How much goes on one page: pages weigh under 150 kB, whatever people wrote into what they show.

Lists are paged by number and by weight, long texts are shortened where they stand beside others
and whole on a page that leads with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from markupsafe import escape

TEXTS = 80_000
"""Bytes of HTML that the texts of one page may have together, beside what is around them."""
AROUND = 500
"""Bytes of HTML around the texts of one row."""

T = TypeVar("T")


def of(text: Any) -> int:
    """Bytes of a text as HTML."""
    return len(str(escape(text)).encode("utf-8", "replace")) if text else 0


def fitting(
    rows: Sequence[T],
    texts: Callable[[T], Iterable[Any]],
    *,
    most: int = TEXTS,
    around: int = AROUND,
) -> int:
    """How many of the rows, from the first on, fit on a page; one at least, where there is one."""
    weight = 0
    for number, row in enumerate(rows):
        weight += around + sum(of(text) for text in texts(row))
        if weight > most and number:
            return number
    return len(rows)


def cut(text: str, most: int) -> str:
    """The text, or its beginning with "…" when as HTML it has more than `most` bytes."""
    if len(text) * 5 <= most or of(text) <= most:
        return text
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if of(text[:middle]) <= most else (low, middle - 1)
    return f"{text[:low].rstrip()}…"
