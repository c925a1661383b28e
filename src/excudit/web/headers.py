"""What every answer carries, and the limits of what is taken in."""

from __future__ import annotations

import re
from collections.abc import Awaitable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from excudit.web import kinds, problems
from excudit.web.visitors import Visitor

BODY_LIMIT = 5 * 1024 * 1024
"""Bytes of a request's body. The largest known record, with 3,000 authors, has under 1 MB."""

UPLOADS = re.compile(
    r"/api/v1/routes/[^/]+/documents|/hand-in/[^/]+|/v2/zenodo/publish/assessment/[^/]+"
)
"""Where documents are handed in, whose size their source limits."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Edge:
    """The outermost layer: refuses bodies that say they are too long, adds the headers."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT, uploads: int = 0) -> None:
        self._app = app
        self._limit, self._uploads = limit, uploads

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._app(scope, receive, send)

        def with_headers(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
            return send(message)

        limit = limit_of(scope, self._limit, self._uploads)
        if _announced(scope) > limit:
            return self._too_large(scope, limit)(scope, receive, with_headers)
        return self._app(scope, receive, with_headers)

    def _too_large(self, scope: Scope, limit: int) -> Response:
        # Nobody is looked up here: the event loop waits for no database.
        return problems.answer(
            Request(scope),
            kinds.of_status(413),
            f"What was sent is longer than {limit} bytes.",
            headers={"Connection": "close"},
            who=Visitor(None),
        )


class BodyLimits:
    """Cuts bodies off that turn out to be too long, whatever they announced."""

    def __init__(self, app: ASGIApp, limit: int, uploads: int) -> None:
        self._usual = RequestBodyLimitMiddleware(app, limit)
        self._large = RequestBodyLimitMiddleware(app, max(limit, uploads))

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        uploads = scope["type"] == "http" and UPLOADS.fullmatch(scope["path"])
        return (self._large if uploads else self._usual)(scope, receive, send)


def limit_of(scope: Scope, limit: int, uploads: int) -> int:
    """Bytes that the body of this request may have."""
    return max(limit, uploads) if UPLOADS.fullmatch(scope["path"]) else limit


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0
