"""Organisations out of a ROR data dump (ROR schema v2, https://ror.readme.io/docs/data-dump)."""

from __future__ import annotations

import codecs
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from excudit.domain.errors import Rejected
from excudit.domain.identifiers import is_ror
from excudit.domain.names import Name, words_of

PIECE = 256 * 1024
"""Characters read at a time."""
LONGEST = 8 * 1024 * 1024
"""Characters of one organisation at most; the longest in the dumps has some 60,000."""
_HINT = "Take the data dump of schema v2 from Zenodo: the zip, or the JSON file in it."


@dataclass(frozen=True, slots=True)
class Entry:
    """One organisation; `gone` when ROR has withdrawn it, so that nobody should choose it. `done`
    and `total` are bytes of the file, to show how far it is."""

    name: Name
    words: tuple[str, ...]
    gone: bool
    done: int
    total: int


def entries(path: Path) -> Iterator[Entry]:
    """The organisations of a dump, a JSON file or a zip with one, streamed.

    Raises Rejected for a file that is none, naming the place; OSError when it cannot be read.
    """
    with _opened(path) as (stream, total):
        for number, (tree, done) in enumerate(_trees(stream, path), 1):
            yield _entry(tree, number, path, done, total)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as plain:
            yield plain, path.stat().st_size
        return
    with zipfile.ZipFile(path) as archive:
        dumps = [m for m in archive.infolist() if m.filename.endswith(".json")]
        # Dumps up to 2025 have schema v1 beside v2.
        best = [m for m in dumps if "v2" in m.filename] or dumps
        if not best:
            raise Rejected(f"{path} is a zip without a JSON file.", hint=_HINT)
        try:
            with archive.open(best[0]) as inside:
                yield inside, best[0].file_size  # type: ignore[misc]
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise Rejected(f"{path} cannot be unpacked: {error}.", hint=_HINT) from error


def _trees(stream: BinaryIO, path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """The members of one long JSON array, one after the other, in bounded memory."""
    decoder, text, done, begun = json.JSONDecoder(), "", 0, False
    # Bytes cut off in the middle of a character are kept by the reader.
    reader = _characters(stream)
    for piece in reader:
        text += piece
        if not begun:
            text = text.lstrip("\ufeff \t\r\n")
            if text[:1] not in ("", "["):
                raise Rejected(f"{path} is no list of organisations in JSON.", hint=_HINT)
            begun, text = text[:1] == "[", text[1:]
        at = 0
        while True:
            while at < len(text) and text[at] in " \t\r\n,":
                at += 1
            try:
                tree, end = decoder.raw_decode(text, at)
            except json.JSONDecodeError:
                break
            except RecursionError as error:
                raise _broken(path, "it is nested too deeply") from error
            if not isinstance(tree, dict):
                raise _broken(path, "an entry is no organisation")
            done += len(text[at:end].encode("utf-8", "replace"))
            yield tree, done
            at = end
        text = text[at:]
        if len(text) > LONGEST:
            raise _broken(path, "an entry does not end")
    if text.strip() != "]":
        raise _broken(path, f"it ends with {text.strip()[:40]!r} where ] was due")


def _characters(stream: BinaryIO) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := stream.read(PIECE):
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise Rejected("The file is not UTF-8.", hint=_HINT) from error


def _broken(path: Path, why: str) -> Rejected:
    return Rejected(f"{path} is broken: {why}.", hint=_HINT)


def _entry(tree: dict[str, Any], number: int, path: Path, done: int, total: int) -> Entry:
    key, names = tree.get("id"), tree.get("names")
    if not (isinstance(key, str) and is_ror(key) and isinstance(names, list)):
        older = isinstance(tree.get("name"), str)
        why = " It looks like the older schema v1." if older else ""
        raise Rejected(
            f"{path}: entry {number} is no organisation of ROR schema v2.{why}", hint=_HINT
        )
    told = [n for n in names if isinstance(n, dict) and isinstance(n.get("value"), str)]
    shown = next((n for n in told if "ror_display" in (n.get("types") or ())), None)
    name = (shown or (told or [{"value": key}])[0])["value"]
    place = _place(tree.get("locations"))
    found = Name(
        f"https://ror.org/{key[-9:]}",
        "organisation",
        name,
        note=place,
        origin="ror",
        fills={"identifier": f"https://ror.org/{key[-9:]}"},
    )
    gone = tree.get("status") == "withdrawn"
    words = words_of(*(n["value"] for n in told), place)
    return Entry(found, tuple(words), gone, done, total)


def _place(locations: Any) -> str:
    """Town and country of the first location."""
    first = locations[0] if isinstance(locations, list) and locations else {}
    details = first.get("geonames_details") if isinstance(first, dict) else None
    if not isinstance(details, dict):
        return ""
    parts = (details.get("name"), details.get("country_name"))
    return ", ".join(p for p in parts if isinstance(p, str) and p)
