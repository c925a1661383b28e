"""Documents handed in for a route, the publication that they ask for, and what is stored of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import anyio.from_thread
from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from excudit.service import handing_in, stored
from excudit.web.api.asks import PublicationId, Text
from excudit.web.api.models import PublicationShown
from excudit.web.api.publications import tagged
from excudit.web.api.represent import address, visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import LOCATION, troubles
from excudit.web.identity import Caller, Wired
from excudit.web.visitors import form_of

ROUTER = room(tag="documents")
RouteName = Annotated[Text, Path(max_length=100, description="A name of `GET /routes`.")]
_FILE = {"type": "string", "format": "binary"}
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "description": "Parts by the names that the source accepts; for an assessment "
                    "`document` (JSON), `rendering` (PDF) and `people` (JSON).",
                    "additionalProperties": _FILE,
                }
            },
            "application/json": {"schema": {"type": "object", "description": "The document."}},
        },
    }
}


class Handed(BaseModel):
    """A dataset as it is kept now."""

    ref: Annotated[str, Field(description="Its reference at the source.")]
    title: str
    revision: Annotated[str, Field(description="Changes whenever one of its files does.")]
    warnings: Annotated[list[str], Field(description="What does not stop its publication.")]


class DepositStored(BaseModel):
    """What the database knows of one deposit."""

    dataset: Annotated[str, Field(description="The dataset's (assessment's) own id.")]
    target: str
    deposit: Annotated[str, Field(description="The deposit's id at the target.")]
    created_at: Annotated[datetime | None, Field(description="When the deposit was created.")]
    process_state: Annotated[str, Field(description="The stage, in the words of the route.")]
    publication_status: Annotated[str, Field(description="DRAFT or PUBLISHED.")]
    published_at: Annotated[datetime | None, Field(description="When it was published.")]
    url: Annotated[str, Field(description="Its page at the target.")]
    doi: str


class Deposits(BaseModel):
    """The deposits of a publication."""

    deposits: list[DepositStored]


@ROUTER.post(
    "/routes/{route}/documents",
    status_code=201,
    responses=troubles(400, 403, 404, 409, 413, 415, 422, 501, 502),
    summary="Hand in documents",
    openapi_extra=_FORM,
)
def hand_in(
    request: Request,
    parts: Wired,
    actor: Caller,
    route: RouteName,
    ref: Annotated[Text, Query(max_length=200, description="The dataset; needed where the "
                               "document does not say.")] = "",
) -> Handed:  # fmt: skip
    """Keep them as the newest revision of their dataset; nothing is published yet. Equal documents
    change nothing."""
    found = handing_in.receive(parts, actor, route, _documents(request), ref=ref)
    warnings = [str(p) for p in found.notes if p.severity == "warning"]
    return Handed(ref=found.ref, title=found.title, revision=found.revision, warnings=warnings)


def _documents(request: Request) -> dict[str, bytes]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        body: bytes = anyio.from_thread.run(request.body)
        return {"document": body} if body.strip() else {}
    if kind not in ("multipart/form-data", ""):
        raise HTTPException(415, "Send application/json, or multipart/form-data with the parts.")
    return {name: _bytes(value) for name, value in form_of(request).multi_items()}


def _bytes(value: UploadFile | str) -> bytes:
    return value.encode() if isinstance(value, str) else value.file.read()


@ROUTER.post(
    "/routes/{route}/documents/{ref}/publish",
    status_code=202,
    responses={202: LOCATION, **troubles(400, 403, 404, 409, 422, 501, 502)},
    summary="Publish a dataset as it is now",
)
def put_forward(
    parts: Wired,
    actor: Caller,
    response: Response,
    route: RouteName,
    ref: Annotated[Text, Path(max_length=200, description="The dataset.")],
) -> PublicationShown:
    """For the first time, again after it failed, or as the next version when it changed since."""
    begun = handing_in.put_forward(parts, actor, route, ref)
    response.headers["Location"] = address(parts, "publications", begun.id)
    return tagged(parts, actor, begun.id, response)


@ROUTER.get(
    "/publications/{publication}/deposits",
    responses=troubles(404, 422),
    summary="What is stored of the deposits",
)
def deposits(parts: Wired, actor: Caller, publication: PublicationId) -> Deposits:
    """Dataset, deposit, times, process state and publication status, by target."""
    found = stored.of(parts, visible(parts, actor, publication))
    return Deposits(
        deposits=[
            DepositStored(
                dataset=one.dataset,
                target=one.target,
                deposit=one.deposit,
                created_at=one.created_at,
                process_state=one.state,
                publication_status=one.status,
                published_at=one.published_at,
                url=one.url,
                doi=one.doi,
            )
            for one in found
        ]
    )
