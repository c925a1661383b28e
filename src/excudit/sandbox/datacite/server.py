"""Starting and stopping the registry: blocking, in a thread, or in a child process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import uvicorn

from excudit.domain.errors import Unavailable
from excudit.sandbox.datacite.accounts import DEFAULT_ACCOUNTS, Account
from excudit.sandbox.datacite.app import CuttableProtocol, build
from excudit.sandbox.datacite.registry import Sandbox, Settings

MEMORY = ":memory:"
_STOP_S = 10.0


class _Running:
    """Both ports bound and the application built; `run` serves until told to stop."""

    def __init__(
        self, host: str, port: int, resolver_port: int, state_path: str, settings: Settings
    ) -> None:
        shown = f"[{host}]" if ":" in host else host
        with ExitStack() as opened:
            self._sockets = [opened.enter_context(_listen(host, p)) for p in (port, resolver_port)]
            self.api_port, self.resolver_port = (s.getsockname()[1] for s in self._sockets)
            self.api_url = f"http://{shown}:{self.api_port}"
            self.resolver_url = f"http://{shown}:{self.resolver_port}"
            self.sandbox = Sandbox(settings, state_path, self.api_url, self.resolver_url)
            opened.pop_all()
        config = uvicorn.Config(
            build(self.sandbox, self.resolver_port),
            http=CuttableProtocol,
            ws="none",
            lifespan="off",
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=2,
            timeout_keep_alive=60,
        )
        self.server = uvicorn.Server(config)

    def run(self) -> None:
        """Serves until `stop` or, in a main thread, SIGTERM or SIGINT."""
        try:
            self.server.run(sockets=self._sockets)
        finally:
            self.sandbox.close()
            for listening in self._sockets:
                listening.close()

    def stop(self) -> None:
        """Asks `run` to end; open slow answers are cut short."""
        self.sandbox.stopping.set()
        self.server.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.listen(512)
    listening.setblocking(False)
    return listening


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    resolver_port: int = 0,
    state_path: str | Path = MEMORY,
    *,
    accounts: Sequence[Account] = DEFAULT_ACCOUNTS,
    index_lag_s: float = 1.0,
    bypass: bool = True,
    ready: Callable[[str, str], None] | None = None,
) -> None:
    """Serves the registry and its resolver until SIGTERM or SIGINT.

    `port` 0 takes a free one. `state_path` is an SQLite file, kept between runs, or ":memory:".
    `ready` is called once with the API's and the resolver's base URL, when both ports accept.
    `index_lag_s`: seconds until a list shows a write. `bypass`: a schemaVersion that DataCite
    does not judge skips the XSD. Raises OSError when a port is taken.
    """
    settings = Settings(tuple(accounts), index_lag_s, bypass)
    running = _Running(host, port, resolver_port, str(state_path), settings)
    if ready is not None:
        ready(running.api_url, running.resolver_url)
    running.run()


class Registry:
    """A registry to start and stop, for tests and demos; also a context manager.

    `mode` "process" runs it in a child process, which ends with its parent, "thread" in a thread
    of this one. After `stop` it can be started again on the same ports, with the same state if
    `state_path` is a file.
    """

    def __init__(
        self,
        state_path: str | Path = MEMORY,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        resolver_port: int = 0,
        accounts: Sequence[Account] = DEFAULT_ACCOUNTS,
        index_lag_s: float = 1.0,
        bypass: bool = True,
        mode: Literal["process", "thread"] = "process",
    ) -> None:
        self.state_path = str(state_path)
        self.host = host
        self.port = port
        self.resolver_port = resolver_port
        self.accounts = tuple(accounts)
        self.index_lag_s = index_lag_s
        self.bypass = bypass
        self.mode = mode
        self.api_url = ""
        self.resolver_url = ""
        self._child: subprocess.Popen[str] | None = None
        self._running: _Running | None = None
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """The process that serves; 0 while stopped."""
        if self._child is not None:
            return self._child.pid
        return os.getpid() if self._thread is not None else 0

    @property
    def alive(self) -> bool:
        """Its process or thread was started and has not ended."""
        if self._child is not None:
            return self._child.poll() is None
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> Self:
        """Starts serving; both ports accept when this returns. Raises Unavailable if it cannot."""
        if self.mode == "thread":
            self._start_thread()
        else:
            self._start_child()
        self.port = int(self.api_url.rpartition(":")[2])
        self.resolver_port = int(self.resolver_url.rpartition(":")[2])
        return self

    def stop(self) -> None:
        """Stops serving and waits for the end. Stopping twice is allowed."""
        if self._running is not None and self._thread is not None:
            self._running.stop()
            self._thread.join(_STOP_S)
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)
            self._end_child()
        self._running = self._thread = None

    def kill(self) -> None:
        """Ends the child process as a crash would (SIGKILL)."""
        if self._child is not None:
            self._child.kill()
            self._end_child()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start_thread(self) -> None:
        settings = Settings(self.accounts, self.index_lag_s, self.bypass)
        running = _Running(self.host, self.port, self.resolver_port, self.state_path, settings)
        self.api_url, self.resolver_url = running.api_url, running.resolver_url
        self._running = running
        self._thread = threading.Thread(target=running.run, name="sandbox-registry", daemon=True)
        self._thread.start()

    def _start_child(self) -> None:
        told = {
            "host": self.host,
            "port": self.port,
            "resolver_port": self.resolver_port,
            "state_path": self.state_path,
            "index_lag_s": self.index_lag_s,
            "bypass": self.bypass,
            "accounts": [asdict(account) for account in self.accounts],
        }
        command = [sys.executable, "-m", "excudit.sandbox.datacite", "--told-on-stdin"]
        pipe = subprocess.PIPE
        # Not in the terminal's group: Ctrl-C is for the parent, which then ends it in order.
        child = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            command, stdin=pipe, stdout=pipe, text=True, start_new_session=True
        )
        self._child = child
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(told) + "\n")
        child.stdin.flush()
        answer = child.stdout.readline()
        if not answer:
            self._end_child()
            raise Unavailable(
                "The sandbox registry did not start.",
                hint=f"Its own error is above; is port {self.port or self.resolver_port} taken, "
                f"or {self.state_path} not writable?",
            )
        urls = json.loads(answer)
        self.api_url, self.resolver_url = urls["api_url"], urls["resolver_url"]

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
