"""The configuration of the demo: the same kind of excudit.toml that a site writes."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from excudit.cli.demos import play_of
from excudit.cli.demos.folder import toml
from excudit.cli.demos.play import PREFIX, Play, Ports
from excudit.domain.errors import Conflict
from excudit.settings import Settings, load

USUAL = {"web": 8080, "registry": 8090, "resolver": 8091, "smtp": 2525, "mailbox": 8025}
ENDING_S = 10.0
PASSWORD_FILE = "registry-password"  # noqa: S105 -- a file's name


def kept_ports(folder: Path, play: Play) -> Ports:
    """The ports of this demo: as they were the last time, because landing pages and DOIs name
    them; else free ones.

    Waits for an earlier demo that is still ending. Raises Conflict when they stay taken.
    """
    place = folder / "ports.json"
    if place.is_file():
        ports: dict[str, int] = json.loads(place.read_text())
        for port in ports.values():
            _await_free(port)
        return ports
    with ExitStack() as held:
        usual = {**USUAL, **play.ports}
        if not _first_here():
            usual = dict.fromkeys(usual, 0)
        ports = {name: _free(port, held) for name, port in usual.items()}
    place.write_text(json.dumps(ports))
    return ports


_held: list[IO[str]] = []


def _first_here() -> bool:
    """Whether the usual ports are this demo's to try, for as long as its process lives.

    Two demos that begin at once would otherwise both find them free.
    """
    file = (Path(tempfile.gettempdir()) / f"excudit-demo-{os.getuid()}.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return False
    _held.append(file)
    return True


def _free(port: int, held: ExitStack) -> int:
    """This port or, when it is taken, any; held until all are found, so that none comes twice."""
    try:
        found = _bound(port)
    except OSError:
        found = _bound(0)
    return int(held.enter_context(found).getsockname()[1])


def _await_free(port: int) -> None:
    deadline, pause = time.monotonic() + ENDING_S, threading.Event()
    while True:
        try:
            _bound(port).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise Conflict(
                    f"Port {port}, which this demo had, is taken by another program.",
                    hint="End that program, or start the demo over on other ports with --fresh.",
                ) from error
        pause.wait(0.05)


def _bound(port: int) -> socket.socket:
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        probe.close()
        raise
    return probe


TOML = """\
# The demo's configuration. A site's own looks the same; see excudit.example.toml.

[site]
name = "Demonstration Data Centre"
base_url = "http://127.0.0.1:{ports[web]}"
contact = "data-desk@example.org"

[service]
data_dir = {folder}
port = {ports[web]}

[mail]
host = "127.0.0.1"
port = {ports[smtp]}
sender = "excudit@example.org"

{own}
[targets.datacite]
kind = "datacite"
title = "DataCite (sandbox)"
url = "http://127.0.0.1:{ports[registry]}"
resolver_url = "http://127.0.0.1:{ports[resolver]}"
username = "DEMO.REPO"
password = {{ file = {password} }}
prefix = "{prefix}"
domains = ["127.0.0.1"]
per_second = 0
"""


def write_settings(folder: Path, ports: Ports, play: Play) -> Path:
    """Write the demo's configuration; returns its path. The same folder gives the same file."""
    password = folder / PASSWORD_FILE
    if not password.exists():
        password.touch(mode=0o600)
        password.write_text("sandbox")
    path = folder / "excudit.toml"
    text = TOML.format(
        ports=ports,
        folder=toml(str(folder.absolute())),
        own=play.settings(folder, ports),
        password=toml(str(password.absolute())),
        prefix=PREFIX,
    )
    path.write_text(text, encoding="utf-8")
    return path


def demo_settings(folder: Path, route: str = "folder-doi") -> Settings:
    """The demo's settings, for looking at its routes. Raises NotFound for a route it has not."""
    play = play_of(route)
    return load(write_settings(folder, {**USUAL, **play.ports}, play))
