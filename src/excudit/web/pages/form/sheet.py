"""One section of the form as the template draws it: which rows, which texts, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from excudit.domain.vocabularies import VOCABULARIES
from excudit.metadata.citation import words
from excudit.web.pages.form.kinds import Field, Node, Rows, Section
from excudit.web.pages.form.trees import Texts, blank, texts_of

OWN_WORDS = {"Personal": "Person", "Organizational": "Organisation"}


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a long list are shown: from `start`, at most `page`, of `total`."""

    start: int
    page: int
    total: int

    @property
    def end(self) -> int:
        """The number after the last row shown."""
        return min(self.total, self.start + self.page)

    @property
    def long(self) -> bool:
        """Whether there is more than one page."""
        return self.total > self.page

    @property
    def places(self) -> list[tuple[str, int]]:
        """Where else to go: words and the number of the first row there."""
        last = max(0, self.total - 1) // self.page * self.page
        every = [
            ("First", 0, self.start > self.page),
            ("Previous", self.start - self.page, self.start > 0),
            ("Next", self.start + self.page, self.start < last),
            ("Last", last, self.start + self.page < last),
        ]
        return [(word, start) for word, start, is_there in every if is_there]


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: its number in the record, the name before its members, its texts."""

    number: int
    name: str
    texts: Texts
    has_before: bool
    has_after: bool


@dataclass
class Sheet:
    """A section with what is to be seen in it."""

    section: Section
    texts: Texts
    windows: Mapping[str, Window]
    add: str = ""
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    focus: str = ""

    def rows(self, node: Rows, name: str, texts: Mapping[int, Texts]) -> list[Row]:
        """The entries to show, with a blank one where one was asked for or none is there."""
        window = self.windows.get(name)
        total = window.total if window else len(texts)
        numbers = sorted(texts)
        fresh = [n for n in numbers if n >= total] if window else []
        asked = self.add == name and not fresh
        after = max([total - 1, *numbers]) + 1
        room = 0 if window and window.end < total else max(node.least - len(numbers), int(asked))
        numbers += range(after, after + room)
        return [
            Row(n, f"{name}.{n}", texts.get(n, "" if node.plain else {}), n > 0, n + 1 < total)
            for n in numbers
        ]

    def error(self, name: str) -> str:
        """What is wrong with a field, "" for nothing."""
        return " ".join(self.errors.get(name, ()))

    def origin(self, name: str) -> str:
        """Where the value of a member or of a row came from, in words."""
        return self.origins.get("/" + name.replace(".", "/"), "")

    def is_open(self, nodes: Iterable[Node], name: str) -> bool:
        """Whether the folded part must be seen: something in it is wrong, or shall be typed in."""
        starts = tuple(f"{name}{n.name}" for n in nodes)
        wanted = [*self.errors, self.add, self.focus.replace("-", ".")]
        return any(one.startswith(starts) for one in wanted if one)

    def filled(self, nodes: Iterable[Node], texts: Mapping[str, Texts]) -> int:
        """How many members of the folded part say something."""
        return sum(not blank(texts.get(n.name, "")) for n in nodes)

    def more(self, node: Field, name: str) -> dict[str, str]:
        """Further attributes of an input."""
        found = {
            "data-pick": node.pick,
            "data-fill": node.fill,
            "data-fill-outer": node.outer,
            "inputmode": "decimal" if node.kind == "number" else "",
        }
        found |= {"autofocus": "autofocus"} if self.focus == name.replace(".", "-") else {}
        found |= {"dir": "auto"} if node.kind in ("line", "area") else {}
        return {k: v for k, v in found.items() if v}


def hint(node: Field, is_apart: bool, origin: str = "") -> str:
    """What helps to fill a field in; among many others the example waits until it is needed."""
    example = f"For example: {node.example}" if node.example and is_apart else ""
    return " ".join(filter(None, (node.hint, example, origin)))


def options(node: Field, value: str) -> list[tuple[str, str]]:
    """The choices of a field; what is not on the list stays to be seen."""
    known = _options(node.vocabulary)
    if value and all(value != term for term, _ in known):
        return [*known, (value, f"{value} (not on the list)")]
    return known


@cache
def _options(vocabulary: str) -> list[tuple[str, str]]:
    names = vocabulary in ("relatedIdentifierType", "funderIdentifierType")
    listed = [
        (term, term if names else OWN_WORDS.get(term, words(term)))
        for term in VOCABULARIES[vocabulary]
    ]
    return [("", "–"), *listed]


def windows(
    section: Section, record: Mapping[str, Any], asked: Mapping[str, str], add: str
) -> dict[str, Window]:
    """The rows to show of each list of a section; `asked` are the numbers of first rows."""
    found = {}
    for node in section.members:
        if not isinstance(node, Rows):
            continue
        value = record.get(node.name)
        total = len(value) if isinstance(value, list) else 0
        text = asked.get(node.name, "")
        start = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
        start = total if add == node.name else min(start, max(0, total - 1))
        found[node.name] = Window(start // node.page * node.page, node.page, total)
    return found


def view_of(
    section: Section, record: Mapping[str, Any], shown: Mapping[str, Window]
) -> dict[str, Texts]:
    """The texts of a section, of long lists only the rows shown."""
    found: dict[str, Texts] = {}
    for node in section.members:
        value = record.get(node.name)
        window = shown.get(node.name)
        if isinstance(node, Rows) and window is not None:
            entries = value if isinstance(value, list) else []
            texts = texts_of(node, entries[window.start : window.end])
            found[node.name] = {window.start + n: t for n, t in texts.items()}
        else:
            found[node.name] = texts_of(node, value)
    return {name: texts for name, texts in found.items() if texts}


def focus(at: str, texts: Texts, shown: Mapping[str, Window]) -> str:
    """The id of what gets the focus: a field, or the button of a row that is still there after
    the row was moved ("creators.3.up") or removed ("creators.3.remove")."""
    place, _, verb = at.rpartition(".")
    rows, _, number = place.rpartition(".")
    if verb not in ("up", "down", "remove") or not (number.isascii() and number.isdigit()):
        return at.replace(".", "-")
    last = _count(rows, texts, shown) - 1
    here = min(int(number), last)
    if last < 0:
        return f"{rows}-add".replace(".", "-")
    if verb == "up" and here == 0:
        verb = "down"
    elif verb == "down" and here == last:
        verb = "up"
    return f"{rows}-{here}-{verb}".replace(".", "-")


def _count(rows: str, texts: Texts, shown: Mapping[str, Window]) -> int:
    if rows in shown:
        return shown[rows].total
    for step in rows.split("."):
        inner = texts if isinstance(texts, dict) else {}
        texts = inner.get(int(step) if step.isdigit() else step, {})
    return len(texts)
