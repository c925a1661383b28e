"""The source `folder`: each dataset is a folder below one of the roots."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar, Literal

from excudit.domain.errors import Denied, Drifted, Permanent, Rejected
from excudit.domain.model import Actor, Claim, Dataset, FileEntry, Outcome
from excudit.domain.problem import Problem
from excudit.metadata.check import LARGEST
from excudit.ports import Measure, Watch
from excudit.settings import Site
from excudit.sources.folder.outcome import NOT_DATASET, write_outcome
from excudit.sources.folder.peek import peek
from excudit.sources.folder.prefill import Seen, prefill, title_of
from excudit.sources.folder.readme import README_NAMES
from excudit.sources.folder.record_file import RECORD_NAMES, choose, read_record
from excudit.sources.folder.search import matching
from excudit.sources.folder.settings import FolderSettings
from excudit.storage.digest import changed
from excudit.storage.manifest import entries, survey
from excudit.storage.reach import unless_gone_for_all
from excudit.storage.reading import never, unheard
from excudit.storage.roots import Roots, denied, open_below
from excudit.storage.spool import SpooledFiles

_WATCHED = (*RECORD_NAMES, *README_NAMES)


class FolderSource:
    """Folders on a POSIX file system. A `ref` is the absolute path of a folder below a root.

    Nothing is ever written into a folder, unless `write_back` is set. Folders are not locked: the
    revision tells when one was changed, and a person is asked.
    """

    Settings: ClassVar[type[FolderSettings]] = FolderSettings
    custody: ClassVar[Literal["", "submit", "publish"]] = ""

    def __init__(self, name: str, settings: FolderSettings, site: Site) -> None:
        self.name = name
        self._settings = settings
        self.reports = settings.write_back
        self._roots = Roots(settings.roots)

    def search(self, text: str, *, actor: Actor, limit: int = 50) -> Iterator[Dataset]:
        """Folders whose name or title holds `text`, best first; as `look` tells them.

        Every actor sees the same: who may use the service may see what lies below the roots.
        """
        refs = matching(self._roots, text, self._settings.depth, lambda ref: self.look(ref).title)
        for ref in itertools.islice(refs, limit):
            with contextlib.suppress(Permanent):  # it went away since it was found
                yield self.look(ref)

    def ready(self) -> Iterator[Dataset]:
        """Nothing: a folder does not ask to be published by itself."""
        return iter(())

    def look(self, ref: str) -> Dataset:
        """Title and metadata of the folder, nothing hashed; `ref` is the folder's one name, however
        it was asked for."""
        ref = self._roots.name(ref)
        with self._roots.open(ref) as fd:
            texts = {name: peek(fd, name, LARGEST + 1) for name in _WATCHED}
        present = {name: text for name, text in texts.items() if text is not None}
        metadata, notes = self._metadata(ref, present, {})
        return Dataset(self.name, ref, title_of(metadata, ref), "", (), metadata, notes=notes)

    def measure(self, ref: str, watch: Watch | None = None) -> Measure:
        """Files and bytes of the folder, each file opened but not read; its metadata file is not
        looked into. Raises Rejected for what cannot be published."""
        with self._roots.open(ref) as fd:
            found = survey(fd, ref, skip=NOT_DATASET, stop=watch.stop if watch else never)
        return Measure(found.files, found.bytes, found.warnings)

    def describe(self, ref: str, watch: Watch | None = None) -> Dataset:
        """The folder as it is now, all files hashed; `files` is a `SpooledFiles`.

        `revision` is the manifest's digest: metadata files are part of the dataset, so it changes
        with them, and it does not change with the clock, the machine or a new version of excudit.
        Broken metadata is told in `notes`; broken files, folders and links raise Rejected.
        """
        ref = self._roots.name(ref)
        stop = watch.stop if watch else never
        with self._roots.open(ref) as fd:
            found = survey(fd, ref, skip=NOT_DATASET, stop=stop)
            seen = Seen(_WATCHED)
            hashed = entries(
                fd,
                ref,
                skip=NOT_DATASET,
                progress=_told(watch, found.bytes),
                stop=stop,
                threads=self._settings.threads,
            )
            files = SpooledFiles(seen.passing(hashed), folder=self._settings.scratch)
            texts = {name: _same(fd, entry) for name, entry in seen.files.items()}
        metadata, notes = self._metadata(ref, texts, seen.facts())
        return Dataset(
            self.name,
            ref,
            title_of(metadata, ref),
            files.digest,
            files,
            metadata,
            notes=(*found.warnings, *notes),
        )

    def _metadata(
        self, ref: str, texts: dict[str, bytes], facts: dict[str, Any]
    ) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        name, notes = choose(texts)
        metadata: dict[str, Any] = {}
        if name:
            metadata, problems = read_record(name, texts[name])
            notes = [*notes, *problems]
        readme = next((texts[name] for name in README_NAMES if name in texts), b"")
        prefill(metadata, ref, readme.decode("utf-8", "replace"), facts)
        return metadata, tuple(notes)

    def open(self, ref: str, file: FileEntry, *, offset: int = 0) -> BinaryIO:
        """The bytes of one file from `offset` (0 … size). The caller closes it.

        Raises Drifted when the file is gone or has another size than when it was described.
        """
        if not 0 <= offset <= file.size:
            raise ValueError(f"offset {offset} is outside of the {file.size} bytes of {file.path}")
        with self._roots.open(ref) as fd:
            opened = _open(fd, ref, file.path)
        size = os.fstat(opened.fileno()).st_size
        if size != file.size:
            opened.close()
            raise _drifted(ref, file.path, f"has {size} bytes, not {file.size}")
        opened.seek(offset)
        return opened

    def claim(self, ref: str, *, key: str) -> Claim:
        """A claim that holds nothing: folders have no custody, and nothing is kept or locked.

        Raises as `look` when the folder is not there. Who publishes one folder twice at the same
        time is stopped by the service, which knows all publications.
        """
        with self._roots.open(ref):
            return Claim(self.name, ref, key)

    def renew(self, claim: Claim) -> Claim:
        """The claim as it is: it has no time-out."""
        return claim

    def release(self, claim: Claim) -> None:
        """Nothing to do."""

    def report(self, ref: str, outcome: Outcome, *, key: str) -> None:
        """With `write_back`, leave `excudit-publication.json` in the folder; else do nothing.

        Idempotent. The file is not part of the dataset. Raises Denied when the folder is read-only.
        """
        if self._settings.write_back and outcome.published:
            with self._roots.open(ref) as fd:
                write_outcome(fd, ref, outcome, key)


def _told(watch: Watch | None, total: int) -> Any:
    if watch is None:
        return unheard
    return lambda files, done: watch.progress(done, max(total, done), "bytes")


def _same(fd: int, entry: FileEntry) -> bytes:
    """The content that was hashed. Raises Rejected when it is another one by now."""
    content = peek(fd, entry.path, LARGEST + 1)
    if entry.size <= LARGEST and hashlib.sha256(content or b"").hexdigest() != entry.sha256:
        problem = changed(entry.path)
        raise Rejected(problem.message, hint=problem.mend, problems=(problem,))
    return content or b""


def _open(fd: int, ref: str, path: str) -> BinaryIO:
    try:
        return open_below(fd, path)
    except ValueError:
        raise denied(f"{ref}/{path}") from None
    except FileNotFoundError:
        raise _drifted(ref, path, "is gone") from None
    except PermissionError as error:
        raise Denied(
            f"{path} in {ref} may not be read by the service.",
            hint="Give the service's user permission to read it.",
        ) from error
    except OSError as error:
        unless_gone_for_all(error, path)
        raise _drifted(ref, path, f"cannot be opened any more ({error.strerror})") from error


def _drifted(ref: str, path: str, how: str) -> Drifted:
    mend = "Put it back as it was, or submit the folder again as it is now."
    message = f"{path} {how}: it changed since the dataset was described."
    return Drifted(
        f"In {ref}, {message}",
        hint=mend,
        problems=(Problem(path, message, mend, rule="file-changed"),),
    )
