"""The source `folder`: each dataset is a folder below one of the roots."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar, Literal, TypeVar

from excudit.domain.errors import Conflict, Denied, Drifted, NotFound, Permanent, Rejected
from excudit.domain.model import Actor, Claim, Dataset, FileEntry, Outcome
from excudit.domain.problem import Problem
from excudit.metadata.check import LARGEST
from excudit.ports import Measure, Watch
from excudit.settings import Site
from excudit.sources.folder import sidecar
from excudit.sources.folder.described import Described
from excudit.sources.folder.outcome import write_outcome
from excudit.sources.folder.places import Places
from excudit.sources.folder.prefill import Seen, prefill, title_of
from excudit.sources.folder.readme import README_NAMES
from excudit.sources.folder.record_file import RECORD_NAMES, choose, read_record
from excudit.sources.folder.search import matching
from excudit.sources.folder.settings import FolderSettings
from excudit.storage.digest import changed
from excudit.storage.folders import DiskFolder, Folder
from excudit.storage.own_files import OWN_FILES
from excudit.storage.reach import unless_gone_for_all
from excudit.storage.reading import never, unheard
from excudit.storage.roots import denied
from excudit.storage.spool import SpooledFiles

Opened = TypeVar("Opened")
_WATCHED = (*RECORD_NAMES, *README_NAMES)


class FolderSource:
    """Folders on a POSIX file system. A `ref` is the absolute path of a folder below a root.

    It may be a prefix of a bucket, too ("s3://bucket/prefix/name"). Nothing is ever written into a
    folder, unless `write_back` is set. With `staging`, a folder moves there when it is claimed and
    back when it is released; its reference stays. Without, folders are not locked: the revision
    tells when one was changed, and a person is asked.
    """

    Settings: ClassVar[type[FolderSettings]] = FolderSettings

    def __init__(self, name: str, settings: FolderSettings, site: Site) -> None:
        self.name = name
        self._settings = settings
        self.reports = settings.write_back or bool(settings.template)
        self._places = Places(settings)
        self._own = Described(settings, self._places)
        self.templated = self._own.templated
        self.custody: Literal["", "submit", "publish"] = "submit" if settings.staging else ""

    def search(self, text: str, *, actor: Actor, limit: int = 50) -> Iterator[Dataset]:
        """Folders whose name or title holds `text`, best first; as `look` tells them.

        Every actor sees the same, unless the roots hold `homes`.
        """
        depth = 2 if self._settings.homes else self._settings.depth
        refs = matching(self._places.roots, text, depth, lambda ref: self.look(ref).title)
        found = itertools.chain(refs, self._places.in_buckets(text))
        seen = (ref for ref in found if self._own.sees(ref, actor))
        for ref in itertools.islice(seen, limit):
            with contextlib.suppress(Permanent):  # it went away since it was found
                yield self.look(ref)

    def ready(self) -> Iterator[Dataset]:
        """Nothing: a folder does not ask to be published by itself."""
        return iter(())

    def look(self, ref: str) -> Dataset:
        """Title and metadata of the folder, nothing hashed; `ref` is the folder's one name, however
        it was asked for."""
        ref = self._places.name(ref)
        folder = self._places.folder(ref)
        _there(folder, ref)
        texts = {name: folder.peek(name, LARGEST + 1) for name in _WATCHED}
        present = {name: text for name, text in texts.items() if text is not None}
        metadata, notes = self._metadata(ref, folder, present, {})
        title, owner = title_of(metadata, ref), self._own.owner(ref)
        return Dataset(self.name, ref, title, "", (), metadata, owner, notes)

    def measure(self, ref: str, watch: Watch | None = None) -> Measure:
        """Files and bytes of the folder, each file opened but not read; its metadata file is not
        looked into. Raises Rejected for what cannot be published."""
        folder = self._places.folder(ref)
        _there(folder, ref)
        found = folder.survey(skip=OWN_FILES, stop=watch.stop if watch else never)
        readme = any(folder.peek(name, 1) is not None for name in README_NAMES)
        name = self._places.home(ref).name
        advice = self._own.advice(name, found.files, found.bytes, readme=readme)
        return Measure(found.files, found.bytes, (*found.warnings, *advice))

    def describe(self, ref: str, watch: Watch | None = None) -> Dataset:
        """The folder as it is now, all files hashed; `files` is a `SpooledFiles`.

        `revision` is the manifest's digest: metadata files are part of the dataset, so it changes
        with them, and it does not change with the clock, the machine or a new version of excudit.
        Broken metadata is told in `notes`; broken files, folders and links raise Rejected.
        """
        ref = self._places.name(ref)
        folder = self._places.folder(ref)
        _there(folder, ref)
        stop = watch.stop if watch else never
        found = folder.survey(skip=OWN_FILES, stop=stop)
        seen = Seen(_WATCHED)
        hashed = folder.entries(
            skip=OWN_FILES,
            progress=_told(watch, found.bytes),
            stop=stop,
            threads=self._settings.threads,
        )
        files = SpooledFiles(seen.passing(hashed), folder=self._settings.scratch)
        texts = {name: _same(folder, entry) for name, entry in seen.files.items()}
        metadata, notes = self._metadata(ref, folder, texts, seen.facts())
        return Dataset(
            self.name,
            ref,
            title_of(metadata, ref),
            files.digest,
            files,
            metadata,
            self._own.owner(ref),
            notes=(*found.warnings, *notes),
        )

    def _metadata(
        self, ref: str, folder: Folder, texts: dict[str, bytes], facts: dict[str, Any]
    ) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        if self.templated:
            described, found = self._own.metadata(folder)
            return described, tuple(found)
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
        folder = self._places.folder(ref)
        size = _opening(ref, file.path, lambda: folder.size(file.path))
        if size != file.size:
            raise _drifted(ref, file.path, f"has {size} bytes, not {file.size}")
        return _opening(ref, file.path, lambda: folder.open(file.path, offset=offset))

    def claim(self, ref: str, *, key: str) -> Claim:
        """Move the folder to staging; without `staging` a claim holds nothing.

        Raises as `look` when the folder is not there; Conflict when another publication has it, or
        a folder above or below it, or its name is taken in staging or in the curated area.
        """
        home = self._places.home(ref)
        if self._places.custody is None:
            _there(self._places.folder(ref), ref)
        else:
            self._places.custody.take(home, key)
        return Claim(self.name, home.plain, key)

    def renew(self, claim: Claim) -> Claim:
        """The claim as it is: it has no time-out."""
        return claim

    def release(self, claim: Claim) -> None:
        """Move the folder back, with its former permissions. Raises NeedsPerson when its old place
        is taken. Not claimed, or handed over for good = done."""
        if self._places.custody is not None:
            self._places.custody.give_back(self._places.home(claim.ref), claim.key)

    def place(self, ref: str, *, key: str) -> str:
        """The address of the claimed folder in staging. Raises NotFound, Denied without custody."""
        return str(self._places.claimed().place(self._places.home(ref), key))

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: roots, staging and curated area can be used, and keep permissions."""
        return self._places.probe()

    def standing(self, ref: str) -> str:
        """The address where the folder stands now: at home, in staging, or where it was handed over
        to. Raises Denied outside the roots."""
        home = self._places.home(ref)
        return str(self._places.custody.standing(home) if self._places.custody else home)

    def report(self, ref: str, outcome: Outcome, *, key: str) -> None:
        """With `write_back`, leave `excudit-publication.json` in the folder; else do nothing.

        Idempotent. The file is not part of the dataset. Raises Denied when the folder is read-only.
        """
        if not outcome.published:
            return
        if self._settings.write_back:
            write_outcome(self._places.beside(ref, key), ref, outcome, key)
        if self.templated:
            sidecar.write_back(self._places.beside(ref, key), outcome)

    def sees(self, ref: str, *, actor: Actor) -> bool:
        """With `homes`, whether the folder stands in the actor's own; else always."""
        return self._own.sees(ref, actor)

    def refusal(self, ref: str) -> Conflict | None:
        """Why `claim` would raise Conflict now, such as for a name that is taken."""
        return self._own.refusal(ref)

    def template(self) -> Mapping[str, Any]:
        """The metadata template. Raises Unsupported without one."""
        return self._own.template()

    def document(self, ref: str) -> Mapping[str, Any]:
        """The folder's metadata document. Raises Unsupported without a template."""
        return self._own.document(ref)

    def keep(self, ref: str, document: Mapping[str, Any]) -> None:
        """Replace the folder's metadata document. Raises Unsupported without a template."""
        self._own.keep(ref, document)

    def judge(self, document: Mapping[str, Any]) -> Sequence[tuple[str, Problem]]:
        """All that is wrong in a metadata document. Raises Unsupported without a template."""
        return self._own.judge(document)


def _told(watch: Watch | None, total: int) -> Any:
    if watch is None:
        return unheard
    return lambda files, done: watch.progress(done, max(total, done), "bytes")


def _there(folder: Folder, ref: str) -> None:
    """Raises as `look` does when the folder is not there or cannot be opened."""
    if isinstance(folder, DiskFolder):
        folder.enter()
    elif not folder.exists():
        raise NotFound(
            f"There is no folder {ref}.", hint="Look whether it was moved, renamed or removed."
        )


def _same(folder: Folder, entry: FileEntry) -> bytes:
    """The content that was hashed. Raises Rejected when it is another one by now."""
    content = folder.peek(entry.path, LARGEST + 1)
    if entry.size <= LARGEST and hashlib.sha256(content or b"").hexdigest() != entry.sha256:
        problem = changed(entry.path)
        raise Rejected(problem.message, hint=problem.mend, problems=(problem,))
    return content or b""


def _opening(ref: str, path: str, opened: Callable[[], Opened]) -> Opened:
    try:
        return opened()
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
