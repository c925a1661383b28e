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


def write(
    root: Folder, payload: Folder, snapshot: Snapshot, settings: ShelfSettings, organisation: str
) -> None:
    """Write everything anew around the data, whose folder is `payload`."""
    if settings.bagit:
        _carry(payload, root)
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


def remove(root: Folder, payload: Folder, settings: ShelfSettings, *, crated: bool) -> None:
    """Take away what `write` wrote, so that the data stand as they came; `crated`: with a crate."""
    if settings.bagit:
        _carry(root, payload)
        return
    root.remove(RECORD)
    if crated:
        root.remove(crate.NAME)


def _carry(source: Folder, to: Folder) -> None:
    """Notes about the dataset stand beside the payload of a bag, which holds nothing else."""
    for name in sorted(OWN_FILES - {RECORD}):
        content = source.peek(name, LONGEST)
        if content is not None:
            to.write(name, content)
            source.remove(name)


def crates(settings: ShelfSettings, snapshot: Snapshot) -> bool:
    """Whether a crate of ours stands among the data themselves."""
    return settings.ro_crate and not settings.bagit and not has_crate(snapshot)


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
