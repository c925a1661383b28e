"""The target `shelf`: folders in a curated area, hidden until they are published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, BinaryIO, ClassVar

from excudit.domain.errors import Conflict, Drifted, NotFound, Rejected, Unsupported
from excudit.domain.model import Deposit, FileEntry, Receipt, Snapshot, Tombstone
from excudit.domain.problem import Problem
from excudit.http import Remote, user_agent
from excudit.ports import Capabilities, Watch
from excudit.settings import Site
from excudit.storage import folders, incoming, rights
from excudit.storage.addresses import parse
from excudit.storage.area import Area, digest
from excudit.storage.moving import drifted
from excudit.storage.notes import Note
from excudit.storage.own_files import RECORD
from excudit.targets.shelf import companions, looking
from excudit.targets.shelf.places import Places, name_for
from excudit.targets.shelf.settings import ShelfSettings
from excudit.targets.shelf.withdrawing import bury


class ShelfTarget:
    """One curated area. What is public stands under the name of the folder that was published.

    Nothing is kept in memory: how a deposit stands is a note in the area, so that each call goes on
    where the last one ended, in whatever process.
    """

    Settings: ClassVar[type[ShelfSettings]] = ShelfSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        kind="repository",
        final="The folder is open to everybody; who has copied it keeps the copy.",
        files=True,
        versions=True,
        amend=True,
        withdraw=True,
    )

    def __init__(
        self,
        name: str,
        settings: ShelfSettings,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.fixity_days = settings.fixity_days
        self._site = site
        self._places = Places.of(settings)
        agent = user_agent(site)
        self._remotes = [
            Remote(f"{name} at {url}", url, agent=agent, take=take)
            for url in (settings.public_url, *settings.mirrors)
            if url
        ]

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        """A name that somebody else has, and files that would be taken for ours."""
        name, _, _ = name_for(snapshot, None)
        found = []
        if self._places.note(snapshot.key) is None:
            holder = self._places.area.holder(name)
            there = self._places.folder(self._places.public(name)).exists()
            if there or holder not in ("", snapshot.key):
                found.append(self._taken(name))
        if not self.settings.public_url:
            found += looking.unreachable(self._places.folder(self._places.public(name)))
        names = companions.own_names(self.settings, has_crate=True)
        for file in snapshot.files if not self.settings.bagit else ():
            if file.path in names:
                words = "excudit keeps this name for itself."
                found.append(Problem(file.path, words, "Rename the file.", rule="shelf.own-name"))
        return found

    def _taken(self, name: str) -> Problem:
        return Problem(
            "",
            f"A folder with the name {name} has already been published.",
            "Rename the folder, then submit it again.",
            "warning" if self._places.note(name) else "error",
            "name-in-curated",
        )

    def find(self, snapshot: Snapshot) -> Deposit | None:
        """Our deposit by its note."""
        note = self._places.note(snapshot.key)
        return self._deposit(snapshot.key, note) if note else None

    def name_doi(self) -> str:
        """ "": a shelf gives no identifiers."""
        return ""

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        """Take the name in the curated area; nothing is seen there yet. Raises Conflict when it is
        taken."""
        note = self._places.note(key)
        if note is None:
            name, stem, version = name_for(snapshot, previous)
            ours = self._places.area.holder(name) == key
            self._places.area.reserve(name, key)
            fresh: Note = {"key": key, "name": name, "stem": stem, "version": version}
            fresh |= {"state": "draft", "place": "", "kept": ours}
            self._places.create(key, fresh)
            note = self._places.note(key) or fresh
        return self._deposit(key, note)

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        """Store one file of the draft, its SHA-256 made on the way and given as checksum."""
        self._draft(deposit.key)
        payload = self._places.payload(self._places.held(deposit.key))
        parts = self._places.hidden(deposit.key, "parts")
        told = incoming.store(self._places.folder(payload), parts, file, data)
        return Receipt(file.path, file.size, f"sha256:{told}")

    def adopt(self, deposit: Deposit, snapshot: Snapshot, place: str, watch: Watch) -> Deposit:
        """Move the folder at `place` into the draft; every file is compared with the snapshot."""
        note = self._draft(deposit.key)
        source, held = parse(place), self._places.held(deposit.key)
        payload = self._places.payload(held)
        if source.bucket and not self._places.area.address.bucket and self.settings.s3 is None:
            raise Unsupported(
                f"{self.name} has no way to {place}.", hint="Give the shelf the bucket's `s3`, too."
            )
        note = self._places.write(deposit.key, {**note, "place": str(source)})
        incoming.make(payload.parent)
        home = Area(source.parent, self.settings.s3)
        home.hand_over(source.name, payload, held)
        move = self._places.move("adopt", deposit.key, source, payload)
        replace(move, files=snapshot.files, watch=watch).go()
        folder = self._places.folder(payload)
        found = folder.entries(
            skip=self._own(snapshot),
            stop=watch.stop,
            progress=lambda _, done: watch.progress(done, snapshot.bytes, "bytes"),
        )
        wrong = list(islice(folders.differences(snapshot.files, found), looking.MOST))
        if wrong:
            raise drifted(payload.plain, wrong)
        if not payload.bucket:
            lines = rights.record(payload.path, lambda: None)
            self._places.area.notes.save(f"rights/{digest(deposit.key)}", lines)
        return self._deposit(deposit.key, note)

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Write what stands beside the data, open it, give it its public name. Already public: only
        the metadata is brought to the snapshot's. Raises Rejected while files are missing."""
        note = self._note(deposit.key)
        held = self._places.folder(self._places.held(deposit.key))
        if note["state"] == "withdrawn":
            raise Conflict(f"{note['name']} was withdrawn.", hint="Publish a new version.")
        public = self._places.public(note["name"])
        if note["state"] == "draft":
            move = self._places.move("publish", deposit.key, held.address, public)
            if not move.begun():
                self._complete(deposit.key, snapshot)
                crated = companions.crates(self.settings, snapshot)
                note = self._places.write(deposit.key, {**note, "crated": crated})
                self._beside(held, snapshot)
            move.go()
            if note["place"]:
                came_from = parse(note["place"])
                home = Area(came_from.parent, self.settings.s3)
                home.hand_over(came_from.name, self._places.payload(public), public)
            note = self._places.write(deposit.key, {**note, "state": "published"})
        self._beside(self._places.folder(public), snapshot)
        return self._deposit(deposit.key, note)

    def _complete(self, key: str, snapshot: Snapshot) -> None:
        held = self._places.held(key)
        incoming.make(self._places.payload(held))
        payload = self._places.folder(self._places.payload(held))
        problems = looking.missing(payload, snapshot, self._own(snapshot))
        if problems:
            raise Rejected(
                f"The draft at {self.name} does not hold what was approved.",
                problems=tuple(problems),
                hint="Let the files be copied again.",
            )

    def _beside(self, root: folders.Folder, snapshot: Snapshot) -> None:
        payload = self._places.folder(self._places.payload(root.address))
        companions.write(root, payload, snapshot, self.settings, self._site.name)
        if not root.address.bucket:
            rights.change(root.address.path, rights.public, lambda: None)

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        """Whether all files are there and open to a stranger, at the public address and at every
        mirror, too."""
        note = self._note(deposit.key)
        if note["state"] != "published":
            words = f"{self.name} holds {note['name']} as {note['state']}, not published."
            return [Problem("", words, "Publish it again.", rule="shelf.state")]
        root = self._places.folder(self._places.public(note["name"]))
        payload = self._places.folder(self._places.payload(root.address))
        found = looking.missing(payload, snapshot, self._own(snapshot))
        if root.peek(RECORD, companions.LONGEST) != companions.record_text(snapshot):
            words = "The metadata beside the data are others than were published."
            found.append(Problem(RECORD, words, "Amend it again.", rule="shelf.metadata"))
        found += looking.closed(root)
        if not self.settings.public_url:
            found += looking.unreachable(root)
        below = payload.address.path.removeprefix(self._places.shown.path)
        files = looking.sample(snapshot, self.settings.look_at)
        for remote in self._remotes if not found else ():
            mirror = remote.base_url != self.settings.public_url.rstrip("/")
            found += looking.ask(remote, below, files, mirror=mirror)
        return found

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Bring the metadata beside the data to the snapshot's; a draft gets them with its
        publication."""
        note = self._note(deposit.key)
        if note["state"] == "published":
            self._beside(self._places.folder(self._places.public(note["name"])), snapshot)
        return self._deposit(deposit.key, note)

    def discard(self, deposit: Deposit) -> None:
        """Remove the draft: an adopted folder moves back to where it came from, as it was there.
        Raises Conflict when it is public, or something else stands at the old place."""
        note = self._places.note(deposit.key)
        if note is None:
            return
        if note["state"] != "draft":
            raise Conflict(
                f"{note['name']} is public at {self.name}.",
                hint="Withdraw the publication instead.",
            )
        held = self._places.held(deposit.key)
        if note["place"]:
            self._hand_back(deposit.key, note)
        incoming.clear(self._places.folder(held))
        incoming.clear(self._places.folder(self._places.hidden(deposit.key, "parts")))
        if not note["kept"]:
            self._places.area.free(note["name"], deposit.key)
        self._places.forget(deposit.key)

    def _hand_back(self, key: str, note: Note) -> None:
        home, held = parse(note["place"]), self._places.held(key)
        payload = self._places.folder(self._places.payload(held))
        if payload.exists():
            if self._places.move("adopt", key, home, payload.address).done():
                root, crated = self._places.folder(held), bool(note.get("crated"))
                companions.remove(root, payload, self.settings, crated=crated)
            if not payload.address.bucket:
                lines = self._places.area.notes.lines(f"rights/{digest(key)}")
                rights.restore(payload.address.path, lines, lambda: None)
        self._places.move("adopt", key, home, payload.address).back()
        Area(home.parent, self.settings.s3).take_over(home.name)
        self._places.area.notes.remove(f"rights/{digest(key)}")

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        """Hide the folder and put a tombstone in its place. Raises Conflict for a draft."""
        note = self._note(deposit.key)
        if note["state"] == "draft":
            raise Conflict(f"{note['name']} is a draft.", hint="Discard the draft instead.")
        if note["state"] == "published":
            bury(self._places, note, companions.stone(tombstone, snapshot))
            note = self._places.write(deposit.key, {**note, "state": "withdrawn"})
        return self._deposit(deposit.key, note)

    def fixity(self, deposit: Deposit, snapshot: Snapshot, watch: Watch) -> Sequence[Problem]:
        """Every file read again and compared with the manifest; see `ports.Keeping`."""
        note = self._note(deposit.key)
        where = {
            "draft": self._places.held(deposit.key),
            "published": self._places.public(note["name"]),
            "withdrawn": self._places.hidden(deposit.key, "withdrawn"),
        }[note["state"]]
        payload = self._places.folder(self._places.payload(where))
        if not payload.exists():
            return [Problem("", f"There is no folder {where.plain}.", "Look for it at once.")]
        found = payload.entries(
            skip=self._own(snapshot),
            stop=watch.stop,
            progress=lambda _, done: watch.progress(done, snapshot.bytes, "bytes"),
        )
        try:
            wrong = list(islice(folders.differences(snapshot.files, found), looking.MOST))
        except Drifted:
            raise
        except Rejected as error:
            return error.problems
        return folders.not_the_same(payload.address.plain, wrong)

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: the area is there, can be written, and keeps permissions."""
        return self._places.area.probe("/root")

    def _own(self, snapshot: Snapshot) -> frozenset[str]:
        return companions.own_names(self.settings, companions.has_crate(snapshot))

    def _note(self, key: str) -> Note:
        note = self._places.note(key)
        if note is None:
            raise NotFound(f"{self.name} holds nothing for this publication.")
        return note

    def _draft(self, key: str) -> Note:
        note = self._note(key)
        if note["state"] != "draft":
            raise Conflict(f"{note['name']} is {note['state']} at {self.name} already.")
        return note

    def _deposit(self, key: str, note: Note) -> Deposit:
        data: dict[str, Any] = {k: note[k] for k in ("name", "stem", "version")}
        url = self.settings.public_url.rstrip("/")
        return Deposit(
            self.name,
            key,
            note["name"],
            note["state"],
            url=f"{url}/{note['name']}/" if url else "",
            data=data,
        )
