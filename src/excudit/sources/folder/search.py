"""Finding folders below the roots by name or title."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

from excudit.sources.folder.readme import README_NAMES
from excudit.sources.folder.record_file import RECORD_NAMES
from excudit.storage.names import check_name
from excudit.storage.reach import FOLDER
from excudit.storage.roots import Roots
from excudit.storage.small_files import read_small

MOST = 5000
_GLANCE_BYTES = 256 * 1024


def matching(roots: Roots, text: str, depth: int, title: Callable[[str], str]) -> Iterator[str]:
    """References of the folders whose name or title holds `text`, best first; "" holds all.

    The whole name comes first, then its beginning, any part of it, the title. Folders that may
    not be read, begin with a dot, or are symbolic links are passed over; at most `MOST` down to
    `depth` levels are looked at. `title` is asked only where the folder's texts hold the words.
    """
    wanted = text.strip().casefold()
    ranks: dict[str, int] = {}
    for ref, mentioned in itertools.islice(_below(roots, wanted, depth), MOST):
        rank = _rank(wanted, ref.rpartition("/")[2].casefold())
        if rank is None and mentioned and wanted in title(ref).casefold():
            rank = 3
        if rank is not None:
            ranks[ref] = rank
    return iter(sorted(ranks, key=lambda ref: (ranks[ref], ref)))


def _rank(wanted: str, name: str) -> int | None:
    if wanted == name:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if wanted in name else None


def _below(roots: Roots, wanted: str, depth: int) -> Iterator[tuple[str, bool]]:
    for root in roots:
        with roots.open(root) as fd:
            yield from _folders(fd, root.rstrip("/"), wanted, depth)


def _folders(fd: int, path: str, wanted: str, depth: int) -> Iterator[tuple[str, bool]]:
    """The folders in the one open at `fd`, and whether their texts hold the words."""
    for name in _names(fd):
        try:
            below = os.open(name, FOLDER, dir_fd=fd)
        except OSError:
            continue
        try:
            yield f"{path}/{name}", _mentions(below, wanted)
            if depth > 1:
                yield from _folders(below, f"{path}/{name}", wanted, depth - 1)
        finally:
            os.close(below)


def _names(fd: int) -> list[str]:
    try:
        with os.scandir(fd) as entries:
            names = [e.name for e in entries if e.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(n for n in names if n[0] != "." and check_name(os.fsencode(n), n) is None)


def _mentions(fd: int, wanted: str) -> bool:
    texts = (read_small(fd, name, _GLANCE_BYTES) for name in (*RECORD_NAMES, *README_NAMES))
    return any(wanted in t.decode("utf-8", "replace").casefold() for t in texts if t is not None)
