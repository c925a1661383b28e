"""Downloading a copy of the data, for places that nothing is sent to automatically."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from excudit.service import exporting
from excudit.service.exporting import LISTED
from excudit.web import downloads
from excudit.web.figures import size
from excudit.web.identity import Wired
from excudit.web.pages.publication import frame
from excudit.web.visitors import SignedIn

ROUTER = APIRouter()
FilePath = Annotated[str, Query(max_length=4096)]


@ROUTER.get("/publications/{publication}/export")
def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
    """What can be downloaded, by folder."""
    found = frame.found(parts, person, publication)
    wanted = exporting.export(parts, person.actor, found.id)
    groups = wanted.groups()
    values = {
        "wanted": wanted,
        "groups": groups,
        "more": max(0, len(wanted.files) - LISTED),
        "size": size,
        "quoted": quote,
    }
    return frame.show(request, parts, person, found.id, "/export", values)


@ROUTER.get("/publications/{publication}/export/package")
def package(parts: Wired, person: SignedIn, publication: str, folder: FilePath = "") -> Response:
    """All files, or those below one folder, as a ZIP."""
    found = frame.found(parts, person, publication)
    return downloads.zip_of(parts, exporting.export(parts, person.actor, found.id), folder)


@ROUTER.get("/publications/{publication}/export/file")
def file(parts: Wired, person: SignedIn, publication: str, path: FilePath) -> Response:
    """One file."""
    found = frame.found(parts, person, publication)
    return downloads.file_of(parts, exporting.export(parts, person.actor, found.id), path)
