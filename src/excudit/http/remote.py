"""The client itself: one per outside service and process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httpx2
import orjson

from excudit import __version__
from excudit.domain.errors import (
    Conflict,
    Denied,
    ExcuditError,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
)
from excudit.http.answer import Answer, parse, unsure
from excudit.http.secrets import Basic, Bearer, redact, without
from excudit.settings import Site

if TYPE_CHECKING:
    import ssl

log = logging.getLogger(__name__)
# These two would log whole URLs and headers, credentials included.
for _noisy in ("httpx2", "httpcore2"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PATIENCE_S = 30.0
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, between two pieces of an answer, and for the whole exchange."""

    connect_s: float = 5.0
    read_s: float = 30.0
    total_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes to send as they come: `pieces` gives exactly `size` bytes, once."""

    pieces: Iterable[bytes]
    size: int

    @property
    def headers(self) -> dict[str, str]:
        """With a length, so that the other side knows when all is there."""
        return {"Content-Type": "application/octet-stream", "Content-Length": str(self.size)}


def user_agent(site: Site) -> str:
    """Who we are, as DataCite, Crossref and Zenodo ask for it: with an address to write to."""
    return f"excudit/{__version__} ({site.base_url}; mailto:{site.contact})"


def path_of(*parts: str) -> str:
    """A path from its parts, each percent-encoded whole ("/" too)."""
    return "".join("/" + quote(part, safe="") for part in parts)


Judge = Callable[[Answer], ExcuditError | None]

_KINDS: Mapping[int, type[ExcuditError]] = {
    401: Denied,
    403: Denied,
    404: NotFound,
    409: Conflict,
    410: NotFound,
}
_HINTS: Mapping[type[ExcuditError], str] = {
    Denied: "Check the account and its secret in the settings; `excudit doctor` tests them.",
}


@cache
def _trust() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


class Remote:
    """One outside service under one base URL; safe to use from several threads at once.

    Speaks to nobody else: paths are joined to `base_url`, redirects are not followed. `take`
    paces the requests: it books the next turn and returns the seconds until it, or books nothing
    and returns more than `PATIENCE_S`. Connections are kept alive until `close`.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        agent: str,
        auth: Basic | Bearer | None = None,
        take: Callable[[], float] | None = None,
        judge: Judge | None = None,
        timeouts: Timeouts | None = None,
        max_bytes: int = 16 * 1024 * 1024,
    ) -> None:
        if not _is_plain(base_url):
            raise Rejected(
                f"{name}: the address {redact(base_url)!r} is not an http(s) URL without a login.",
                hint="Put the account and where its secret is into settings of their own.",
            )
        self.name = name
        self.base_url = base_url.rstrip("/")
        self._auth, self._take, self._judge = auth, take, judge
        self._timeouts = timeouts or Timeouts()
        self._max_bytes = max_bytes
        t = self._timeouts
        self._client = httpx2.Client(
            headers={"User-Agent": agent, "Accept-Encoding": "gzip"},
            timeout=httpx2.Timeout(t.read_s, connect=t.connect_s),
            limits=httpx2.Limits(max_connections=100, max_keepalive_connections=20),
            verify=_trust(),
            # A proxy named in the environment is for the outside world only.
            mounts={"all://localhost": None, "all://127.0.0.1": None, "all://[::1]": None},
        )

    def __repr__(self) -> str:
        return f"Remote({self.name!r}, {self.base_url!r})"

    def close(self) -> None:
        """Close the connections; the remote cannot be used any more."""
        self._client.close()

    def call(self, method: str, path: str, *, expect: Collection[int] = (), **how: Any) -> Answer:
        """Ask, and give back an answer that is as expected; raise everything else.

        `expect`: the statuses that are fine (none given = any 2xx). Unless the caller accepts
        another type, an expected answer with a body is JSON; one that is not, is not believed.
        Further arguments and errors as for `send`.
        """
        answer = self.send(method, path, **how)
        fine = answer.status in expect if expect else 200 <= answer.status < 300
        if not fine:
            raise self.failure(answer)
        bodiless = answer.status == 204 or 300 <= answer.status < 400 or method == "HEAD"
        if how.get("accept", "json") == "json" and not bodiless and not answer.is_json:
            raise answer.unsure(
                f"answered {answer.status} with {answer.media_type or 'no content type'}"
                " where JSON was due"
            )
        return answer

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        accept: str = "json",
        stream: Stream | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool | None = None,
        patience_s: float = 0.0,
        sink: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Ask once; whatever status comes back is an answer.

        `path` starts with "/" and is already percent-encoded. `json` is sent as `content_type`,
        `form` (instead of it) as a form's fields, `stream` (instead of both) as it comes; `accept`
        is "json" or a media type. `patience_s` > 0 replaces the seconds to wait for an answer and
        for the whole exchange. `sink` takes the body of a 2xx answer of the accepted type piece by
        piece, of any length, as long as pieces keep coming. Raises Unavailable, Uncertain or
        RateLimited (our own pace), what reading the secret or the stream or the sink raises; no
        error holds a secret.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError(f"a path below {self.base_url} was due, not {path!r}")
        login, secrets = self._auth.header() if self._auth else ("", frozenset[str]())
        t = self._timeouts
        read_s = patience_s or t.read_s
        request = self._client.build_request(
            method,
            self.base_url + path,
            params=query,
            content=stream.pieces if stream else None if json is None else orjson.dumps(json),
            data=form,
            timeout=httpx2.Timeout(read_s, connect=t.connect_s),
            headers={
                "Accept": "application/json" if accept == "json" else accept,
                **({} if json is None else {"Content-Type": content_type}),
                **(stream.headers if stream else {}),
                **({"Authorization": login} if login else {}),
                **(headers or {}),
            },
        )
        self._await_turn()
        known_safe = method in SAFE if safe is None else safe
        return self._exchange(request, path, known_safe, secrets, patience_s or t.total_s, sink)

    def _await_turn(self) -> None:
        wait_s = self._take() if self._take else 0.0
        if wait_s > PATIENCE_S:
            raise RateLimited(
                f"Our own rate limit for {self.name} is used up for {wait_s:.0f} s.", delay_s=wait_s
            )
        if wait_s > 0:
            time.sleep(wait_s)

    def _exchange(
        self,
        request: httpx2.Request,
        path: str,
        safe: bool,
        secrets: frozenset[str],
        total_s: float,
        sink: Callable[[bytes], object] | None,
    ) -> Answer:
        asked = f"{request.method} {redact(path, secrets)}"
        begun = time.monotonic()
        try:
            response = self._client.send(request, stream=True)
            try:
                if sink is not None and _is_due(response, request):
                    body = _poured(response, sink)
                else:
                    body = self._body(response, begun, total_s)
            finally:
                response.close()
        except (httpx2.RequestError, _AbandonedError) as error:
            raise self._lost(error, asked, safe, secrets) from error
        log.debug("%s: %s -> %s, %.3f s", self.name, asked, response.status_code, _since(begun))
        status, headers = response.status_code, response.headers
        if status >= 400:
            body = without(body, secrets)
        value, is_json = parse(headers.get("content-type", ""), body)
        return Answer(self.name, asked, safe, status, headers, body, value, is_json, secrets)

    def _body(self, response: httpx2.Response, begun: float, total_s: float) -> bytes:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > self._max_bytes:
                raise _AbandonedError(f"the answer is larger than {self._max_bytes} bytes")
            if _since(begun) > total_s:
                raise _AbandonedError(f"the answer took longer than {total_s:g} seconds")
        return bytes(body)

    def _lost(
        self, error: Exception, asked: str, safe: bool, secrets: frozenset[str]
    ) -> ExcuditError:
        cause = redact(str(error), secrets) or type(error).__name__
        if isinstance(error, _UNSENT):
            return Unavailable(
                f"{self.name} cannot be reached at {self.base_url}: {cause} ({asked})."
            )
        return unsure(safe)(f"The answer of {self.name} was lost: {cause} ({asked}).")

    def failure(self, answer: Answer) -> ExcuditError:
        """The error that an unwanted answer means, with the other side's own words."""
        told = self._judge(answer) if self._judge else None
        if told is not None:
            return told
        status = answer.status
        if status == 429:
            return RateLimited(
                f"{self.name} asks to wait ({answer.asked}).",
                delay_s=answer.retry_after_s,
                remote=answer.words,
            )
        if status >= 500 or status < 300 or status in {408, 425}:
            return answer.unsure(f"answered {status}")
        kind = _KINDS.get(status, Rejected)
        where = f", pointing to {answer.location}" if answer.location else ""
        return kind(
            f"{self.name} answered {status} to {answer.asked}{where}.",
            hint=_HINTS.get(kind, ""),
            remote=answer.words,
        )


def _is_plain(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and not (parts.query or parts.fragment)
            and parts.port != 0
        )
    except ValueError:
        return False


class _AbandonedError(Exception):
    """We stopped reading an answer."""


_UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)


def _is_due(response: httpx2.Response, request: httpx2.Request) -> bool:
    """Whether it is a success of the very type that was asked for, and no page about a login."""
    said = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return response.is_success and said == request.headers["accept"]


def _poured(response: httpx2.Response, sink: Callable[[bytes], object]) -> bytes:
    for piece in response.iter_bytes(_PIECE):
        sink(piece)
    return b""


def _since(begun: float) -> float:
    return time.monotonic() - begun
