"""Answers with the bytes of a publication: made while they are read, never kept."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from excudit.service import exporting
from excudit.service.exporting import Export
from excudit.service.parts import Parts


def zip_of(parts: Parts, wanted: Export, folder: str) -> Response:
    """A ZIP as it is made."""
    name = wanted.name
    if folder:
        wanted = exporting.below(wanted, folder)
        name = f"{name} {folder.rpartition('/')[2]}"
    pieces = _begun(exporting.whole(parts, wanted))
    return StreamingResponse(pieces, media_type="application/zip", headers=kept_as(f"{name}.zip"))


def file_of(parts: Parts, wanted: Export, path: str) -> Response:
    """One file as it was frozen."""
    entry, pieces = exporting.one(parts, wanted, path)
    headers = kept_as(path.rpartition("/")[2]) | {"Content-Length": str(entry.size)}
    pieces = _begun(pieces)
    # Whatever it claims to be, no browser shows it as a page of ours.
    return StreamingResponse(pieces, media_type="application/octet-stream", headers=headers)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, the first of them read already: what cannot be read at all is an error in
    words, not an answer that breaks off."""
    return chain((next(pieces, b""),), pieces)


def kept_as(name: str) -> dict[str, str]:
    """The headers of a download with a name in any script (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-") else "_" for c in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
