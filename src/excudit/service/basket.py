"""The basket: what a person has picked, kept for days and on every device."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from excudit.domain.errors import Permanent, Rejected, Retryable
from excudit.domain.model import Actor, Dataset
from excudit.domain.problem import Problem
from excudit.domain.sentence import Sentence
from excudit.ports import Measuring
from excudit.service import selection
from excudit.service.beginnings import look
from excudit.service.parts import Parts
from excudit.service.prefill import cleaned
from excudit.store import baskets
from excudit.store.baskets import Picked, Total
from excudit.store.database import Connection

LIMIT = 10_000
"""Datasets in one basket at most."""
COUNTING_S = 4.0
_ONE_S = 2.0
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Contents:
    """A page of a basket, and what all of it holds."""

    totals: tuple[Total, ...]
    picked: tuple[Picked, ...]
    next: tuple[str, str] | None

    @property
    def datasets(self) -> int:
        """How many datasets there are in all."""
        return sum(t.datasets for t in self.totals)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a wish: how many are new in the basket, how many were there, what could not
    be taken."""

    new: int
    known: int
    problems: tuple[Problem, ...] = ()


def contents(
    parts: Parts, actor: Actor, *, after: tuple[str, str] | None = None, limit: int = 100
) -> Contents:
    """The actor's own basket, by source and reference."""
    with parts.database.read() as connection:
        rows = baskets.page(connection, actor.name, after=after, limit=limit + 1)
        found = tuple(baskets.totals(connection, actor.name))
    shown, more = tuple(rows[:limit]), len(rows) > limit
    return Contents(found, shown, (shown[-1].source, shown[-1].ref) if more else None)


def add(parts: Parts, actor: Actor, source: str, refs: Sequence[str]) -> Added:
    """Put datasets in by their references, each looked at with the actor's own permission.

    What cannot be taken is told, and keeps no other out. Raises Unavailable when the source does
    not answer, Rejected when the basket would hold more than `LIMIT`.
    """
    found = _looked(parts, actor, [(source, ref) for ref in dict.fromkeys(refs)])
    problems = tuple(p for p in found if isinstance(p, Problem))
    added = add_found(parts, actor, [d for d in found if isinstance(d, Dataset)])
    return Added(added.new, added.known, (*problems, *added.problems))


def _looked(
    parts: Parts, actor: Actor, chosen: Sequence[tuple[str, str]]
) -> list[Dataset | Problem]:
    """Each dataset as the actor may see it, or why not."""
    places = {source: parts.source(source) for source, _ in chosen}

    def seen(one: tuple[str, str]) -> Dataset | Problem:
        try:
            return look(places[one[0]], actor, one[1])
        except Permanent as error:
            return Problem(one[1], error.message, error.hint, rule="dataset")

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(seen, chosen))


def add_found(parts: Parts, actor: Actor, datasets: Sequence[Dataset]) -> Added:
    """Put in what a search of the actor's own has just found; what cannot be kept is told."""
    problems = tuple(p for d in datasets if (p := selection.too_long(d.ref)))
    every = {(d.source, d.ref): d for d in datasets if not selection.too_long(d.ref)}
    with parts.database.write() as connection:
        new = _put(connection, actor, list(every.values()))
    return Added(new, len(every) - new, problems)


def _put(connection: Connection, actor: Actor, datasets: Sequence[Dataset]) -> int:
    entries = [Picked(d.source, d.ref, cleaned(d.title), d.file_count, d.bytes) for d in datasets]
    new = baskets.add(connection, actor.name, entries)
    if baskets.count(connection, actor.name) > LIMIT:
        raise Rejected(
            Sentence("A basket holds at most %(limit)s datasets.", limit=format(LIMIT, ",")),
            hint="Take some out, or make a draft of what is in it first.",
        )
    return new


def replace(parts: Parts, actor: Actor, chosen: Sequence[tuple[str, str]]) -> Added:
    """Let the basket hold exactly these datasets (source, reference). What stays keeps what is
    known of it. Raises Rejected with all problems, and changes nothing then."""
    if len(set(chosen)) > LIMIT:
        raise Rejected(
            Sentence("A basket holds at most %(limit)s datasets.", limit=format(LIMIT, ",")),
            hint="Name fewer.",
        )
    wanted = set(chosen)
    with parts.database.read() as connection:
        known = {(p.source, p.ref) for p in baskets.page(connection, actor.name, limit=LIMIT + 1)}
    found = _looked(parts, actor, [one for one in dict.fromkeys(chosen) if one not in known])
    if problems := tuple(p for p in found if isinstance(p, Problem)):
        raise Rejected(
            "The basket stays as it was: not all of them can be put into it.",
            problems=problems,
            hint="Leave them out.",
        )
    with parts.database.write() as connection:
        baskets.remove(connection, actor.name, sorted(known - wanted))
        new = _put(connection, actor, [d for d in found if isinstance(d, Dataset)])
    return Added(new, len(wanted) - new)


def remove(parts: Parts, actor: Actor, source: str, ref: str) -> tuple[str, str] | None:
    """Take one dataset out of the actor's basket; not there = done. Answers the one that follows
    it, else the one before, None when the basket is empty then."""
    with parts.database.write() as connection:
        following = baskets.page(connection, actor.name, after=(source, ref), limit=1)
        baskets.remove(connection, actor.name, [(source, ref)])
        near = following or baskets.last(connection, actor.name)
    return (near[0].source, near[0].ref) if near else None


def empty(parts: Parts, actor: Actor, *, source: str | None = None) -> int:
    """Take everything out, or everything of one source; how much there was."""
    with parts.database.write() as connection:
        return baskets.clear(connection, actor.name, source=source)


@dataclass(frozen=True, slots=True)
class Until:
    """A watch that says to stop when the time is over."""

    end: float

    def progress(self, done: int, total: int, unit: str) -> None:
        return None

    def stop(self) -> bool:
        return time.monotonic() > self.end


def count_files(parts: Parts, actor: Actor, *, seconds: float = COUNTING_S) -> tuple[int, bool]:
    """Count the files of datasets in the basket that were not counted yet: how many were done now,
    and whether all were tried within that time. No content is read. What cannot be counted because
    of problems stays uncounted: the check of the selection tells why."""
    end = time.monotonic() + seconds
    done = 0
    after: tuple[str, str] | None = None
    while time.monotonic() < end:
        with parts.database.read() as connection:
            rows = baskets.page(connection, actor.name, after=after, uncounted=True, limit=50)
        if not rows:
            return done, True
        done += sum(_counted(parts, actor, row, end) for row in rows)
        after = (rows[-1].source, rows[-1].ref)
    return done, False


def _counted(parts: Parts, actor: Actor, row: Picked, end: float) -> bool:
    source = parts.sources.get(row.source)
    if not isinstance(source, Measuring) or time.monotonic() > end:
        return False
    try:
        look(source, actor, row.ref)
        found = source.measure(row.ref, Until(min(end, time.monotonic() + _ONE_S)))
    except (Permanent, Retryable):
        return False
    with parts.database.write() as connection:
        key = (actor.name, row.source, row.ref)
        baskets.counted(connection, *key, files=found.files, size=found.bytes)
    return True
