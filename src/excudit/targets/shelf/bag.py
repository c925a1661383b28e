"""Tag files of a BagIt bag (RFC 8493, version 1.0) around files that stand below `data/`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

from excudit import __version__
from excudit.domain.model import Snapshot
from excudit.storage.folders import Folder

PAYLOAD = "data"
MANIFEST = "manifest-sha256.txt"
TAGS = "tagmanifest-sha256.txt"
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_MOST = 64 * 1024 * 1024


def write(folder: Folder, snapshot: Snapshot, organisation: str, others: tuple[str, ...]) -> None:
    """Write the tag files, the list of them last; `others` are further tag files there."""
    folder.write("bagit.txt", _DECLARATION)
    folder.write("bag-info.txt", info(snapshot, organisation).encode())
    folder.write(MANIFEST, _manifest(snapshot))
    tags = ("bag-info.txt", "bagit.txt", MANIFEST, *others)
    lines = [f"{_sum(folder, tag)}  {tag}\n" for tag in sorted(tags)]
    folder.write(TAGS, "".join(lines).encode())


def info(snapshot: Snapshot, organisation: str) -> str:
    """Who made the bag of what (RFC 8493, section 2.2.2)."""
    title = snapshot.record.titles[0].title if snapshot.record.titles else ""
    told = {
        "Source-Organization": organisation,
        "External-Description": title,
        "External-Identifier": f"https://doi.org/{snapshot.doi}" if snapshot.doi else snapshot.key,
        "Bagging-Date": date.today().isoformat(),  # noqa: DTZ011 - a day, as the standard has it
        "Payload-Oxum": f"{snapshot.bytes}.{len(snapshot.files)}",
        "Bag-Software-Agent": f"excudit {__version__}",
    }
    return "".join(f"{label}: {' '.join(words.split())}\n" for label, words in told.items())


def _manifest(snapshot: Snapshot) -> Iterator[bytes]:
    for file in snapshot.files:
        path = file.path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        yield f"{file.sha256}  {PAYLOAD}/{path}\n".encode()


def _sum(folder: Folder, tag: str) -> str:
    told = hashlib.sha256()
    with folder.open(tag) as stream:
        while piece := stream.read(1024 * 1024):
            told.update(piece)
    return told.hexdigest()
