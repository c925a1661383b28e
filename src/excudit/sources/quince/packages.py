"""Packages that were fetched, unpacked and checked, on disk for good.

    FOLDER/packages/ID/REVISION/files/…     as they came, without the manifest
    FOLDER/packages/ID/REVISION/manifest.json
    FOLDER/packages/ID/REVISION/found.json  digests, counted rows, problems

A revision is the SHA-256 over the dataset's number and name and the digest of its files: neither
the ZIP's own bytes nor `last_touched` are in it, because every touch changes both.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from excudit.domain.errors import Rejected, Retryable, Unavailable
from excudit.domain.model import FileEntry, manifest_digest
from excudit.domain.problem import Problem
from excudit.ports import Watch
from excudit.sources.quince import checks, manifest, record
from excudit.sources.quince.ledger import Ledger
from excudit.sources.quince.manifest import Manifest
from excudit.sources.quince.settings import QuinceSettings
from excudit.sources.quince.unpack import Limits, Unpacked, unpack

Fetch = Callable[[Callable[[bytes], object]], None]


@dataclass(frozen=True, slots=True)
class Package:
    """One package on disk. `rows` counts the rows of data files by path; `notes` are all problems
    that its rules found."""

    id: int
    name: str
    revision: str
    folder: Path
    manifest: Manifest
    files: tuple[FileEntry, ...]
    rows: dict[str, int]
    notes: tuple[Problem, ...]

    @property
    def ref(self) -> str:
        """How the source calls its dataset."""
        return f"{self.id}/{self.name}"

    def file(self, path: str) -> Path:
        """Where a file of it stands."""
        return self.folder / "files" / path


class Packages:
    """The packages of one source. Safe for threads and processes: each is written beside the
    others and put into its place whole."""

    def __init__(self, settings: QuinceSettings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._folder = settings.folder / "packages"
        self._limits = Limits(settings.max_files, int(settings.max_gb * 10**9), settings.max_ratio)

    def newest(self, id_: int, name: str) -> Package | None:
        """What was fetched last, unless the dataset has come back to the list since."""
        newest = newest_in(self._ledger.read().get(str(id_), {}), name)
        return self.get(id_, name, newest["revision"]) if newest else None

    def get(self, id_: int, name: str, revision: str) -> Package | None:
        """The package of that revision; None where it is not kept."""
        folder = self._folder / str(id_) / revision
        try:
            found = orjson.loads((folder / "found.json").read_bytes())
            content = (folder / "manifest.json").read_bytes()
        except (OSError, orjson.JSONDecodeError):
            return None
        about, _ = manifest.read(content)
        return Package(
            id=id_,
            name=name,
            revision=revision,
            folder=folder,
            manifest=about,
            files=tuple(FileEntry(*entry) for entry in found["files"]),
            rows=found["rows"],
            notes=tuple(Problem.from_data(p) for p in found["notes"]),
        )

    def holding(self, id_: int, file: FileEntry) -> Path | None:
        """The file of exactly these bytes, in whichever revision of the dataset."""
        with contextlib.suppress(OSError):
            for folder in sorted((self._folder / str(id_)).iterdir()):
                found = folder / "files" / file.path
                if folder.name.startswith(".") or not found.is_file():
                    continue
                listed = orjson.loads((folder / "found.json").read_bytes())["files"]
                if [file.path, file.size, file.sha256] in (entry[:3] for entry in listed):
                    return found
        return None

    def take(self, id_: int, name: str, fetch: Fetch, watch: Watch | None) -> Package:
        """Fetch a package, open, check and keep it. Raises what `fetch` raises, Rejected for a
        package that is refused, Retryable when `watch` says to stop, Unavailable without room."""
        home = self._folder / str(id_)
        with _working_folder(home) as work:
            follower = _Follower(watch)
            size = _fetched(work / "package.zip", fetch, follower)
            follower.total = size + _expanded(work / "package.zip")
            (work / "kept" / "files").mkdir(parents=True)
            held = unpack(
                work / "package.zip", name, work / "kept" / "files", self._limits, follower.passed
            )
            (work / "kept" / "manifest.json").write_bytes(held.manifest)
            revision = revision_of(id_, name, held.files)
            found = self._checked(name, held, work / "kept" / "files")
            (work / "kept" / "found.json").write_bytes(orjson.dumps(found))
            _put(work / "kept", home / revision)
            follower.end()
        package = self.get(id_, name, revision)
        assert package is not None  # it was just written
        newest = {"name": name, "revision": revision, "nrt": package.manifest.nrt}
        if self._ledger.read().get(str(id_), {}).get("newest") != newest:
            with self._ledger.change() as book:
                book.setdefault(str(id_), {})["newest"] = newest
        return package

    def _checked(self, name: str, held: Unpacked, folder: Path) -> dict[str, Any]:
        """What the rules say of the package, and its rows. Raises Rejected when the manifest is
        another dataset's."""
        about, notes = manifest.read(held.manifest)
        if about.name != name:
            raise Rejected(
                f"The manifest names the dataset {about.name!r}, not {name!r}.",
                hint="Export the dataset again; if it stays so, tell QuinCe's support.",
            )
        wanted = self._settings.formats
        notes += checks.of_names(about, wanted)
        there = {f.path for f in held.files}
        listed = [record.path_of(f) for f in about.formats]
        listed += [f"raw/{raw.filename}" for raw in about.raw]
        notes += [_absent(path) for path in listed if path not in there]
        rows: dict[str, int] = {}
        for form in about.formats:
            path = record.path_of(form)
            if path in there:
                counted, problems = checks.of_file(
                    folder / path,
                    path,
                    form,
                    required=form.name in wanted,
                    ranges=self._settings.ranges,
                    records=form.records,
                )
                rows[path] = counted.rows
                notes += problems
        notes += [_unlisted(path) for path in sorted(there - set(listed))]
        files = [[f.path, f.size, f.sha256, f.media_type] for f in held.files]
        return {"files": files, "rows": rows, "notes": [p.as_data() for p in notes]}


def newest_in(entry: dict[str, Any], name: str) -> dict[str, Any] | None:
    """What the ledger's entry of a dataset of that name knows of the package fetched last."""
    newest: dict[str, Any] | None = entry.get("newest")
    return newest if newest and newest["name"] == name else None


def revision_of(id_: int, name: str, files: tuple[FileEntry, ...]) -> str:
    """What identifies a package: the dataset, and all its bytes."""
    return hashlib.sha256(f"{id_} {name} {manifest_digest(files)}".encode()).hexdigest()


def _absent(path: str) -> Problem:
    said = "The manifest lists this file; the package does not hold it."
    return Problem(path, said, "Export the dataset again.", rule="quince.file-missing")


def _unlisted(path: str) -> Problem:
    said = "The package holds this file; the manifest does not list it."
    return Problem(
        path, said, "Nothing to do where it belongs there.", "warning", "quince.unlisted"
    )


class _Follower:
    """Passes on how many bytes were fetched and unpacked, and asks whether to stop."""

    def __init__(self, watch: Watch | None) -> None:
        self._watch, self._done, self.total = watch, 0, 0

    def passed(self, count: int) -> None:
        self._done += count
        if self._watch is None:
            return
        if self._watch.stop():
            raise Retryable(
                "Fetching the package was stopped before its end.",
                hint="Nothing was changed; it starts again by itself, or when asked to.",
            )
        self._watch.progress(self._done, max(self.total, self._done) if self.total else 0, "bytes")

    def end(self) -> None:
        if self._watch is not None:
            self._watch.progress(self._done, self._done, "bytes")


@contextmanager
def _working_folder(home: Path) -> Iterator[Path]:
    """A folder beside the packages, gone at the end."""
    work = home / f".{uuid.uuid4().hex}"
    try:
        work.mkdir(parents=True)
        yield work
    except OSError as error:
        raise Unavailable(
            f"The package cannot be kept in {home}: {error.strerror or error}.",
            hint="Look whether the disk of the source's folder is mounted and has room.",
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _fetched(package: Path, fetch: Fetch, follower: _Follower) -> int:
    with package.open("wb") as out:

        def sink(piece: bytes) -> None:
            out.write(piece)
            follower.passed(len(piece))

        fetch(sink)
        out.flush()
        os.fsync(out.fileno())
        return out.tell()


def _expanded(package: Path) -> int:
    """About how much will be unpacked, for progress alone."""
    return package.stat().st_size * 4


def _put(kept: Path, place: Path) -> None:
    """The package in its place. There already = what was found anew replaces what was found."""
    if place.is_dir():
        for name in ("manifest.json", "found.json"):
            (kept / name).replace(place / name)
        return
    kept.rename(place)
