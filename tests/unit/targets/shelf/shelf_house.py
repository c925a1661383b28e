"""A shelf, a folder in custody, and somebody to publish it."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from excudit.domain.model import Deposit, FileEntry, Snapshot
from excudit.settings import Site
from excudit.sources.folder import FolderSource
from excudit.sources.folder.settings import FolderSettings
from excudit.targets.shelf import ShelfSettings, ShelfTarget
from repositories import deposit_snapshot

SITE = Site(name="Institute of the Sea", base_url="https://data.example.org")
CONTENTS = {
    "README.md": b"# Buoys\n",
    "a/one 1.csv": b"x,y\n1,2\n",
    "\u00e9t\u00e9.nc": b"\0" * 5000,
}


class Watching:
    """Nobody stops it."""

    def progress(self, done: int, total: int, unit: str) -> None:
        """Nobody follows it."""

    def stop(self) -> bool:
        return False


def folder(place: Path) -> Path:
    """A folder with the contents."""
    for name, content in CONTENTS.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place


def snapshot_of(ref: Path | str, **changes: Any) -> Snapshot:
    """What was approved of that folder."""
    files = tuple(
        FileEntry(path, len(content), hashlib.sha256(content).hexdigest(), "text/csv")
        for path, content in sorted(CONTENTS.items(), key=lambda c: c[0].encode())
    )
    size = sum(map(len, CONTENTS.values()))
    made = replace(deposit_snapshot(), refs=(str(ref),), files=files, bytes=size)
    return replace(made, key=str(uuid.uuid4()), doi="10.5072/buoys", **changes)


def shelf(root: Path | str, **settings: Any) -> ShelfTarget:
    """A shelf there."""
    return ShelfTarget("shelf", ShelfSettings(root=str(root), **settings), SITE)


def source(place: Path, **settings: Any) -> FolderSource:
    """A source whose folders are staged beside the curated area."""
    for area in ("home", "staging", "curated"):
        (place / area).mkdir(exist_ok=True)
    told = {
        "roots": [place / "home"],
        "staging": str(place / "staging"),
        "curated": str(place / "curated"),
        **settings,
    }
    return FolderSource("kept", FolderSettings.model_validate(told), SITE)


def adopted(target: ShelfTarget, kept: FolderSource, snapshot: Snapshot) -> Deposit:
    """The folder claimed and moved into the draft."""
    kept.claim(snapshot.refs[0], key=snapshot.key)
    deposit = target.reserve(snapshot, key=snapshot.key)
    place = kept.place(snapshot.refs[0], key=snapshot.key)
    return target.adopt(deposit, snapshot, place, Watching())
