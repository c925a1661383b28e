"""Opening a package that somebody else made: nothing is written outside its folder, nothing grows
beyond the limits, whatever the ZIP says of itself.

Refused, all problems at once: other root folders, "..", absolute paths, drive letters,
backslashes, links and devices, names that are the same on some file system, encrypted entries,
too many or too large ones, a missing or second manifest.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from excudit.domain.errors import Rejected
from excudit.domain.model import FileEntry
from excudit.domain.problem import Problem
from excudit.sources.quince import manifest as manifests
from excudit.storage.findings import Findings
from excudit.storage.media import media_type
from excudit.storage.names import check_name, shown

PIECE = 1 << 20
_LARGEST_MANIFEST = 32 << 20
_SMALL = 1 << 20
"""Below so many bytes a ratio says nothing."""
_ENTRY = 400
"""Bytes that an entry may take in the directory of a ZIP, on average."""
_TAIL = 22 + 0xFFFF
_DRIVE = re.compile(r"^[A-Za-z]:")
_RULE = "quince.package"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may hold at most: entries, bytes unpacked, times larger than packed."""

    files: int
    bytes: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a package held; `files` without the manifest, in the order of their paths' bytes."""

    manifest: bytes
    files: tuple[FileEntry, ...]


def unpack(
    package: Path, name: str, into: Path, limits: Limits, passed: Callable[[int], None]
) -> Unpacked:
    """Write the files of the package of the dataset `name` into the empty folder `into`.

    `passed` is told of every piece, and may raise to end it. Each file is on disk for good when
    this returns. Raises Rejected with all problems at once; what was written is to be thrown away.
    """
    findings = Findings()
    with package.open("rb") as file:
        _require_small_directory(file, limits)
        try:
            with zipfile.ZipFile(file) as held:
                entries = _entries(held, name, limits, findings)
                findings.raise_errors("The package")
                content, files = _written(held, entries, into, limits, findings, passed)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise _broken(f"{error}") from error
        except (struct.error, UnicodeDecodeError, ValueError) as error:
            raise _broken("its directory is damaged") from error
    findings.raise_errors("The package")
    return Unpacked(content, tuple(sorted(files, key=lambda f: f.path.encode())))


def _broken(why: str) -> Rejected:
    return Rejected(
        "The package is no ZIP that can be opened.",
        hint="Export the dataset again; if it stays so, tell QuinCe's support.",
        problems=(Problem("", f"The ZIP is broken: {why}.", rule=_RULE),),
    )


def _require_small_directory(file: BinaryIO, limits: Limits) -> None:
    """The directory of a ZIP is read whole, so its size is looked at before."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - _TAIL))
    tail = file.read(_TAIL)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < 22:
        raise _broken("it ends too early")
    size = struct.unpack("<L", tail[at + 12 : at + 16])[0]
    allowed = limits.files * _ENTRY
    # 0xffffffff: the true size stands in the ZIP64 record, and cannot be more than the file.
    if min(size, end) > allowed and not (size == 0xFFFFFFFF and end <= allowed):
        problem = Problem("", f"The ZIP lists more than {limits.files:,} files.", rule=_RULE)
        raise Rejected(problem.message, problems=(problem,), hint="Raise max_files of the source.")
    file.seek(0)


def _entries(
    held: zipfile.ZipFile, name: str, limits: Limits, findings: Findings
) -> dict[str, zipfile.ZipInfo]:
    """The files by their path below the root folder; everything that is wrong is noted."""
    entries: dict[str, zipfile.ZipInfo] = {}
    seen: dict[str, str] = {}
    for info in held.infolist():
        path = _path(info)
        where = shown(path.encode("utf-8", "surrogateescape"))
        if (why := _unusable(info, path, name)) is not None:
            findings.add(Problem(where, why, rule=_RULE))
            continue
        if path.endswith("/"):
            continue
        below = path.removeprefix(f"{name}/")
        alike = unicodedata.normalize("NFC", below).casefold()
        if alike in seen:
            findings.add(Problem(where, f"The name is taken already by {seen[alike]}.", rule=_RULE))
            continue
        seen[alike] = where
        entries[below] = info
    _measured(entries, limits, findings)
    if manifests.FILE not in entries:
        findings.add(Problem(manifests.FILE, "The package has no manifest.", rule=_RULE))
    return entries


def _measured(entries: dict[str, zipfile.ZipInfo], limits: Limits, findings: Findings) -> None:
    if len(entries) > limits.files:
        said = f"The package lists {len(entries):,} files, more than {limits.files:,}."
        findings.add(Problem("", said, "Raise max_files of the source.", rule=_RULE))
    total = sum(info.file_size for info in entries.values())
    if total > limits.bytes:
        said = f"Unpacked it would be {total:,} bytes, more than {limits.bytes:,}."
        findings.add(Problem("", said, "Raise max_gb of the source.", rule=_RULE))
    for path, info in entries.items():
        if info.file_size > max(_SMALL, info.compress_size * limits.ratio):
            said = f"It unpacks {info.compress_size:,} bytes into {info.file_size:,}."
            findings.add(Problem(shown(path.encode()), said, rule=_RULE))


def _path(info: zipfile.ZipInfo) -> str:
    """The name as it was written: QuinCe writes UTF-8, with or without the flag that says so."""
    name = info.orig_filename
    if info.flag_bits & 0x800:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return name


def _unusable(info: zipfile.ZipInfo, path: str, name: str) -> str | None:
    """Why an entry is refused, if it is."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "It is a link or a device."
    if info.flag_bits & 0x1:
        return "It is encrypted."
    if "\\" in path:
        return "Its name holds a backslash."
    if path.startswith("/") or _DRIVE.match(path):
        return "Its name is an absolute path."
    folders = path.removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in folders):
        return "Its name climbs out of its folder."
    if folders[0] != name:
        return f"It is not in the folder {name}."
    if len(folders) == 1 and not path.endswith("/"):
        return "It stands where the folder should be."
    if any(len(part.encode("utf-8", "replace")) > 255 for part in folders) or len(folders) > 20:
        return "Its name is too long."
    problem = check_name(path.encode("utf-8", "surrogateescape"), path)
    return problem.message if problem else None


def _written(
    held: zipfile.ZipFile,
    entries: dict[str, zipfile.ZipInfo],
    into: Path,
    limits: Limits,
    findings: Findings,
    passed: Callable[[int], None],
) -> tuple[bytes, list[FileEntry]]:
    content, files, left = b"", [], limits.bytes
    for path, info in entries.items():
        if path == manifests.FILE:
            content = _manifest(held, info, findings)
            passed(len(content))
            continue
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with target.open("xb") as out:
            for piece in _pieces(held, info):
                size += len(piece)
                if size > min(info.file_size, left):
                    raise _broken(f"{shown(path.encode())} is larger than it says")
                digest.update(piece)
                out.write(piece)
                passed(len(piece))
            out.flush()
            os.fsync(out.fileno())
        left -= size
        files.append(FileEntry(path, size, digest.hexdigest(), media_type(path)))
    return content, files


def _pieces(held: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with held.open(info) as stream:
        while piece := stream.read(PIECE):
            yield piece


def _manifest(held: zipfile.ZipFile, info: zipfile.ZipInfo, findings: Findings) -> bytes:
    if info.file_size > _LARGEST_MANIFEST:
        findings.add(Problem(manifests.FILE, "It is larger than 32 MiB.", rule=_RULE))
        return b"{}"
    with held.open(info) as stream:
        return stream.read(_LARGEST_MANIFEST)
