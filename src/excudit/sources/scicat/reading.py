"""Files that can be read, because a rule says where they stand for us."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from excudit.domain.errors import Denied, Drifted, NotFound, Rejected, Retryable, Unsupported
from excudit.domain.model import FileEntry
from excudit.domain.problem import Problem
from excudit.ports import Watch
from excudit.sources.scicat.listing import Listing
from excudit.sources.scicat.settings import FolderRule
from excudit.storage.digest import CHUNK
from excudit.storage.roots import Roots, denied, open_below

MANY = 100


class Readable:
    """The folders that the settings name."""

    def __init__(self, rules: list[FolderRule]) -> None:
        # The most exact rule first.
        self._rules = sorted(rules, key=lambda r: -len(r.prefix))
        self._roots = Roots([rule.folder for rule in rules])

    def folder(self, source_folder: str) -> str:
        """Our folder for a `sourceFolder`; "" where no rule fits."""
        path = posixpath.normpath(source_folder)
        for rule in self._rules:
            prefix = rule.prefix.rstrip("/")
            if path == prefix or path.startswith(prefix + "/"):
                return posixpath.join(str(rule.folder), path[len(prefix) :].lstrip("/")).rstrip("/")
        return ""

    def open(self, folder: str, file: FileEntry, offset: int) -> BinaryIO:
        """The bytes of a file from `offset`. Raises NotFound, Denied, Drifted."""
        with self._roots.open(folder) as fd:
            try:
                opened = open_below(fd, file.path)
            except ValueError:
                raise denied(file.path) from None
            except FileNotFoundError:
                raise NotFound(
                    f"There is no {file.path} in {folder}.", hint="Put it back, or ask again."
                ) from None
            except OSError as error:
                raise Denied(
                    f"{file.path} in {folder} cannot be read: {error.strerror}.",
                    hint="Let the service's user read it.",
                ) from error
        size = os.fstat(opened.fileno()).st_size
        if size != file.size:
            opened.close()
            words = f"{file.path} has {size} bytes, not {file.size} as listed."
            raise Drifted(words, hint="Have SciCat's list mended, then submit again.")
        opened.seek(offset)
        return opened

    def hashed(self, folder: str, listing: Listing, watch: Watch | None) -> Iterator[FileEntry]:
        """Every listed file with the SHA-256 of its bytes. Raises Rejected at the end, with all
        files that are not there, cannot be read or are not as listed."""
        wrong: list[Problem] = []
        done = 0
        for entry in listing.entries():
            one = listing.files[entry.path]
            try:
                with self.open(folder, entry, 0) as stream:
                    own = hashlib.new(one.alg) if one.chk and one.alg else None
                    digest = hashlib.sha256()
                    while piece := stream.read(CHUNK):
                        digest.update(piece)
                        if own is not None:
                            own.update(piece)
                        done += len(piece)
                        go_on(watch, done, listing.bytes)
            except (NotFound, Denied, Drifted) as error:
                wrong.append(Problem(entry.path, error.message, error.hint, rule="scicat.file"))
                continue
            if own is not None and own.hexdigest() != one.chk:
                words = f"The {one.alg} of {entry.path} is not what SciCat lists."
                wrong.append(Problem(entry.path, words, rule="scicat.checksum"))
            yield replace(entry, sha256=digest.hexdigest(), media_type="")
        if wrong:
            raise Rejected(
                f"{len(wrong)} file(s) are not as SciCat lists them.",
                problems=tuple(wrong[:MANY]),
                hint="Mend the files or SciCat's list, then submit again.",
            )


def go_on(watch: Watch | None, done: int, total: int) -> None:
    """Tell the progress. Raises Retryable when the reading is to end."""
    if watch is None:
        return
    if watch.stop():
        raise Retryable(
            "Reading the dataset was stopped before its end.",
            hint="Nothing was changed; it starts again by itself, or when asked to.",
        )
    watch.progress(done, max(done, total), "bytes")


def unreadable(name: str, path: str) -> Unsupported:
    """The error for bytes that only the catalogue knows of."""
    return Unsupported(
        f"{name} knows {path} by its catalogue only; its bytes cannot be read here.",
        hint="Add a rule to `folders` that says where files of such datasets stand.",
    )
