"""The files of a dataset as SciCat lists them, and what is wrong with the lists.

SciCat holds lists, not bytes. Where nobody can read the bytes, the SHA-256 of a file is its own
checksum where SciCat has one of that kind, else the digest of all that the lists say of it: path,
size, time, checksum, rights. The approval binds to that, so a changed entry is a changed file; such
digests are marked as `LISTED` and shown to nobody.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from excudit.domain.model import LISTED, FileEntry
from excudit.domain.problem import Problem
from excudit.scicat import Block, content_digest

_HEX = re.compile(r"^[0-9a-f]+$", re.I)
_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}


def algorithm(name: str) -> str:
    """The algorithm as hashlib calls it: "SHA-256" is "sha256"."""
    return name.lower().replace("-", "").replace("_", "")


@dataclass(slots=True)
class _Listed:
    size: int
    said: str
    chk: str
    alg: str
    times: int = 1


@dataclass(slots=True)
class Listing:
    """Files by their path below the dataset's folder, gathered from its blocks."""

    folder: str
    files: dict[str, _Listed] = field(default_factory=dict)
    blocks: Counter[str] = field(default_factory=Counter)
    found: dict[str, list[str]] = field(default_factory=dict)
    bytes: int = 0

    def take(self, blocks: Iterable[Block]) -> Iterator[None]:
        """Take in blocks one by one; a pause after each."""
        for block in blocks:
            self.blocks[block.digest] += 1
            if block.size != sum(int(f.get("size") or 0) for f in block.files):
                self._note("sum", block.id)
            for entry in block.files:
                self._take(entry, algorithm(block.chk_alg))
            yield

    def _take(self, entry: Mapping[str, Any], alg: str) -> None:
        text = str(entry.get("path", ""))
        if text.endswith("/"):
            self._note("folder", text)
            return
        path = self._below(text)
        if not path:
            self._note("outside", text)
            return
        chk = str(entry.get("chk") or "").lower()
        if chk and (len(chk) != _LENGTHS.get(alg, len(chk)) or not _HEX.match(chk)):
            self._note("checksum", text)
            chk = ""
        size, said = int(entry.get("size") or 0), content_digest(entry)
        known = self.files.get(path)
        if known is None:
            self.files[path] = _Listed(size, said, chk, alg)
            self.bytes += size
            return
        self._note("twice", path)
        known.times += 1
        if known.said != said:
            known.said = content_digest(sorted([known.said, said]))
            self.bytes += max(size - known.size, 0)
            known.size, known.chk = max(known.size, size), ""

    def _below(self, text: str) -> str:
        folder = self.folder.rstrip("/") + "/"
        path = text.removeprefix(folder) if folder != "/" else text
        if path.startswith("/"):
            self._note("absolute", text)
        parts = [p for p in path.split("/") if p not in ("", ".")]
        return "" if ".." in parts or "\0" in path else posixpath.join("", *parts)

    def _note(self, rule: str, example: str) -> None:
        self.found.setdefault(rule, []).append(example)

    def entries(self) -> Iterator[FileEntry]:
        """The files by the bytes of their paths."""
        for path in sorted(self.files, key=str.encode):
            one = self.files[path]
            real = one.alg == "sha256" and one.chk
            yield (
                FileEntry(path, one.size, one.chk)
                if real
                else FileEntry(path, one.size, one.said, LISTED)
            )

    def notes(self) -> tuple[Problem, ...]:
        """What is wrong with the lists; nothing of it is mended here."""
        found = [
            Problem(
                "", _SAID[rule].format(n=len(seen), one=seen[0]), _MEND, "warning", f"scicat.{rule}"
            )
            for rule, seen in self.found.items()
        ]
        if repeated := sum(n - 1 for n in self.blocks.values()):
            words = f"{repeated} file list(s) are there more than once, word for word."
            found.append(Problem("", words, _MEND, "warning", "scicat.repeated-list"))
        if not self.files:
            words = "SciCat lists no files of this dataset."
            found.append(
                Problem("", words, "Add its file list in SciCat.", "warning", "scicat.empty")
            )
        return tuple(found)


_MEND = "Have the file lists mended in SciCat, or publish them as they are."
_SAID = {
    "sum": "{n} file list(s) give a total size that is not that of their files, e.g. {one}.",
    "folder": "{n} entries are folders, not files, e.g. {one}; they are not listed.",
    "outside": "{n} entries lead out of the dataset's folder, e.g. {one}; they are not listed.",
    "checksum": "{n} checksums are none, e.g. of {one}.",
    "twice": "{n} entries repeat a file that is listed already, e.g. {one}.",
    "absolute": "{n} entries have a path outside of the dataset's folder, e.g. {one}.",
}
