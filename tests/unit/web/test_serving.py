"""The server in its thread, over real connections."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest

from excudit.domain.errors import Conflict, Rejected
from excudit.web import create_app, serve_in_thread
from web_house import House


def get(url: str, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_answers_as_soon_as_it_returns_and_not_after_stop(house: House) -> None:
    running = serve_in_thread(create_app(house.parts), "127.0.0.1", 0)
    answer, body = get(running.url, "/health")
    assert (answer.status, b'"ok"' in body) == (200, True)
    assert answer.getheader("server") is None
    running.stop()
    running.stop()
    with pytest.raises(ConnectionRefusedError):
        get(running.url, "/health")


def test_a_taken_port_says_what_to_do(house: House) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(Conflict, match="Another program listens") as caught:
            serve_in_thread(create_app(house.parts), "127.0.0.1", other.getsockname()[1])
    assert "service.port" in caught.value.hint


def test_an_unknown_address_says_what_to_do(house: House) -> None:
    with pytest.raises(Rejected, match=r"service\.invalid"):
        serve_in_thread(create_app(house.parts), "service.invalid", 0)


def test_a_bug_is_told_once_and_the_server_goes_on(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(request: Any) -> Any:
        raise ZeroDivisionError("inside")

    app = create_app(house.parts)
    app.router.add_route("/broken", broken)
    running = serve_in_thread(app, "127.0.0.1", 0)
    with caplog.at_level(logging.ERROR):
        answer, body = get(running.url, "/broken")
    assert answer.status == 500
    assert answer.getheader("content-security-policy")
    assert b"inside" not in body
    assert caplog.text.count("ZeroDivisionError: inside") == 1
    assert get(running.url, "/health")[0].status == 200
    running.stop()


def test_a_call_under_way_is_finished_when_the_server_stops(house: House) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(request: Any) -> Any:
        from starlette.responses import PlainTextResponse

        begun.set()
        may_end.wait(10)
        return PlainTextResponse("done")

    app = create_app(house.parts)
    app.router.add_route("/slow", slow)
    running = serve_in_thread(app, "127.0.0.1", 0)
    bodies: list[bytes] = []
    caller = threading.Thread(target=lambda: bodies.append(get(running.url, "/slow")[1]))
    caller.start()
    assert begun.wait(10)
    stopping = threading.Thread(target=running.stop)
    stopping.start()
    may_end.set()
    caller.join(10)
    stopping.join(10)
    assert bodies == [b"done"]


def test_head_has_no_body_on_the_wire(house: House) -> None:
    page = house.opened()
    running = serve_in_thread(create_app(house.parts), "127.0.0.1", 0)
    where = urlsplit(running.url)
    with socket.create_connection((where.hostname, where.port), 10) as wire:
        wire.sendall(
            f"HEAD /d/{page.slug} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        said = b"".join(iter(lambda: wire.recv(65536), b""))
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b'rel="cite-as"' in head
    assert body == b""
    running.stop()
