"""What SciCat's jobs call: the URL action of a job type, and where its people look afterwards.

Nothing in the body counts but the job's id: job and datasets are read again with our own account.
A call is kept and answered at once; whatever may be wrong with the dataset is told by the job,
since an error would only make SciCat's user ask twice.
"""

from __future__ import annotations

import hmac
import re
from typing import Any

import anyio.from_thread
import orjson
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from excudit.domain.errors import ExcuditError
from excudit.service import requested
from excudit.service.parts import Parts
from excudit.web.identity import Wired

ROUTER = APIRouter(include_in_schema=False)
LARGEST = 1024 * 1024
_ID = re.compile(r"[\w.:-]{1,200}", re.ASCII)


@ROUTER.post("/scicat/jobs")
def announce(request: Request, parts: Wired) -> Response:
    """Keep that a job was submitted: 202 at once, with where to look. The same twice is once."""
    source = _caller(request, parts)
    if source is None:
        return _refused()
    job = _job(_body(request))
    if not job:
        return _said(400, "The body has no id of a job.", 'Send the job, or {"job": "its id"}.')
    requested.knock(parts, source, job)
    where = f"{parts.settings.site.base_url.rstrip('/')}/scicat/jobs/{job}"
    told = {"job": job, "status": "accepted", "url": where}
    return JSONResponse(told, 202, headers={"Location": where, "Cache-Control": "no-store"})


@ROUTER.get("/scicat/jobs/{job}")
def standing(request: Request, parts: Wired, job: str) -> Response:
    """How an announced job stands, by its id and the same token."""
    source = _caller(request, parts)
    if source is None:
        return _refused()
    if not _ID.fullmatch(job) or not requested.announced(parts, source, job):
        return _said(404, "This job was not announced here.", "Its poll finds it all the same.")
    return JSONResponse({"job": job, "status": "accepted", "source": source})


def _caller(request: Request, parts: Parts) -> str | None:
    """The SciCat that calls; every key is compared, each in constant time."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = None
    for source, key in parts.settings.faces.scicat_keys.items():
        try:
            wanted = key.read().get_secret_value()
        except ExcuditError:
            continue
        same = hmac.compare_digest(token.strip().encode(), wanted.encode())
        if same and wanted and scheme.lower() == "bearer":
            found = source
    return found


def _body(request: Request) -> Any:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > LARGEST:
        return None
    try:
        return orjson.loads(anyio.from_thread.run(request.body))
    except (orjson.JSONDecodeError, ClientDisconnect):
        return None


def _job(body: Any) -> str:
    """The id in a job as SciCat writes it, or in a body of the site's own."""
    told = body if isinstance(body, dict) else {}
    found = told.get("job") or told.get("id") or told.get("_id")
    if isinstance(found, dict):
        found = found.get("id") or found.get("_id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def _refused() -> Response:
    headers = {"WWW-Authenticate": 'Bearer realm="excudit"'}
    return _said(
        401, "The bearer token is not known here.", "Set it in faces.scicat_keys.", headers
    )


def _said(status: int, message: str, hint: str, headers: dict[str, str] | None = None) -> Response:
    told = {"message": message, "hint": hint, "statusCode": status}
    return JSONResponse(told, status, headers={**(headers or {}), "Cache-Control": "no-store"})
