"""A draft as far as it can be shown: what is missing is said to be, what is broken is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.metadata import datacite_json
from excudit.metadata.field_words import FIELDS, is_number, pieces

ROUNDS = 20


def lenient(raw: Mapping[str, Any], *, publisher: str) -> tuple[Record, tuple[str, ...]]:
    """The record of a draft, and the names of the fields that cannot be shown yet.

    Entries that are not complete are left out one by one; nothing is invented but words that say
    that something is missing.
    """
    filler = _filler(publisher)
    tree = {k: v for k, v in raw.items() if v not in (None, "", [], {})}
    gaps = {name for name in filler if name not in tree}
    for _ in range(ROUNDS):
        record, problems = datacite_json.read_tree({**filler, **tree})
        if record is not None:
            return record, _named(gaps)
        gaps |= _leave_out(tree, problems) or set(tree)
        tree = tree if problems else {}
    record, _ = datacite_json.read_tree(filler)
    assert record is not None
    return record, _named(gaps | set(tree))


def _filler(publisher: str) -> dict[str, Any]:
    return {
        "titles": [{"title": "Untitled"}],
        "creators": [{"name": "No author given yet"}],
        "publisher": {"name": publisher},
        "publicationYear": datetime.now(UTC).year,
        "types": {"resourceTypeGeneral": "Other", "resourceType": "Kind not given yet"},
    }


def _leave_out(tree: dict[str, Any], problems: list[Problem]) -> set[str]:
    """Take the broken entries, or else the broken members, out of the tree; which they were."""
    broken: dict[str, set[int]] = {}
    for problem in problems:
        member, *rest = pieces(problem.where) or [""]
        index = int(rest[0]) if rest and is_number(rest[0]) else -1
        broken.setdefault(member, set()).add(index)
    for member, places in broken.items():
        entries = tree.pop(member, None)
        if isinstance(entries, list) and -1 not in places:
            kept = [entry for i, entry in enumerate(entries) if i not in places]
            if kept and len(kept) < len(entries):
                tree[member] = kept
    if "" in broken:
        tree.clear()
    return set(broken)


def _named(gaps: set[str]) -> tuple[str, ...]:
    return tuple(words for member, words in FIELDS.items() if member in gaps)
