"""A template document as a tree whose every value knows where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from excudit.domain.errors import Rejected
from excudit.domain.problem import Problem

DEEPEST = 8
MOST = 20_000
PREFIX = "datacite."


@dataclass(frozen=True, slots=True)
class Avu:
    """One attribute with its value, trimmed, and its children.

    `name` is as the template spells it: older documents write "datacite.title" or "Title". `where`
    is the JSON pointer (RFC 6901) of the whole, into the stored document.
    """

    name: str
    value: str
    where: str
    children: tuple[Avu, ...] = ()

    def all(self, name: str) -> Iterator[Avu]:
        """The children of this name, in order."""
        return (c for c in self.children if c.name == name)

    def first(self, name: str) -> str:
        """The value of the first child of this name that has one; "" where none has."""
        return next((c.value for c in self.all(name) if c.value), "")

    @property
    def blank(self) -> bool:
        """Whether neither it nor any of its children says anything."""
        return not self.value and all(c.blank for c in self.children)


def read(document: Any) -> Avu:
    """The document as one attribute without a name, whose children are its attributes.

    Attributes of "irods-avus" come after the others; one that says the same as one of them counts
    once. Raises Rejected, with all problems, for what is no document.
    """
    if not isinstance(document, Mapping):
        raise Rejected("The metadata is no JSON object.", hint='Send {"avus": […]}.')
    problems: list[Problem] = []
    count = [0]
    nested = _read(document.get("avus", []), "/avus", problems, 1, count)
    flat = _read(document.get("irods-avus", []), "/irods-avus", problems, 1, count)
    if problems:
        raise Rejected(
            f"The metadata has {len(problems)} place(s) of the wrong shape.",
            problems=tuple(problems),
            hint='Each attribute is {"attr": "…", "value": "…", "unit": ""}.',
        )
    known = {(a.name, a.value) for a in nested}
    return Avu("", "", "", (*nested, *(a for a in flat if (a.name, a.value) not in known)))


def _read(
    found: Any, where: str, problems: list[Problem], depth: int, count: list[int]
) -> tuple[Avu, ...]:
    if not isinstance(found, list):
        problems.append(Problem(where, "A list of attributes is due here.", rule="shape"))
        return ()
    count[0] += len(found)
    if depth > DEEPEST or count[0] > MOST:
        words = f"At most {MOST:,} attributes, {DEEPEST} levels deep, are read."
        problems.append(Problem(where, words, "Take some out.", rule="shape"))
        return ()
    made = []
    for index, one in enumerate(found):
        here = f"{where}/{index}"
        name = one.get("attr") if isinstance(one, Mapping) else None
        value = one.get("value", "") if isinstance(one, Mapping) else None
        if not isinstance(name, str) or not name.strip() or not isinstance(value, str | None):
            words = 'An attribute with the texts "attr" and "value" is due here.'
            problems.append(Problem(here, words, rule="shape"))
            continue
        children = _read(one.get("avus") or [], f"{here}/avus", problems, depth + 1, count)
        made.append(Avu(_plain(name), (value or "").strip(), here, children))
    return tuple(made)


def _plain(name: str) -> str:
    stripped = name.strip()
    if stripped.casefold().startswith(PREFIX):
        stripped = stripped[len(PREFIX) :]
    return stripped
