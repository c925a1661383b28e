"""The configuration of the demo: the same kind of excudit.toml that a site writes."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from excudit.domain.errors import Conflict
from excudit.settings import Settings, load

PREFIX = "10.14454"
ENDING_S = 10.0
PASSWORD_FILE = "registry-password"  # noqa: S105 -- a file's name


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the demo listens; kept, because landing pages and DOIs name them."""

    web: int = 8080
    registry: int = 8090
    resolver: int = 8091
    smtp: int = 2525
    mailbox: int = 8025


def kept_ports(folder: Path) -> Ports:
    """The ports of this demo: as they were the last time, else free ones.

    Waits for an earlier demo that is still ending. Raises Conflict when they stay taken.
    """
    place = folder / "ports.json"
    if place.is_file():
        ports = Ports(**json.loads(place.read_text()))
        for port in asdict(ports).values():
            _await_free(port)
        return ports
    with ExitStack() as held:
        usual = asdict(Ports()) if _first_here() else dict.fromkeys(asdict(Ports()), 0)
        ports = Ports(**{name: _free(port, held) for name, port in usual.items()})
    place.write_text(json.dumps(asdict(ports)))
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
base_url = "http://127.0.0.1:{ports.web}"
contact = "data-desk@example.org"

[service]
data_dir = {folder}
port = {ports.web}

[mail]
host = "127.0.0.1"
port = {ports.smtp}
sender = "excudit@example.org"

[sources.folders]
kind = "folder"
roots = {roots}

[targets.datacite]
kind = "datacite"
url = "http://127.0.0.1:{ports.registry}"
resolver_url = "http://127.0.0.1:{ports.resolver}"
username = "DEMO.REPO"
password = {{ file = {password} }}
prefix = "{prefix}"
domains = ["127.0.0.1"]
per_second = 0

[routes.folder-doi]
title = "A folder to DataCite"
source = "folders"
targets = ["datacite"]
review = "auto"
notify = ["curators@example.org"]

[routes.folder-reviewed]
title = "A folder to DataCite, with review"
source = "folders"
targets = ["datacite"]
review = "one"

[routes.folder-doi.defaults]
publisher = {{ name = "Demonstration Data Centre" }}
creators = [{{ name = "Demonstration Data Centre", nameType = "Organizational" }}]
"""


def write_settings(folder: Path, ports: Ports, roots: Sequence[Path]) -> Path:
    """Write the demo's configuration; returns its path. The same folder gives the same file."""
    password = folder / PASSWORD_FILE
    if not password.exists():
        password.touch(mode=0o600)
        password.write_text("sandbox")
    path = folder / "excudit.toml"
    text = TOML.format(
        ports=ports,
        folder=_quoted(folder),
        roots="[" + ", ".join(_quoted(root) for root in roots) + "]",
        password=_quoted(password),
        prefix=PREFIX,
    )
    path.write_text(text, encoding="utf-8")
    return path


def _quoted(path: Path) -> str:
    """A TOML text: JSON's, but with no pairs of surrogates and DEL escaped."""
    return json.dumps(str(path.absolute()), ensure_ascii=False).replace("\x7f", "\\u007f")


def demo_settings(folder: Path, *, roots: Sequence[Path]) -> Settings:
    """The demo's settings, for looking at its routes."""
    return load(write_settings(folder, Ports(), roots))
