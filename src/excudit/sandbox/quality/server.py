"""Takes questions, keeps them, and answers at once or later; with a page for the people who do.

`POST /questions` with an Idempotency-Key takes one: the same key is the same question. In mode
"accept" and "reject" it answers at once (200), in mode "later" it says so (202) and answers when
somebody presses a button on its page, by calling back.
"""

from __future__ import annotations

import html
import sqlite3
import threading
from collections.abc import Mapping
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl, urlsplit

import orjson
from pydantic import SecretStr

from excudit.domain.errors import ExcuditError
from excudit.http import Bearer, Remote
from excudit.sandbox.serving import Fault, Reply, Request, Served, json_reply

Mode = Literal["later", "accept", "reject"]
REASON = "The units of pCO2 are missing."
PROBLEM = {"where": "/descriptions/0", "message": "Name the units of pCO2."}
MEMORY = ":memory:"


class Quality(Served):
    """The stand-in. `token`: the bearer token that is due, and shown when it calls back. `state`:
    an SQLite file that survives a restart."""

    def __init__(
        self, state: str = MEMORY, *, token: str = "", mode: Mode = "later", port: int = 0
    ) -> None:
        super().__init__(self._reply, port=port, name="sandbox-quality")
        self.mode: Mode = mode
        self._token = token
        self._lock = threading.RLock()
        self._rows = sqlite3.connect(state, check_same_thread=False, isolation_level=None)
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS questions "
            "(key TEXT PRIMARY KEY, question TEXT NOT NULL, verdict TEXT NOT NULL DEFAULT '')"
        )

    def questions(self) -> list[dict[str, Any]]:
        """Every question with its `key` and its `verdict` ("" = none yet), first to last."""
        with self._lock:
            rows = self._rows.execute("SELECT key, question, verdict FROM questions ORDER BY rowid")
            return [{"key": k, "verdict": v, **orjson.loads(q)} for k, q, v in rows]

    def answer(self, key: str, verdict: Literal["accepted", "rejected"]) -> int:
        """Decide, and call back; the status of the answer. Raises KeyError."""
        asked = next((q for q in self.questions() if q["key"] == key), None)
        if asked is None:
            raise KeyError(key)
        where = urlsplit(asked["callback"])
        auth = Bearer(lambda: SecretStr(self._token)) if self._token else None
        remote = Remote(
            "excudit", f"{where.scheme}://{where.netloc}", agent="sandbox-quality", auth=auth
        )
        try:
            said = remote.send("POST", where.path, json=_verdict(verdict))
        finally:
            remote.close()
        if said.status == 200:
            with self._lock:
                done = "UPDATE questions SET verdict = ? WHERE key = ?"
                self._rows.execute(done, (verdict, key))
        return said.status

    def _reply(self, request: Request, _faults: Mapping[str, Fault]) -> Reply:
        match (request.method, request.parts):
            case ("GET", ()):
                return self._page()
            case ("GET", ("questions",)):
                return json_reply(200, {"questions": self.questions()})
            case ("POST", ("questions",)):
                return self._asked(request)
            case ("POST", ("answers",)):
                return self._pressed(dict(parse_qsl(request.body.decode())))
        return json_reply(404, {"error": "POST /questions, or look at /"})

    def _asked(self, request: Request) -> Reply:
        if self._token and request.headers.get("authorization") != f"Bearer {self._token}":
            return json_reply(401, {"error": "the bearer token is due"})
        key = request.headers.get("idempotency-key", "")
        question = orjson.loads(request.body)
        if not key or not {"record", "digest", "callback"} <= set(question):
            return json_reply(422, {"error": "Idempotency-Key, record, digest, callback are due"})
        with self._lock:
            kept = (
                "INSERT INTO questions (key, question) VALUES (?, ?) "
                "ON CONFLICT (key) DO UPDATE SET question = excluded.question"
            )
            self._rows.execute(kept, (key, orjson.dumps(question).decode()))
            row = self._rows.execute("SELECT verdict FROM questions WHERE key = ?", (key,))
            known = str(row.fetchone()[0])
            at_once = known or {"accept": "accepted", "reject": "rejected"}.get(self.mode, "")
            self._rows.execute("UPDATE questions SET verdict = ? WHERE key = ?", (at_once, key))
        return json_reply(200, _verdict(at_once)) if at_once else json_reply(202, {"key": key})

    def _pressed(self, form: dict[str, str]) -> Reply:
        if form.get("mode") in get_args(Mode):
            self.mode = form["mode"]  # type: ignore[assignment]
            return Reply(303, headers={"Location": "/"})
        verdict: Any = form.get("verdict")
        try:
            if verdict not in ("accepted", "rejected") or self.answer(form["key"], verdict) != 200:
                return json_reply(409, {"error": "it was not taken; was it answered already?"})
        except (KeyError, ExcuditError) as error:
            return json_reply(502, {"error": str(error)})
        return Reply(303, headers={"Location": "/"})

    def _page(self) -> Reply:
        rows = "".join(_row(q) for q in reversed(self.questions()))
        modes = "".join(
            f'<button name="mode" value="{m}"{" disabled" if m == self.mode else ""}>{m}</button> '
            for m in get_args(Mode)
        )
        text = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Quality control</title>'
            "<h1>Quality control (sandbox)</h1>"
            f'<form method="post" action="/answers"><p>New questions: {modes}</p></form>'
            f"<ul>{rows or '<li>Nobody has asked yet.</li>'}</ul></html>"
        )
        return Reply(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _verdict(word: str) -> dict[str, Any]:
    if word == "accepted":
        return {"verdict": word, "reasons": []}
    return {"verdict": word, "reasons": [REASON], "problems": [PROBLEM]}


def _row(asked: Mapping[str, Any]) -> str:
    titles = asked["record"].get("titles") or [{}]
    title = html.escape(str(titles[0].get("title", "without a title")))
    if asked["verdict"]:
        return f"<li>{title}: <strong>{asked['verdict']}</strong></li>"
    key = html.escape(str(asked["key"]), quote=True)
    buttons = "".join(
        f'<button name="verdict" value="{v}">{v}</button> ' for v in ("accepted", "rejected")
    )
    hidden = f'<input type="hidden" name="key" value="{key}">'
    return f'<li>{title} <form method="post" action="/answers">{hidden}{buttons}</form></li>'
