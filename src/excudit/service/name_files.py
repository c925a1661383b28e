"""Names of people and organisations out of files, for pickers that work offline."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from excudit.domain.errors import Rejected
from excudit.domain.identifiers import is_orcid
from excudit.domain.names import Name, split_person, words_of
from excudit.domain.problem import Problem
from excudit.metadata import ror
from excudit.store import names
from excudit.store.database import Database

_T = TypeVar("_T")
BATCH = 1000
"""Names in one transaction, so that nobody else waits long."""
COLUMNS = ("name", "orcid", "affiliation")

Progress = Callable[[int, int], None]
"""Told how much is done, out of how much, both in bytes."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import did: names read, those that were new or changed, those taken away."""

    read: int
    changed: int
    gone: int


def bring_organisations(database: Database, path: Path, progress: Progress) -> Brought:
    """Keep the organisations of a ROR data dump, streamed. Idempotent: the same dump again
    changes nothing; after a crash the next call goes on. Withdrawn ones are taken away.

    Raises Rejected for a file that is none; what was read before stays.
    """
    read = changed = gone = 0
    for batch in _batches(ror.entries(path)):
        there = [(e.name, e.words) for e in batch if not e.gone]
        with database.write() as connection:
            changed += names.put(connection, there)
            gone += names.drop(connection, [e.name.id for e in batch if e.gone])
        read += len(there)
        progress(batch[-1].done, batch[-1].total)
    return Brought(read, changed, gone)


def bring_people(database: Database, path: Path, progress: Progress) -> Brought:
    """Keep the people of a CSV file with the columns name, orcid, affiliation. Idempotent.

    The whole file is read first: raises Rejected with all wrong lines, and then keeps none.
    Forgotten people stay forgotten.
    """
    problems = [p for _, found in _lines(path) for p in found]
    if problems:
        raise Rejected(
            f"{path} has {len(problems)} problem(s); nothing was taken from it.",
            problems=tuple(problems),
            hint="Mend these lines and import the file again.",
        )
    total = path.stat().st_size
    read = changed = 0
    for batch in _batches(person for person, _ in _lines(path) if person):
        with database.write() as connection:
            changed += names.put(connection, [(p, found_by(p)) for p in batch])
        read += len(batch)
        progress(min(read * 80, total), total)
    progress(total, total)
    return Brought(read, changed, 0)


def person(
    name: str, orcid: str, affiliation: str, *, ror_id: str = "", origin: str = "file"
) -> Name:
    """A person for the pickers. `orcid` is bare or an address; `name` in either order."""
    given, family = split_person(name)
    address = f"https://orcid.org/{orcid[-19:].upper()}"
    fills = {
        "given": given,
        "family": family,
        "identifier": address,
        "identifier-scheme": "ORCID",
        "affiliation": affiliation,
        "affiliation-identifier": ror_id,
    }
    shown = f"{family}, {given}" if given else family
    return Name(address, "person", shown, affiliation, origin, fills)


def found_by(name: Name) -> list[str]:
    """The words by which a name is found."""
    return words_of(name.name, name.note)


def _batches(rows: Iterable[_T]) -> Iterator[list[_T]]:
    left = iter(rows)
    while batch := list(itertools.islice(left, BATCH)):
        yield batch


def _lines(path: Path) -> Iterator[tuple[Name | None, list[Problem]]]:
    """Each line as a person, or what is wrong with it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            missing = [c for c in COLUMNS[:2] if c not in (reader.fieldnames or ())]
            if missing:
                mend = f"Begin the file with the line {','.join(COLUMNS)}."
                words = f"There is no column {' and no column '.join(missing)}."
                yield None, [Problem("", words, mend, line=1)]
                return
            for row in reader:
                yield _line(row, reader.line_num)
        except UnicodeDecodeError:
            yield None, [Problem("", "The file is not UTF-8.", "Save it as UTF-8.")]
        except csv.Error as error:
            mend = "Mend the quotes of this line."
            yield None, [Problem("", f"This is no CSV: {error}.", mend, line=reader.line_num)]


def _line(row: dict[str, str | None], line: int) -> tuple[Name | None, list[Problem]]:
    name, orcid, affiliation = ((row.get(c) or "").strip() for c in COLUMNS)
    problems = []
    if not words_of(name) or len(name) > 200:
        mend = "Write Family, Given."
        problems.append(Problem("name", "The name is empty or too long.", mend, line=line))
    if not is_orcid(orcid):
        mend = "An ORCID iD looks like 0000-0002-1825-0097; its last digit is a check."
        problems.append(Problem("orcid", f"{orcid[:60]!r} is no ORCID iD.", mend, line=line))
    if None in row:
        mend = "Put text with commas into quotes."
        problems.append(Problem("", "There are more values than columns.", mend, line=line))
    return (None if problems else person(name, orcid, affiliation), problems)
