"""The client against a loopback server that answers exactly as scripted, or cuts the line."""

from __future__ import annotations

import gzip
import logging
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import SecretStr

from excudit.domain.errors import (
    Conflict,
    Denied,
    ExcuditError,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
from excudit.http import (
    PATIENCE_S,
    Answer,
    Basic,
    Bearer,
    Remote,
    Timeouts,
    path_of,
    redact,
    user_agent,
)
from excudit.settings import Site

SECRET = "correct-horse/battery+staple"
AGENT = user_agent(Site(base_url="https://data.example.org", contact="data@example.org"))

Script = Callable[[socket.socket], None] | bytes


def reply(status: str, body: bytes = b"", *headers: str, kind: str = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", f"Content-Type: {kind}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


class Peer:
    """Plays one script for each request, in order, and keeps what it was sent."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as stream:
            while head := b"".join(iter(lambda: stream.readline().strip() + b"\n", b"\n")):
                size = re.search(rb"(?i)\ncontent-length: (\d+)", head)
                self.requests.append(head + stream.read(int(size[1]) if size else 0))
                script = self.scripts.pop(0)
                if isinstance(script, bytes):
                    line.sendall(script)
                else:
                    script(line)
                    return


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


def remote(peer: Peer | str, **how: object) -> Remote:
    url = peer if isinstance(peer, str) else peer.url
    how.setdefault("auth", Basic("DEMO.REPO", lambda: SecretStr(SECRET)))
    return Remote("registry", url, agent=AGENT, **how)  # type: ignore[arg-type]


def cut(line: socket.socket) -> None:
    line.shutdown(socket.SHUT_RDWR)


def half(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n{")


def silent(line: socket.socket) -> None:
    line.recv(1)


def dripping(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    try:
        while not time.sleep(0.01):
            line.sendall(b" ")
    except OSError:
        return


def nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return f"http://127.0.0.1:{door.getsockname()[1]}"


def test_an_expected_answer_comes_back_parsed_and_we_say_who_asks(peer: Peer) -> None:
    kind = "application/vnd.api+json; charset=utf-8"
    peer.scripts = [reply("201 Created", b'{"a": 1}', kind=kind)]
    answer = remote(peer).call("POST", "/dois", query={"publisher": "true"}, json={"x": [1]})
    assert (answer.status, answer.value) == (201, {"a": 1})
    assert answer.media_type == "application/vnd.api+json"
    [sent] = peer.requests
    assert sent.startswith(b"POST /dois?publisher=true HTTP/1.1\n")
    assert sent.endswith(b'\n{"x":[1]}')
    assert b"User-Agent: excudit/" in sent
    assert b"(https://data.example.org; mailto:data@example.org)" in sent
    assert b"Authorization: Basic " in sent


def test_one_connection_is_kept_for_many_requests(peer: Peer) -> None:
    peer.scripts = [reply("200 OK", b"{}")] * 5
    asking = remote(peer)
    for _ in range(5):
        asking.call("GET", "/x")
    assert peer.connections == 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_was_never_sent_is_unavailable_for_reads_and_writes(method: str) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        remote(nobody()).call(method, "/dois")


def test_an_unknown_host_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        remote("http://no-such-host.invalid").call("POST", "/dois", json={})


@pytest.mark.parametrize(
    "script",
    [cut, half, silent, dripping, b"nonsense\r\n\r\n"],
    ids=["cut", "half", "silent", "drip", "noise"],
)
@pytest.mark.parametrize(("method", "error"), [("GET", Unavailable), ("PUT", Uncertain)])
def test_a_lost_answer_leaves_only_writes_uncertain(
    peer: Peer, script: Script, method: str, error: type[ExcuditError]
) -> None:
    peer.scripts = [script]
    asking = remote(peer, timeouts=Timeouts(read_s=0.2, total_s=0.4))
    with pytest.raises(error, match="answer of registry was lost"):
        asking.call(method, "/dois/10.5072%2Fx")
    assert len(peer.requests) == 1


def test_a_write_declared_safe_is_treated_as_a_read(peer: Peer) -> None:
    peer.scripts = [cut]
    with pytest.raises(Unavailable):
        remote(peer).call("POST", "/dois/validate", json={}, safe=True)


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        ("500 Internal", Unavailable, Uncertain),
        ("502 Bad Gateway", Unavailable, Uncertain),
        ("408 Timeout", Unavailable, Uncertain),
        ("429 Slow", RateLimited, RateLimited),
        ("400 Bad", Rejected, Rejected),
        ("422 Bad", Rejected, Rejected),
        ("401 Who", Denied, Denied),
        ("403 No", Denied, Denied),
        ("404 None", NotFound, NotFound),
        ("410 Gone", NotFound, NotFound),
        ("409 Taken", Conflict, Conflict),
        ("301 Moved", Rejected, Rejected),
    ],
)
def test_each_status_has_its_error_with_the_remote_words(
    peer: Peer, status: str, read: type[ExcuditError], write: type[ExcuditError]
) -> None:
    peer.scripts = [reply(status, b'{"errors":[{"title":"Z\xc3\xbcrich says no"}]}')] * 2
    asking = remote(peer)
    for method, error in (("GET", read), ("POST", write)):
        with pytest.raises(error) as caught:
            asking.call(method, "/dois")
        assert type(caught.value) is error
        assert "Zürich says no" in caught.value.remote


def test_html_is_never_believed_as_success(peer: Peer) -> None:
    peer.scripts = [reply("200 OK", b"<h1>Welcome</h1><script>x()</script>", kind="text/html")] * 2
    asking = remote(peer)
    with pytest.raises(Uncertain, match="text/html where JSON was due") as caught:
        asking.call("PUT", "/dois/x", json={})
    assert caught.value.remote == "Welcome"
    with pytest.raises(Unavailable):
        asking.call("GET", "/dois/x")


@pytest.mark.parametrize("body", [b"", b'{"data": ', b"<html>"])
def test_json_that_is_none_is_not_believed(peer: Peer, body: bytes) -> None:
    peer.scripts = [reply("200 OK", body)]
    with pytest.raises(Uncertain):
        remote(peer).call("POST", "/dois", json={})


def test_an_absence_told_in_html_is_not_an_absence(peer: Peer) -> None:
    peer.scripts = [reply("404 Not Found", b"<h1>nginx</h1>", kind="text/html")]
    with pytest.raises(Unavailable):
        remote(peer).call("GET", "/dois/x", expect={200, 404})


def test_answers_without_a_body_and_other_types_pass_where_they_are_asked_for(peer: Peer) -> None:
    peer.scripts = [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        reply("302 Found", b"", "Location: https://example.org/x", kind="text/html"),
        reply("200 OK", b"OK", kind="text/plain"),
    ]
    asking = remote(peer)
    assert asking.call("DELETE", "/dois/x", expect={204, 404}).status == 204
    assert asking.call("GET", "/x", expect={302}).headers["location"] == "https://example.org/x"
    assert asking.call("GET", "/heartbeat", accept="text/plain").words == "OK"


def test_retry_after_is_read_as_seconds_and_as_a_date(peer: Peer) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    for said, low, high in (("7", 7, 7), (later, 90, 100), ("soon", 0, 0), ("", 0, 0)):
        peer.scripts = [reply("429 Slow", b"", f"Retry-After: {said}", kind="text/plain")]
        with pytest.raises(RateLimited) as caught:
            remote(peer).call("POST", "/dois", json={})
        assert low <= caught.value.delay_s <= high


def test_an_answer_larger_than_the_limit_is_left_unread_even_when_compressed(peer: Peer) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    peer.scripts = [reply("200 OK", bomb, "Content-Encoding: gzip")] * 2
    asking = remote(peer, max_bytes=1_000_000)
    with pytest.raises(Unavailable, match="larger than 1000000 bytes"):
        asking.call("GET", "/x")
    with pytest.raises(Uncertain, match="larger than"):
        asking.call("POST", "/x", json={})


def test_the_adapter_judges_first(peer: Peer) -> None:
    def judge(answer: Answer) -> ExcuditError | None:
        throttled = answer.status == 403 and not answer.is_json
        return RateLimited("throttled", remote=answer.words) if throttled else None

    peer.scripts = [reply("403 No", b"<p>Blocked</p>", kind="text/html"), reply("403 No", b"{}")]
    asking = remote(peer, judge=judge)
    with pytest.raises(RateLimited):
        asking.call("GET", "/x")
    with pytest.raises(Denied):
        asking.call("GET", "/x")


@pytest.mark.parametrize("fault", [cut, silent, "200 OK", "301 Go", "401 No", "422 No", "500 Oops"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/dois", f"/dois?access_token={SECRET}"])
def test_no_secret_in_errors_logs_reprs_or_tracebacks(
    peer: Peer,
    fault: Callable[[socket.socket], None] | str,
    method: str,
    path: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    login = Basic("DEMO.REPO", lambda: SecretStr(SECRET))
    forms = login.header()[1]
    echo = "you sent: " + " ".join(forms)
    place = f"Location: https://joe:{SECRET}@example.org/"
    peer.scripts = [
        reply(fault, echo.encode(), place, kind="text/html") if isinstance(fault, str) else fault
    ]
    asking = remote(peer, auth=login, timeouts=Timeouts(read_s=0.1))
    with pytest.raises(ExcuditError) as caught:
        asking.call(method, path)
    told = "".join(traceback.format_exception(caught.value))
    words = [told, caplog.text, repr(asking), str(caught.value.as_data()), repr(caught.value)]
    assert not [f for f in forms for w in words if f in w]
    assert "registry: " in caplog.text or not isinstance(fault, str)


def test_secrets_are_found_in_other_peoples_words() -> None:
    told = redact(
        "GET https://joe:hunter2@example.org/x?access_token=abc123&page=2 "
        "Authorization: Basic am9lOmh1bnRlcjI= and 'authorization': 'Bearer tok.en-1' "
        "then Bearer 0123456789abcdef, s3cret",
        {"s3cret"},
    )
    for leak in ("hunter2", "abc123", "am9lOmh1bnRlcjI", "tok.en-1", "0123456789abcdef", "s3cret"):
        assert leak not in told
    assert "https://•••@example.org" in told
    assert "page=2" in told
    innocent = "Basic knowledge of bearer certificates"
    assert redact(innocent) == innocent


def test_a_token_that_cannot_stand_in_a_header_is_refused_without_being_shown(peer: Peer) -> None:
    asking = remote(peer, auth=Bearer(lambda: SecretStr("two\nlines")))
    with pytest.raises(Rejected) as caught:
        asking.call("GET", "/x")
    assert "two" not in str(caught.value)
    assert peer.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org",
        "example.org",
        "https://",
        "https://example.org:port",
        "https://[::1",
        "https://example.org/?token=hunter2",
        "https://joe:hunter2@example.org",
        "https://:hunter2@example.org",
    ],
)
def test_an_address_with_a_login_or_another_scheme_is_refused(url: str) -> None:
    with pytest.raises(Rejected) as caught:
        remote(url)
    assert "hunter2" not in str(caught.value)


def test_no_path_leads_to_another_host(peer: Peer) -> None:
    for path in ("https://elsewhere.example/x", "//elsewhere.example/x", "x"):
        with pytest.raises(ValueError, match="path below"):
            remote(peer).send("GET", path)
    assert path_of("dois", "10.5072/a b") == "/dois/10.5072%2Fa%20b"


def test_a_turn_too_far_away_is_rate_limited_and_nothing_is_sent(peer: Peer) -> None:
    with pytest.raises(RateLimited, match="Our own rate limit") as caught:
        remote(peer, take=lambda: PATIENCE_S + 1).call("POST", "/dois", json={})
    assert caught.value.delay_s == PATIENCE_S + 1
    assert peer.requests == []


def test_a_request_waits_for_its_turn(peer: Peer) -> None:
    peer.scripts = [reply("200 OK", b"{}")]
    begun = time.monotonic()
    remote(peer, take=lambda: 0.05).call("GET", "/x")
    assert time.monotonic() - begun >= 0.05
