"""Files of a draft by the records API: named, filled, committed; a committed one is never filled
again, for the repository would delete it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, BinaryIO

from excudit.domain.errors import Rejected, Uncertain
from excudit.domain.model import FileEntry, Receipt
from excudit.http import Answer, Stream, path_of
from excudit.targets.invenio.answers import entries, words
from excudit.targets.invenio.api import Api
from excudit.targets.invenio.bytes_out import Sent, md5_of
from excudit.targets.invenio.found import Held

MB = 1_000_000


def listed(api: Api, id_: str, *, public: bool) -> dict[str, Held]:
    """All files of a draft or of a published record."""
    place = path_of("api", "records", id_) if public else path_of("api", "records", id_, "draft")
    answer = api.call("GET", f"{place}/files")
    return {str(e["key"]): _held(e) for e in answer.value.get("entries") or ()}


def put(api: Api, id_: str, file: FileEntry, stream: BinaryIO) -> Receipt:
    """Bring one file to the stream's bytes, from whatever state it is in."""
    place = _place(id_, file.path)
    entry = _begun(api, id_, file, stream)
    if entry is None:
        known = api.call("GET", place).value
        held = _held(known)
        if held.complete:
            md5 = md5_of(stream, file.size)
            if (held.size, held.md5) == (file.size, md5):
                return Receipt(file.path, file.size, f"md5:{md5}")
        elif _parts(known) == _wanted_parts(api, file):
            return _filled(api, place, known, file, stream)
        remove(api, id_, file.path)
        entry = _begun(api, id_, file, stream)
        if entry is None:
            raise Uncertain(f"{api.name} has {file.path} again, although it was removed.")
    return _filled(api, place, entry, file, stream)


def remove(api: Api, id_: str, path: str) -> None:
    """Remove a file of the draft; absent = done."""
    api.call("DELETE", _place(id_, path), expect={204, 404})


def _place(id_: str, path: str) -> str:
    return path_of("api", "records", id_, "draft", "files", path)


def _held(entry: Mapping[str, Any]) -> Held:
    return Held(
        size=int(entry.get("size") or 0),
        md5=str(entry.get("checksum") or "").removeprefix("md5:"),
        # Files of a published record have no status.
        complete=entry.get("status", "completed") == "completed",
    )


def _parts(entry: Mapping[str, Any]) -> int:
    return int((entry.get("transfer") or {}).get("parts") or 0)


def _wanted_parts(api: Api, file: FileEntry) -> int:
    above = api.settings.multipart_above_mb * MB
    if not above or file.size <= above:
        return 0
    return math.ceil(file.size / (api.settings.part_mb * MB))


def _begun(api: Api, id_: str, file: FileEntry, stream: BinaryIO) -> Mapping[str, Any] | None:
    """The new entry; None when there is one of this name already."""
    parts = _wanted_parts(api, file)
    told: dict[str, Any] = {"key": file.path}
    if parts:
        told |= {
            "size": file.size,
            "checksum": f"md5:{md5_of(stream, file.size)}",
            "transfer": {"type": "M", "parts": parts, "part_size": api.settings.part_mb * MB},
        }
    place = path_of("api", "records", id_, "draft", "files")
    answer = api.call("POST", place, json=[told], expect={201, 400})
    if answer.status == 400 and not _there(answer) and parts:
        # Parts are not offered here: in one piece, then.
        answer = api.call("POST", place, json=[{"key": file.path}], expect={201, 400})
    if answer.status == 400:
        if not _there(answer):
            raise Rejected(f"{api.name} refused {file.path}.", remote=words(answer))
        return None
    entry: Mapping[str, Any] = next(e for e in answer.value["entries"] if e["key"] == file.path)
    return entry


def _there(answer: Answer) -> bool:
    return "already exists" in words(answer)


def _filled(
    api: Api, place: str, entry: Mapping[str, Any], file: FileEntry, stream: BinaryIO
) -> Receipt:
    links = entry.get("links") or {}
    if _parts(entry):
        md5 = _in_parts(api, entry, file, stream)
    else:
        md5 = _whole(api, links.get("content") or f"{place}/content", file, stream)
    answer = api.act(links.get("commit") or f"{place}/commit")
    _no_errors(api, answer, file)
    held = _held(answer.value)
    if not held.md5:
        held = _held(api.call("GET", place).value)
    if held.complete and not held.md5:
        # Of parts, it makes the sum in its own time.
        raise Uncertain(f"{api.name} has not told the checksum of {file.path} yet.")
    if (held.size, held.md5) != (file.size, md5):
        raise Uncertain(
            f"{api.name} stored {file.path} with {held.size} bytes and MD5 {held.md5};"
            f" {file.size} bytes with {md5} were sent.",
            hint="It is sent again.",
        )
    return Receipt(file.path, file.size, f"md5:{md5}")


def _whole(api: Api, place: str, file: FileEntry, stream: BinaryIO) -> str:
    passing = Sent(stream, file.size)
    _no_errors(api, api.upload(place, Stream(passing, file.size)), file)
    return passing.md5


def _in_parts(api: Api, entry: Mapping[str, Any], file: FileEntry, stream: BinaryIO) -> str:
    """Each part may be sent again; the order of the links is not relied on."""
    size = int(entry["transfer"].get("part_size") or api.settings.part_mb * MB)
    links = sorted(entry["links"]["parts"], key=lambda part: int(part["part"]))
    passing, left = Sent(stream, file.size), file.size
    for part in links:
        length = min(size, left)
        left -= length
        api.upload(str(part["url"]), Stream(passing.next(length), length))
    return passing.md5


def _no_errors(api: Api, answer: Answer, file: FileEntry) -> None:
    """A failed transfer is told with 200, and the file is deleted then."""
    if entries(answer.value):
        raise Uncertain(
            f"{api.name} did not keep {file.path}.",
            hint="It is looked at and sent again.",
            remote=words(answer),
        )
