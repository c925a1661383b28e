"""Moving a whole folder, so that it stands in one place, whole, whatever dies in between.

Each move has a journal note, durable before the first change. The same call goes on where the last
one ended. On one file system the folder is renamed, never over anything. Else it is copied under a
hidden name, every file is read back and compared, the original is hidden and looked at once more,
the copy gets its name, and only then the original is deleted. On S3, where nothing has a hidden
name, the copy counts when the journal says so.

    rename: begun → done
    copy:   begun → copied → hiding → flipped → done
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from excudit.domain.errors import Conflict, Drifted, NeedsPerson, NotFound, Retryable, Unavailable
from excudit.domain.model import FileEntry, Files
from excudit.ports import Watch
from excudit.storage import copying, folders
from excudit.storage.addresses import Address
from excudit.storage.bucket import S3Access
from excudit.storage.copying import taken
from excudit.storage.folders import DiskFolder, Folder
from excudit.storage.notes import Note, Notes
from excudit.storage.reading import Reading, never
from excudit.storage.renaming import fsync_folder, rename_new, sync_file_system
from excudit.storage.troubles import telling

MARK = "user.excudit.op"
_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Move:
    """One move under the name `op`, unique in its journal. `files`, where given, is what must
    arrive; else what arrives is compared with what was sent."""

    journal: Notes
    op: str
    source: Address
    destination: Address
    s3: S3Access | None = None
    files: Files | None = None
    watch: Watch | None = None
    skip: frozenset[str] = field(default=frozenset())

    def go(self) -> None:
        """Move it; already moved = done.

        Raises NotFound without a folder, Conflict when something else stands at the destination,
        Drifted when the files are not `files` or changed on the way, NeedsPerson when the disk is
        full or a place holds what nobody can tell, Denied, Unavailable. Nothing is lost by any.
        """
        note = self._note()
        if note["stage"] == "done":
            return
        if note["kind"] == "rename":
            note = self._rename(note)
        if note["kind"] == "copy":
            _Copy(self, note).go()

    def back(self) -> None:
        """The folder at its source again, wherever the move ended; never begun = done.

        Raises Conflict when something else stands there meanwhile.
        """
        note = self.journal.read(self._name)
        if note is None:
            return
        if note["kind"] == "copy" and note["stage"] in ("begun", "copied", "hiding"):
            if _Copy(self, note).taken_back():
                self.journal.remove(self._name)
                return
        elif note["kind"] == "rename" and note["stage"] == "begun" and self._at_source(note):
            self.journal.remove(self._name)
            return
        self.go()
        home = Move(self.journal, f"{self.op}-back", self.destination, self.source, self.s3)
        home.go()
        self.journal.remove(self._name)
        self.journal.remove(home._name)

    def begun(self) -> bool:
        """Whether anything of it was written down."""
        return self.journal.read(self._name) is not None

    def done(self) -> bool:
        """Whether it was written down that it is done."""
        return (self.journal.read(self._name) or {}).get("stage") == "done"

    def forget(self) -> None:
        """Drop the journal of a move that is done."""
        self.journal.remove(self._name)

    @property
    def _name(self) -> str:
        return f"moves/{self.op}"

    def _note(self) -> Note:
        note = self.journal.read(self._name)
        own = {"source": str(self.source), "destination": str(self.destination)}
        if note is not None:
            if {k: note[k] for k in own} != own:
                raise Conflict(f"The move {self.op} is of another folder: {note['source']}.")
            again = note["stage"] == "done" and self._folder(self.source).exists()
            if not again:
                return note
        note = {**own, "stage": "begun", **self._first_look()}
        self.journal.write(self._name, note)
        return note

    def _first_look(self) -> dict[str, Any]:
        source, destination = self._folder(self.source), self._folder(self.destination)
        if not source.exists():
            raise NotFound(
                f"There is no folder {self.source.plain}.",
                hint="Look whether it was moved, renamed or removed.",
            )
        if destination.exists():
            raise taken(self.destination.plain)
        if self.source.bucket or self.destination.bucket:
            return {"kind": "copy"}
        return self._on_disk()

    def _on_disk(self) -> dict[str, Any]:
        path, parent = self.source.path, self.destination.parent.path
        with telling("moved", path):
            marked = True
            try:
                os.setxattr(path, MARK, self.op.encode(), follow_symlinks=False)
            except OSError as error:
                if error.errno not in (errno.EOPNOTSUPP, errno.EPERM, errno.EACCES):
                    raise
                marked = False
            state = os.lstat(path)
            same = state.st_dev == os.stat(parent).st_dev
        kind = "rename" if same else "copy"
        return {"kind": kind, "own": [state.st_dev, state.st_ino], "marked": marked}

    def is_own(self, path: str, note: Note) -> bool | None:
        """Whether the moved folder stands at `path`; None when nothing does."""
        try:
            state = os.lstat(path)
        except FileNotFoundError:
            return None
        if note.get("marked"):
            try:
                return bytes(os.getxattr(path, MARK, follow_symlinks=False)) == self.op.encode()
            except OSError:
                return False
        return bool([state.st_dev, state.st_ino] == note["own"])

    def _at_source(self, note: Note) -> bool:
        return bool(self.is_own(self.source.path, note))

    def _rename(self, note: Note) -> Note:
        old, new = self.source.path, self.destination.path
        with telling("moved", old):
            here, there = self.is_own(old, note), self.is_own(new, note)
            if here and there is None:
                try:
                    rename_new(old, new)
                except FileExistsError:
                    raise taken(new) from None
                except OSError as error:
                    if error.errno != errno.EXDEV:
                        raise
                    return self.step(note, kind="copy")
            elif here:
                raise taken(new)
            elif not there or here is False:
                raise _astray(old, new)
            fsync_folder(os.path.dirname(new))
            fsync_folder(os.path.dirname(old))
        return self.step(note, stage="done")

    def step(self, note: Note, **changes: Any) -> Note:
        """Write down how far it is."""
        changed = {**note, **changes}
        self.journal.write(self._name, changed)
        return changed

    def _folder(self, address: Address) -> Folder:
        return folders.at(address, self.s3)


def _astray(old: str, new: str) -> NeedsPerson:
    return NeedsPerson(
        f"Where is the folder that was being moved from {old} to {new}? Neither place holds it, or "
        "another one was put there meanwhile.",
        hint="Look at both places, put the folder back to where it was, then retry.",
    )


class _Copy:
    """A move that copies."""

    def __init__(self, move: Move, note: Note) -> None:
        self._move, self._note = move, note
        self._s3 = move.s3
        self._source = folders.at(move.source, move.s3)
        self._on_disk = not move.source.bucket
        old, new = move.source, move.destination
        self._outgoing = old.parent / f".excudit-outgoing-{move.op}"
        partial = new if new.bucket else new.parent / f".excudit-incoming-{move.op}"
        self._partial = folders.at(partial, move.s3)
        self._reading = Reading(self._told, move.watch.stop if move.watch else never)
        self._total = 0

    def _told(self, files: int, done: int) -> None:
        if self._move.watch is not None:
            self._move.watch.progress(done, max(done, self._total), "bytes")

    def go(self) -> None:
        if self._on_disk and self._note["stage"] in ("begun", "copied"):
            self._show()
        if self._note["stage"] == "begun":
            self._copy()
        if self._note["stage"] == "copied":
            self._look_again(self._source)
            self._step(stage="hiding")
        if self._note["stage"] == "hiding":
            self._hide()
            self._flip()
            self._step(stage="flipped")
        if self._note["stage"] == "flipped":
            self._delete()
            self._step(stage="done")

    def _step(self, **changes: Any) -> None:
        self._note = self._move.step(self._note, **changes)

    def _copy(self) -> None:
        found = self._source.survey(stop=self._move.watch.stop if self._move.watch else never)
        self._total = found.bytes
        marks = self._source.marks()
        self._step(marks=marks)
        if isinstance(self._partial, DiskFolder):
            self._make_partial(found.bytes)
        for last in (False, False, True):
            copying.fill(self._source, self._partial, self._reading)
            if isinstance(self._partial, DiskFolder):
                with telling("written", self._partial.address.path):
                    sync_file_system(self._partial.address.path)
            if not self._differs(last):
                break
        self._step(stage="copied")

    def _make_partial(self, size: int) -> None:
        path = self._partial.address.path
        with telling("made", path):
            copying.room(
                self._source, os.path.dirname(path), size if not os.path.exists(path) else 0
            )
            with contextlib.suppress(FileExistsError):
                os.mkdir(path, 0o700)
            with contextlib.suppress(OSError):
                os.setxattr(path, MARK, self._move.op.encode())

    def _differs(self, last: bool) -> bool:
        """Whether something has to be copied again; what differs is removed from the copy."""
        skip = self._move.skip
        wanted: Iterable[FileEntry] = self._move.files or self._source.entries(skip=skip)
        has = self._partial.entries(skip=skip)
        wrong = list(islice(folders.differences(wanted, has), _LISTED))
        foreign = [path for path, want in wrong if want is None and not self._sent(path)]
        if foreign:
            raise Conflict(
                f"{foreign[0]} is in {self._partial.address.plain}, and excudit did not put it "
                "there.",
                hint="Take it away, then retry. The original folder is untouched.",
            )
        if wrong and (last or self._move.files is not None):
            self._refuse(wrong, last)
        for path, _ in wrong:
            self._partial.remove(path)
        return bool(wrong)

    def _sent(self, path: str) -> bool:
        try:
            self._source.size(path)
        except OSError:
            return False
        return True

    def _refuse(self, wrong: list[tuple[str, FileEntry | None]], last: bool) -> None:
        """Raise Drifted when the original itself is not what was approved."""
        if self._move.files is not None:
            here = self._source.entries(skip=self._move.skip)
            changed = list(islice(folders.differences(self._move.files, here), 100))
            if changed:
                raise drifted(self._move.source.plain, changed)
        if last:
            raise Unavailable(
                f"What was copied to {self._partial.address.plain} reads back otherwise.",
                hint="Look at that disk; the original folder is untouched.",
                problems=folders.not_the_same("", wrong[:100]),
            )

    def _look_again(self, folder: Folder) -> None:
        if folder.marks() != self._note["marks"]:
            self._step(stage="begun")
            raise self._edited()

    def _edited(self) -> Retryable:
        return Retryable(
            f"{self._move.source.plain} changed while it was copied.",
            hint="It is copied anew; wait until nothing writes to it.",
        )

    def _hide(self) -> None:
        """The original under a name that nobody uses, unless somebody changed it."""
        if not self._on_disk:
            return
        old, hidden, new = self._move.source.path, self._outgoing.path, self._move.destination
        with telling("moved", old):
            if not os.path.lexists(hidden) and not self._flipped():
                if not os.path.lexists(old):
                    raise _astray(old, new.plain)
                rename_new(old, hidden)
                fsync_folder(os.path.dirname(old))
        if self._flipped() or folders.at(self._outgoing).marks() == self._note["marks"]:
            return
        self._show()
        self._step(stage="begun")
        raise self._edited()

    def _show(self) -> None:
        """The original back under its own name, if it was hidden."""
        if not os.path.lexists(self._outgoing.path):
            return
        with telling("put back", self._move.source.path):
            rename_new(self._outgoing.path, self._move.source.path)
            fsync_folder(self._move.source.parent.path)

    def _flipped(self) -> bool:
        new = self._move.destination
        partial = self._partial.address.path
        return not new.bucket and not os.path.lexists(partial) and os.path.lexists(new.path)

    def _flip(self) -> None:
        new = self._move.destination
        if new.bucket or self._flipped():
            return
        with telling("moved", new.path):
            try:
                rename_new(self._partial.address.path, new.path)
            except FileExistsError:
                if self._on_disk:
                    self._show()
                self._step(stage="copied")
                raise taken(new.path) from None
            fsync_folder(os.path.dirname(new.path))

    def _delete(self) -> None:
        old = folders.at(self._outgoing) if self._on_disk else self._source
        copying.erase(old, Reading(self._told, never))
        if self._on_disk:
            with telling("removed", self._outgoing.path):
                fsync_folder(self._outgoing.parent.path)

    def taken_back(self) -> bool:
        """Undo what is not final yet: the copy goes, the original stays. False when the copy is
        the only one already."""
        if self._note["stage"] == "hiding":
            if self._flipped():
                return False
            if self._on_disk and os.path.lexists(self._outgoing.path):
                self._show()
        if self._partial.exists():
            copying.clear(self._partial, self._source, Reading(self._told, never))
        return True


def drifted(place: str, changed: list[tuple[str, FileEntry | None]]) -> Drifted:
    """That a folder does not hold what was approved."""
    return Drifted(
        f"{place} does not hold what was approved.",
        hint="Look at the changes and submit it again, or put the files back.",
        problems=folders.not_the_same(place, changed),
    )
