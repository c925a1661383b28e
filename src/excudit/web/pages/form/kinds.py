"""Of what the form is described: fields, groups of fields, and rows that repeat.

A description is data. From it come the inputs, the reading of what was posted, the labels of
problems and of changes, and the proof that every member of a record can be reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["line", "area", "choice", "year", "number", "language", "uri", "points"]

LONGEST: dict[Kind, int] = {"area": 100_000, "points": 500_000}
LONGEST_LINE = 8_000
"""Characters that one field takes; what stands there already may be longer."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value. `name` is the JSON member, `vocabulary` the controlled list of a choice.

    `folded` fields stand behind "More". `pick` names what a picker offers for the field, `fill`
    what a picker of the same row writes here, `outer` what one of the row around it writes.
    `needed`: DataCite 4.7 makes it mandatory wherever its row stands.
    """

    shape: ClassVar[str] = "field"
    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    example: str = ""
    vocabulary: str = ""
    needed: bool = False
    folded: bool = False
    pick: str = ""
    fill: str = ""
    outer: str = ""
    wide: bool = False

    @property
    def longest(self) -> int:
        """How many characters it takes."""
        return LONGEST.get(self.kind, LONGEST_LINE)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together: one object of the record."""

    shape: ClassVar[str] = "group"
    name: str
    label: str
    members: tuple[Node, ...]
    hint: str = ""
    needed: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A list. `one` names an entry ("Add person"); `entry` are its members, or a single field
    named "" where the entries are plain texts.

    `page`: so many rows are shown at a time. `least`: so many are shown though they are blank.
    `me`: whoever is signed in can be added by a button.
    """

    shape: ClassVar[str] = "rows"
    name: str
    label: str
    one: str
    entry: tuple[Node, ...]
    hint: str = ""
    page: int = 25
    least: int = 0
    needed: bool = False
    folded: bool = False
    me: bool = False

    @property
    def plain(self) -> Field | None:
        """The one field of rows that are plain texts."""
        first = self.entry[0]
        return first if isinstance(first, Field) and first.name == "" else None


Node = Field | Group | Rows


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the form."""

    key: str
    title: str
    members: tuple[Node, ...]
    hint: str = ""


def member(nodes: tuple[Node, ...], name: str) -> Node | None:
    """The node of this name among its likes."""
    return next((n for n in nodes if n.name == name), None)
