"""Figures for Prometheus, in its text format (exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Request, Security
from fastapi.security import HTTPAuthorizationCredentials
from starlette.responses import Response

from excudit import __version__
from excudit.domain import permissions
from excudit.domain.errors import NotFound
from excudit.service import figures
from excudit.service.figures import Figure
from excudit.web.identity import SCHEME, Wired, caller

ROUTER = APIRouter(include_in_schema=False)
FORMAT = "text/plain; version=0.0.4; charset=utf-8"


@ROUTER.get("/metrics")
def metrics(
    request: Request,
    parts: Wired,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(SCHEME)],
) -> Response:
    """All figures; for whom, the settings say. Strangers learn nothing."""
    readers = parts.settings.service.metrics
    if readers == "off":
        raise NotFound("There is nothing at this address.")
    if readers == "admin":
        permissions.require_site("operate", caller(request, parts, credentials).roles)
    text = "".join(
        line for figure in (_version(), *figures.every(parts)) for line in _lines(figure)
    )
    return Response(text, media_type=FORMAT, headers={"Cache-Control": "no-store"})


def _version() -> Figure:
    return Figure("info", "The version that runs.", (({"version": __version__}, 1.0),))


def _lines(figure: Figure) -> Iterator[str]:
    name = f"excudit_{figure.name}"
    yield f"# HELP {name} {figure.about}\n# TYPE {name} gauge\n"
    for labels, value in figure.samples:
        pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{name}{{{pairs}}} {value:.15g}\n" if pairs else f"{name} {value:.15g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
