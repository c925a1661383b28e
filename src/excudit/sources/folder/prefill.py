"""What a folder tells about itself, offered where its metadata says nothing.

Dates are not among it: the times of files say when they were last copied, not when anything was
measured.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from excudit.domain.model import FileEntry
from excudit.sources.folder.readme import first_words, heading

_FORMATS = 50


class Seen:
    """Notes what the files of a folder have in common, while they pass by."""

    def __init__(self, watched: Iterable[str]) -> None:
        self._watched = frozenset(watched)
        self.files: dict[str, FileEntry] = {}
        self._formats: set[str] = set()
        self._count = 0
        self._bytes = 0

    def passing(self, entries: Iterable[FileEntry]) -> Iterator[FileEntry]:
        """The same entries; those watched for by their path are kept in `files`."""
        for entry in entries:
            if entry.path in self._watched:
                self.files[entry.path] = entry
            elif len(self._formats) < _FORMATS:
                self._formats.add(entry.media_type)
            self._count += 1
            self._bytes += entry.size
            yield entry

    def facts(self) -> dict[str, Any]:
        """Formats and sizes (DataCite properties 14 and 13)."""
        if not self._count:
            return {}
        files = "1 file" if self._count == 1 else f"{self._count} files"
        facts: dict[str, Any] = {"sizes": [files, size(self._bytes)]}
        if formats := sorted(self._formats - {""}):
            facts["formats"] = formats
        return facts


def size(count: int) -> str:
    """A number of bytes for readers, in decimal units (SI): "1.2 MB"."""
    amount, unit = float(count), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if amount < 999.95 or unit == "PB":
            break
        amount /= 1000
    return f"{count} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"


def prefill(metadata: dict[str, Any], ref: str, readme: str, facts: dict[str, Any]) -> None:
    """Add to `metadata` what it does not have yet and the folder can tell."""
    offers: dict[str, Any] = {
        "titles": [{"title": heading(readme) or posixpath.basename(ref.rstrip("/")) or ref}],
        "types": {"resourceTypeGeneral": "Dataset"},
        **facts,
    }
    if words := first_words(readme):
        offers["descriptions"] = [{"description": words, "descriptionType": "Abstract"}]
    for name, offer in offers.items():
        if not metadata.get(name):
            metadata[name] = offer


def title_of(metadata: dict[str, Any], ref: str) -> str:
    """The first title that can be read, else the folder's name."""
    titles = metadata.get("titles")
    for title in titles if isinstance(titles, list) else []:
        if isinstance(title, dict) and isinstance(title.get("title"), str) and title["title"]:
            return str(title["title"])
    return posixpath.basename(ref.rstrip("/")) or ref
