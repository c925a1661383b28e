"""The tab with the data: plots, the tables behind them, and what changed since the last export."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import ExcuditError, NotFound
from excudit.domain.looks import Looks
from excudit.domain.sentence import Sentence
from excudit.service import looking
from excudit.web import drawing, shell
from excudit.web.identity import Wired
from excudit.web.pages.publication import frame
from excudit.web.rendering import known
from excudit.web.visitors import SignedIn

ROUTER = APIRouter()
_SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@ROUTER.get("/publications/{publication}/data")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """The data to look at; why there are none, where there are none."""
    found = frame.found(parts, person, publication)
    trouble, tag, seen = "", "", None
    try:
        tag, seen = looking.looks(parts, person.actor, found.id)
    except NotFound:
        raise
    except ExcuditError as error:
        trouble = Sentence.joined(error.message, error.hint)
    values = {
        "seen": seen,
        "trouble": trouble,
        "behind": _behind(seen),
        "told": lambda plot: ", ".join(f"{s.label} {s.total:,}" for s in plot.series),
        "others": [t for t in seen.tables if not _has_plot(seen, t.behind)] if seen else [],
        "mark": hashlib.sha256(tag.encode()).hexdigest()[:12],
    }
    return frame.show(request, parts, person, found.id, "/data", values)


@ROUTER.get("/publications/{publication}/data/{plot}.svg")
def picture(
    request: Request, parts: Wired, person: SignedIn, publication: str, plot: str
) -> Response:
    """One plot as SVG; 304 while it is the same."""
    found = frame.found(parts, person, publication)
    tag, seen = looking.looks(parts, person.actor, found.id)
    wanted = next((p for p in seen.plots if p.key == plot), None) if seen else None
    if wanted is None:
        raise NotFound("There is no such plot.", hint="Look at the tab with the data.")
    etag = f'"{hashlib.sha256(f"{tag} {plot}".encode()).hexdigest()[:24]}"'
    headers = {**shell.PRIVATE, "ETag": etag, "Content-Security-Policy": _SVG_POLICY}
    if known(etag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(drawing.drawn(wanted, etag), media_type="image/svg+xml", headers=headers)


def _has_plot(seen: Looks, key: str) -> bool:
    return any(plot.key == key for plot in seen.plots)


def _behind(seen: Looks | None) -> dict[str, list[object]]:
    """The tables behind each plot."""
    plots = seen.plots if seen else ()
    tables = seen.tables if seen else ()
    return {p.key: [t for t in tables if t.behind == p.key] for p in plots}
