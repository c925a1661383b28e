"""How a site looks: its logo and its colour, from its settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from excudit.domain.errors import NotFound, Rejected
from excudit.service.parts import Parts
from excudit.settings import Site
from excudit.web import assets
from excudit.web.assets import Asset

LARGEST = 100_000
"""Bytes of a logo: every page loads it."""
_SVG = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg\b", re.S
)
# An SVG is a document: on an address of ours nothing in it may run or load.
HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class Brand:
    """What pages of a site need beside the common style sheet; none where it sets nothing."""

    logo: Asset | None
    style: Asset | None


def of(site: Site) -> Brand:
    """The site's own look. Raises Rejected for a logo that cannot be shown."""
    return _made(site.logo, *site.accents)


@cache
def _made(logo: str, light: str, dark: str) -> Brand:
    return Brand(_logo(Path(logo)) if logo else None, _style(light, dark) if light else None)


def _logo(file: Path) -> Asset:
    try:
        with file.open("rb") as opened:
            body = opened.read(LARGEST + 1)
    except OSError as error:
        raise Rejected(
            f"The logo {file} cannot be read: {error.strerror}.", hint="Mend site.logo."
        ) from error
    if len(body) > LARGEST:
        raise Rejected(
            f"The logo {file} has more than {LARGEST:,} bytes.",
            hint="Every page loads it: make it smaller.",
        )
    for suffix, media_type, known in (
        ("png", "image/png", body.startswith(b"\x89PNG\r\n\x1a\n")),
        ("jpg", "image/jpeg", body.startswith(b"\xff\xd8\xff")),
        ("webp", "image/webp", body[:4] == b"RIFF" and body[8:12] == b"WEBP"),
        ("svg", "image/svg+xml", bool(_SVG.match(body))),
    ):
        if known:
            return _asset(body, suffix, media_type)
    raise Rejected(
        f"The logo {file} is no picture that browsers show.",
        hint="Give an SVG, a PNG, a JPEG or a WebP file.",
    )


def _style(light: str, dark: str) -> Asset:
    text = (
        f"@media screen {{ :root {{ --accent: {light}; }} }}\n"
        "@media screen and (prefers-color-scheme: dark) "
        f"{{ :root {{ --accent: {dark}; }} }}\n"
    )
    return _asset(text.encode(), "css", "text/css")


def _asset(body: bytes, suffix: str, media_type: str) -> Asset:
    return assets.asset(body, suffix, media_type, folder="brand/")


def _answer(request: Request) -> Response:
    parts: Parts = request.app.state.parts
    brand = of(parts.settings.site)
    known = {a.path: a for a in (brand.logo, brand.style) if a is not None}
    found = known.get(f"/static/brand/{request.path_params['name']}")
    if found is None:
        raise NotFound("There is no such file.")
    answer = found.answer(request)
    if found is brand.logo:
        answer.headers["Content-Security-Policy"] = HARMLESS
    return answer


ROUTES = [Route("/static/brand/{name}", _answer)]
