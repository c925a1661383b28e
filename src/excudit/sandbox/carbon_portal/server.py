"""Login, metadata and bytes of the portal, on one loopback port.

Faults beside those of `sandbox.serving`: "expired" (the cookie of this call does not count any
more), "irods" (the bytes are refused once), "half" (the bytes arrive cut).
"""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import re
import secrets
import sqlite3
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from excudit.sandbox.carbon_portal import rules
from excudit.sandbox.carbon_portal.rules import Refused, level, object_id
from excudit.sandbox.serving import Fault, Reply, Request, Served, json_reply

MEMORY = ":memory:"
MAIL, PASSWORD = "otc@example.org", "sandbox"
SUBMITTERS = ("OTC",)
PID = "11676/"
_FIRST = "Date/Time"
_TABLE = """
CREATE TABLE IF NOT EXISTS objects (id TEXT PRIMARY KEY, hash TEXT NOT NULL, body TEXT NOT NULL,
  begun TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '', size INTEGER, pid TEXT NOT NULL DEFAULT '',
  number INTEGER)
"""


class CarbonPortalSandbox(Served):
    """The stand-in; a context manager. `state`: an SQLite file that survives a restart."""

    def __init__(self, state: str = MEMORY, *, port: int = 0) -> None:
        super().__init__(self._reply, port=port, name="sandbox-carbon-portal")
        self._lock = threading.RLock()
        self._rows = sqlite3.connect(state, check_same_thread=False, isolation_level=None)
        self._rows.row_factory = sqlite3.Row
        self._rows.execute(_TABLE)
        self._tokens: set[str] = set()

    def objects(self) -> list[dict[str, Any]]:
        """Every object in the order of registration: id, body, size and pid (none = no bytes)."""
        with self._lock:
            rows = self._rows.execute("SELECT * FROM objects ORDER BY number").fetchall()
        return [{**dict(row), "body": json.loads(row["body"])} for row in rows]

    def _object(self, key: str) -> dict[str, Any] | None:
        return next((row for row in self.objects() if row["id"] == key), None)

    def _newer(self, key: str) -> dict[str, Any] | None:
        for row in self.objects():
            before = row["body"].get("isNextVersionOf") or []
            if key in {k if len(k) == 24 else object_id(k) for k in _listed(before)}:
                return row
        return None

    def _named(self, name: str) -> list[str]:
        live = (r for r in self.objects() if r["pid"] and self._newer(r["id"]) is None)
        return [r["id"] for r in live if r["body"].get("fileName") == name]

    def _reply(self, request: Request, faults: Mapping[str, Fault]) -> Reply:
        host = request.headers.get("host", "").partition(":")[0]
        if host not in ("127.0.0.1", "localhost"):
            return _text(400, f"Unexpected host {host}, cannot find corresponding ENVRI")
        try:
            return self._given(request, faults)
        except Refused as error:
            return _text(error.status, error.words)

    def _given(self, request: Request, faults: Mapping[str, Fault]) -> Reply:
        match (request.method, request.parts):
            case ("GET", ()):
                return self._page()
            case ("POST", ("password", "login")):
                return self._login(dict(parse_qsl(request.body.decode())))
            case ("GET", ("whoami",)):
                return json_reply(200, {"email": MAIL if self._known(request, faults) else None})
            case ("GET", ("upload", "submitterids")):
                self._must_know(request, faults, "")
                return json_reply(200, [_submitter(name) for name in SUBMITTERS])
            case ("POST", ("upload",)):
                self._must_know(request, faults, "")
                return self._registered(request)
            case ("PUT", ("objects", key)):
                self._must_know(request, faults, "Could not decode the authentication cookie: ")
                return self._taken(key, request.body, faults)
            case ("PUT", ("tryingest",)):
                return self._tried(request)
            case ("GET", ("objects", key)):
                return self._shown(key)
            case ("POST", ("sparql",)):
                return self._asked(dict(parse_qsl(request.body.decode())).get("query", ""))
        return _text(404, "The requested resource could not be found.")

    def _login(self, form: Mapping[str, str]) -> Reply:
        if not {"mail", "password"} <= set(form):
            words = "Expected 'mail' and 'password' posted as application/x-www-form-urlencoded "
            return _text(400, f"{words}form fields")
        if (form["mail"], form["password"]) != (MAIL, PASSWORD):
            return _text(403, "Incorrect user name or password")
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        cookie = f"cpauthToken={token}; Path=/; Secure; HttpOnly"
        return Reply(200, b"OK", {"Content-Type": "text/plain", "Set-Cookie": cookie})

    def expire(self) -> None:
        """No cookie counts any more."""
        self._tokens.clear()

    def _known(self, request: Request, faults: Mapping[str, Fault]) -> bool:
        token = request.headers.get("cookie", "").partition("cpauthToken=")[2].partition(";")[0]
        return token in self._tokens and "expired" not in faults

    def _must_know(self, request: Request, faults: Mapping[str, Fault], prefix: str) -> None:
        if "cpauthToken=" not in request.headers.get("cookie", ""):
            missing = (
                "Missing cookie 'cpauthToken'"
                if prefix
                else (
                    "Authentication cookie cpauthToken not present. "
                    "Login required for this operation."
                )
            )
            raise Refused(403, prefix + missing)
        if not self._known(request, faults):
            raise Refused(403, f"{prefix}Authentication token has expired")

    def _registered(self, request: Request) -> Reply:
        try:
            body = json.loads(request.body)
            key = object_id(str(body["hashSum"]))
        except (ValueError, KeyError, TypeError) as error:
            words = (
                "Attempts to parse the request resulted in the following errors:\nAlternative 1: "
            )
            raise Refused(400, f"{words}{error}\nAlternative 2: {error}") from error
        with self._lock:
            rules.check(body, SUBMITTERS, self._object, self._newer, self._named)
            known = self._object(key)
            if known is None:
                row = (
                    key,
                    str(body["hashSum"]),
                    request.body.decode(),
                    _now(),
                    len(self.objects()),
                )
                self._rows.execute(
                    "INSERT INTO objects (id, hash, body, begun, number) VALUES (?, ?, ?, ?, ?)",
                    row,
                )
            else:
                text = request.body.decode()
                self._rows.execute("UPDATE objects SET body = ? WHERE id = ?", (text, key))
        return _text(200, f"{self.url}/objects/{key}")

    def _taken(self, named: str, body: bytes, faults: Mapping[str, Fault]) -> Reply:
        key = named if len(named) == 24 else object_id(named)
        row = self._object(key)
        digest = hashlib.sha256(body[:-1] if "half" in faults else body).digest()
        if row is None:
            told = base64.b64encode(digest).decode()
            raise Refused(400, f"No metadata found for data object with SHA-256 hash of {told}")
        got = base64.urlsafe_b64encode(digest[:18]).decode()
        if got != key:
            raise Refused(500, f"HashsumCheckFailure: Expected {key}, got {got}")
        if "irods" in faults:
            raise Refused(500, "IrodsFailure: the second copy could not be written")
        if level(row["body"]["objectSpecification"]) > 0:
            _ingested(body, int(row["body"]["specificInfo"]["nRows"]))
        with self._lock:
            done = "UPDATE objects SET size = ?, pid = ?, ended = ? WHERE id = ? AND pid = ''"
            self._rows.execute(done, (len(body), PID + key, _now(), key))
        return _text(200, PID + key)

    def _tried(self, request: Request) -> Reply:
        spec, rows = request.query.get("specUri"), request.query.get("nRows")
        if not spec:
            words = "Expected object species URI as 'specUri' query parameter, and optionally "
            raise Refused(400, f"{words}number of rows as 'nRows'")
        if level(spec) == 0:
            raise Refused(400, f"Data obj spec {spec} has no dataset spec, cannot ingest it")
        columns = _ingested(request.body, int(rows) if rows else None, status=400)
        return json_reply(200, {"tabular": {"actualColumns": columns}})

    def _shown(self, key: str) -> Reply:
        row = self._object(key)
        if row is None:
            return _text(404, "No such object")
        body, newer = row["body"], self._newer(key)
        whole = {
            "hash": row["hash"],
            "accessUrl": f"{self.url}/objects/{key}",
            "fileName": body["fileName"],
            "submission": {
                "submitter": {"self": {"uri": rules.ORGANIZATIONS + body["submitterId"]}},
                "start": row["begun"],
                **({"stop": row["ended"]} if row["ended"] else {}),
            },
            "specification": {
                "self": {"uri": body["objectSpecification"]},
                "dataLevel": level(body["objectSpecification"]),
            },
            "specificInfo": {"nRows": body["specificInfo"].get("nRows")},
            "parentCollections": [],
            **({"size": row["size"], "pid": row["pid"]} if row["pid"] else {}),
            **({"nextVersion": f"{self.url}/objects/{newer['id']}"} if newer else {}),
        }
        before = _listed(body.get("isNextVersionOf") or [])
        if before:
            whole["previousVersion"] = [f"{self.url}/objects/{b}" for b in before]
        return json_reply(200, whole)

    def _asked(self, query: str) -> Reply:
        """The one shape of question that exporters ask: live objects of a station in a period."""
        station = re.search(r"wasAssociatedWith\s+<([^>]+)>", query)
        times = re.findall(r'"([^"]+)"\^\^', query)
        if station is None or len(times) != 2:
            raise Refused(400, "The sandbox answers one shape of query only")
        end, start = times
        found = [row for row in self.objects() if self._matches(row, station[1], start, end)]
        cells = [{name: {"value": value} for name, value in self._cell(r).items()} for r in found]
        told = {"head": {"vars": []}, "results": {"bindings": cells}}
        made = json_reply(200, told)
        return Reply(200, made.body, {"Content-Type": "application/sparql-results+json"})

    def _matches(self, row: Mapping[str, Any], station: str, start: str, end: str) -> bool:
        own = _period(row)
        near = own[0] <= end and own[1] >= start
        here = row["body"]["specificInfo"].get("station") == station
        return bool(row["pid"]) and here and near and self._newer(row["id"]) is None

    def _cell(self, row: Mapping[str, Any]) -> dict[str, str]:
        start, end = _period(row)
        return {
            "object": f"{self.url}/objects/{row['id']}",
            "spec": row["body"]["objectSpecification"],
            "name": row["body"]["fileName"],
            "hash": row["hash"],
            "start": start,
            "end": end,
        }

    def _page(self) -> Reply:
        rows = "".join(
            f"<tr><td>{html.escape(r['body']['fileName'])}<td>{r['id']}<td>{r['pid'] or 'no bytes'}"
            for r in self.objects()
        )
        text = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Carbon Portal</title>'
            f"<h1>Carbon Portal (sandbox)</h1><table><tr><th>File<th>Object<th>PID{rows}</table>"
        )
        return Reply(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _period(row: Mapping[str, Any]) -> tuple[str, str]:
    """An object's own interval; one without it covers the day that its name tells, or all time."""
    interval = row["body"]["specificInfo"].get("acquisitionInterval")
    if interval:
        return interval["start"], interval["stop"]
    day = re.search(r"(\d{4})(\d{2})(\d{2})", row["body"]["fileName"])
    if not day:
        return "0000", "9999"
    date = "-".join(day.groups())
    return f"{date}T00:00:00.000Z", f"{date}T23:59:59.999Z"


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _ingested(body: bytes, rows: int | None, *, status: int = 500) -> list[str]:
    """The columns of a table, if it can be read and has so many rows. Raises Refused."""
    try:
        table = csv.reader(io.StringIO(body.decode("utf-8"), newline=""))
        head = next(table)
        count = sum(1 for line in table if line)
    except (ValueError, StopIteration, csv.Error) as error:
        raise Refused(status, f"IngestionFailure: {error}") from error
    if head[0] != _FIRST:
        raise Refused(status, f"IngestionFailure: Column {_FIRST} is missing")
    if rows is not None and count < rows:
        raise Refused(status, f"IngestionFailure: Got {count} rows while expected {rows}")
    if rows is not None and count > rows:
        raise Refused(
            status,
            f"IngestionFailure: You have specified that the file would contain {rows} rows, and "
            "the file you sent contains more.",
        )
    return head


def _submitter(name: str) -> dict[str, Any]:
    organization = "http://meta.icos-cp.eu/ontologies/cpmeta/OS"
    return {"id": name, "producingOrganizationClass": organization, "authorizedThemes": []}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(status: int, words: str) -> Reply:
    return Reply(status, words.encode(), {"Content-Type": "text/plain; charset=UTF-8"})
