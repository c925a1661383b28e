"""Where each member stands in a JSON text, and which members stand there twice.

Read only when something is wrong: the fast path does not need lines.
"""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]

from excudit.domain.problem import Problem
from excudit.metadata.shape import Place, pointer

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"[^\s,\]}]+")


def places_of(text: str) -> tuple[dict[str, Place], list[Problem]]:
    """Line and column (from 1) of every value by JSON pointer, and all repeated keys.

    `text` must be well-formed JSON.
    """
    walk = _Walk(text)
    walk.value(0, ())
    return walk.places, walk.repeated


def repeated_key(path: tuple[str | int, ...], place: Place, first: Place) -> Problem:
    """The problem of a key that stands twice in one object."""
    return Problem(
        pointer(path),
        f"{path[-1]} stands twice (first in line {first[0]}); readers keep only one of them.",
        "Keep one.",
        rule="duplicate-key",
        line=place[0],
        column=place[1],
    )


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.places: dict[str, Place] = {}
        self.repeated: list[Problem] = []
        self.starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self.line = 1

    def place(self, position: int) -> Place:
        while self.line < len(self.starts) and self.starts[self.line] <= position:
            self.line += 1
        return self.line, position - self.starts[self.line - 1] + 1

    def skip(self, position: int) -> int:
        found = _SPACE.match(self.text, position)
        return found.end() if found else position

    def value(self, position: int, path: tuple[str | int, ...]) -> int:
        position = self.skip(position)
        self.places.setdefault(pointer(path), self.place(position))
        opening = self.text[position]
        if opening == "{":
            return self.members(position + 1, path)
        if opening == "[":
            return self.entries(position + 1, path)
        if opening == '"':
            return int(scanstring(self.text, position + 1)[1])
        found = _SCALAR.match(self.text, position)
        return found.end() if found else position + 1

    def members(self, position: int, path: tuple[str | int, ...]) -> int:
        seen: dict[str, Place] = {}
        position = self.skip(position)
        while self.text[position] != "}":
            place = self.place(position)
            key, position = scanstring(self.text, position + 1)
            if key in seen:
                self.repeated.append(repeated_key((*path, key), place, seen[key]))
            seen.setdefault(key, place)
            position = self.skip(self.value(self.skip(position) + 1, (*path, key)))
            if self.text[position] == ",":
                position = self.skip(position + 1)
        return position + 1

    def entries(self, position: int, path: tuple[str | int, ...]) -> int:
        index = 0
        position = self.skip(position)
        while self.text[position] != "]":
            position = self.skip(self.value(position, (*path, index)))
            index += 1
            if self.text[position] == ",":
                position = self.skip(position + 1)
        return position + 1
