"""Custody of folders: each moves from where it lives to the staging area, and back.

A claim is a note in the staging area. Nothing of it is kept in memory: whoever asks next, in
whatever process, goes on where the last one ended.
"""

from __future__ import annotations

import contextlib
import grp
import os
from dataclasses import dataclass

from excudit.domain.errors import Conflict, NeedsPerson, NotFound, Rejected, Retryable
from excudit.domain.problem import Problem
from excudit.storage import acl, folders, rights
from excudit.storage.addresses import Address, parse
from excudit.storage.area import Area, digest, refuse_hidden
from excudit.storage.moving import MARK, Move
from excudit.storage.notes import Note
from excudit.storage.rights import Keep

TAKEN = {
    "name-in-staging": "A folder with this name has already been submitted: {}.",
    "name-in-curated": "A folder with this name has already been published: {}.",
}
"""Rule → what is said of a name that is taken."""


@dataclass(frozen=True, slots=True)
class Custody:
    """The custody of one source. `taken_at`: a further area in which names are reserved, so that
    the folder can go there later. `keep` is what others may do meanwhile, `curators` the name of a
    group that may do everything."""

    staging: Area
    taken_at: Area | None = None
    keep: Keep = "revoke"
    curators: str = ""

    def take(self, home: Address, key: str) -> Address:
        """Move the folder at `home` to staging for the publication `key`; there already = done.

        Raises Conflict when another publication holds it or a folder above or below it (rule
        "folder-in-flight"), or its name is taken ("name-in-staging", "name-in-curated"); Rejected
        for what cannot be moved safely; and what `Move.go` raises.
        """
        note = self._noted(home, key)
        if note["stage"] == "asked":
            self._look_around(home)
            note = self._step(home, note, stage="noted")
        if note["stage"] == "noted":
            self._reserve(home, note)
            note = self._step(home, note, stage="named")
        if note["stage"] == "named":
            if not home.bucket and not self._moved(home, note):
                self._record(home, note)
            note = self._step(home, note, stage="moving")
        if note["stage"] == "moving":
            self._move(home, note).go()
            self._restrict(note)
            self._step(home, note, stage="held")
        return self._staged(note)

    def give_back(self, home: Address, key: str) -> None:
        """Move the folder back and restore its former permissions. Not ours, back already, or
        handed over for good = done. Raises NeedsPerson when its old place is taken meanwhile."""
        note = self._read(home)
        if note is None or note["key"] != key or self._gone(note):
            return
        if note["stage"] in ("moving", "held"):
            try:
                self._move(home, note).back()
            except Conflict as error:
                raise NeedsPerson(
                    f"Where shall {home.name} go? Something else stands at {home.plain} now; the "
                    f"folder is safe in {(self.staging.address / note['name']).plain}.",
                    hint="Move away what stands there, then retry.",
                    remote=error.message,
                ) from error
            self._restore(home, note)
        self._drop(home, note)

    def standing(self, home: Address, key: str = "") -> Address:
        """Where the folder stands now: `home`, staging, or where it was handed over to. `key` is
        whose claim is meant ("" = the latest)."""
        note = self._read(home, key)
        if note is None:
            return home
        staged = self._staged(note)
        # a copy that is under way does not count yet
        counts = note["stage"] == "held" or (note["stage"] == "moving" and not self._is(home))
        if counts and self._is(staged):
            return staged
        if (handed := self._handed(note)) and self._is(handed[0]):
            return handed[0]
        return home

    def beside(self, home: Address, key: str) -> Address:
        """Where notes about the folder belong: in it, or where its keeper wants them."""
        note = self._read(home, key)
        there = self.standing(home, key)
        handed = self._handed(note) if note else None
        return handed[1] if handed and there == handed[0] else there

    def place(self, home: Address, key: str) -> Address:
        """Where the claimed folder stands in staging, or stood before it was handed over. Raises
        NotFound where no claim with this key holds it."""
        note = self._read(home, key)
        if note is None or note["key"] != key or note["stage"] != "held":
            raise NotFound(
                f"{home.plain} is not in custody for this publication.",
                hint="Submit it again; it is moved to staging then.",
            )
        return self._staged(note)

    def _staged(self, note: Note) -> Address:
        return self.staging.address / str(note["name"])

    def _noted(self, home: Address, key: str) -> Note:
        fresh = {"ref": home.plain, "key": key, "name": home.name, "stage": "asked"}
        refuse_hidden(home.name, home.plain)
        for _ in range(3):
            note = self._read(home)
            if note is None:
                if not folders.at(home, self.staging.s3).exists():
                    self._look_around(home)
                    raise NotFound(
                        f"There is no folder {home.plain}.",
                        hint="Look whether it was moved, renamed or removed.",
                    )
                if self.staging.notes.create(_name(home), fresh):
                    return fresh
            elif note["key"] == key:
                return note
            elif self._gone(note):
                self._archive(home, note)
            else:
                break
        raise _held_already(home)

    def _gone(self, note: Note) -> bool:
        """Whether the folder of a claim was handed over and is where it went."""
        handed = self._handed(note)
        staged = self._staged(note)
        return handed is not None and not self._is(staged) and self._is(handed[0])

    def _handed(self, note: Note) -> tuple[Address, Address] | None:
        found = note.get("handed") or self.staging.handed_over(note["name"])
        return (parse(found[0]), parse(found[1])) if found else None

    def _archive(self, home: Address, note: Note) -> None:
        """The claim of what was handed over, kept by its key: its place is free for another."""
        handed = {**note, "handed": self.staging.handed_over(note["name"])}
        self.staging.notes.write(f"handed/{_id(home, note['key'])}", handed)
        self.staging.take_over(note["name"])
        self.staging.free(note["name"], note["key"])
        self._move(home, note).forget()
        self.staging.notes.remove(_name(home))

    def _look_around(self, home: Address) -> None:
        """Nobody else is at this folder, one above, or one below. Of two that ask at the same
        moment, each sees the other; both try again."""
        for name in self.staging.notes.names("claims"):
            other = self.staging.notes.read(name)
            if name == _name(home) or other is None:
                continue
            there = parse(other["ref"])
            if (there.holds(home) or home.holds(there)) and not self._gone(other):
                self.staging.notes.remove(_name(home))
                if other["stage"] == "asked":
                    raise Retryable(f"{there.plain} is being claimed at this moment, too.")
                raise _in_flight(there, home)

    def refusal(self, home: Address) -> Conflict | None:
        """Why `take` by a new publication would raise Conflict now. Changes nothing."""
        note = self._read(home)
        if note is not None and not self._gone(note):
            return _held_already(home)
        for name in self.staging.notes.names("claims"):
            other = self.staging.notes.read(name)
            there = parse(other["ref"]) if other is not None and name != _name(home) else None
            near = there is not None and (there.holds(home) or home.holds(there))
            if there is not None and other is not None and near and not self._gone(other):
                return _in_flight(there, home)
        for rule, area in self._areas():
            if area is not None and area.is_taken(home.name):
                return _conflict(TAKEN[rule].format(home.name), rule)
        return None

    def _areas(self) -> zip[tuple[str, Area | None]]:
        return zip(TAKEN, (self.staging, self.taken_at), strict=True)

    def _reserve(self, home: Address, note: Note) -> None:
        for rule, area in self._areas():
            try:
                if area is not None:
                    area.reserve(note["name"], note["key"])
            except Conflict as error:
                self._drop(home, note)
                raise _conflict(TAKEN[rule].format(note["name"]), rule) from error

    def _record(self, home: Address, note: Note) -> None:
        try:
            lines = rights.record(home.path, _on)
            self.staging.notes.save(f"rights/{_id(home, note['key'])}", lines)
        except Rejected:  # what cannot be moved is not claimed
            self._drop(home, note)
            raise

    def _move(self, home: Address, note: Note) -> Move:
        to = self._staged(note)
        notes, s3 = self.staging.notes, self.staging.s3
        return Move(notes, f"claim-{_id(home, note['key'])}", home, to, s3)

    def _moved(self, home: Address, note: Note) -> bool:
        return not self._is(home) and self._is(self._staged(note))

    def _restrict(self, note: Note) -> None:
        staged = self._staged(note)
        if staged.bucket or (self.keep == "write" and not self.curators):
            return
        lists = acl.kept_at(self.staging.address.path)
        rights.change(staged.path, rights.under_review(self.keep, self._group(), lists), _on)

    def _group(self) -> int | None:
        if not self.curators:
            return None
        try:
            return grp.getgrnam(self.curators).gr_gid
        except KeyError:
            raise Rejected(
                f"There is no group {self.curators!r} on this machine.",
                hint="Mend the setting curators_group.",
            ) from None

    def _restore(self, home: Address, note: Note) -> None:
        if home.bucket or not self._is(home):
            return
        lines = self.staging.notes.lines(f"rights/{_id(home, note['key'])}")
        rights.restore(home.path, lines, _on)
        with contextlib.suppress(OSError):
            os.removexattr(home.path, MARK, follow_symlinks=False)

    def _drop(self, home: Address, note: Note) -> None:
        self.staging.notes.remove(f"rights/{_id(home, note['key'])}")
        for area in (self.taken_at, self.staging):
            if area is not None:
                area.free(note["name"], note["key"])
        self.staging.notes.remove(_name(home))

    def _read(self, home: Address, key: str = "") -> Note | None:
        note = self.staging.notes.read(_name(home))
        if key and (note is None or note["key"] != key):
            return self.staging.notes.read(f"handed/{_id(home, key)}") or note
        return note

    def _step(self, home: Address, note: Note, **changes: str) -> Note:
        changed = {**note, **changes}
        self.staging.notes.write(_name(home), changed)
        return changed

    def _is(self, address: Address) -> bool:
        return folders.at(address, self.staging.s3).exists()


def _in_flight(there: Address, home: Address) -> Conflict:
    return _conflict(
        f"{there.plain} is under way to publication; {home.plain} cannot be moved.",
        "folder-in-flight",
    )


def _name(home: Address) -> str:
    return f"claims/{digest(home.plain)}"


def _id(home: Address, key: str) -> str:
    return digest(f"{key} {home.plain}")


def _on() -> None:
    """Nobody stops it."""


def _held_already(home: Address) -> Conflict:
    return _conflict(
        f"{home.plain} is in custody for another publication.",
        "folder-in-flight",
    )


def _conflict(message: str, rule: str) -> Conflict:
    mend = "Wait until it is published or given back, or choose another folder or name."
    return Conflict(message, hint=mend, problems=(Problem("", message, mend, rule=rule),))
