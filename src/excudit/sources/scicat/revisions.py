"""When a dataset changed: told by what SciCat says of its parts, without reading its lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from excudit.scicat import SciCat, content_digest, plain_dataset
from excudit.scicat.fields import plain

_ATTACHED = ("aid", "caption", "thumbnail", "isPublished")
_STAMPS = ("_id", "aid", "updatedAt")


def revision_of(scicat: SciCat, row: Mapping[str, Any]) -> str:
    """SHA-256 over the dataset's own members and the last changes of its lists and attachments.

    What only SciCat notes of it (sizes, life cycle, whether it is public) does not count.
    """
    pid = str(row["pid"])
    lists = sorted([str(b.get("_id")), str(b.get("updatedAt"))] for b in _lists(scicat, pid))
    pictures = sorted([str(a.get("aid") or a.get("_id")), str(a.get("updatedAt"))]
                      for a in _attached(scicat, pid))  # fmt: skip
    return content_digest([plain_dataset(row), lists, pictures])


def _lists(scicat: SciCat, pid: str) -> Iterator[Mapping[str, Any]]:
    yield from scicat.blocks.stamps(pid)


def _attached(scicat: SciCat, pid: str) -> Iterator[Mapping[str, Any]]:
    yield from scicat.attachments(pid, fields=_STAMPS)


def attachments_digest(scicat: SciCat, pid: str) -> str:
    """SHA-256 over what all attachments of a dataset show."""
    shown = [{k: plain(a.get(k)) for k in _ATTACHED[:3]} for a in scicat.attachments(pid)]
    return content_digest(sorted(content_digest(one) for one in shown))
