"""Where the folders of a source stand: below its roots, in staging, or handed over."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from excudit.domain.errors import Denied, NotFound
from excudit.domain.problem import Problem
from excudit.sources.folder.settings import FolderSettings
from excudit.storage import folders
from excudit.storage.addresses import Address, parse
from excudit.storage.area import Area
from excudit.storage.bucket import bucket
from excudit.storage.custody import Custody
from excudit.storage.folders import DiskFolder, Folder
from excudit.storage.roots import Roots, denied


class Places:
    """The roots of one source, on file systems and in buckets, and its custody."""

    def __init__(self, settings: FolderSettings) -> None:
        named = [str(root) for root in settings.roots]
        self.roots = Roots([Path(root) for root in named if not root.startswith("s3://")])
        self._buckets = [parse(root) for root in named if root.startswith("s3://")]
        self._s3 = settings.s3
        self.custody = self._custody(settings) if settings.staging else None

    def _custody(self, settings: FolderSettings) -> Custody:
        staging = Area(parse(settings.staging), self._s3)
        curated = Area(parse(settings.curated), self._s3) if settings.curated else None
        return Custody(staging, curated, settings.owner_access, settings.curators_group)

    def probe(self) -> list[Problem]:
        """Whether roots and areas can be used. No side effect but a probe in a bucket."""
        for root in self.roots:
            with self.roots.open(root):
                continue
        if self.custody is None:
            return []
        return [
            *self.custody.staging.probe("/staging"),
            *(self.custody.taken_at.probe("/curated") if self.custody.taken_at else ()),
            *self._copied(),
        ]

    def _copied(self) -> list[Problem]:
        staging = self.custody.staging.address if self.custody else Address("", "/")
        paths = [staging.path, *self.roots]
        there = [Path(p) for p in paths if not staging.bucket]
        here = {path.stat().st_dev for path in there if path.is_dir()}
        if len(here) < 2:
            return []
        return [
            Problem(
                "/staging",
                "Staging is on another file system than a root: folders are copied, not renamed.",
                "Name a folder on the same file system, if they are large.",
                "warning",
                "folder.staging",
            )
        ]

    def name(self, ref: str) -> str:
        """The one name of a folder. Raises Denied outside the roots."""
        if not ref.startswith("s3://"):
            return self.roots.name(ref)
        place = parse(ref)
        if not any(root.holds(place) and root != place for root in self._buckets):
            raise denied(ref)
        return place.plain

    def way(self, ref: str) -> tuple[str, ...]:
        """The names that lead to the folder from its root. Raises Denied outside the roots,
        NotFound for a root itself."""
        if ref.startswith("s3://"):
            place = parse(self.name(ref))
            root = next(r for r in self._buckets if r.holds(place) and r != place)
            found = tuple(place.path[len(root.path) :].strip("/").split("/"))
        else:
            found = self.roots.way(ref)
        if not found:
            raise NotFound(f"{ref} is a root of this source, not a dataset.")
        return found

    def home(self, ref: str) -> Address:
        """Where the folder lives when nobody has it in custody. Raises Denied."""
        return parse(self.name(ref)) if ref.startswith("s3://") else Address("", self.name(ref))

    def folder(self, ref: str) -> Folder:
        """The folder where it stands now. Raises Denied outside the roots; at home no symbolic link
        is followed on the way, and what is not there raises NotFound when it is opened."""
        home = self.home(ref)
        there = self.custody.standing(home) if self.custody else home
        if there == home and not home.bucket:
            return DiskFolder(home, partial(self.roots.open, home.path))
        return folders.at(there, self._s3)

    def beside(self, ref: str, key: str) -> Folder:
        """Where notes about the folder belong that the publication `key` was made of."""
        home = self.home(ref)
        if self.custody is None or self.custody.beside(home, key) == home:
            return self.folder(ref)
        return folders.at(self.custody.beside(home, key), self._s3)

    def in_buckets(self, text: str) -> Iterator[str]:
        """References of the folders in buckets whose name holds `text`."""
        wanted = text.strip().casefold()
        for root in self._buckets:
            for name in sorted(bucket(root.bucket, self._s3).folders(root.path)):
                if wanted in name.casefold() and not name.startswith("."):
                    yield (root / name).plain

    def claimed(self) -> Custody:
        """The custody. Raises Denied without one."""
        if self.custody is None:
            raise Denied(
                "This source takes no folder into custody.",
                hint="Name a folder for it in the setting staging.",
            )
        return self.custody
