"""The published examples and the broken ones, with their documented verdicts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree


@dataclass(frozen=True)
class Vectors:
    """The folder of test vectors; every entry of its manifest is a dictionary."""

    folder: Path
    entries: tuple[dict[str, Any], ...]

    def of(self, *, suffix: str) -> list[dict[str, Any]]:
        return [entry for entry in self.entries if entry["path"].endswith(suffix)]

    def read(self, entry: dict[str, Any]) -> bytes:
        return (self.folder / entry["path"]).read_bytes()


def vectors(shared: Path) -> Vectors:
    folder = shared / "data" / "datacite"
    manifest = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))
    return Vectors(folder, tuple(manifest))


def xsd_path(shared: Path) -> Path:
    return shared / "contracts" / "datacite-kernel-4.7" / "metadata.xsd"


@cache
def official_schema(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(xsd_path(shared))))
