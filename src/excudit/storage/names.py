"""Names of files: which can be published, and in which order they stand."""

from __future__ import annotations

import heapq
import itertools
import os
import unicodedata
from collections.abc import Callable, Iterator

from excudit.domain.problem import Problem
from excudit.storage.scratch import Scratch

RUN = 50_000
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def shown(name: bytes) -> str:
    """The name as text that is safe to print; what is not UTF-8 or not visible stands escaped."""
    text = name.decode("utf-8", "backslashreplace")
    if text.isascii() and text.isprintable():
        return text
    return "".join(c.encode("unicode_escape").decode() if _hidden(c) else c for c in text)


def check_name(name: bytes, where: str) -> Problem | None:
    """Why a file of this name cannot be published, if so. `where` is its path, made printable."""
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return Problem(
            where,
            "The name is not valid UTF-8.",
            "Rename it; convmv can convert whole folders from Latin-1 and other encodings.",
            rule="name-not-utf8",
        )
    if not (text.isascii() and text.isprintable()) and any(map(_hidden, text)):
        return Problem(
            where,
            "The name contains control characters (shown escaped).",
            "Rename it with visible characters only.",
            rule="name-control-characters",
        )
    return None


def _hidden(character: str) -> bool:
    """Control characters, line separators, and marks that reverse the direction of writing."""
    return unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in _BIDI


def listing(fd: int, go_on: Callable[[], None]) -> Iterator[tuple[bytes, str]]:
    """The names in the folder open at `fd` and their kinds: f(ile), d(irectory), l(ink), o(ther).

    The order is such that the paths of a depth-first walk come in the order of their bytes: a
    folder stands where its name with "/" stands, because "a.b" comes before "a/b". Memory is
    bounded by `RUN` names however large the folder is: more are sorted on disk. `go_on` is called
    for each name, and may raise to end it.
    """
    batch: list[bytes] = []
    ends = [0]
    spilled: Scratch | None = None
    with os.scandir(fd) as found:
        for entry in found:
            batch.append(_key(entry))
            if len(batch) == RUN:
                spilled = spilled or Scratch()
                for key in sorted(batch):
                    spilled.append(key)
                ends.append(spilled.end())
                batch = []
            go_on()
    batch.sort()
    runs: list[Iterator[bytes]] = [iter(batch)]
    if spilled:
        runs += [spilled.read(a, b) for a, b in itertools.pairwise(ends)]
    for key in heapq.merge(*runs) if spilled else batch:
        name, kind = key[:-2], chr(key[-1])
        yield name.removesuffix(b"/"), kind


def _key(entry: os.DirEntry[str]) -> bytes:
    name = os.fsencode(entry.name)
    if entry.is_symlink():
        return name + b"\0l"
    if entry.is_dir(follow_symlinks=False):
        return name + b"/\0d"
    return name + (b"\0f" if entry.is_file(follow_symlinks=False) else b"\0o")
