"""A folder in which excudit keeps other folders: the staging or the curated area.

What it remembers lies in `.excudit` there: reserved names, claims, journals of moves, former
permissions, and where a folder went that was handed over.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator

from excudit.domain.errors import Conflict, Rejected
from excudit.domain.problem import Problem
from excudit.storage import acl, folders
from excudit.storage.addresses import Address
from excudit.storage.bucket import S3Access, bucket
from excudit.storage.folders import Folder
from excudit.storage.notes import FolderNotes, Notes
from excudit.storage.s3_notes import BucketNotes
from excudit.storage.troubles import telling

OWN = ".excudit"


def folded(name: str) -> str:
    """What two names have in common that could be one folder somewhere."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def digest(text: str) -> str:
    """A plain name for a note about something of any name."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]


class Area:
    """One area, on a file system or in a bucket. Safe to use from several threads at once."""

    def __init__(self, address: Address, s3: S3Access | None = None) -> None:
        self.address = address
        self.s3 = s3
        self._notes: Notes | None = None

    @property
    def notes(self) -> Notes:
        """What it remembers."""
        if self._notes is None:
            own = self.address / OWN
            self._notes = (
                BucketNotes(bucket(own.bucket, self.s3), own.path)
                if own.bucket
                else FolderNotes(own.path)
            )
        return self._notes

    def folder(self, name: str) -> Folder:
        """The folder of that name in the area."""
        return folders.at(self.address / name, self.s3)

    def reserve(self, name: str, key: str) -> None:
        """Take the name for the publication `key`; taken by it already = done. Raises Conflict."""
        note = f"names/{digest(folded(name))}"
        mine = {"name": name, "key": key, "looked": False}
        if not self.notes.create(note, mine):
            found = self.notes.read(note)
            if found is None or found["key"] != key:
                raise self._taken(name, found["name"] if found else name)
            if found["looked"]:
                return
        for other in self._names():
            if folded(other) == folded(name):
                self.notes.remove(note)
                raise self._taken(name, other)
        self.notes.write(note, {**mine, "looked": True})

    def free(self, name: str, key: str) -> None:
        """Give the name back. Not ours = done."""
        note = f"names/{digest(folded(name))}"
        found = self.notes.read(note)
        if found is not None and found["key"] == key:
            self.notes.remove(note)

    def holder(self, name: str) -> str:
        """The key of the publication that reserved the name; "" for none."""
        found = self.notes.read(f"names/{digest(folded(name))}")
        return str(found["key"]) if found else ""

    def is_taken(self, name: str) -> bool:
        """Whether the name, or one like it, is reserved or stands there."""
        known = self.holder(name)
        return bool(known) or any(folded(other) == folded(name) for other in self._names())

    def _taken(self, name: str, other: str) -> Conflict:
        like = "" if other == name else f" (as {other!r}, which is the same name elsewhere)"
        return Conflict(
            f"The name {name!r} is taken in {self.address.plain}{like}.",
            hint="Rename the folder, then try again.",
        )

    def _names(self) -> Iterator[str]:
        if self.address.bucket:
            yield from bucket(self.address.bucket, self.s3).folders(self.address.path)
            return
        with telling("listed", self.address.plain):
            yield from os.listdir(self.address.path)

    def hand_over(self, name: str, to: Address, beside: Address) -> None:
        """Remember where the folder of that name goes; `beside` is where notes about it belong."""
        told = {"name": name, "to": str(to), "beside": str(beside)}
        self.notes.write(f"gone/{digest(name)}", told)

    def handed_over(self, name: str) -> tuple[str, str] | None:
        """Where the folder of that name went, and where notes about it belong."""
        found = self.notes.read(f"gone/{digest(name)}")
        return (found["to"], found["beside"]) if found else None

    def take_over(self, name: str) -> None:
        """Forget where it went: it is here again, or never will be. Not known = done."""
        self.notes.remove(f"gone/{digest(name)}")

    def probe(self, where: str) -> list[Problem]:
        """Whether the area is there and can be used, for `doctor`. `where` names the setting."""
        if self.address.bucket:
            return self._probe_bucket(where)
        path = self.address.path
        if not os.path.isdir(path):
            return [Problem(where, f"There is no folder {path}.", "Make it.", rule="storage.area")]
        found = []
        if not os.access(path, os.W_OK | os.X_OK):
            mend = "Give the service's user permission to write there."
            found.append(Problem(where, f"{path} cannot be written.", mend, rule="storage.area"))
        if not acl.kept_at(path):
            found.append(
                Problem(
                    where,
                    f"The file system of {path} keeps no access control lists.",
                    "Only modes are used there: owners who may read are no longer told apart.",
                    "warning",
                    "storage.acl",
                )
            )
        return found

    def _probe_bucket(self, where: str) -> list[Problem]:
        notes = self.notes
        assert isinstance(notes, BucketNotes)
        if notes.honours_conditions():
            return []
        return [
            Problem(
                where,
                f"The store of {self.address} ignores conditional writes (If-None-Match).",
                "Names are taken by tickets with a look afterwards: safe, but of two at once both "
                "may have to try again. Prefer a store that honours them.",
                "warning",
                "storage.conditions",
            )
        ]


def refuse_hidden(name: str, place: str) -> None:
    """Raises Rejected for a name that areas keep for themselves."""
    if name.startswith("."):
        raise Rejected(
            f"{place} has a hidden name.",
            hint="Rename the folder so that its name does not begin with a dot.",
        )
