"""The configuration of the demo: the same kind of excudit.toml that a site writes."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from excudit.settings import Settings, load

PREFIX = "10.14454"
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
    """The ports of this demo: as they were the last time, else free ones."""
    place = folder / "ports.json"
    if place.is_file():
        return Ports(**json.loads(place.read_text()))
    wanted = asdict(Ports())
    ports = Ports(**{name: _free(port) for name, port in wanted.items()})
    place.write_text(json.dumps(asdict(ports)))
    return ports


def _free(port: int) -> int:
    for candidate in (port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


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
defaults = {{ publisher = {{ name = "Demonstration Data Centre" }} }}
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
    return json.dumps(str(path.absolute()))


def demo_settings(folder: Path, *, roots: Sequence[Path]) -> Settings:
    """The demo's settings, for looking at its routes."""
    return load(write_settings(folder, Ports(), roots))
