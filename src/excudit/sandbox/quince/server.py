"""The stand-in itself: one QuinCe on loopback."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson

from excudit.sandbox.quince import pages, samples
from excudit.sandbox.quince.measured import Cruise
from excudit.sandbox.quince.state import EXPORTED, EXPORTING, MEMORY, READY, Kept, State
from excudit.sandbox.serving import Fault, Reply, Request, Served, json_reply

USERNAME, PASSWORD = "excudit", "secret"
ACCOUNTS = {"excudit": ("secret", True), "station": ("secret", False)}
"""Account → password, and whether it may use the API."""
_ZIP = {"Content-Type": "application/octet-stream"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}
LOGIN = (
    b"<!DOCTYPE html><html><head><title>QuinCe</title></head><body><form>Login</form></body></html>"
)


class QuinCe(Served):
    """A QuinCe to start and stop, for tests and demos; also a context manager.

    `state_path` is an SQLite file that survives, or ":memory:". Its clock is moved with `forward`.
    Own faults beside those of `serving.Kind`: "login-page" (200 with a page instead of the answer,
    nothing done), "half-reply" (the status changes, the answer is cut half-way).
    """

    def __init__(self, state_path: str | Path = MEMORY, *, port: int = 0) -> None:
        super().__init__(self._act, port=port, name="sandbox-quince")
        self.state = State(str(state_path))
        self.username, self.password = USERNAME, PASSWORD

    def close(self) -> None:
        """Stop, and forget what was only in memory."""
        self.stop()
        self.state.close()

    def seed(self) -> None:
        """The sample datasets in all their statuses, unless there are datasets already."""
        if not self.state.all():
            for id_, cruise, status in samples.CRUISES:
                self.state.add(cruise, id_=id_, status=status, package=None)

    def add(self, cruise: Cruise, *, id_: int = 99, status: int = READY) -> str:
        """Keep a dataset; returns its reference "NUMBER/NAME"."""
        self.state.add(cruise, id_=id_, status=status, package=None)
        return f"{id_}/{cruise.name}"

    def add_package(
        self,
        package: bytes,
        name: str,
        *,
        id_: int = 99,
        status: int = READY,
        instrument: str = "Nuka Arctica CO2",
        user: str = "Ola Nordmann",
    ) -> str:
        """Keep a dataset whose package is exactly these bytes; returns its reference."""
        self.state.add(
            None,
            id_=id_,
            status=status,
            package=package,
            name=name,
            instrument=instrument,
            user=user,
        )
        return f"{id_}/{name}"

    def status(self, id_: int = 99) -> int:
        """The status of a dataset. Raises KeyError."""
        kept = self.state.get(id_)
        if kept is None:
            raise KeyError(id_)
        return kept.status

    def put(self, id_: int, status: int) -> None:
        """Give a dataset a status, as people and machines at the server do."""
        self.state.set(id_, status)

    def recalculate(self, id_: int = 99, *, tweak: int = 1) -> None:
        """Somebody pressed Recalculate: new values, and all the way up to 120 again."""
        kept = self.state.get(id_)
        if kept is not None and kept.cruise is not None:
            changed = replace(kept.cruise, tweak=kept.cruise.tweak + tweak)
            self.state.add(changed, id_=id_, status=kept.status, package=None)

    def forward(self, seconds: float) -> None:
        """Move the server's clock on."""
        self.state.forward(seconds)

    def _control(self, request: Request) -> Reply:
        match (request.parts[1:], request.method):
            case (("clock",), "POST"):
                self.forward(float(orjson.loads(request.body)["forward_s"]))
                return json_reply(200, {"now": self.state.now()})
            case (("datasets", id_), "POST"):
                told = orjson.loads(request.body)
                if "status" in told:
                    self.put(int(id_), int(told["status"]))
                if told.get("recalculate"):
                    self.recalculate(int(id_))
                return json_reply(200, {"status": self.status(int(id_))})
        return super()._control(request)

    def _act(self, request: Request, faults: Mapping[str, Fault]) -> Reply:
        if request.parts[:2] != ("api", "export"):
            return pages.page(self.state, request)
        if "login-page" in faults:
            return Reply(200, LOGIN, _HTML)
        refused = _unless_allowed(request)
        if refused is not None:
            return refused
        call = _CALLS.get((request.method, "/".join(request.parts[2:])))
        if call is None:
            return Reply(404)
        form = {k: v[0] for k, v in parse_qs(request.body.decode("utf-8", "replace")).items()}
        with self.state.lock:
            reply = call(self.state, form)
        if "half-reply" in faults and reply.status == 200:
            return replace(reply, cut_after=len(reply.body) // 2)
        return reply


def _unless_allowed(request: Request) -> Reply | None:
    said = request.headers.get("authorization", "")
    if not said:
        return Reply(401)
    try:
        login = base64.b64decode(said.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return Reply(500)
    name, _, password = login.partition(":")
    known = ACCOUNTS.get(name)
    if known is None or known[0] != password:
        return Reply(401)
    return None if known[1] else Reply(403)


def _list(state: State, form: Mapping[str, str]) -> Reply:
    listed = [k for k in state.all() if k.status == READY and not state.hidden(k)]
    return json_reply(
        200,
        [
            {"id": k.id, "name": k.name, "instrument": {"name": k.instrument, "user": k.user}}
            for k in listed
        ],
    )


def _export(state: State, form: Mapping[str, str]) -> Reply:
    kept = _of(state, form)
    if isinstance(kept, Reply):
        return kept
    if kept.status != READY:
        return Reply(403)
    package = state.package(kept)
    state.set(kept.id, EXPORTING)
    return Reply(200, package, _ZIP)


def _download(state: State, form: Mapping[str, str]) -> Reply:
    if "datasetName" not in form:
        return Reply(400)
    named = [k for k in state.all() if k.name == form["datasetName"]]
    if not named:
        return Reply(404)
    if len(named) > 1:
        return Reply(409)
    if named[0].status not in (READY, EXPORTED):
        return Reply(403)
    return Reply(200, state.package(named[0]), _ZIP)


def _of(state: State, form: Mapping[str, str]) -> Kept | Reply:
    if not form.get("id", "").isdigit():
        return Reply(500)
    return state.get(int(form["id"])) or Reply(404)


def _in_130(act: Callable[[State, Kept], None]) -> Callable[[State, Mapping[str, str]], Reply]:
    def call(state: State, form: Mapping[str, str]) -> Reply:
        kept = _of(state, form)
        if isinstance(kept, Reply):
            return kept
        if kept.status != EXPORTING:
            return Reply(403)
        act(state, kept)
        return Reply(200)

    return call


_CALLS: dict[tuple[str, str], Callable[[State, Any], Reply]] = {
    ("GET", "exportList"): _list,
    ("POST", "exportDataset"): _export,
    ("POST", "downloadDataset"): _download,
    ("POST", "completeExport"): _in_130(lambda state, kept: state.complete(kept)),
    ("POST", "abandonExport"): _in_130(lambda state, kept: state.set(kept.id, READY)),
    ("POST", "touchExport"): _in_130(lambda state, kept: state.set(kept.id, EXPORTING)),
}
