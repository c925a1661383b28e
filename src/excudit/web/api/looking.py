"""Looking at the data of a publication, and downloading a copy of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from excudit.service import exporting, looking
from excudit.web import downloads
from excudit.web.api.asks import PublicationId, Text
from excudit.web.api.models import LooksShown
from excudit.web.api.represent import visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import troubles
from excudit.web.identity import Caller, Wired

ROUTER = room()
# Bytes have no schema (OpenAPI 3.1, "Considerations for Binary Data").
_BINARY: dict[str, Any] = {}
_PATH = Query(max_length=4096, description="Path of the file, as `files` lists it.")
_FOLDER = Query(max_length=4096, description="Only what stands below this folder.")


@ROUTER.get(
    "/publications/{publication}/looks",
    tags=["data"],
    responses=troubles(404, 422),
    summary="Plots and figures of the data",
)
def looks(parts: Wired, actor: Caller, publication: PublicationId) -> LooksShown:
    """The measurements as numbers: points by flag, figures, and what changed since the last
    export. Empty where the source shows nothing."""
    found = visible(parts, actor, publication)
    _, seen = looking.looks(parts, actor, found.id)
    return LooksShown.model_validate(seen.as_data()) if seen else LooksShown()


@ROUTER.get(
    "/publications/{publication}/export",
    tags=["data"],
    responses={
        200: {"description": "The ZIP.", "content": {"application/zip": _BINARY}},
        **troubles(404, 409, 422),
    },
    response_class=Response,
    summary="Download the data as a ZIP",
)
def export(
    parts: Wired,
    actor: Caller,
    publication: PublicationId,
    folder: Annotated[Text, _FOLDER] = "",
) -> Response:
    """What was frozen, byte for byte; before that what the source has now."""
    found = visible(parts, actor, publication)
    return downloads.zip_of(parts, exporting.export(parts, actor, found.id), folder)


@ROUTER.get(
    "/publications/{publication}/export/file",
    tags=["data"],
    responses={
        200: {"description": "The file.", "content": {"application/octet-stream": _BINARY}},
        **troubles(404, 409, 422),
    },
    response_class=Response,
    summary="Download one file",
)
def export_file(
    parts: Wired, actor: Caller, publication: PublicationId, path: Annotated[Text, _PATH]
) -> Response:
    """One file as it was frozen, or as the source has it now."""
    found = visible(parts, actor, publication)
    return downloads.file_of(parts, exporting.export(parts, actor, found.id), path)
