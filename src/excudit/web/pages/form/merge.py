"""What was typed, put into a record that somebody else may have changed meanwhile.

Three sides: the base (what the page showed), mine (what was typed), theirs (the record as it is
now). Only what I changed is written; where both changed the same field, nobody's words are lost:
it is a clash, and a person chooses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

from excudit.web.pages.form.kinds import Field, Node, Rows
from excudit.web.pages.form.trees import (
    Texts,
    blank,
    entry_of,
    plain,
    text_of,
    value_of,
)

Move = Literal["add", "remove", "up", "down"]
_GONE: Any = object()


@dataclass(frozen=True, slots=True)
class Do:
    """What a button beside the rows does: with the row `at` of the list `rows` of the page."""

    move: Move
    rows: str
    at: int = -1


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that both changed. `mark` names what theirs was when it was shown."""

    name: str
    label: str
    mine: str
    theirs: str

    @property
    def mark(self) -> str:
        """A digest of their words."""
        return hashlib.sha256(self.theirs.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the list after the merge: its number on the page, None where it was not shown;
    `touched`: somebody else changed it since."""

    number: int | None
    value: Any
    touched: bool = False


@dataclass
class Merge:
    """One merge. `choices` are (name, mark) → "mine" or "theirs". With `tidy` rows that say
    nothing are dropped; without, their numbers on the page stay true."""

    do: Do | None = None
    choices: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tidy: bool = True
    clashes: list[Clash] = field(default_factory=list)
    foreign: bool = False
    """Whether somebody else changed what was shown."""
    landed: tuple[str, int] | None = None
    """Where the row of `do` stands now: the list, and its number in the record."""

    def members(
        self, nodes: Iterable[Node], where: str, base: Texts, mine: Texts, theirs: Any
    ) -> dict[str, Any]:
        """The object after the merge; the very same where nothing changed."""
        kept = theirs if isinstance(theirs, dict) else {}
        after = dict(kept)
        for node in nodes:
            if node.name not in mine and not self._meant(f"{where}{node.name}"):
                continue
            value = self._node(
                node,
                f"{where}{node.name}",
                base.get(node.name, {} if not isinstance(node, Field) else ""),
                mine.get(node.name, {}),
                kept.get(node.name),
            )
            emptied = value in ({}, []) and value is not kept.get(node.name)
            if value is _GONE or value is None or emptied:
                after.pop(node.name, None)
            else:
                after[node.name] = value
        same_keys = after.keys() == kept.keys()
        return kept if same_keys and all(after[k] is kept[k] for k in kept) else after

    def _meant(self, name: str) -> bool:
        return self.do is not None and (self.do.rows == name or self.do.rows.startswith(f"{name}."))

    def _node(self, node: Node, name: str, base: Texts, mine: Texts, theirs: Any) -> Any:
        if isinstance(node, Field):
            return self._field(node, name, base, mine, theirs)
        if isinstance(node, Rows):
            entries = self._rows(node, name, base, mine, theirs)
            return theirs if _unchanged(theirs, entries) else entries
        after = self.members(node.members, f"{name}.", base, mine, theirs)
        return after if isinstance(theirs, dict) else after or theirs

    def _field(self, node: Field, name: str, base: str, mine: str, theirs: Any) -> Any:
        now = plain(text_of(theirs))
        self.foreign |= now != plain(base)
        if mine in (plain(base), now):
            return theirs
        if now != plain(base) and self._choice(name, node.label, mine, now) != "mine":
            return theirs
        return value_of(node.kind, mine) if mine else _GONE

    def _choice(self, name: str, label: str, mine: str, theirs: str) -> str:
        clash = Clash(name, label, mine, theirs)
        chosen = self.choices.get((name, clash.mark), "")
        if not chosen:
            self.clashes.append(clash)
        return chosen

    def _rows(self, rows: Rows, name: str, base: Texts, mine: Texts, theirs: Any) -> list[Any]:
        entries = list(theirs) if isinstance(theirs, list) else []
        places = aligned(rows, base, entries)
        after: list[_Row] = [_Row(None, entry) for entry in entries]
        end = len(after)
        lost = []
        for number in sorted(base):
            at, here = places[number], f"{name}.{number}"
            typed = mine.get(number, base[number])
            if at is None:
                self.foreign = True
                if not same(typed, base[number]) and self._kept(here, rows, typed) == "mine":
                    lost.append(_Row(number, self._entry(rows, here, {}, typed, None)))
                continue
            value = self._entry(rows, here, base[number], typed, entries[at])
            touched = not same(entry_of(rows, entries[at]), base[number])
            after[at] = _Row(number, value, touched)
            end = at + 1
        fresh = [
            _Row(n, self._entry(rows, f"{name}.{n}", {}, mine[n], None)) for n in _new(base, mine)
        ]
        after[end:end] = [*lost, *fresh]
        if self.do is not None and self.do.rows == name:
            after = self._moved(rows, after, self.do)
        kept = [row for row in after if not self._dropped(rows, row)]
        self._relocate(name, kept)
        return [row.value for row in kept]

    def _relocate(self, name: str, kept: list[_Row]) -> None:
        """The row of `do` may stand in a row that moved."""
        for at, row in enumerate(kept):
            inner = f"{name}.{row.number}."
            if self.landed and self.landed[0].startswith(inner):
                self.landed = (f"{name}.{at}.{self.landed[0].removeprefix(inner)}", self.landed[1])
                return

    def _kept(self, name: str, rows: Rows, typed: Texts) -> str:
        return self._choice(name, rows.one, said(typed), "")

    def _entry(self, rows: Rows, name: str, base: Texts, mine: Texts, theirs: Any) -> Any:
        one = rows.plain
        if one is not None:
            value = self._field(one, name, base or "", mine, theirs)
            return "" if value is _GONE or value is None else value
        after = self.members(rows.entry, f"{name}.", base or {}, mine, theirs)
        return theirs if theirs is not None and entry_of(rows, theirs) == mine else after

    def _dropped(self, rows: Rows, row: _Row) -> bool:
        return self.tidy and row.number is not None and blank(entry_of(rows, row.value))

    def _moved(self, rows: Rows, after: list[_Row], do: Do) -> list[_Row]:
        def place(end: int) -> int:
            return sum(not self._dropped(rows, row) for row in after[:end])

        at = next((i for i, row in enumerate(after) if row.number == do.at), None)
        if do.move == "add":
            self.landed = (do.rows, place(len(after)))
        elif at is not None and do.move == "remove":
            if after[at].touched and not self._may_go(rows, after[at], do):
                return after
            self.landed = (do.rows, place(at))
            return [*after[:at], *after[at + 1 :]]
        elif at is not None:
            to = max(0, min(len(after) - 1, at + (1 if do.move == "down" else -1)))
            after[at], after[to] = after[to], after[at]
            self.landed = (do.rows, place(to))
        return after

    def _may_go(self, rows: Rows, row: _Row, do: Do) -> bool:
        theirs = said(entry_of(rows, row.value))
        return self._choice(f"{do.rows}.{do.at}", rows.one, "", theirs) == "mine"


def _unchanged(before: Any, after: list[Any]) -> bool:
    if not isinstance(before, list):
        return not after
    return len(before) == len(after) and all(a is b for a, b in zip(before, after, strict=True))


def _new(base: Texts, mine: Texts) -> list[int]:
    """The numbers of rows that the page did not show, up to the last that says something."""
    fresh = sorted(n for n in mine if n not in base)
    while fresh and blank(mine[fresh[-1]]):
        fresh.pop()
    return fresh


def same(one: Texts, other: Texts) -> bool:
    """Whether two texts or trees say the same, blanks apart."""
    return _sign(one) == _sign(other)


def said(texts: Texts) -> str:
    """All that a row says, in one line."""
    if isinstance(texts, str):
        return texts
    return ", ".join(filter(None, (said(t) for t in texts.values())))


def _sign(texts: Texts) -> str:
    return json.dumps(_bare(texts), sort_keys=True)


def _bare(texts: Texts) -> Any:
    if isinstance(texts, str):
        return plain(texts)
    found = {str(k): _bare(t) for k, t in texts.items()}
    return {k: t for k, t in found.items() if t}


def aligned(rows: Rows, base: Mapping[int, Texts], theirs: list[Any]) -> dict[int, int | None]:
    """Where each row that the page showed stands now; None where it is gone."""
    numbers = sorted(base)
    if all(n < len(theirs) and same(entry_of(rows, theirs[n]), base[n]) for n in numbers):
        return {n: n for n in numbers}
    before = [_sign(base[n]) for n in numbers]
    now = [_sign(entry_of(rows, entry)) for entry in theirs]
    blocks = SequenceMatcher(None, before, now).get_matching_blocks()
    found: dict[int, int | None] = dict.fromkeys(numbers)
    if not blocks[0].size:
        return {n: n if n < len(theirs) else None for n in numbers}
    mine_end = their_end = 0
    for count, block in enumerate(blocks):
        gap, room = block.a - mine_end, block.b - their_end
        # Rows between two that match: the same ones, changed, as far as there are as many.
        for k in range(1, min(gap, room) + 1) if count == 0 else range(min(gap, room)):
            mine, their = (
                (block.a - k, block.b - k) if count == 0 else (mine_end + k, their_end + k)
            )
            found[numbers[mine]] = their
        for k in range(block.size):
            found[numbers[block.a + k]] = block.b + k
        mine_end, their_end = block.a + block.size, block.b + block.size
    return found
