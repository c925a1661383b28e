"""A tree of plain JSON values as a record, or all reasons why it is not one.

Every reader (JSON, YAML, XML, RO-Crate) ends here, so that one mistake has one sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.domain.vocabularies import VOCABULARIES

Place = tuple[int, int]

# The vocabulary of a member that is not named as its vocabulary.
_VOCABULARY_OF = {
    "relatedItemType": "resourceTypeGeneral",
    "relatedItemIdentifierType": "relatedIdentifierType",
}
_LANGUAGES = frozenset({"lang", "language"})


def record_of(tree: Any) -> tuple[Record | None, list[Problem]]:
    """The record of a tree in today's REST form, and what is wrong with the tree.

    When unknown members are all that is wrong, the record comes without them.
    """
    try:
        return Record.model_validate(tree), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    problems = [_problem(detail, tree) for detail in details if not _echo(detail, details)]
    if any(detail["type"] != "extra_forbidden" for detail in details):
        return None, problems
    return Record.model_validate(tree, extra="ignore"), problems


def located(problems: Sequence[Problem], places: Mapping[str, Place]) -> list[Problem]:
    """The problems with line and column of the nearest place that the text has."""
    return [_located(p, places) if p.line is None else p for p in problems]


def _located(problem: Problem, places: Mapping[str, Place]) -> Problem:
    where = problem.where
    while where not in places and where:
        where = where.rpartition("/")[0]
    if where not in places:
        return problem
    line, column = places[where]
    return replace(problem, line=line, column=column)


def vocabulary_of(member: str) -> str:
    """The name of the controlled list from which a member's terms come."""
    return _VOCABULARY_OF.get(member, member)


def pointer(loc: Sequence[str | int]) -> str:
    """JSON pointer (RFC 6901) of a path of members."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in loc)


def closest(word: str, known: Sequence[str]) -> str:
    """The known word that was most likely meant, "" when none is near."""
    folded = {k.casefold(): k for k in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.75)
    return folded[near[0]] if near else ""


def _echo(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """A list is called too short when its entries have errors of their own: said once."""
    loc = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(d["loc"]) > len(loc) and d["loc"][: len(loc)] == loc for d in details
    )


def _problem(detail: ErrorDetails, tree: Any) -> Problem:
    loc = user_loc(detail["loc"], tree)
    name = next((str(part) for part in reversed(loc) if isinstance(part, str)), "")
    explain = _EXPLAIN.get(detail["type"])
    message, mend = explain(name, detail) if explain else (_own_words(detail["msg"]), "")
    return Problem(pointer(loc), message, mend, rule=_RULES.get(detail["type"], "shape"))


def user_loc(loc: tuple[str | int, ...], tree: Any) -> tuple[str | int, ...]:
    """The model's path of a polygon, back in the words of DataCite's JSON."""
    if len(loc) < 5 or loc[2] != "geoLocationPolygon" or loc[4] not in ("points", "inside"):
        return loc
    entries = tree["geoLocations"][loc[1]]["geoLocationPolygon"]
    start: tuple[str | int, ...] = loc[:3]
    if entries and isinstance(entries[0], list):
        start, entries = loc[:4], entries[int(loc[3])]
    if loc[4] == "points" and len(loc) == 5:
        return start
    key = "polygonPoint" if loc[4] == "points" else "inPolygonPoint"
    indexes = [i for i, e in enumerate(entries) if ("inPolygonPoint" in e) == (loc[4] == "inside")]
    index = indexes[int(loc[5])] if loc[4] == "points" else indexes[0]
    rest = loc[6:] if loc[4] == "points" else loc[5:]
    return (*start, index, key, *rest) if key in entries[index] else (*start, index, *rest)


def _own_words(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _missing(name: str, detail: ErrorDetails) -> tuple[str, str]:
    return f"{_full_name(name, detail)} is missing; DataCite 4.7 requires it.", f"Add {name}."


def _unknown(name: str, detail: ErrorDetails) -> tuple[str, str]:
    near = closest(name, MEMBERS)
    mend = f"Did you mean {near}?" if near and near != name else "Remove it or mend its name."
    return f"{name} is not known here; the registry would drop it without a word.", mend


def _not_listed(name: str, detail: ErrorDetails) -> tuple[str, str]:
    terms = VOCABULARIES[vocabulary_of(name)]
    given = detail["input"]
    near = closest(given, terms) if isinstance(given, str) else ""
    mend = f'Did you mean "{near}"?' if near else "Use one of: " + ", ".join(terms) + "."
    return f"{given!r} is not a {name} of DataCite 4.7.", mend


def _bad_text(name: str, detail: ErrorDetails) -> tuple[str, str]:
    if name in _LANGUAGES:
        return (
            f"{detail['input']!r} is not a language tag.",
            'Write it as in BCP 47, e.g. "en" or "en-US".',
        )
    if name.lower().endswith("uri") or name == "classificationCode":
        return f"{name} is not a URI.", 'Write it as in RFC 3986, e.g. "https://example.org/x".'
    if not detail["input"].strip():
        return f"{_full_name(name, detail)} is empty.", "Give it a text."
    return f"{name} holds characters that XML forbids.", "Remove the control characters."


def _full_name(name: str, detail: ErrorDetails) -> str:
    names = [part for part in detail["loc"] if isinstance(part, str)]
    return f"{names[-2]} {name}" if name == "name" and len(names) > 1 else name


def _wrong_shape(due: str) -> Callable[[str, ErrorDetails], tuple[str, str]]:
    def explain(name: str, detail: ErrorDetails) -> tuple[str, str]:
        here = name or "A record"
        return f"{here} is {_kind(detail['input'])}, where {due} is due.", f"Make it {due}."

    return explain


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return kinds.get(type(value), "null" if value is None else "a number")


def _too_short(name: str, detail: ErrorDetails) -> tuple[str, str]:
    context = detail.get("ctx", {})
    least, given = context.get("min_length"), context.get("actual_length")
    return f"{name} has {given} entries; at least {least} are needed.", "Add what is missing."


def _out_of_range(name: str, detail: ErrorDetails) -> tuple[str, str]:
    limits = "0 to 9999"
    if name.endswith("tude"):
        limits = "-180 to 180" if name.endswith("Longitude") else "-90 to 90"
    return f"{name} is out of range.", f"Give a number from {limits}."


def _not_number(name: str, _: ErrorDetails) -> tuple[str, str]:
    mend = "Write four digits." if name == "publicationYear" else "Write decimal degrees."
    return f"{name} is not a number.", mend


_EXPLAIN: dict[str, Callable[[str, ErrorDetails], tuple[str, str]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _not_listed,
    "string_pattern_mismatch": _bad_text,
    "string_type": _wrong_shape("a text"),
    "tuple_type": _wrong_shape("a list"),
    "model_type": _wrong_shape("an object"),
    "model_attributes_type": _wrong_shape("an object"),
    "too_short": _too_short,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "finite_number": _out_of_range,
    "int_parsing": _not_number,
    "int_type": _not_number,
    "int_from_float": _not_number,
    "float_parsing": _not_number,
    "float_type": _not_number,
}
_RULES = {
    "missing": "mandatory",
    "extra_forbidden": "unknown-member",
    "literal_error": "vocabulary",
    "string_pattern_mismatch": "text-form",
    "too_short": "cardinality",
}


def _members(model: type[Any], found: set[str]) -> set[str]:
    for field in model.model_fields.values():
        found.add(field.alias or "")
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if hasattr(part, "model_fields") and not (_aliases(part) <= found):
                _members(part, found)
    return found


def _aliases(model: type[Any]) -> set[str]:
    return {field.alias or "" for field in model.model_fields.values()}


MEMBERS = sorted(_members(Record, set()) - {"points", "inside"})
