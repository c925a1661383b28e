"""What loopback stand-ins share: an HTTP/1.1 server in threads, and switches for what goes wrong.

A stand-in gives `Served` one function from a request to a reply. Faults are set by
`POST /_sandbox/faults` (JSON of a `Fault`), shown by GET, taken back by DELETE; `GET
/_sandbox/calls` lists what was asked. Both are for tests and demos, outside of the paths that the
real system has.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
from pydantic import TypeAdapter

Kind = Literal["drop-request", "lose-reply", "500-before", "500-after", "503", "429", "slow"]
BEFORE: Mapping[str, int] = {"500-before": 500, "503": 503, "429": 429}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. `parts` are the decoded parts of the path; `headers` in lower case; values of
    `query` that are given several times stand with "," between."""

    method: str
    path: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. `cut_after`: only so many bytes of the body are sent, then the connection
    is cut."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None


def json_reply(status: int, value: Any) -> Reply:
    """A value as JSON."""
    return Reply(status, orjson.dumps(value), {"Content-Type": "application/json; charset=utf-8"})


@dataclass(slots=True)
class Fault:
    """One switch: for `method` ("" = any) and `path` (a regular expression, searched in the path as
    it was sent). The first `skip` matches pass, then it fires `count` times; None = until it is
    taken back. `kind` is one of `Kind` or a word of the stand-in's own."""

    kind: str
    method: str = ""
    path: str = ""
    count: int | None = 1
    skip: int = 0
    delay_s: float = 1.0
    retry_after: str = ""
    fired: int = 0


_FAULT = TypeAdapter(Fault)


class Switches:
    """All switches that are set, for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[Fault] = []

    def add(self, told: Any) -> None:
        """Set a switch from its JSON. Raises ValueError that says what is wrong."""
        fault = _FAULT.validate_python(told)
        re.compile(fault.path)
        with self._lock:
            self._set.append(fault)

    def fire(self, method: str, path: str) -> dict[str, Fault]:
        """The switches that go off for this request, by their kind; each is counted."""
        firing: dict[str, Fault] = {}
        with self._lock:
            for fault in self._set:
                spent = fault.count is not None and fault.fired >= fault.count
                if spent or fault.method not in ("", method) or not re.search(fault.path, path):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.fired += 1
                firing[fault.kind] = fault
        return firing

    def all(self) -> list[dict[str, Any]]:
        """Every switch with how often it went off."""
        with self._lock:
            return [asdict(fault) for fault in self._set]

    def clear(self) -> None:
        """Take back all switches."""
        with self._lock:
            self._set.clear()


Answering = Callable[[Request, Mapping[str, Fault]], Reply]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, served: Served) -> None:
        self.served = served
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
        served = cast(_Listener, self.server).served
        asked = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        told = Request(
            method=self.command,
            path=asked.path,
            parts=tuple(unquote(p) for p in asked.path.split("/") if p),
            query=_joined(parse_qsl(asked.query, keep_blank_values=True)),
            headers=headers,
            body=self.rfile.read(int(headers.get("content-length") or 0)),
            url=f"http://{headers.get('host', '')}",
        )
        reply = served.reply(told)
        if reply is None:
            self._cut()
            return
        self._send(reply)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_GET  # noqa: N815 -- as inherited

    def _send(self, reply: Reply) -> None:
        with contextlib.suppress(OSError):
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body[: reply.cut_after])
            self.wfile.flush()
        if reply.cut_after is not None:
            self._cut()

    def _cut(self) -> None:
        linger = struct.pack("ii", 1, 0)
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            # The file objects hold the socket open as well.
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True


class Served:
    """A stand-in to start and stop, on loopback only; also a context manager.

    `calls` are all requests in order: method, path, status (0 = no answer was given).
    """

    def __init__(self, answer: Answering, *, port: int = 0, name: str = "sandbox") -> None:
        self._answer = answer
        self._name = name
        self.port = port
        self.url = ""
        self.switches = Switches()
        self.calls: list[dict[str, Any]] = []
        self.stopping = threading.Event()
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Serve; the port accepts when this returns. Raises OSError when it is taken."""
        self.stopping.clear()
        self._listener = _Listener("127.0.0.1", self.port, self)
        self.port = int(self._listener.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(0.05,), name=self._name, daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving; slow answers are cut short. Stopping twice is allowed."""
        if self._listener is None or self._thread is None:
            return
        self.stopping.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
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

    def fault(self, kind: str, **details: Any) -> None:
        """Set a switch; it fires once unless `count` says otherwise."""
        self.switches.add({"kind": kind, **details})

    def writes(self) -> list[str]:
        """What was asked besides reading, as "METHOD /path", in order."""
        reads = {"GET", "HEAD", "OPTIONS"}
        return [f"{c['method']} {c['path']}" for c in self.calls if c["method"] not in reads]

    def reply(self, request: Request) -> Reply | None:
        """What to answer; None = the connection is cut."""
        if request.parts[:1] == ("_sandbox",):
            return self._control(request)
        faults = self.switches.fire(request.method, request.path)
        told: dict[str, Any] = {"method": request.method, "path": request.path, "status": 0}
        self.calls.append(told)
        if "drop-request" in faults:
            return None
        if "slow" in faults:
            self.stopping.wait(faults["slow"].delay_s)
        for kind, status in BEFORE.items():
            if kind in faults:
                told["status"] = status
                return _instead(status, faults[kind].retry_after)
        reply = self._answer(request, faults)
        told["status"] = reply.status
        if "lose-reply" in faults:
            told["status"] = 0
            return None
        return _instead(500, "") if "500-after" in faults else reply

    def _control(self, request: Request) -> Reply:
        match (request.parts[1:], request.method):
            case (("faults",), "POST"):
                self.switches.add(orjson.loads(request.body))
                return json_reply(201, {})
            case (("faults",), "GET"):
                return json_reply(200, {"faults": self.switches.all()})
            case (("faults",), "DELETE"):
                self.switches.clear()
                return Reply(204)
            case (("calls",), "GET"):
                return json_reply(200, {"calls": self.calls})
        return json_reply(404, {"error": "the sandbox knows: faults, calls"})


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    told: dict[str, str] = {}
    for name, value in pairs:
        told[name] = f"{told[name]},{value}" if name in told else value
    return told


def _instead(status: int, retry_after: str) -> Reply:
    more = {"Retry-After": retry_after} if retry_after else {}
    return Reply(status, b'"Internal server error"', {"Content-Type": "application/json", **more})
