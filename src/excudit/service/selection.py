"""Several datasets in one publication: their folders, and all of them read as one.

One dataset stands alone: its paths, digest, reference and revision are its own. With several, the
files of each stand below a folder of its own. `ref` and `revision` of the snapshot are then
texts made from those of the datasets, in the order in which they were chosen: `ref` is the JSON
list of the references, `revision` the SHA-256 (hex) of the JSON list of [ref, revision] pairs.
"""

from __future__ import annotations

import hashlib
import posixpath
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from excudit.domain.errors import NotFound, Rejected
from excudit.domain.model import Dataset, FileEntry
from excudit.domain.problem import Problem
from excudit.domain.publication import Part
from excudit.domain.sentence import Sentence
from excudit.ports import Watch
from excudit.service.merged import joint_title, merged
from excudit.service.parts import Parts
from excudit.storage.spool import SpooledFiles

LIMIT = 1_000
"""Datasets in one publication at most."""
REF_BYTES = 1_024
"""The longest reference of a dataset, in bytes of UTF-8: keys of S3 are no longer either. Above
2.7 kB the unique indexes of PostgreSQL would refuse it."""
MANY = 500
"""Problems of the files that are collected before reading ends."""
_LONGEST = 80
_KEPT = frozenset("._-")


def folders(datasets: Sequence[Part]) -> tuple[str, ...]:
    """The folder of each dataset in the manifest, ending in "/"; one dataset alone has none ("").

    A name is the end of the reference, else of the title, with letters, digits, ".", "_" and "-"
    only, NFC, at most 80 bytes; what would be the same name on some file system gets a number.
    It depends on the chosen datasets alone, so it is the same whenever it is asked for.
    """
    if len(datasets) < 2:
        return ("",) * len(datasets)
    taken: set[str] = set()
    found = []
    for part in datasets:
        stem = folder_name(part)
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        found.append(name + "/")
    return tuple(found)


def folder_name(part: Part) -> str:
    """What a dataset is called where a folder or file is named after it."""
    return _stem(part.ref) or _stem(part.title) or "dataset"


def _stem(text: str) -> str:
    end = unicodedata.normalize("NFC", posixpath.basename(text.rstrip("/")))
    plain = "".join(c if c.isalnum() or c in _KEPT else "-" for c in end)
    return plain.encode()[:_LONGEST].decode(errors="ignore").strip("-.")


def within(datasets: Sequence[Part], path: str) -> tuple[Part, str]:
    """The dataset that a path of the manifest belongs to, and its path there. Raises NotFound."""
    for part, folder in zip(datasets, folders(datasets), strict=True):
        if path.startswith(folder):
            return part, path.removeprefix(folder)
    raise NotFound(Sentence("%(path)s belongs to none of the datasets.", path=path))


def too_long(ref: str) -> Problem | None:
    """Why a reference cannot be kept; None when it can."""
    length = len(ref.encode("utf-8", "surrogatepass"))
    if length <= REF_BYTES:
        return None
    words = f"The reference has {length:,} bytes; {REF_BYTES:,} are the most."
    return Problem(ref, words, "Give the dataset a shorter name at its source.", rule="dataset")


def described(parts: Parts, datasets: Sequence[Part], watch: Watch | None = None) -> Dataset:
    """All datasets as they are now, as one; see `ports.Source.describe`.

    They are read one after the other, by the order of their folders, so that the files come in
    the order of their paths and stand on disk, never in memory. What is wrong with any of them is
    raised at once, as one Rejected.
    """
    if len(datasets) == 1:
        return parts.source(datasets[0].source).describe(datasets[0].ref, watch=watch)
    reading = _Reading(parts, datasets, watch)
    files = SpooledFiles(reading.files())
    return replace(_as_one(datasets, reading.in_order()), files=files)


def looked_at(parts: Parts, datasets: Sequence[Part]) -> Dataset:
    """All datasets as one, quickly: see `ports.Source.look`."""
    seen = [parts.source(part.source).look(part.ref) for part in datasets]
    return as_one(seen)


def as_one(datasets: Sequence[Dataset]) -> Dataset:
    """Datasets as one, without files, in the order given."""
    return _as_one([Part(d.source, d.ref, d.title) for d in datasets], datasets)


def _as_one(chosen: Sequence[Part], datasets: Sequence[Dataset]) -> Dataset:
    if len(datasets) == 1:
        return datasets[0]
    pairs = [[d.ref, d.revision] for d in datasets]
    below = folders(chosen)
    return Dataset(
        source=datasets[0].source,
        ref=orjson.dumps([d.ref for d in datasets]).decode(),
        title=joint_title([d.title for d in datasets]),
        revision=hashlib.sha256(orjson.dumps(pairs)).hexdigest(),
        metadata=merged(datasets),
        owner=datasets[0].owner,
        facts=_facts(datasets),
        group=datasets[0].group if len({d.group for d in datasets}) == 1 else "",
        file_count=_sum([d.file_count for d in datasets]),
        bytes=_sum([d.bytes for d in datasets]),
        notes=tuple(
            _placed(note, folder, d.title)
            for d, folder in zip(datasets, below, strict=True)
            for note in d.notes
        ),
    )


def _facts(datasets: Sequence[Dataset]) -> dict[str, Any]:
    known = any(d.facts for d in datasets)
    return {"datasets": [dict(d.facts) for d in datasets]} if known else {}


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [c for c in counts if c is not None]
    return sum(known) if len(known) == len(counts) else None


def _placed(problem: Problem, folder: str, title: str) -> Problem:
    """A problem of one of several datasets: which one, and where its files stand."""
    if problem.where and not problem.where.startswith("/"):
        return replace(problem, where=folder + problem.where)
    return replace(problem, message=f"{title or folder.rstrip('/')}: {problem.message}")


class _Reading:
    """Several datasets, each described when its turn comes."""

    def __init__(self, parts: Parts, datasets: Sequence[Part], watch: Watch | None) -> None:
        self._parts = parts
        self._chosen = datasets
        self._watch = watch
        self._seen: dict[int, Dataset] = {}

    def files(self) -> Iterator[FileEntry]:
        """The files of all, in the order of their paths. Raises Rejected at the end, with all
        problems of all datasets."""
        below = folders(self._chosen)
        wrong: list[Problem] = []
        told = 0
        # No folder is the beginning of another, so the streams follow each other in order.
        for at in sorted(range(len(below)), key=lambda i: below[i].encode()):
            part = self._chosen[at]
            follower = _Onward(self._watch, told) if self._watch else None
            try:
                dataset = self._parts.source(part.source).describe(part.ref, watch=follower)
            except Rejected as error:
                own = error.problems or (Problem("", error.message, error.hint),)
                wrong += [_placed(p, below[at], part.title) for p in own]
                if len(wrong) >= MANY:
                    break
                continue
            for entry in dataset.files:
                told += entry.size
                if not wrong:
                    yield replace(entry, path=below[at] + entry.path)
            self._seen[at] = replace(dataset, files=())
        if wrong:
            raise Rejected(
                Sentence("%(count)s problem(s) with the files of the datasets.", count=len(wrong)),
                problems=tuple(wrong),
                hint="Mend them and submit again; nothing was published.",
            )

    def in_order(self) -> list[Dataset]:
        """What was described, in the order in which the datasets were chosen."""
        return [self._seen[at] for at in range(len(self._chosen))]


@dataclass(frozen=True, slots=True)
class _Onward:
    """Progress of one of several datasets, counted on from the ones before."""

    watch: Watch
    before: int

    def progress(self, done: int, total: int, unit: str) -> None:
        # What the following ones hold is not known yet.
        self.watch.progress(self.before + done, 0, unit)

    def stop(self) -> bool:
        return self.watch.stop()
