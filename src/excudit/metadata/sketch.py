"""A record made of what is right in a broken one, so that all its problems can be told at once.

What is wrong or missing is filled with placeholders; the places where they stand are known, and
nothing that is said about them counts. A sketch is for judging only and never leaves this room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.domain.vocabularies import VOCABULARIES
from excudit.metadata.shape import pointer, user_loc, vocabulary_of

ROUNDS = 4

_FILLER: dict[str, Any] = {
    "creators": [{"name": "x"}],
    "titles": [{"title": "x"}],
    "publisher": "x",
    "publicationYear": 2000,
    "types": {"resourceTypeGeneral": "Other"},
}
_ENTRY: dict[str, Any] = {
    "creators": {"name": "x"},
    "titles": {"title": "x"},
    "subjects": {"subject": "x"},
    "affiliation": {"name": "x"},
    "sizes": "x",
    "formats": "x",
    "rightsList": {"rights": "x"},
}


def sketch(tree: Any) -> tuple[Record | None, frozenset[str]]:
    """A record like `tree`, and the JSON pointers of what was filled in; None when that fails."""
    if not isinstance(tree, dict):
        return None, frozenset()
    copy, filled = deepcopy(tree), set[str]()
    for _ in range(ROUNDS):
        try:
            return Record.model_validate(copy, extra="ignore"), frozenset(filled)
        except ValidationError as error:
            # All places first: filling one may take away what the next is looked up in.
            places = [
                (user_loc(detail["loc"], copy), detail["type"])
                for detail in error.errors(include_url=False)
                if detail["type"] != "extra_forbidden"
            ]
            for loc, kind in places:
                if not _fill(copy, loc, kind):
                    return None, frozenset()
                filled.add(pointer(loc))
    return None, frozenset()


def apart_from(filled: Iterable[str], problems: Sequence[Problem]) -> list[Problem]:
    """The problems that are not about what was filled in."""
    places = tuple(filled)
    return [
        problem
        for problem in problems
        if not any(problem.where == p or problem.where.startswith(f"{p}/") for p in places)
    ]


def _fill(tree: Any, loc: Sequence[str | int], kind: str) -> bool:
    if not loc:
        return False
    parent = tree
    for part in loc[:-1]:
        try:
            parent = parent[part]
        except (LookupError, TypeError):
            return True
    last = loc[-1]
    if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        return _fill_entry(parent, last, loc, kind)
    if not isinstance(parent, dict) or not isinstance(last, str):
        return False
    known = VOCABULARIES.get(vocabulary_of(last))
    if last in _FILLER and (len(loc) == 1 or kind == "missing"):
        parent[last] = deepcopy(_FILLER[last])
    elif known:
        parent[last] = known[-1]
    elif last.endswith(("itude", "Longitude", "Latitude")):
        parent[last] = 0.0
    elif kind == "missing" or (kind == "string_pattern_mismatch" and not _optional(last)):
        parent[last] = "x"
    else:
        parent.pop(last, None)
    return True


def _fill_entry(entries: list[Any], index: int, loc: Sequence[str | int], kind: str) -> bool:
    if kind == "value_error" and isinstance(entries[index], dict):
        entries[index]["funderIdentifierType"] = "Other"
        return True
    name = str(loc[-2])
    if name not in _ENTRY:
        return False
    entries[index] = deepcopy(_ENTRY[name])
    return True


def _optional(name: str) -> bool:
    return name in ("lang", "language", "classificationCode") or name.lower().endswith("uri")
