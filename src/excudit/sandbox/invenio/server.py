"""The loopback server: HTTP/1.1 in threads, bodies streamed to disk."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from excudit.sandbox.invenio.accounts import TOKEN, User, users
from excudit.sandbox.invenio.desk import CutError, Desk
from excudit.sandbox.invenio.exchange import Blob, Call, Reply, json_reply
from excudit.sandbox.invenio.faults import Fault, Switches
from excudit.sandbox.invenio.records import Records
from excudit.sandbox.invenio.store import MEMORY, PIECE, Store

STREAM = "application/octet-stream"
LARGEST_JSON = 16 << 20


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, desk: Desk, accounts: Mapping[str, User]) -> None:
        self.desk, self.accounts = desk, accounts
        super().__init__((host, port), _Exchange)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as inherited
        """Nothing is written to the terminal."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815 -- as inherited

    @property
    def _desk(self) -> Desk:
        return cast(_Listener, self.server).desk

    def _serve(self) -> None:
        path = urlsplit(self.path).path
        try:
            if path.startswith("/_sandbox/"):
                self._send(self._control(path))
                return
            faults = self._desk.before(self.command, path)
            self._send(self._desk.answer(self._call(path, faults), path, faults))
        except CutError:
            self._cut()

    def _call(self, path: str, faults: list[Fault]) -> Call:
        headers = {name.lower(): value for name, value in self.headers.items()}
        scheme, _, token = headers.get("authorization", "").partition(" ")
        known = cast(_Listener, self.server).accounts
        body, blob = self._body(headers, path)
        return Call(
            method=self.command,
            parts=tuple(unquote(p) for p in path.strip("/").split("/") if p),
            query=dict(parse_qsl(urlsplit(self.path).query)),
            headers=headers,
            base=f"http://{headers.get('host', '')}",
            user=known.get(token) if scheme == "Bearer" else None,
            body=body,
            blob=blob,
        )

    def _body(self, headers: Mapping[str, str], path: str) -> tuple[Any, Blob | None]:
        length = int(headers.get("content-length") or 0)
        stored = "/content" in path or path.startswith("/api/files/")
        if self.command == "PUT" and stored:
            return None, self._desk.records.store.take(self._pieces(length), length)
        if not length:
            return None, None
        text = self.rfile.read(min(length, LARGEST_JSON))
        try:
            return orjson.loads(text), None
        except orjson.JSONDecodeError:
            return text, None

    def _pieces(self, left: int) -> Iterator[bytes]:
        while left > 0:
            try:
                piece = self.rfile.read(min(left, PIECE))
            except OSError:
                return
            if not piece:
                return
            left -= len(piece)
            yield piece

    def _control(self, path: str) -> Reply:
        """The sandbox's own switches, outside of the repository's paths."""
        desk, name = self._desk, path.removeprefix("/_sandbox/")
        length = int(self.headers.get("Content-Length") or 0)
        told = orjson.loads(self.rfile.read(length)) if length else None
        switches = desk.records.switches
        if (name, self.command) == ("faults", "POST"):
            switches.add(told)
            return json_reply(201, {})
        if (name, self.command) == ("faults", "GET"):
            return json_reply(200, {"faults": switches.all()})
        if (name, self.command) == ("faults", "DELETE"):
            switches.clear()
            return Reply(204)
        if (name, self.command) == ("count", "GET"):
            return json_reply(200, dict(desk.counts))
        return json_reply(404, {"error": "the sandbox knows: faults, count"})

    def _send(self, reply: Reply) -> None:
        with contextlib.suppress(OSError):
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            self.wfile.flush()

    def _cut(self) -> None:
        linger = struct.pack("ii", 1, 0)
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            # The file objects hold the socket open as well.
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True


class Invenio:
    """A repository to start and stop, for tests and demos; also a context manager.

    `state_path` is an SQLite file that survives (files beside it), or ":memory:". `zenodo` makes
    it play Zenodo: the deposit API as well, integers as ids, prefix 10.5072. `doi_delay_s`:
    seconds from publication until a DOI is findable. `token`: of the first user. It serves in
    threads of this process, on loopback only.
    """

    def __init__(
        self,
        state_path: str | Path = MEMORY,
        *,
        port: int = 0,
        zenodo: bool = False,
        doi_delay_s: float = 0.0,
        token: str = TOKEN,
    ) -> None:
        self.state_path, self.port, self.zenodo = str(state_path), port, zenodo
        self.accounts = users(token)
        self.doi_delay_s = doi_delay_s
        self.switches = Switches()
        self.url = ""
        self.desk: Desk
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Serve; the port accepts when this returns. Raises OSError when it is taken."""
        store = Store(self.state_path, numbers=self.zenodo)
        prefix = "10.5072" if self.zenodo else "10.1234"
        records = Records(
            store, self.switches, self.accounts, prefix, self.zenodo, self.doi_delay_s
        )
        self.desk = Desk(records)
        self._listener = _Listener("127.0.0.1", self.port, self.desk, self.accounts)
        self.port = self._listener.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(0.05,), name="sandbox-invenio", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving; slow answers are cut short. Stopping twice is allowed."""
        if self._listener is None or self._thread is None:
            return
        self.desk.stopping.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self.desk.records.store.close()
        self._listener = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def records(self) -> list[dict[str, Any]]:
        """All records and drafts that are kept, newest first, as the operator sees them."""
        with self.desk.records.store.lock:
            return self.desk.records.store.all("record")

    def fault(self, kind: str, **details: Any) -> None:
        """Set a switch; it fires once unless `count` says otherwise."""
        self.switches.add({"kind": kind, **details})

    def calls(self, method: str, ending: str) -> int:
        """How often a method was asked of paths that end so."""
        return sum(
            n
            for name, n in self.desk.counts.items()
            if name.startswith(f"{method} ") and name.endswith(ending)
        )
