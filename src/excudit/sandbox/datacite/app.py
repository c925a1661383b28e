"""The web shell: uvicorn and FastAPI around the registry, on two ports."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Body, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from excudit.sandbox.datacite.call import Call, Reply, error_reply
from excudit.sandbox.datacite.registry import Answer, Sandbox

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_PIECES = 10


class CuttableProtocol(HttpToolsProtocol):
    """HTTP whose connections a request can reset: the client sees no answer, but a cut."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["cut"] = self.cut

    def cut(self) -> None:
        """Resets the connection. May be called from any thread."""
        self.loop.call_soon_threadsafe(self._reset)

    def _reset(self) -> None:
        connection = self.transport.get_extra_info("socket")
        if connection is not None and not self.transport.is_closing():
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()


def build(sandbox: Sandbox, resolver_port: int) -> FastAPI:
    """The application; requests to `resolver_port` are the resolver's."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.exception_handler(RequestValidationError)
    def broken_json(_request: Request, error: RequestValidationError) -> Response:
        told = error.errors()[0].get("ctx", {}).get("error", "unexpected token")
        return _response(error_reply(400, f"{told} at the payload"))

    def answer(request: Request, body: Annotated[Any, Body()] = None) -> Response:
        call = _call(request, body)
        port = (request.scope.get("server") or ("", 0))[1]
        found = sandbox.answer(call, resolver=port == resolver_port)
        if found.cut:
            request.state.cut()
            return Response(status_code=204)
        return _paced(sandbox, found) if found.pause_s else _response(found.reply)

    app.add_api_route("/{path:path}", answer, methods=_METHODS, response_model=None)
    return app


def _call(request: Request, body: Any) -> Call:
    query = {name.replace("_", "-"): value for name, value in request.query_params.items()}
    return Call(
        method=request.method,
        path=request.scope["path"],
        query=query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        base=str(request.base_url).rstrip("/"),
        raw_query=request.url.query,
    )


def _response(reply: Reply) -> Response:
    return Response(reply.body, status_code=reply.status, headers=dict(reply.headers))


def _paced(sandbox: Sandbox, found: Answer) -> Response:
    """The body in pieces, with pauses between them."""
    body = found.reply.body
    step = max(1, -(-len(body) // _PIECES))

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), step):
            sandbox.stopping.wait(found.pause_s / _PIECES)
            yield body[start : start + step]

    headers = {**found.reply.headers, "Content-Length": str(len(body))}
    return StreamingResponse(pieces(), status_code=found.reply.status, headers=headers)
