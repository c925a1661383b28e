"""One request and its answer, free of any web framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

JSON = "application/json; charset=utf-8"
NOTE = "X-Sandbox-Note"


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `path` is decoded, header and query names are lower case, "-" for "_".

    `body` is the parsed JSON, the raw bytes where the request was not JSON, or None.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    base: str = ""
    raw_query: str = ""

    def flag(self, name: str) -> bool:
        """Whether the query says `name=true`."""
        return self.query.get(name, "").lower() in ("true", "1")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `committed` tells whether the stored state has changed."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    committed: bool = False

    def noted(self, note: str) -> Reply:
        """The same answer, saying that DataCite's behaviour is not known here."""
        note = "".join(c if " " <= c <= "~" else "?" for c in note)
        known = self.headers.get(NOTE)
        both = f"{known}; {note}" if known else note
        return replace(self, headers={**self.headers, NOTE: both})


def json_reply(status: int, body: Any, **headers: str) -> Reply:
    """An answer in JSON; header names are given with "_" for "-"."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, orjson.dumps(body), {"Content-Type": JSON, **named})


class Refused(Exception):
    """The call is refused with this answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


TITLES = {
    400: "You need to provide a payload following the JSONAPI spec",
    401: "Bad credentials.",
    403: "You are not authorized to access this resource.",
    404: "The resource you are looking for doesn't exist.",
    405: "Method not allowed",
    406: "The content type is not recognized.",
    409: "The resource already exists.",
}


def error_reply(status: int, title: str = "", **headers: str) -> Reply:
    """An error in the form that DataCite uses for everything but validation."""
    entry = {"status": str(status), "title": title or TITLES[status]}
    return json_reply(status, {"errors": [entry]}, **headers)


def refuse(status: int, title: str = "", note: str = "", **headers: str) -> Refused:
    """The exception that answers with `error_reply`."""
    reply = error_reply(status, title, **headers)
    return Refused(reply.noted(note) if note else reply)
