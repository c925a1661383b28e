"""From a public folder to a tombstone in its place."""

from __future__ import annotations

from excudit.storage import incoming, rights
from excudit.storage.notes import Note
from excudit.storage.own_files import TOMBSTONE
from excudit.targets.shelf.companions import is_stone
from excudit.targets.shelf.places import Places


def bury(places: Places, note: Note, text: bytes) -> None:
    """Hide the folder, kept whole, and put the tombstone under its name. Repeats where it ended."""
    key, name = note["key"], note["name"]
    public, away = places.public(name), places.hidden(key, "withdrawn")
    if is_stone(places.folder(public)):
        return
    incoming.make(away.parent)
    places.move("withdraw", key, public, away).go()
    if not away.bucket:
        rights.change(away.path, rights.private, lambda: None)
    stone = places.folder(places.hidden(key, "stones"))
    move = places.move("stone", key, stone.address, public)
    if not move.begun():
        incoming.make(stone.address)
        stone.write(TOMBSTONE, text)
        if not stone.address.bucket:
            rights.change(stone.address.path, rights.public, lambda: None)
    move.go()
