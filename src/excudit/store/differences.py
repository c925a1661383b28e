"""What differs between the files of two snapshots, found without reading what is the same twice.

Files are numbered in the order of their paths, so two lists are merged; a long stretch that is
the same in both is passed over inside the database.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, and_, or_, select

from excudit.domain.model import FileEntry
from excudit.store import tables as t
from excudit.store.snapshots import page_of

BATCH = 500

Pair = tuple[FileEntry | None, FileEntry | None]


def between(connection: Connection, before: str, after: str, *, beyond: str = "") -> Iterator[Pair]:
    """Files that are in one of two lists only, or differ: (before, after) in the order of paths,
    those after the path `beyond` only. Both are named by the snapshot whose rows they are."""
    old = _position(connection, before, beyond) if beyond else 0
    new = _position(connection, after, beyond) if beyond else 0
    while True:
        step = _same(connection, before, old, after, new)
        old, new = old + step, new + step
        was = [f for _, f in page_of(connection, before, after=old - 1, limit=BATCH)]
        now = [f for _, f in page_of(connection, after, after=new - 1, limit=BATCH)]
        if not was and not now:
            return
        i = j = 0
        # Past the end of a page that is not the last one nothing is known yet.
        while (i < len(was) or len(was) < BATCH) and (j < len(now) or len(now) < BATCH):
            left = was[i] if i < len(was) else None
            right = now[j] if j < len(now) else None
            pair = _first(left, right)
            if pair == (None, None):
                break
            i, j = i + (pair[0] is not None), j + (pair[1] is not None)
            if pair[0] is None or pair[1] is None or _content(pair[0]) != _content(pair[1]):
                yield pair
        old, new = old + i, new + j


def _first(left: FileEntry | None, right: FileEntry | None) -> Pair:
    if left is None or right is None:
        return left, right
    mine, theirs = left.path.encode(), right.path.encode()
    return (left if mine <= theirs else None, right if theirs <= mine else None)


def _content(entry: FileEntry) -> tuple[int, str]:
    return entry.size, entry.sha256


def _position(connection: Connection, files_of: str, path: str) -> int:
    """Where the first path after this one stands: a search by halves, because the database's own
    order of texts need not be that of their bytes."""
    count = select(t.files.c.position).where(t.files.c.snapshot == files_of)
    low, high = (
        0,
        connection.execute(count.order_by(t.files.c.position.desc()).limit(1)).scalar() or 0,
    )
    high += 1
    while low < high:
        middle = (low + high) // 2
        found = page_of(connection, files_of, after=middle - 1, limit=1)
        if found and found[0][1].path.encode() <= path.encode():
            low = middle + 1
        else:
            high = middle
    return low


def _same(connection: Connection, before: str, old: int, after: str, new: int) -> int:
    """How many files are the same in both from these positions on."""
    was, now = t.files.alias(), t.files.alias()
    beside = and_(now.c.snapshot == after, now.c.position == was.c.position + (new - old))
    differs = or_(
        now.c.path.is_(None),
        now.c.path != was.c.path,
        now.c.size != was.c.size,
        now.c.sha256 != was.c.sha256,
    )
    query = (
        select(was.c.position)
        .select_from(was.join(now, beside, isouter=True))
        .where(was.c.snapshot == before, was.c.position >= old, differs)
        .order_by(was.c.position)
        .limit(1)
    )
    found = connection.execute(query).scalar()
    if found is not None:
        return int(found) - old
    last = select(t.files.c.position).where(t.files.c.snapshot == before)
    end = connection.execute(last.order_by(t.files.c.position.desc()).limit(1)).scalar()
    return max(0, (int(end) + 1 if end is not None else 0) - old)
