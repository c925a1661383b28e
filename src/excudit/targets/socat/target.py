"""SOCAT as a target: the submission package is built and checked here; a person submits it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import orjson

from excudit.domain.errors import Conflict, NotFound, Rejected, Unavailable, Unsupported
from excudit.domain.model import Deposit, FileEntry, Receipt, Snapshot, Tombstone
from excudit.domain.problem import Problem
from excudit.ports import Answer, Capabilities
from excudit.settings import Site
from excudit.targets.socat import metadata, table
from excudit.targets.socat.settings import SocatSettings

BUILT, HANDED_OVER = "package built", "handed over, not submitted by us"
_SUMS = "sha256.json"
_MARK = ".handed-over"


class SocatTarget:
    """One folder of packages. There is no call to SOCAT: its dashboard has none for programs, and
    submitting for quality control is a scientific act."""

    Settings: ClassVar[type[SocatSettings]] = SocatSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        kind="catalogue",
        final="What is submitted to SOCAT is judged by its reviewers.",
        amend=True,
    )
    question = "Was it submitted to SOCAT, and which QC flag did it get?"
    asks_before = False

    def __init__(
        self,
        name: str,
        settings: SocatSettings,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        """All reasons why the dashboard would refuse the package; the data file is read through."""
        above = self._preamble(snapshot)
        found = above.problems()
        file = self._file(snapshot)
        if file is None:
            said = f"The dataset has no file in the format {self.settings.format}."
            return [*found, Problem("", said, "Add the format in QuinCe.", rule="socat.format")]
        rows = 0

        def one() -> None:
            nonlocal rows
            rows += 1

        try:
            for _ in self._lines(snapshot, file, one):
                pass
        except (ValueError, UnicodeDecodeError) as error:
            found.append(Problem(file.path, f"SOCAT cannot read it: {error}.", rule="socat.table"))
        if rows == 0:
            found.append(Problem(file.path, "It has no rows.", rule="socat.table"))
        return found

    def find(self, snapshot: Snapshot) -> Deposit | None:
        """The package that was built for this publication."""
        return self._deposit(snapshot.key) if (self._place(snapshot.key)).is_dir() else None

    def name_doi(self) -> str:
        """ "": SOCAT gives its identifiers itself."""
        return ""

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        """Build the package: file, metadata, checklist, checksums; whole or not at all. There
        already = kept."""
        if not self._place(key).is_dir():
            self._build(snapshot, key, anew=False)
        return self._deposit(key)

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        """Raises Unsupported: the package has files of its own."""
        raise Unsupported(f"{self.name} takes no files; it builds a package of its own.")

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Hand the package over to whoever submits it; what follows is asked of people."""
        if self._built_from(self._require(deposit)) != snapshot.digest:
            self._build(snapshot, deposit.key)
        (self._require(deposit) / _MARK).touch()
        return replace(deposit, state=HANDED_OVER)

    def answered(self, deposit: Deposit, snapshot: Snapshot) -> Answer | None:
        """None: only a person knows."""
        return None

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        """Whether the package was handed over, and is what was built from this very snapshot."""
        place = self._require(deposit)
        sums = orjson.loads((place / _SUMS).read_bytes())["files"]
        changed = [n for n, digest in sums.items() if _digest(place / n) != digest]
        said = ""
        if not (place / _MARK).is_file():
            said = f"The package in {place} was not handed over yet."
        elif self._built_from(place) != snapshot.digest:
            said = f"The package in {place} was built from something else."
        elif changed:
            said = f"The package in {place} was changed: {', '.join(changed)}."
        mend = "Retry: it is built again."
        return [Problem("", said, mend, rule="socat.package")] if said else []

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Build the package again, from the snapshot as it is now."""
        handed_over = (self._require(deposit) / _MARK).is_file()
        self._build(snapshot, deposit.key)
        if handed_over:
            (self._place(deposit.key) / _MARK).touch()
        return self._deposit(deposit.key)

    def discard(self, deposit: Deposit) -> None:
        """Remove the package. Absent = done. Raises Conflict once it was handed over."""
        if (self._place(deposit.key) / _MARK).is_file():
            raise Conflict(
                f"{deposit.remote_id} was handed over and may be submitted already.",
                hint="Withdraw the publication instead.",
            )
        shutil.rmtree(self._place(deposit.key), ignore_errors=True)

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        """Written down here; a person asks SOCAT's team to suspend the dataset. Raises Conflict for
        a package that was not handed over."""
        if not (self._require(deposit) / _MARK).is_file():
            raise Conflict(f"{deposit.remote_id} was not handed over.", hint="Discard it instead.")
        return replace(deposit, state="withdrawn here, SOCAT's team to be asked")

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: the folder can be written."""
        try:
            self.settings.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            said = f"The folder {self.settings.folder} cannot be made: {error.strerror}."
            return [Problem("/folder", said, "Name one that the service may write.")]
        if os.access(self.settings.folder, os.W_OK):
            return []
        return [Problem("/folder", "The folder cannot be written.", "Give the service the right.")]

    def _preamble(self, snapshot: Snapshot) -> table.Preamble:
        own = self.settings
        return table.preamble(snapshot.facts, own.organisation, own.suggested_qc)

    def _file(self, snapshot: Snapshot) -> FileEntry | None:
        tables: Sequence[Mapping[str, Any]] = snapshot.facts.get("tables") or ()
        path = next((t["path"] for t in tables if t["format"] == self.settings.format), "")
        return next((f for f in snapshot.files if f.path == path), None)

    def _lines(self, snapshot: Snapshot, file: FileEntry, count: Callable[[], object]) -> Any:
        stream = snapshot.reader(file)
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        return table.written(self._preamble(snapshot), iter(text), count)

    def _build(self, snapshot: Snapshot, key: str, *, anew: bool = True) -> None:
        file, above = self._file(snapshot), self._preamble(snapshot)
        if file is None or (wrong := above.problems()):
            problems = tuple(wrong) if file is not None else tuple(self.check(snapshot))
            raise Rejected("No package for SOCAT can be built.", problems=problems)
        work = self.settings.folder / f".{uuid.uuid4().hex}"
        rows = 0

        def one() -> None:
            nonlocal rows
            rows += 1

        try:
            work.mkdir(parents=True)
            with (work / f"{above.expocode}.tsv").open("w", encoding="utf-8", newline="") as out:
                out.writelines(self._lines(snapshot, file, one))
            linked = metadata.links(snapshot, self.settings)
            (work / f"{above.expocode}.xml").write_bytes(metadata.xml(snapshot, above, linked))
            told = metadata.checklist(above, self.settings, rows, linked)
            (work / "checklist.txt").write_text(told, encoding="utf-8")
            sums = {path.name: _digest(path) for path in sorted(work.iterdir())}
            built = {"snapshot": snapshot.digest, "files": sums}
            (work / _SUMS).write_bytes(orjson.dumps(built, option=orjson.OPT_INDENT_2))
            self._put(work, self._place(key), anew=anew)
        except (ValueError, UnicodeDecodeError) as error:
            problem = Problem(file.path, f"SOCAT cannot read it: {error}.", rule="socat.table")
            raise Rejected("No package for SOCAT can be built.", problems=(problem,)) from error
        except OSError as error:
            raise Unavailable(
                f"The package cannot be kept in {self.settings.folder}: {error.strerror}.",
                hint="Look whether its disk is mounted and has room.",
            ) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _put(self, work: Path, place: Path, *, anew: bool) -> None:
        """The package in its place; with `anew` the one that was there goes. Another thread's of
        the same snapshot is as good."""
        if anew and place.is_dir():
            with contextlib.suppress(FileNotFoundError):
                place.rename(work.with_name(f"{work.name}.old"))
            shutil.rmtree(work.with_name(f"{work.name}.old"), ignore_errors=True)
        try:
            work.rename(place)
        except OSError:
            if not (place / _SUMS).is_file():
                raise

    def _built_from(self, place: Path) -> str:
        return str(orjson.loads((place / _SUMS).read_bytes())["snapshot"])

    def _deposit(self, key: str) -> Deposit:
        place = self._require(Deposit(self.name, key, "", BUILT))
        table_file = next(place.glob("*.tsv"))
        return Deposit(
            target=self.name,
            key=key,
            remote_id=table_file.stem,
            state=HANDED_OVER if (place / _MARK).is_file() else BUILT,
            url=self.settings.dashboard_url,
            data={"folder": str(place)},
        )

    def _require(self, deposit: Deposit) -> Path:
        place = self._place(deposit.key)
        if not (place / _SUMS).is_file():
            raise NotFound(
                f"The package in {place} is gone.", hint="Stop this run; it is built anew."
            )
        return place

    def _place(self, key: str) -> Path:
        if not key.replace("-", "").isalnum():
            raise NotFound(f"{key[:80]!r} is no key of a publication.")
        return self.settings.folder / key


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
