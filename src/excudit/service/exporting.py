"""Downloading a copy of the data: one file, or all of them as a ZIP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from excudit.domain import permissions
from excudit.domain.errors import NotFound
from excudit.domain.model import Actor, FileEntry, Files
from excudit.service import acts, copying, selection, wording
from excudit.service.parts import Parts
from excudit.storage.zipped import PIECE, zipped
from excudit.store import publications, snapshots
from excudit.store.snapshots import StoredFiles

LISTED = 300
"""Files that a page shows one by one; the ZIP has all."""


@dataclass(frozen=True, slots=True)
class Export:
    """What can be downloaded of a publication. `name` is for files and folders; `frozen` tells
    whether it is what was submitted, or what the source has now."""

    publication: str
    name: str
    files: Files
    frozen: bool

    def groups(self) -> list[tuple[str, list[FileEntry]]]:
        """The first files by their folder, for a page."""
        found: dict[str, list[FileEntry]] = {}
        for number, file in enumerate(self.files):
            if number >= LISTED:
                break
            found.setdefault(file.path.rpartition("/")[0], []).append(file)
        return list(found.items())


def export(parts: Parts, actor: Actor, publication: str) -> Export:
    """What the actor may download now: what was frozen, before that what the source has. Raises
    NotFound, Denied, Conflict where the route does not have it in this status, and what the
    source raises."""
    with parts.database.read() as connection:
        found = publications.get(connection, publication)
        roles = acts.roles_of(connection, actor, found)
        if not roles:
            raise publications.absent(publication)
        permissions.require("export", found.state, roles)
        wording.require(parts, connection, found, "export")
        frozen = snapshots.get(connection, found.snapshot) if found.snapshot else None
    if frozen is None and not found.parts:
        raise NotFound(
            "This publication has no datasets any more.", hint="Choose datasets for a new draft."
        )
    files: Files = (
        StoredFiles(parts.database, frozen)
        if frozen
        else selection.described(parts, found.parts).files
    )
    first = selection.folder_name(found.parts[0]) if found.parts else "dataset"
    name = first if len(found.parts) == 1 else f"{first}-and-{len(found.parts) - 1}-more"
    return Export(publication, name, files, frozen is not None)


def whole(parts: Parts, wanted: Export) -> Iterator[bytes]:
    """All files as a ZIP, piece by piece."""
    return zipped(
        wanted.name, wanted.files, lambda f: copying.approved(parts, wanted.publication, f)
    )


def one(parts: Parts, wanted: Export, path: str) -> tuple[FileEntry, Iterator[bytes]]:
    """One file, piece by piece. Raises NotFound."""
    file = next((f for f in wanted.files if f.path == path), None)
    if file is None:
        raise NotFound(f"{path[:200]} is none of the files.", hint="Look at the list of files.")
    return file, _pieces(parts, wanted.publication, file)


def below(wanted: Export, folder: str) -> Export:
    """The files below one folder alone, such as one export format. Raises NotFound."""
    kept: Sequence[FileEntry] = [f for f in wanted.files if f.path.startswith(f"{folder}/")]
    if not kept:
        raise NotFound(f"There is no folder {folder[:200]}.", hint="Look at the list of files.")
    return Export(wanted.publication, wanted.name, tuple(kept), wanted.frozen)


def _pieces(parts: Parts, publication: str, file: FileEntry) -> Iterator[bytes]:
    with copying.approved(parts, publication, file) as stream:
        while piece := stream.read(PIECE):
            yield piece
