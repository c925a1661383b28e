"""What was approved of a dataset of the other SciCat, as its source froze it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from excudit.domain.errors import Rejected
from excudit.domain.model import Snapshot


@dataclass(frozen=True, slots=True)
class Original:
    """One dataset. `members` are its own, without what SciCat adds; `lists`, `lists_once` and
    `attachments` are digests of what hangs on it."""

    pid: str
    url: str
    page: str
    members: Mapping[str, Any]
    lists: str
    lists_once: str
    attachments: str
    repeated: int = 0


def originals(snapshot: Snapshot) -> list[Original]:
    """The datasets of a snapshot. Raises Rejected for one that no SciCat source froze."""
    facts = snapshot.facts
    listed = facts.get("datasets") if "datasets" in facts else [facts]
    found = [f["scicat"] for f in listed or () if isinstance(f, Mapping) and "scicat" in f]
    if not found or len(found) != len(listed or ()):
        raise Rejected(
            "This publication holds datasets that do not come from a SciCat.",
            hint="Use this target in routes whose source is of kind scicat.",
        )
    return [
        Original(
            pid=str(f["pid"]),
            url=str(f["url"]),
            page=str(f.get("page") or ""),
            members=f["dataset"],
            lists=str(f["blocks"]),
            lists_once=str(f.get("blocks_once") or f["blocks"]),
            attachments=str(f["attachments"]),
            repeated=int(f.get("repeated") or 0),
        )
        for f in found
    ]
