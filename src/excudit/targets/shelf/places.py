"""Where a shelf keeps what: drafts hidden, what is public by its name, what was withdrawn hidden
again. Each deposit has a note that says how it stands."""

from __future__ import annotations

import posixpath
import unicodedata
from dataclasses import dataclass

from excudit.domain.model import Deposit, Snapshot
from excudit.storage import folders
from excudit.storage.addresses import Address, parse
from excudit.storage.area import OWN, Area, digest
from excudit.storage.folders import Folder
from excudit.storage.moving import Move
from excudit.storage.notes import Note
from excudit.targets.shelf import bag
from excudit.targets.shelf.settings import ShelfSettings

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Places:
    """The addresses of one shelf."""

    settings: ShelfSettings
    area: Area

    @classmethod
    def of(cls, settings: ShelfSettings) -> Places:
        """The places of a shelf with these settings."""
        return cls(settings, Area(parse(settings.root), settings.s3))

    @property
    def shown(self) -> Address:
        """Where public folders stand."""
        root = self.area.address
        return root / "public" if root.bucket else root

    def public(self, name: str) -> Address:
        """The public folder of that name."""
        return self.shown / name

    def held(self, key: str) -> Address:
        """The hidden folder of a draft."""
        return self.area.address / OWN / "held" / digest(key)

    def hidden(self, key: str, kind: str) -> Address:
        """A hidden folder of another kind: "withdrawn", "stones", "parts"."""
        return self.area.address / OWN / kind / digest(key)

    def payload(self, root: Address) -> Address:
        """Where the data stand in a published or held folder."""
        return root / bag.PAYLOAD if self.settings.bagit else root

    def folder(self, address: Address) -> Folder:
        """The folder at an address of this shelf."""
        return folders.at(address, self.settings.s3)

    def move(self, kind: str, key: str, source: Address, to: Address) -> Move:
        """A move between places of the shelf, journalled there."""
        notes, s3 = self.area.notes, self.settings.s3
        return Move(notes, f"{kind}-{digest(key)}", source, to, s3)

    def note(self, key: str) -> Note | None:
        """How the deposit stands."""
        return self.area.notes.read(f"deposits/{digest(key)}")

    def write(self, key: str, note: Note) -> Note:
        """Write down how it stands."""
        self.area.notes.write(f"deposits/{digest(key)}", note)
        return note

    def create(self, key: str, note: Note) -> bool:
        """Write it down for the first time; False when somebody did."""
        return self.area.notes.create(f"deposits/{digest(key)}", note)

    def forget(self, key: str) -> None:
        """Remove the note."""
        self.area.notes.remove(f"deposits/{digest(key)}")


def name_for(snapshot: Snapshot, previous: Deposit | None) -> tuple[str, str, int]:
    """The folder's name in the curated area, its stem and its version: the name of the one folder
    that is published, else the publication's key; a later version gets a number."""
    if previous is not None:
        stem = str(previous.data.get("stem") or previous.remote_id)
        version = int(previous.data.get("version", 1)) + 1
        return f"{stem}-v{version}", stem, version
    ref = snapshot.refs[0] if len(snapshot.refs) == 1 else ""
    end = unicodedata.normalize("NFC", posixpath.basename(ref.rstrip("/")))
    plain = "".join(c for c in end if c.isprintable()).lstrip(".").strip()
    stem = plain.encode()[:_LONGEST].decode(errors="ignore") or snapshot.key
    return stem, stem, 1
