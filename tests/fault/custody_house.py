"""The house with folders in custody: staged, curated on a shelf, or given back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from excudit.cli.routes import plans_of
from excudit.domain.publication import Publication
from excudit.engine.plan import Plan
from excudit.service import verbs
from excudit.settings import load
from house import OWNER, RECORD, House
from open_places import new_open_place

ROUTES = ("kept", "kept-reviewed", "kept-doi")
TABLES = """
[sources.kept]
kind = "folder"
roots = ["{place}/home"]
staging = "{place}/staging"
curated = "{place}/curated"
write_back = true
[targets.curated]
kind = "shelf"
root = "{place}/curated"
ro_crate = true
[routes.kept]
source = "kept"
targets = ["curated", "datacite"]
review = "auto"
[routes.kept-reviewed]
source = "kept"
targets = ["curated", "datacite"]
review = "one"
[routes.kept-doi]
source = "kept"
targets = ["datacite"]
review = "auto"
"""
OURS = {"excudit-publication.json", "excudit-datacite.json", "ro-crate-metadata.json"}


@cache
def plan(name: str, route: str = "kept") -> Plan:
    """A plan of the route, from the product itself: the matrix is generated from it."""
    with TemporaryDirectory() as scratch:
        config = Path(scratch) / "excudit.toml"
        registry = (
            '[targets.datacite]\nkind = "datacite"\nusername = "A.B"\nprefix = "10.5072"\n'
            'password = { env = "NONE" }\n'
        )
        config.write_text(
            f'[service]\ndata_dir = "{scratch}"\n{registry}{TABLES.format(place=scratch)}'
        )
        os.environ.setdefault("NONE", "none")
        return next(p for p in plans_of(config, route, lambda: load(config)) if p.name == name)


class CustodyHouse(House):
    """A house whose folders move."""

    place: Path

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.place, ignore_errors=True)

    def folder_of(self) -> Path:
        """A new folder at home, with permissions of its own."""
        self.made += 1
        place = self.place / "home" / f"Hopper_cruise_{self.made}"
        (place / "data").mkdir(parents=True)
        (place / "datacite.json").write_text(json.dumps(RECORD))
        (place / "data" / "co2.csv").write_text(f"time,co2\n1,{self.made}\n")
        (place / "data" / "co2.csv").chmod(0o640)
        place.chmod(0o2750)
        return place

    def ask_for(self, folder: Path, route: str = "kept") -> Publication:
        return verbs.create(self.parts, OWNER, route, str(folder), submitting=True)

    def stands(self, name: str) -> list[str]:
        """In which areas a folder of that name stands, hidden ones included."""
        found = []
        for area in ("home", "staging", "curated"):
            for here, folders, _ in os.walk(self.place / area):
                if name in folders and here != str(self.place / area):
                    found.append(f"{area}, hidden")
                elif name in folders:
                    found.append(area)
        hidden = (self.place / "curated" / ".excudit" / "held").glob("*")
        return [*found, *("held" for _ in hidden)]


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of the dataset."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in OURS
    }


def modes(folder: Path) -> dict[str, int]:
    """The permissions of everything."""
    return {
        str(p.relative_to(folder)): stat.S_IMODE(p.stat().st_mode)
        for p in (folder, *sorted(folder.rglob("*")))
        if p.name not in OURS
    }


def house_for(folder: Path, database: str, registry: Any, mailbox: Any) -> CustodyHouse:
    """A house with the three areas; the caller closes it."""
    place = new_open_place()
    for area in ("home", "staging", "curated"):
        (place / area).mkdir()
    made = CustodyHouse(folder, database, registry, mailbox, more=TABLES.format(place=place))
    made.place = place
    return made
