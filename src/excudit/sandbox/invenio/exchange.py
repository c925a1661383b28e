"""One request and its answer, free of sockets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from excudit.sandbox.invenio.accounts import User

SERVER_FAULT = (
    "The server encountered an internal error and was unable to complete your request. Either the"
    " server is overloaded or there is an error in the application."
)
NO_PID = "The persistent identifier does not exist."
PERMISSION = "Permission denied."
INVALID = "A validation error occurred."


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that came in and are kept on disk; `whole` is False when the client hung up."""

    id: str
    size: int
    md5: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `parts` are the decoded parts of its path, `body` the parsed JSON."""

    method: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    base: str
    user: User | None = None
    body: Any = None
    blob: Blob | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The call is refused with this answer."""

    def __init__(self, status: int, message: str, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        body: dict[str, Any] = {"status": status, "message": message}
        if errors:
            body["errors"] = list(errors)
        self.reply = json_reply(status, body)


def invalid(field: str, message: str) -> Refused:
    """The 400 of a validation error at one field."""
    return Refused(400, INVALID, [{"field": field, "messages": [message]}])


def json_reply(status: int, value: Any, **headers: str) -> Reply:
    """An answer in JSON; header names are given with "_" for "-"."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, orjson.dumps(value), {"Content-Type": "application/json", **named})
