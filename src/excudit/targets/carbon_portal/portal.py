"""The portal's three services as one account: login, metadata, bytes.

What it answers is plain text for people; the errors here keep it as the remote's own words.
"""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from excudit.domain.errors import Denied, ExcuditError, Rejected, Retryable, Unavailable
from excudit.http import Answer, Remote, Stream, Timeouts, user_agent
from excudit.settings import Site
from excudit.targets.carbon_portal.settings import CarbonPortalSettings

# The token holds for 100,000 s (cpauth); renewed an hour before.
LIFE_S = 96_000.0
_TOKEN = re.compile(r"cpauthToken=([^;]+)")
_AGAIN = ("already ongoing", "currently already being uploaded", "IrodsFailure", "FileWriteFailure")


def object_id(sha256: str) -> str:
    """The portal's name for bytes: base64url of the first 18 bytes of their SHA-256 (hex)."""
    return base64.urlsafe_b64encode(bytes.fromhex(sha256)[:18]).decode()


class Portal:
    """One account. Safe for many threads; the caller closes it."""

    def __init__(
        self,
        name: str,
        settings: CarbonPortalSettings,
        site: Site,
        take: Callable[[], float] | None,
    ) -> None:
        agent = user_agent(site)
        waits = Timeouts(total_s=settings.upload_s, read_s=settings.upload_s)
        self.name = name
        self._settings = settings
        self._auth = Remote(name, settings.auth_url, agent=agent)
        self._meta = Remote(name, settings.meta_url, agent=agent, take=take, judge=_judged)
        self._data = Remote(
            name, settings.data_url, agent=agent, take=take, judge=_judged, timeouts=waits
        )
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def close(self) -> None:
        """Close the connections."""
        for remote in (self._auth, self._meta, self._data):
            remote.close()

    def _login(self, *, anew: bool = False) -> dict[str, str]:
        """The cookie of our account. Raises Denied for a wrong password."""
        with self._lock:
            if anew or time.monotonic() > self._until:
                secret = self._settings.password.read().get_secret_value()
                answer = self._auth.send(
                    "POST",
                    "/password/login",
                    form={"mail": self._settings.mail, "password": secret},
                    accept="text/plain",
                    safe=True,
                )
                found = _TOKEN.search(answer.headers.get("set-cookie", ""))
                if answer.status != 200 or not found:
                    raise Denied(
                        f"{self.name} does not let {self._settings.mail} in.",
                        hint="Mend mail and password of the target.",
                        remote=answer.words,
                    )
                self._token, self._until = found[1], time.monotonic() + LIFE_S
            return {"Cookie": f"cpauthToken={self._token}"}

    def _as_us(self, ask: Callable[[dict[str, str]], Answer]) -> Answer:
        """One call with our cookie; a cookie that no longer counts is renewed once."""
        answer = ask(self._login())
        if answer.status == 403:
            answer = ask(self._login(anew=True))
        return answer

    def whoami(self) -> str:
        """The account's mail as the portal knows it; "" for nobody."""
        answer = self._as_us(lambda c: self._meta.send("GET", "/whoami", headers=c))
        told = answer.value if isinstance(answer.value, dict) else {}
        return str(told.get("email") or "")

    def submitters(self) -> list[str]:
        """On whose behalf the account may upload."""
        answer = self._as_us(lambda c: self._meta.send("GET", "/upload/submitterids", headers=c))
        rows = answer.value if isinstance(answer.value, list) else []
        return [str(row.get("id")) for row in rows if isinstance(row, dict)]

    def seen(self, object_id: str) -> Mapping[str, Any] | None:
        """What everybody sees of an object; None where it is not registered."""
        answer = self._meta.send("GET", f"/objects/{object_id}")
        if answer.status == 404:  # in plain words
            return None
        if answer.status != 200 or not isinstance(answer.value, dict):
            raise self._meta.failure(answer)
        return answer.value

    def register(self, body: Mapping[str, Any]) -> str:
        """Register or update the metadata of an object; its access address. The same again changes
        nothing. Raises Rejected with the portal's words."""
        answer = self._as_us(
            lambda c: self._meta.send(
                "POST", "/upload", json=dict(body), headers=c, accept="text/plain"
            )
        )
        if answer.status != 200:
            raise self._meta.failure(answer)
        return answer.words.strip()

    def upload(self, object_id: str, begun: Callable[[], Stream]) -> str:
        """Send the bytes, each time from their beginning; the PID. The same bytes again give the
        same PID."""
        answer = self._as_us(
            lambda c: self._data.send(
                "PUT", f"/objects/{object_id}", stream=begun(), headers=c, accept="text/plain"
            )
        )
        if answer.status != 200:
            raise self._data.failure(answer)
        return answer.words.strip()

    def rehearse(self, spec: str, rows: int, stream: Stream) -> None:
        """A dry run of the ingestion, which keeps nothing. Raises Rejected with its words."""
        answer = self._data.send(
            "PUT",
            "/tryingest",
            query={"specUri": spec, "nRows": str(rows)},
            stream=stream,
            safe=True,
        )
        if answer.status != 200:
            raise self._data.failure(answer)

    def asked(self, sparql: str) -> list[dict[str, str]]:
        """The rows that a SPARQL query gives, each name with its value."""
        answer = self._meta.call(
            "POST",
            "/sparql",
            form={"query": sparql},
            accept="application/sparql-results+json",
            safe=True,
        )
        told = answer.value if isinstance(answer.value, dict) else {}
        rows = (told.get("results") or {}).get("bindings") or []
        return [{name: str(cell["value"]) for name, cell in row.items()} for row in rows]

    def page(self, object_id: str) -> str:
        """The landing page of an object."""
        return f"{self._settings.meta_url.rstrip('/')}/objects/{quote(object_id)}"


def _judged(answer: Answer) -> ExcuditError | None:
    """What the portal's plain words mean; None where the status alone says it."""
    words = answer.words
    if answer.status == 500 and any(sign in words for sign in _AGAIN):
        return Unavailable("The Carbon Portal is busy with this object.", remote=words)
    if answer.status == 500 and "IngestionFailure" in words:
        return Rejected("The Carbon Portal cannot read the file.", remote=words)
    if answer.status == 500 and "HashsumCheckFailure" in words:
        return Retryable("The bytes did not arrive whole.", remote=words)
    if answer.status in (400, 401):
        return Rejected("The Carbon Portal refuses it.", remote=words)
    return None
