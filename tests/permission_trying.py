"""Doing calls as somebody, by token or with a browser's session."""

from __future__ import annotations

import html
import itertools
import json
import re
from typing import Any

from fastapi.testclient import TestClient

from excudit.store import publications
from permission_calls import BETTER, Call
from permission_house import NOBODY, Place


class Trying:
    """Calls of the list, made by a person."""

    def __init__(self, place: Place, web: TestClient) -> None:
        self.place, self.web = place, web
        self._absent: dict[tuple[str, str, str], tuple[int, str, dict[str, str]]] = {}
        self._names = (f"label {n}" for n in itertools.count(1))

    def call(
        self,
        call: Call,
        name: str | None,
        publication: str = NOBODY,
        *,
        csrf: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """One answer; `name` none: nobody is signed in, `csrf`: another mark than the session's."""
        self.web.cookies.clear()
        body = self._body(call, name, publication)
        if call.is_api:
            sent = headers or (self.place.house.token(name) if name else {})
            more = {"json": body} if body is not None else {}
            return self.web.request(call.method, call.address(publication), headers=sent, **more)
        sent, own = self.place.browsers[name] if name else ({}, "")
        more = {"data": {"csrf": own if csrf is None else csrf, **(body or {})}}
        return self.web.request(
            call.method,
            call.address(publication),
            headers=sent,
            follow_redirects=False,
            **(more if call.method == "POST" else {}),
        )

    def is_absent(self, answer: Any, call: Call, name: str, publication: str) -> bool:
        """Whether it is what this person is told of a publication that does not exist."""
        key, said = (str(call), call.needs, name), same_but_id(answer, publication)
        if self._absent.get(key) != said:
            self._absent[key] = same_but_id(self.call(call, name), NOBODY)
        return self._absent[key] == said

    def _body(self, call: Call, name: str | None, publication: str) -> Any:
        def filled(value: Any) -> Any:
            if isinstance(value, dict):
                return {k: filled(v) for k, v in value.items()}
            if isinstance(value, list):
                return [filled(v) for v in value]
            return self._said(value, name, publication) if isinstance(value, str) else value

        return filled(call.sent)

    def _said(self, word: str, name: str | None, publication: str) -> str:
        if word == "{base}" and name:
            return self._base(name, publication)
        if word == "{digest}" and publication != NOBODY:
            with self.place.parts.database.read() as connection:
                return publications.get(connection, publication).approved_digest
        known = {"{digest}": "0" * 64, "{record}": json.dumps(BETTER), "{mine}": publication}
        return next(self._names) if word == "{new}" else known.get(word, word)

    def _base(self, name: str, publication: str) -> str:
        """What the form of a draft says that it showed; "" when there is no form."""
        headers, _ = self.place.browsers[name]
        page = self.web.get(f"/publications/{publication}/edit", headers=headers).text
        found = re.search(r'name="base" value="([^"]*)"', page)
        return html.unescape(found[1]) if found else ""


def same_but_id(answer: Any, publication: str) -> tuple[int, str, dict[str, str]]:
    """An answer as a stranger sees it, whichever publication it is about."""
    body = re.sub(r"[0-9a-f]{64}", "0" * 64, answer.text.replace(publication, NOBODY))
    # The seconds that the session still lasts.
    body = re.sub(r'data-ends-in="\d+"', "", body)
    return answer.status_code, body, {k: v for k, v in answer.headers.items() if k != "date"}
