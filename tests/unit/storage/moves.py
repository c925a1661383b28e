"""Folders to move, and processes that die while they do."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from pathlib import Path

from excudit.storage import folders
from excudit.storage.addresses import Address, parse
from excudit.storage.bucket import S3Access
from excudit.storage.moving import Move
from excudit.storage.notes import FolderNotes

CONTENTS = {
    "README.md": b"# Buoys\n",
    "a.b": b"sorts before the folder a",
    "a/empty": b"",
    "a/one.csv": b"x,y\n1,2\n",
    "\u00e9t\u00e9/deep/er.nc": bytes(range(256)) * 3000,
}
SUMS = {path: hashlib.sha256(content).hexdigest() for path, content in CONTENTS.items()}
# what the interpreter tells of before the operating system does it
EFFECTS = ("open", "os.", "shutil.")


def fill(folder: Path) -> Path:
    """Write the contents below a new folder."""
    for name, content in CONTENTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def found(address: str | Path | Address, s3: S3Access | None = None) -> dict[str, str] | None:
    """SHA-256 of each file there; None when nothing is there."""
    place = address if isinstance(address, Address) else parse(str(address))
    folder = folders.at(place, s3)
    if not folder.exists():
        return None
    return {entry.path: entry.sha256 for entry in folder.entries()}


def move(
    journal: Path | str, source: Path | str, to: Path | str, s3: S3Access | None = None
) -> Move:
    """A move called "m"."""
    return Move(FolderNotes(str(journal)), "m", parse(str(source)), parse(str(to)), s3)


def go(journal: str, source: str, to: str, last: int, endpoint: str = "") -> None:
    """Move, and die by SIGKILL before the effect of number `last`."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ[name] = "tests"
    s3 = S3Access(endpoint=endpoint) if endpoint else None
    moving = move(journal, source, to, s3)
    seen = 0

    def count(event: str, args: tuple[object, ...]) -> None:
        nonlocal seen
        if event.startswith(EFFECTS) and _is_ours(args):
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    moving.go()


def _is_ours(args: tuple[object, ...]) -> bool:
    return not (args and str(args[0]).startswith(("/proc", "/sys", "/usr", "/etc")))


def leftovers(*areas: Path) -> list[str]:
    """Hidden names that a move leaves while it is under way."""
    return [
        p.name for area in areas for p in area.iterdir() if "going" in p.name or "coming" in p.name
    ]
