"""Stylesheet, scripts and icon: read once, packed once, at addresses that change with them.

Only these are packed: in a packed page, an attacker who can put words into it could guess the
session's mark by the page's length (BREACH).
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_STATIC = files("excudit.web") / "static"
_UNWANTED = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file for browsers. `path` is its address under the service's root."""

    body: bytes
    packed: bytes
    media_type: str
    path: str

    def answer(self, request: Request) -> Response:
        """The file, packed for those who can unpack it."""
        accepted = request.headers.get("accept-encoding", "")
        headers = {**FOREVER, "Vary": "Accept-Encoding"}
        if "gzip" in accepted and not _UNWANTED.search(accepted):
            packed = {**headers, "Content-Encoding": "gzip"}
            return Response(self.packed, headers=packed, media_type=self.media_type)
        return Response(self.body, headers=headers, media_type=self.media_type)


def asset(body: bytes, suffix: str, media_type: str, *, folder: str = "") -> Asset:
    """A file at an address that changes with it."""
    path = f"/static/{folder}{hashlib.sha256(body).hexdigest()[:16]}.{suffix}"
    return Asset(body, gzip.compress(body, 9, mtime=0), media_type, path)


def _joined(folder: str) -> bytes:
    """The files of a folder as one, in the order of their names."""
    found = sorted((_STATIC / folder).iterdir(), key=lambda f: f.name)
    return b"\n".join(f.read_bytes() for f in found)


STYLE = asset(_joined("style"), "css", "text/css")
SCRIPT = asset(_joined("script"), "js", "text/javascript")
HTMX = asset((_STATIC / "vendor" / "htmx-4.0.1.min.js").read_bytes(), "js", "text/javascript")
ICON = (_STATIC / "favicon.svg").read_bytes()
ROUTES = [Route(one.path, one.answer) for one in (STYLE, SCRIPT, HTMX)]
