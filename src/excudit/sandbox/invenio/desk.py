"""One request from its arrival to its answer: who asks, what goes wrong, what is done."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from excudit.sandbox.invenio.exchange import (
    SERVER_FAULT,
    Blob,
    Call,
    Refused,
    Reply,
    json_reply,
)
from excudit.sandbox.invenio.faults import Fault
from excudit.sandbox.invenio.records import Records
from excudit.sandbox.invenio.routes import find

GATEWAY = b"<html><head><title>504 Gateway Time-out</title></head><body>nginx</body></html>"
PUBLISHING_S = 0.01


class CutError(Exception):
    """The connection is to be cut without an answer."""


@dataclass(slots=True)
class Desk:
    """Answers requests for many threads at once; `records` are changed one at a time."""

    records: Records
    stopping: threading.Event = field(default_factory=threading.Event)
    counts: Counter[str] = field(default_factory=Counter)
    log: list[dict[str, object]] = field(default_factory=list)
    _limit: int = 1000
    remaining: int | None = None
    reset_s: float = 60.0
    _publishing: set[str] = field(default_factory=set)
    _gate: threading.Lock = field(default_factory=threading.Lock)

    def before(self, method: str, path: str) -> list[Fault]:
        """The faults of a request, those that come before its body is read done already."""
        faults = self.records.switches.fire(method, path)
        if any(f.kind == "drop-request" for f in faults):
            raise CutError
        return faults

    def answer(self, call: Call, path: str, faults: list[Fault]) -> Reply:
        """The answer. Raises CutError when there is none."""
        with self._gate:
            self.counts[f"{call.method} {path}"] += 1
        kinds: dict[str, Fault] = {f.kind: f for f in faults}
        reply = _instead(kinds) or self._acted(_spoilt(self.records, call, kinds), kinds)
        self.log.append({"method": call.method, "path": path, "status": reply.status})
        if "lose-reply" in kinds:
            raise CutError
        if "500-after-commit" in kinds:
            reply = json_reply(500, {"message": SERVER_FAULT, "status": 500})
        if "504-html-after-commit" in kinds:
            reply = Reply(504, GATEWAY, {"Content-Type": "text/html"})
        return replace(reply, headers={**self._rate(), **reply.headers})

    def _rate(self) -> dict[str, str]:
        left = self._limit if self.remaining is None else self.remaining
        return {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(int(time.time() + self.reset_s)),
            "Retry-After": str(int(self.reset_s)),
        }

    def _acted(self, call: Call, kinds: dict[str, Fault]) -> Reply:
        act = find(call.method, call.parts, zenodo=self.records.zenodo)
        if act is None:
            return json_reply(404, {"status": 404, "message": "Not found."})
        publishing = call.parts[-2:] == ("actions", "publish")
        id_ = call.parts[-3 if "deposit" in call.parts else -4] if publishing else ""
        if publishing and not self._first(id_):
            return json_reply(500, {"message": SERVER_FAULT, "status": 500})
        try:
            if "slow" in kinds:
                self.stopping.wait(kinds["slow"].delay_s)
            if publishing:
                self.stopping.wait(PUBLISHING_S)
            with self.records.store.lock:
                return act(self.records, call)
        except Refused as refused:
            return refused.reply
        finally:
            self._publishing.discard(id_)

    def _first(self, id_: str) -> bool:
        with self._gate:
            if id_ in self._publishing:
                return False
            self._publishing.add(id_)
            return True


def _instead(kinds: dict[str, Fault]) -> Reply | None:
    """The answer of a fault that comes before anything is done."""
    if "429" in kinds:
        told = {"Retry-After": kinds["429"].retry_after} if kinds["429"].retry_after else {}
        text = b"<html><body>Too many requests</body></html>"
        return Reply(429, text, {"Content-Type": "text/html", **told})
    if "503" in kinds:
        told = {"Retry-After": kinds["503"].retry_after or "0"}
        return Reply(503, b"<html><body>Sorry</body></html>", {"Content-Type": "text/html", **told})
    if "403" in kinds:
        return json_reply(403, {"message": "Permission denied.", "status": 403})
    if "500-before" in kinds or "delete-fails" in kinds:
        return json_reply(500, {"message": SERVER_FAULT, "status": 500})
    return None


def _spoilt(records: Records, call: Call, kinds: dict[str, Fault]) -> Call:
    wrong = {"checksum-flip", "short-file"} & set(kinds)
    if not wrong or not isinstance(call.blob, Blob):
        return call
    return replace(call, blob=records.store.spoil(call.blob, short="short-file" in wrong))
