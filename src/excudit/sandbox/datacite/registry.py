"""The whole registry behind one function: a call in, an answer out, faults on the way."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from excudit.sandbox.datacite import handles, listing, page
from excudit.sandbox.datacite.accounts import FOREIGN, Account, identify
from excudit.sandbox.datacite.call import Call, Refused, Reply, error_reply, refuse
from excudit.sandbox.datacite.control import Controls
from excudit.sandbox.datacite.faults import Fault, of_kind
from excudit.sandbox.datacite.reads import Reader
from excudit.sandbox.datacite.store import Doi, Store, now
from excudit.sandbox.datacite.writes import ALLOWED, Writer

_WRITING = ("POST", "PUT", "PATCH", "DELETE")
_RATE = "Your request has been rate limited. See https://support.datacite.org/docs/rate-limit."


@dataclass(frozen=True, slots=True)
class Settings:
    """How the registry behaves. `bypass`: unknown schemaVersions skip the XSD, as at DataCite."""

    accounts: tuple[Account, ...]
    index_lag_s: float = 1.0
    bypass: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back on the wire: cut = the connection is reset without an answer.

    `pause_s` is spread over the body.
    """

    reply: Reply
    cut: bool = False
    pause_s: float = 0.0


class Sandbox:
    """The registry, its resolver and its switches."""

    def __init__(self, settings: Settings, state_path: str, api: str, resolver: str) -> None:
        self.settings = settings
        self.api = api
        self.resolver = resolver
        self.store = Store(state_path, settings.index_lag_s)
        self.controls = Controls(self.store, settings.accounts)
        self.switches = self.controls.switches
        self.stopping = threading.Event()

    def close(self) -> None:
        """Ends slow answers and closes the database."""
        self.stopping.set()
        self.store.close()

    def answer(self, call: Call, *, resolver: bool = False) -> Answer:
        """The answer to one request, with what the faults make of it."""
        if call.path.startswith("/_sandbox"):
            return Answer(self.controls.answer(call))
        doi, event = _doi_of(call), _event_of(call)
        fired = self.switches.fire(call.method, call.path, doi, event)
        started = time.time()
        answer = self._faulty(call, fired, doi, resolver)
        self.controls.log.append(
            {
                "at": round(started, 6),
                "method": call.method,
                "path": call.path,
                "query": call.raw_query,
                "doi": doi,
                "event": event,
                "host": "resolver" if resolver else "api",
                "status": 0 if answer.cut else answer.reply.status,
                "committed": answer.reply.committed,
                "faults": [fault.kind for fault in fired],
            }
        )
        return answer

    def _faulty(self, call: Call, fired: list[Fault], doi: str, resolver: bool) -> Answer:
        early = self._before(fired, doi)
        if early is not None:
            return early
        reply = self._reply(call, fired, resolver)
        return self._after(fired, reply)

    def _before(self, fired: list[Fault], doi: str) -> Answer | None:
        """What goes wrong before the registry sees the request."""
        self._pause(of_kind(fired, "slow", when="before"))
        if of_kind(fired, "foreign-owner") and doi:
            self._plant(doi, of_kind(fired, "foreign-owner"))
        if killer := of_kind(fired, "kill", when="before"):
            _kill(killer.pid)
        if killer or of_kind(fired, "drop-before-commit"):
            return Answer(Reply(0), cut=True)
        if of_kind(fired, "unique-race"):
            return Answer(error_reply(409))
        if fault := of_kind(fired, "throttle"):
            wait = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            reply = Reply(429, _RATE.encode(), {"Content-Type": "text/plain", **wait})
            return Answer(reply.noted("the media type of DataCite's 429 is unknown"))
        if of_kind(fired, "html-403"):
            return Answer(_html(403, "403 Forbidden"))
        if fault := of_kind(fired, "html-5xx", "html-200", when="before"):
            return Answer(_html_of(fault))
        return None

    def _after(self, fired: list[Fault], reply: Reply) -> Answer:
        """What goes wrong once the registry has done its part."""
        self._pause(of_kind(fired, "slow", when="after"))
        if killer := of_kind(fired, "kill", when="after"):
            _kill(killer.pid)
        if killer or of_kind(fired, "drop-after-commit"):
            return Answer(reply, cut=True)
        if fault := of_kind(fired, "html-5xx", "html-200", when="after"):
            page = _html_of(fault)
            return Answer(Reply(page.status, page.body, page.headers, reply.committed))
        body = of_kind(fired, "slow", when="body")
        return Answer(reply, pause_s=body.delay_s if body else 0.0)

    def _pause(self, fault: Fault | None) -> None:
        if fault is not None:
            self.stopping.wait(fault.delay_s)

    def _plant(self, name: str, fault: Fault | None) -> None:
        """Makes the DOI someone else's."""
        with self.store.lock:
            found = self.store.get(name) or Doi(name, FOREIGN.symbol, created=now(), updated=now())
            found.owner = FOREIGN.symbol
            found.url = "https://example.com/someone-else"
            found.state = "draft" if fault and fault.state == "draft" else "findable"
            self.store.plant(found)

    def _reply(self, call: Call, fired: list[Fault], resolver: bool) -> Reply:
        if resolver:
            return handles.answer(self.store, call, self.api)
        caller = None
        try:
            caller = identify(call, self.settings.accounts)
            reply = self._routed(call, caller, fired)
        except Refused as refused:
            reply = refused.reply
        who = (
            {"X-Credential-Username": caller.symbol} if caller else {"X-Anonymous-Consumer": "true"}
        )
        return Reply(reply.status, reply.body, {**reply.headers, **who}, reply.committed)

    def _routed(self, call: Call, caller: Account | None, fired: list[Fault]) -> Reply:
        if call.method in _WRITING:
            return self._write(call, caller, lambda: self._handle_up(call, fired))
        if call.method in ("GET", "HEAD"):
            return self._read(call, Reader(self.store, caller, self.settings.accounts))
        if call.method == "OPTIONS":
            return Reply(204, headers={"Allow": ALLOWED})
        raise refuse(405, note="the registry's answer to this method is unknown", Allow=ALLOWED)

    def _handle_up(self, call: Call, fired: list[Fault]) -> bool:
        """Whether the handle server answers this time; asked for each registration."""
        told = (call.method, call.path, _doi_of(call), _event_of(call))
        down = self.switches.fire(*told, registering=True)
        fired += down
        return not down

    def _write(self, call: Call, caller: Account | None, handle_up: Callable[[], bool]) -> Reply:
        writer = Writer(self.store, caller, handle_up, self.settings.bypass)
        name = call.path.removeprefix("/dois").strip("/")
        if call.method == "POST" and call.path.rstrip("/") == "/dois":
            return writer.post(call)
        if call.method == "POST" and name == "validate":
            return writer.validate(call)
        if call.path.startswith("/dois/") and call.method in ("PUT", "PATCH"):
            return writer.put(call, name)
        if call.path.startswith("/dois/") and call.method == "DELETE":
            return writer.delete(name)
        raise refuse(404, note="the sandbox knows no such address")

    def _read(self, call: Call, reader: Reader) -> Reply:
        head, _, rest = call.path.strip("/").partition("/")
        if not self.switches.frozen():
            self.store.index()
        plain: dict[str, Callable[[], Reply]] = {
            "": lambda: page.dois(self.store, self.api, self.resolver),
            "heartbeat": lambda: Reply(200, b"OK", {"Content-Type": "text/plain"}),
            "dois": lambda: self._read_doi(call, reader, rest),
            "activities": lambda: reader.activity(call, rest) if rest else reader.activities(call),
            "prefixes": lambda: reader.prefixes(rest),
            "repositories": lambda: reader.repository(rest),
        }
        if head not in plain:
            raise refuse(404, note="the sandbox knows no such address")
        return plain[head]()

    def _read_doi(self, call: Call, reader: Reader, rest: str) -> Reply:
        if not rest:
            return listing.dois(call, reader)
        if rest == "random":
            return reader.random(call)
        if rest.endswith("/get-url"):
            return reader.url(rest.removesuffix("/get-url"))
        if rest.endswith("/activities"):
            return reader.activities(call, rest.removesuffix("/activities"))
        kind, _, more = rest.partition("/")
        subtype, _, name = more.partition("/")
        if not kind.startswith("10.") and name:
            return reader.formatted(call, f"{kind}/{subtype}", name)
        return reader.doi(call, rest)


def _doi_of(call: Call) -> str:
    """The DOI that a request speaks of, from its path or its body, lower case."""
    start = call.path.find("10.")
    if start >= 0:
        name = call.path[start:].removesuffix("/get-url").removesuffix("/activities")
        return name.lower()
    return str(_attributes_of(call).get("doi") or "").lower()


def _event_of(call: Call) -> str:
    return str(_attributes_of(call).get("event") or "")


def _attributes_of(call: Call) -> dict[str, Any]:
    body = call.body if isinstance(call.body, dict) else {}
    resource = body.get("data") if isinstance(body.get("data"), dict) else {}
    attributes = (resource or {}).get("attributes")
    return attributes if isinstance(attributes, dict) else {}


def _kill(pid: int) -> None:
    """SIGKILL, as a crash. A process that is gone already is as good."""
    if pid > 1:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


_REASONS = {
    200: "200 OK",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
}


def _html_of(fault: Fault) -> Reply:
    status = 200 if fault.kind == "html-200" else fault.status
    return _html(status, _REASONS.get(status, str(status)))


def _html(status: int, title: str) -> Reply:
    text = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>"
        "</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status, text.encode(), {"Content-Type": "text/html"})
