"""What stands beside the data in a published folder: its metadata, a bag's tag files, a crate."""

from __future__ import annotations

import orjson

from excudit.domain.model import Snapshot, Tombstone
from excudit.metadata.datacite_json import to_rest
from excudit.storage.folders import Folder
from excudit.storage.own_files import OWN_FILES, RECORD, TOMBSTONE
from excudit.targets.shelf import bag, crate
from excudit.targets.shelf.settings import ShelfSettings

LONGEST = 16 * 1024 * 1024


def own_names(settings: ShelfSettings, has_crate: bool) -> frozenset[str]:
    """The paths of the payload's own folder that are not the dataset's."""
    crated = settings.ro_crate and not settings.bagit and not has_crate
    return OWN_FILES | ({crate.NAME} if crated else frozenset())


def record_text(snapshot: Snapshot) -> bytes:
    """The metadata file: DataCite REST JSON."""
    told = {**to_rest(snapshot.record), "doi": snapshot.doi, "url": snapshot.landing_url}
    plain = {k: v for k, v in told.items() if v}
    return orjson.dumps(plain, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def write(root: Folder, snapshot: Snapshot, settings: ShelfSettings, organisation: str) -> None:
    """Write everything anew around the data; what is equal is not written again."""
    text = record_text(snapshot)
    if root.peek(RECORD, LONGEST) != text:
        root.write(RECORD, text)
    others = [RECORD]
    if settings.ro_crate and (settings.bagit or not has_crate(snapshot)):
        prefix = f"{bag.PAYLOAD}/" if settings.bagit else ""
        root.write(crate.NAME, crate.pieces(snapshot, prefix))
        others.append(crate.NAME)
    if settings.bagit:
        bag.write(root, snapshot, organisation, tuple(others))


def remove(root: Folder, settings: ShelfSettings, snapshot_has_crate: bool) -> None:
    """Take away what `write` wrote into the folder of the data itself."""
    for name in own_names(settings, snapshot_has_crate) - {"excudit-publication.json"}:
        root.remove(name)


def has_crate(snapshot: Snapshot) -> bool:
    """Whether the dataset brings a crate of its own, which is left as it is."""
    return any(file.path == crate.NAME for file in snapshot.files)


def stone(tombstone: Tombstone, snapshot: Snapshot) -> bytes:
    """What stands in place of what was withdrawn."""
    told = {
        "withdrawn": True,
        "reason": tombstone.reason,
        "date": tombstone.date.isoformat(),
        "doi": snapshot.doi,
        "tombstone": tombstone.url,
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n"


def is_stone(folder: Folder) -> bool:
    """Whether only a tombstone stands there."""
    return folder.exists() and folder.peek(TOMBSTONE, LONGEST) is not None
