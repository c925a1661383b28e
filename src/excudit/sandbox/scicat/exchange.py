"""One request as the rooms of the stand-in see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from excudit.sandbox.scicat.people import User
from excudit.sandbox.scicat.shapes import NOT_YOURS, STRANGER, Refused, Tree, e1
from excudit.sandbox.scicat.store import Store
from excudit.sandbox.serving import Fault, Reply, Request, json_reply


@dataclass(frozen=True, slots=True)
class Rules:
    """How the site is set up. `hook_url`, `hook_key`: the URL action of jobs of type "publish";
    `ignore_errors`: its failures are swallowed. `register_url`, `register_login`: DataCite's API,
    "" = the status only flips. `legacy`: without published data v4. `prefix`: of DOIs and PIDs."""

    hook_url: str = ""
    hook_key: str = ""
    ignore_errors: bool = False
    register_url: str = ""
    register_login: tuple[str, str] = ("", "")
    landing_url: str = "https://data.example.org/d"
    legacy: bool = False
    prefix: str = "10.5072"
    pid_prefix: str = "20.500.12345"


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks what."""

    request: Request
    user: User | None
    store: Store
    rules: Rules
    faults: Mapping[str, Fault]

    @property
    def v3(self) -> bool:
        """Whether the older API was asked."""
        return self.request.parts[1] == "v3"

    @property
    def body(self) -> Tree:
        """The JSON of the body. Raises Refused."""
        if len(self.request.body) > 16 * 1024 * 1024:
            raise Refused(500, "Internal server error")
        try:
            told = orjson.loads(self.request.body or b"{}")
        except orjson.JSONDecodeError as error:
            raise e1(400, str(error)) from error
        return told if isinstance(told, dict) else {}

    @property
    def merging(self) -> bool:
        """Whether a PATCH merges (RFC 7386) instead of replacing nested members."""
        return "merge-patch" in self.request.headers.get("content-type", "")

    def signed_in(self, words: str = STRANGER) -> User:
        """The one who asks. Raises Refused for strangers."""
        if self.user is None:
            raise e1(403, words)
        return self.user

    def owned(self, row: Tree) -> User:
        """The one who asks, if the row may be changed. Raises Refused."""
        user = self.signed_in()
        if not user.may_update(row):
            raise e1(403, NOT_YOURS)
        return user


Act = Callable[..., Reply]


def merged(old: Any, new: Any) -> Any:
    """RFC 7386."""
    if not isinstance(new, dict):
        return new
    kept = dict(old) if isinstance(old, dict) else {}
    for name, value in new.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), value)
    return kept


def bare(row: Tree) -> Tree:
    """A row without the stand-in's own notes."""
    return {k: v for k, v in row.items() if not k.startswith("_n")}


def answer(status: int, row: Any) -> Reply:
    """A row or rows as JSON; None is an empty body without a type."""
    if row is None:
        return Reply(status)
    return json_reply(status, bare(row) if isinstance(row, dict) else row)
