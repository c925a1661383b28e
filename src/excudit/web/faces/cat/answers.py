"""Bodies of CAT: one envelope for what was begun and what failed, and what it tells of deposits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from fastapi.security import HTTPAuthorizationCredentials
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from excudit.domain.errors import Denied
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.ports import Displayed
from excudit.service.parts import Parts
from excudit.service.stored import Stored
from excudit.web import identity
from excudit.web.api.represent import address
from excudit.web.faces.cat import words


class Refused(Exception):
    """A call that is not carried out. `publication`: the one that stands in its way."""

    def __init__(
        self,
        status: int,
        message: str,
        *errors: str,
        publication: Publication | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors
        self.publication = publication


def refusal(parts: Parts, error: Refused) -> Response:
    """The error in CAT's envelope."""
    headers = {"Location": where(parts, error.publication)} if error.publication else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="excudit"'
    return envelope(error.status, error.message, *error.errors, headers=headers)


def envelope(
    status: int, message: str, *errors: str, headers: dict[str, str], code: int = 0
) -> Response:
    """`{"code", "message", "errors"}`; what is absent is left out."""
    body: dict[str, Any] = {"code": code or status, "message": message}
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status, headers={**headers, "Cache-Control": "no-store"})


def where(parts: Parts, publication: Publication) -> str:
    """The address at which the process can be followed."""
    return address(parts, "publications", publication.id)


def caller(request: Request, parts: Parts) -> Actor | None:
    """Who calls with a bearer token; None for a stranger. Raises Refused for one that counts
    nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        return None
    found = HTTPAuthorizationCredentials(scheme=scheme, credentials=token.strip())
    if scheme.lower() != "bearer":
        raise Refused(401, words.UNAUTHENTICATED)
    try:
        return identity.caller(request, parts, found)
    except HTTPException as error:
        raise Refused(error.status_code, words.UNAUTHENTICATED) from error
    except Denied as error:
        raise Refused(403, words.DENIED, error.message) from error


def signed_in(request: Request, parts: Parts) -> Actor:
    """Who calls. Raises Refused for a stranger."""
    found = caller(request, parts)
    if found is None:
        raise Refused(401, words.UNAUTHENTICATED)
    return found


def info(stored: Stored) -> dict[str, Any]:
    """What the database knows of an assessment's deposit."""
    return {
        "assessmentId": stored.dataset,
        "depositId": stored.deposit,
        "published_at": _moment(stored.published_at),
        "uploaded_at": _moment(stored.created_at),
        "is_published": stored.is_published,
        "zenodo_state": stored.state,
    }


def _moment(when: datetime | None) -> str | None:
    if when is None:
        return None
    text = when.astimezone(UTC).isoformat().removesuffix("+00:00")
    return (text.rstrip("0") if "." in text else text) + "Z"


def deposit(stored: Stored, shown: Displayed) -> dict[str, Any]:
    """The deposit as Zenodo shows it; mixed case is CAT's own."""
    return {
        "depositId": stored.deposit,
        "title": shown.title,
        "description": shown.description,
        **({"doi": shown.doi} if shown.doi else {}),
        "createdAt": shown.created_at,
        "submitted": shown.public,
        "publicationDate": shown.published_on,
        "creators": [
            {"name": name, **({"orcid": orcid} if orcid else {})} for name, orcid in shown.people
        ],
        "contributors": [{"name": name, "orcid": orcid or "N/A"} for name, orcid in shown.helpers],
        "files": [
            {"fileName": name, "fileSize": size, "fileUrl": url} for name, size, url in shown.files
        ],
    }
