"""File lists (OrigDatablocks): read whole in bounded memory, told apart by their content.

SciCat knows no equality of blocks: the same block posted twice is there twice. Its ids are random,
so blocks are compared as multisets by a digest of what they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from excudit.domain.errors import Unavailable
from excudit.http import path_of
from excudit.scicat.api import Api, Row, filtered
from excudit.scicat.fields import content_digest, plain

LARGEST_POST = 15_000_000
"""Bytes of one block at most; SciCat answers 500 above 16 MB."""
_FIRST, _MOST, _WANTED = 4, 200, 4_000_000
_BYTES_PER_FILE = 200
_STAMPS = 1000


@dataclass(frozen=True, slots=True)
class Block:
    """One file list. `files` are its entries as SciCat has them, without ids."""

    id: str
    size: int
    chk_alg: str
    files: tuple[Mapping[str, Any], ...] = field(repr=False)
    published: bool = False

    @property
    def digest(self) -> str:
        """What it says, whatever its id and flags are."""
        return block_digest(self)

    def body(self, pid: str, *, published: bool = False) -> Row:
        """What is posted to make the same block at another dataset."""
        told: Row = {"datasetId": pid, "size": self.size, "isPublished": published}
        told["dataFileList"] = [dict(f) for f in self.files]
        return {**told, **({"chkAlg": self.chk_alg} if self.chk_alg else {})}


def block_of(row: Mapping[str, Any]) -> Block:
    """A block from its row in a list or answer."""
    return Block(
        id=str(row.get("_id") or row.get("id") or ""),
        size=int(row.get("size") or 0),
        chk_alg=str(row.get("chkAlg") or ""),
        files=tuple(plain(f) for f in row.get("dataFileList") or ()),
        published=bool(row.get("isPublished")),
    )


def block_digest(block: Block) -> str:
    """SHA-256 (hex) over size, algorithm and entries; the order of entries does not count."""
    entries = sorted(content_digest(f) for f in block.files)
    return content_digest([block.size, block.chk_alg, entries])


class Blocks:
    """The file lists of the datasets of one SciCat."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def of(self, pid: str, *, stranger: bool = False) -> Iterator[Block]:
        """All file lists of a dataset, by their ids, a few in memory at a time.

        `stranger`: only those flagged as public, as everybody sees them. Pages grow with what is
        seen of the blocks' size, and shrink to one block when an answer is too large.
        """
        skip, size = 0, _FIRST
        while True:
            try:
                rows = self._page(pid, skip, size, stranger)
            except Unavailable:
                if size == 1:
                    raise
                rows, size = self._page(pid, skip, 1, stranger), 1
            yield from map(block_of, rows)
            skip += len(rows)
            if len(rows) < size:
                return
            weight = sum(len(r.get("dataFileList") or ()) for r in rows) * _BYTES_PER_FILE
            size = max(1, min(_MOST, _WANTED * len(rows) // max(weight, 1)))

    def _page(self, pid: str, skip: int, size: int, stranger: bool) -> list[Row]:
        where = {"datasetId": pid}
        limits: Row = {"limit": size, "skip": skip}
        if self._api.version == "v4":
            limits["sort"] = {"_id": "asc"}
            parts = ["v4", "origdatablocks", *(["public"] if stranger else [])]
        else:
            limits["order"] = "_id:asc"
            parts = ["v3", "origdatablocks"]
        query = filtered({"where": where, "limits": limits})
        return list(self._api.get(*parts, query=query, stranger=stranger) or ())

    def stamps(self, pid: str) -> Iterator[Row]:
        """Id and last change of each list, without what it holds."""
        where, fields = {"datasetId": pid}, ["_id", "updatedAt", "size", "isPublished"]
        if self._api.version == "v4":
            yield from self._api.listed(
                "v4", "origdatablocks", where=where, fields=fields, page=_STAMPS
            )
            return
        limits = {"limit": _STAMPS, "skip": 0, "order": "_id:asc"}
        query = filtered({"where": where, "fields": fields, "limits": limits})
        yield from self._api.get("v3", "origdatablocks", query=query) or ()

    def digests(self, pid: str) -> Counter[str]:
        """How often each content is there."""
        return Counter(block.digest for block in self.of(pid))

    def add(self, pid: str, block: Block, *, published: bool = False) -> Block:
        """Post the block. Not idempotent: a second call makes a second one; after Uncertain look
        at `of` first."""
        body = block.body(pid, published=published)
        return block_of(self._api.call("POST", "/api/v4/origdatablocks", json=body).value)

    def change(self, block: Block, into: Block) -> None:
        """Make an existing block say what another says. Idempotent."""
        body = {"size": into.size, "dataFileList": [dict(f) for f in into.files]}
        body |= {"chkAlg": into.chk_alg} if into.chk_alg else {}
        self._api.call("PATCH", path_of("api", "v4", "origdatablocks", block.id), json=body)

    def show(self, block: Block, *, published: bool = True) -> None:
        """Flag the block as public or not; publishing a dataset does not."""
        if block.published != published:
            path = path_of("api", "v4", "origdatablocks", block.id)
            self._api.call("PATCH", path, json={"isPublished": published})

    def remove(self, block: Block) -> None:
        """Delete it; needs a group of DELETE_GROUPS. Absent = done."""
        path = path_of("api", "v4", "origdatablocks", block.id)
        self._api.call("DELETE", path, expect={200, 404})
