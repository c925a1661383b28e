"""SciCat's `filter`: a Mongo query, limits, and the members to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from excudit.sandbox.scicat.shapes import Tree, e1

_TIMES = frozenset({"updatedAt", "createdAt", "creationTime", "startTime", "endTime"})


def parsed(query: Mapping[str, str]) -> Tree:
    """The filter of a request; {} without one. Raises Refused for what is no JSON."""
    text = query.get("filter", "")
    if not text:
        return {}
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise e1(400, f"Invalid JSON in filter: {error}") from error
    return told if isinstance(told, dict) else {}


def chosen(rows: Iterable[Tree], told: Tree, known: frozenset[str], *, v3: bool) -> list[Tree]:
    """The rows that `where` wants. v4 refuses members that it does not know."""
    where = told.get("where") or {}
    if not v3:
        _refuse_unknown(where, known)
    return [row for row in rows if matches(row, where, v3=v3)]


def _refuse_unknown(where: Mapping[str, Any], known: frozenset[str]) -> None:
    for name, wanted in where.items():
        if name in ("$or", "$and"):
            for one in wanted:
                _refuse_unknown(one, known)
            continue
        if name.partition(".")[0] not in known:
            raise e1(400, f"Property where.{name} should not exist in the filter object")
        if isinstance(wanted, Mapping) and "inq" in wanted:
            raise e1(400, f"Property where.{name}.inq should not exist in the filter object")


def matches(row: Any, where: Mapping[str, Any], *, v3: bool = False) -> bool:
    """Whether a row is wanted."""
    for name, wanted in where.items():
        if name in ("$or", "or"):
            if not any(matches(row, one, v3=v3) for one in wanted):
                return False
        elif name in ("$and", "and"):
            if not all(matches(row, one, v3=v3) for one in wanted):
                return False
        elif not _fits(_reach(row, name.split(".")), wanted, name):
            return False
    return True


def _reach(value: Any, path: list[str]) -> list[Any]:
    """All values at a path, into lists as Mongo does."""
    if isinstance(value, list):
        return [found for one in value for found in _reach(one, path)] + ([] if path else [value])
    if not path:
        return [value]
    if isinstance(value, dict) and path[0] in value:
        return _reach(value[path[0]], path[1:])
    return []


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda have, want: have == want,
    "$in": lambda have, want: have in want,
    "inq": lambda have, want: have in want,
    "$gt": lambda have, want: have is not None and have > want,
    "$gte": lambda have, want: have is not None and have >= want,
    "$lt": lambda have, want: have is not None and have < want,
}


def _fits(found: list[Any], wanted: Any, name: str) -> bool:
    if not isinstance(wanted, Mapping):
        return wanted in found
    if name in _TIMES:
        return False  # texts are compared with dates: nothing matches, with 200
    for operator, want in wanted.items():
        if operator == "$ne":
            if want in found:
                return False
        elif operator in ("$regex", "regexp"):
            flags = re.IGNORECASE if "i" in str(wanted.get("$options", "")) else 0
            if not any(isinstance(f, str) and re.search(want, f, flags) for f in found):
                return False
        elif operator in _OPERATORS and not any(_OPERATORS[operator](f, want) for f in found):
            return False
    return True


def ordered(rows: list[Tree], told: Tree, default: int) -> list[Tree]:
    """Sorted, skipped and limited; without a wish the newest first."""
    limits = told.get("limits") or told
    rows = sorted(rows, key=lambda r: (str(r.get("createdAt", "")), r.get("_n", 0)), reverse=True)
    sort = dict(limits.get("sort") or {})
    if isinstance(limits.get("order"), str):
        name, _, way = limits["order"].replace(" ", ":").partition(":")
        sort = {name: way or "asc"}
    for name, way in reversed(sort.items()):
        key = "_n" if name == "createdAt" else name
        down = str(way).lower().startswith("desc")
        rows.sort(key=lambda r, key=key: _sortable(r.get(key)), reverse=down)  # type: ignore[misc]
    skip, limit = int(limits.get("skip") or 0), int(limits.get("limit") or default)
    return rows[skip : skip + limit]


def _sortable(value: Any) -> tuple[int, Any]:
    if isinstance(value, int | float):
        return 1, value
    return (2, str(value)) if value is not None else (0, "")


def shown(row: Tree, told: Tree) -> Tree:
    """Only the members that `fields` name; unknown names give rows with `_id` alone."""
    fields = told.get("fields")
    kept = {k: v for k, v in row.items() if k != "_n"}
    if not fields:
        return kept
    roots = {str(f).partition(".")[0] for f in fields} | {"_id"}
    return {k: v for k, v in kept.items() if k in roots}
