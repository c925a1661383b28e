"""A record in YAML, read safely: texts stay as written, and every problem has its line.

Only null is special: `version: 1.10` and `date: 2024-01-31` are texts, as DataCite means them.
"""

from __future__ import annotations

from typing import Any

import yaml

from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.metadata.datacite_json import read_tree, today_of
from excudit.metadata.json_places import repeated_key
from excudit.metadata.shape import Place, located, pointer

DEEPEST = 64
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FRAME = (
    yaml.StreamStartEvent,
    yaml.StreamEndEvent,
    yaml.DocumentStartEvent,
    yaml.DocumentEndEvent,
)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def parse(text: bytes) -> tuple[Record | None, list[Problem]]:
    """The record that a person wrote in YAML, and all problems, with their lines.

    Aliases are refused: a record needs none, and they can blow a small file up.
    """
    reader = _Reader()
    try:
        tree = reader.tree(text)
    except yaml.MarkedYAMLError as error:
        return None, [_syntax(error)]
    except (yaml.YAMLError, UnicodeDecodeError, _RefusedError) as error:
        return None, [Problem("", f"This is not acceptable YAML: {error}.", rule="syntax")]
    record, problems = read_tree(tree)
    found = [*reader.problems, *located(problems, reader.places)]
    return (None if reader.problems else record), found


def tree_of(text: bytes) -> Any:
    """The members in today's form, for a sketch; None when the text is not a YAML mapping."""
    try:
        return today_of(_Reader().tree(text))
    except (yaml.YAMLError, UnicodeDecodeError, _RefusedError):
        return None


def places_of(text: bytes) -> dict[str, Place]:
    """Line and column of every value by JSON pointer; `text` was parsed without error before."""
    reader = _Reader()
    reader.tree(text)
    return reader.places


class _RefusedError(Exception):
    pass


class _Reader:
    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.problems: list[Problem] = []

    def tree(self, text: bytes) -> Any:
        self.events = yaml.parse(text, Loader=_LOADER)
        tree = None
        for number, event in enumerate(e for e in self.events if not isinstance(e, _FRAME)):
            if number:
                raise _RefusedError("there is more than one document")
            tree = self.value(event, ())
        return tree

    def value(self, event: yaml.Event, path: tuple[str | int, ...]) -> Any:
        if len(path) > DEEPEST:
            raise _RefusedError(f"it is nested more than {DEEPEST} deep")
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(f"the alias *{event.anchor} in line {_place(event)[0]}")
        self.places.setdefault(pointer(path), _place(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self.members(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.entries(path)
        assert isinstance(event, yaml.ScalarEvent)
        plain = event.style in (None, "") and event.value in _NULLS
        return None if plain else event.value

    def entries(self, path: tuple[str | int, ...]) -> list[Any]:
        out: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            out.append(self.value(event, (*path, len(out))))
        return out

    def members(self, path: tuple[str | int, ...]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        firsts: dict[str, Place] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _RefusedError(f"a key that is not a text in line {_place(event)[0]}")
            key, place = event.value, _place(event)
            if key in out:
                self.problems.append(repeated_key((*path, key), place, firsts[key]))
            firsts.setdefault(key, place)
            out[key] = self.value(next(self.events), (*path, key))
        return out


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _syntax(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    return Problem(
        "",
        f"This is not YAML: {error.problem or error.context}.",
        "Mend the text at this place.",
        rule="syntax",
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
    )
