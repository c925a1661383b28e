"""The server: uvicorn in a thread of its own, so that the process's signals stay its owner's."""

from __future__ import annotations

import errno
import logging
import socket
import threading

import uvicorn
from fastapi import FastAPI

from excudit.domain.errors import Conflict, Denied, Rejected, Unavailable

GRACE_S = 5
IDLE_S = 30
CONNECTIONS = 500
BACKLOG = 512


class _AlreadyTold(logging.Filter):
    """Uvicorn tells unexpected errors again, which the app has told with an incident number."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Exception in ASGI application")


class Running:
    """A server at work. `url` is where it listens."""

    def __init__(self, server: uvicorn.Server, listener: socket.socket) -> None:
        self._server = server
        self._listener = listener
        host, port = listener.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True
        )

    def stop(self) -> None:
        """Take no more calls, finish those under way for up to `GRACE_S` seconds; idempotent."""
        self._server.should_exit = True
        self._thread.join(GRACE_S + 2)
        self._listener.close()

    def _start(self) -> None:
        # Connections are taken from here on: they wait in the backlog until the loop turns.
        self._listener.listen(BACKLOG)
        self._thread.start()


def serve_in_thread(app: FastAPI, host: str, port: int) -> Running:
    """Serve until `stop`; a call made as soon as this returns is answered. Port 0 takes any free
    one. Raises Conflict when the port is taken, Denied or Rejected when it cannot be had."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    logger = logging.getLogger("uvicorn.error")
    if not any(isinstance(f, _AlreadyTold) for f in logger.filters):
        logger.addFilter(_AlreadyTold())
    running = Running(uvicorn.Server(config), _listener(host, port))
    running._start()
    return running


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise Rejected(
            f"The address {host} is not known: {error.strerror}.",
            hint="Name an address of this machine in service.host.",
        ) from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    return listener


def _refused(host: str, port: int, error: OSError) -> Exception:
    where = f"{host}:{port}"
    if isinstance(error, PermissionError):
        return Denied(
            f"This user may not listen on {where}.", hint="Choose a service.port above 1023."
        )
    if error.errno == errno.EADDRINUSE:
        return Conflict(
            f"Another program listens on {where} already.",
            hint="Stop it, or choose another service.port.",
        )
    return Unavailable(f"{where} cannot be listened on: {error.strerror}.")
