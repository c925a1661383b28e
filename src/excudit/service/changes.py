"""What changed since somebody last decided on it, per field and per file, in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Literal

from excudit.domain.model import FileEntry
from excudit.domain.publication import Frozen, Publication
from excudit.metadata.field_words import FIELDS, UNSHOWN, in_words, label
from excudit.service.parts import Parts
from excudit.store import differences, publications, snapshots
from excudit.store.database import Connection

MOST_WORDS = 4000
_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that is not what it was. `before` and `after` are words, "" = not there;
    `pointer` is its place in the present record, or where it was when it is gone."""

    label: str
    pointer: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that is not what it was."""

    path: str
    what: Literal["added", "removed", "changed"]
    before: FileEntry | None
    after: FileEntry | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The two sides of a comparison: what was last decided on, `reviewed` (None: nothing was),
    and the present record; `frozen` is what is frozen now, None while nothing is."""

    reviewed: Frozen | None
    record: Mapping[str, Any]
    frozen: Frozen | None
    of_version: int

    @property
    def same_files(self) -> bool:
        """Whether no file differs."""
        return (
            self.reviewed is None
            or self.frozen is None
            or self.reviewed.manifest_digest == self.frozen.manifest_digest
        )


def compared(parts: Parts, publication: str) -> Compared:
    """What is compared: the reviewed snapshot, or for the first round of a new version the one of
    the version before. While people edit, the draft counts; else what is frozen. Raises
    NotFound."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        reviewed, version = _reviewed(connection, found)
        frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
    drafting = found.state in ("draft", "changes_requested") or frozen is None
    record = found.record if drafting or frozen is None else frozen.record
    return Compared(reviewed, record, frozen, version)


def _reviewed(connection: Connection, found: Publication) -> tuple[Frozen | None, int]:
    if found.reviewed_snapshot:
        return snapshots.get(connection, found.reviewed_snapshot), found.version
    if found.previous:
        before = publications.get(connection, found.previous)
        if before.snapshot:
            return snapshots.get(connection, before.snapshot), before.version
    return None, found.version


def field_changes(parts: Parts, publication: str) -> list[FieldChange]:
    """The fields that differ from what was last reviewed, in the order in which people read them;
    none when nothing was reviewed before. Raises NotFound."""
    sides = compared(parts, publication)
    if sides.reviewed is None:
        return []
    return differing(sides.reviewed.record, sides.record)


def file_changes(
    parts: Parts, publication: str, after: str = "", limit: int = 100
) -> list[FileChange]:
    """The files that differ from what was last reviewed, at most `limit` of those after the path
    `after`; none when nothing was reviewed before. Memory stays constant. Raises NotFound."""
    sides = compared(parts, publication)
    if sides.reviewed is None or sides.frozen is None or sides.same_files:
        return []
    with parts.database.read() as connection:
        pairs = differences.between(
            connection, sides.reviewed.files_of, sides.frozen.files_of, beyond=after
        )
        return [_file_change(was, now) for was, now in islice(pairs, limit)]


def _file_change(was: FileEntry | None, now: FileEntry | None) -> FileChange:
    entry = now or was
    assert entry is not None
    what: Literal["added", "removed", "changed"]
    what = "added" if was is None else "removed" if now is None else "changed"
    return FileChange(entry.path, what, was, now)


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """The fields in which two records differ, in the order in which people read them."""
    known = [m for m in FIELDS if m in before or m in after]
    others = sorted({*before, *after} - FIELDS.keys() - UNSHOWN)
    changes: list[FieldChange] = []
    for member in (*known, *others):
        place = f"/{_escaped(member)}"
        changes += _values(place, before.get(member), after.get(member), (before, after))
    return changes


Records = tuple[Mapping[str, Any], Mapping[str, Any]]
_NOTHING: tuple[Any, ...] = (None, "", [], {})


def _values(place: str, was: Any, now: Any, records: Records) -> Iterator[FieldChange]:
    if was == now or (was in _NOTHING and now in _NOTHING):
        return
    if isinstance(was, list) and isinstance(now, list):
        yield from _lists(place, was, now, records)
    elif isinstance(was, Mapping) and isinstance(now, Mapping):
        for member in dict.fromkeys((*was, *now)):
            inner = f"{place}/{_escaped(member)}"
            yield from _values(inner, was.get(member), now.get(member), records)
    elif isinstance(was or now, list) and not (was and now):
        yield from _lists(place, was or [], now or [], records)
    else:
        yield _change(place, was, now, records)


def _lists(
    place: str, was: Sequence[Any], now: Sequence[Any], records: Records
) -> Iterator[FieldChange]:
    old, new = [_key(e) for e in was], [_key(e) for e in now]
    if sorted(old) == sorted(new):
        name = f"{label(place)}, order"
        yield FieldChange(name, place, _numbered(was), _numbered(now))
        return
    for kind, i, i_end, j, j_end in _opcodes(old, new):
        if kind == "equal":
            continue
        paired = min(i_end - i, j_end - j)
        for n in range(paired):
            yield from _entries(f"{place}/{j + n}", was[i + n], now[j + n], records)
        for n in range(i + paired, i_end):
            yield _change(f"{place}/{n}", was[n], None, records)
        for n in range(j + paired, j_end):
            yield _change(f"{place}/{n}", None, now[n], records)


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """What makes the new list out of the old, as `SequenceMatcher` says it.

    Where hundreds are the same, they are matched only beside rarer ones, or the time would grow
    with the cube of their number; that holds for the second list only, so the longer is second.
    """
    if len(old) <= len(new):
        return list(SequenceMatcher(None, old, new).get_opcodes())
    turned = {"insert": "delete", "delete": "insert"}
    back = SequenceMatcher(None, new, old).get_opcodes()
    return [(turned.get(kind, kind), i, i_end, j, j_end) for kind, j, j_end, i, i_end in back]


def _entries(place: str, was: Any, now: Any, records: Records) -> Iterator[FieldChange]:
    """Two entries in the same place: member by member when it is the same one, else whole."""
    if was == now:
        return
    if isinstance(was, Mapping) and isinstance(now, Mapping) and _alike(was, now):
        yield from _values(place, was, now, records)
    else:
        yield _change(place, was, now, records)


def _alike(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    same = sum(1 for member in was if member in now and was[member] == now[member])
    return 2 * same >= max(len(was), len(now)) and len(was) > 1


def _change(place: str, was: Any, now: Any, records: Records) -> FieldChange:
    before, after = records
    said = label(place, after if now is not None else before)
    return FieldChange(said, place, in_words(was), in_words(now))


def _numbered(entries: Sequence[Any]) -> str:
    return " · ".join(f"{n}. {in_words(e)}" for n, e in enumerate(entries, 1))


def _key(entry: Any) -> str:
    return json.dumps(entry, sort_keys=True, default=str)


def _escaped(member: str) -> str:
    return member.replace("~", "~0").replace("/", "~1")


def marked(before: str, after: str) -> list[tuple[Literal["same", "gone", "new"], str]]:
    """Two texts as one, word by word: what stayed, what is gone, what is new."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        return [("gone", before), ("new", after)]
    found: list[tuple[Literal["same", "gone", "new"], str]] = []
    for kind, i, i_end, j, j_end in _opcodes(old, new):
        if kind == "equal":
            found.append(("same", "".join(old[i:i_end])))
            continue
        found += [("gone", "".join(old[i:i_end]))] if i_end > i else []
        found += [("new", "".join(new[j:j_end]))] if j_end > j else []
    return found
