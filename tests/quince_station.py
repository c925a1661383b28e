"""A served service with the routes of marine stations: real app, worker and web, at the sandboxes
of QuinCe and of a registry."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "fault"))

from serving import work

from excudit import app
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.sandbox.datacite import Registry
from excudit.sandbox.quince import PASSWORD as QUINCE_PASSWORD
from excudit.sandbox.quince import USERNAME, QuinCe
from excudit.service import verbs
from excudit.settings import load
from excudit.store import publications, sessions, users
from excudit.web import create_app, serve_in_thread
from excudit.web.visitors import COOKIE
from forked import Forked
from house import free_port, until
from registries import PASSWORD, REPO

PEOPLE = {"ola": (), "aino": (), "eva": ("reviewer",), "adam": ("admin",)}
"""Two PIs, the thematic centre's expert, and who runs the service."""

CONFIG = """
[site]
name = "Marine Data Desk"
base_url = "http://127.0.0.1:{port}"
contact = "desk@example.org"
[service]
data_dir = {data}
port = {port}
[sources.quince]
kind = "quince"
title = "QuinCe"
url = "{quince}"
username = "{username}"
password = {{ file = {quince_password} }}
folder = {packages}
renew_s = 5
[sources.quince.platforms.26NA]
name = "Nuka Arctica"
category = "32"
group = "network"
owners = ["ola"]
authors = [{{ name = "Nordmann, Ola", affiliation = "Example Institute" }}]
[sources.quince.platforms.77FF]
name = "Baltic Ferry"
network = false
group = "others"
owners = ["aino"]
authors = [{{ name = "Virtanen, Aino" }}]
[targets.datacite]
kind = "datacite"
url = "{api}"
resolver_url = "{resolver}"
username = "{account.symbol}"
password = {{ file = {password} }}
prefix = "{account.prefixes[0]}"
per_second = 0
timeout_s = 5
[routes.quince-export]
title = "QuinCe export"
source = "quince"
targets = ["datacite"]
groups = ["network"]
intake = "{intake}"
intake_s = 1
words = "quince-export"
[routes.quince-export.defaults]
publisher = {{ name = "Ocean Thematic Centre" }}
[routes.quince-export-direct]
title = "QuinCe export, outside the network"
source = "quince"
targets = ["datacite"]
groups = ["others"]
intake = "{intake}"
intake_s = 1
words = "quince-export-direct"
review = "auto"
[routes.quince-export-direct.defaults]
publisher = {{ name = "Ocean Thematic Centre" }}
"""


class Station:
    """The service. `url` is where it answers; `parts` are its own."""

    def __init__(
        self,
        folder: Path,
        quince: QuinCe,
        registry: Registry,
        *,
        intake: str = "",
        deadly: str = "",
    ) -> None:
        self.quince = quince
        for name, secret in (("password", PASSWORD), ("quince-password", QUINCE_PASSWORD)):
            (folder / name).write_text(secret)
        port = free_port()
        config = folder / "excudit.toml"
        config.write_text(
            CONFIG.format(
                port=port,
                intake=intake,
                data=json.dumps(str(folder / "data")),
                packages=json.dumps(str(folder / "packages")),
                quince=quince.url,
                username=USERNAME,
                quince_password=json.dumps(str(folder / "quince-password")),
                account=REPO,
                api=registry.api_url,
                resolver=registry.resolver_url,
                password=json.dumps(str(folder / "password")),
            )
        )
        self.parts = app.build(load(config))
        self.running = serve_in_thread(create_app(self.parts), "127.0.0.1", port)
        self.url = self.running.url
        self.log, self.config = folder / "worker.log", config
        self.worker = Forked(work, config, deadly, log=self.log)
        with self.parts.database.write() as connection:
            for name, roles in PEOPLE.items():
                users.put(connection, name, email=f"{name}@example.org", roles=list(roles))

    def close(self) -> None:
        """End the worker and the web."""
        self.running.stop()
        self.worker.terminate()
        self.worker.wait(20)
        self.parts.database.close()

    def died(self) -> bool:
        """Whether the worker was killed where it was told; another one goes on from there."""
        if self.worker.poll() != -9:
            return False
        self.worker = Forked(work, self.config, log=self.log)
        return True

    def actor(self, name: str) -> Actor:
        """One of the people."""
        return Actor(name, frozenset(PEOPLE[name]), f"{name}@example.org")

    def cookie(self, name: str) -> dict[str, str]:
        """A new session of this person, as a cookie for a browser context."""
        with self.parts.database.write() as connection:
            value, _ = sessions.begin(connection, user=name, lasts=timedelta(hours=1))
        return {"name": COOKIE, "value": value, "url": self.url}

    def draft(self, ref: str, *, owner: str = "ola", route: str = "quince-export") -> Publication:
        """A draft for a dataset."""
        return verbs.create(self.parts, self.actor(owner), route, ref)

    def in_review(self, ref: str) -> Publication:
        """A dataset that waits for the expert."""
        made = self.draft(ref)
        verbs.submit(self.parts, self.actor("ola"), made.id)
        return self.reaches(made.id, "in_review")

    def exported(self, ref: str) -> Publication:
        """A dataset that the expert approved and that was published."""
        made = self.in_review(ref)
        verbs.approve(self.parts, self.actor("eva"), made.id)
        return self.reaches(made.id, "published")

    def get(self, key: str) -> Publication:
        """A publication as it stands now."""
        with self.parts.database.read() as connection:
            return publications.get(connection, key)

    def reaches(self, key: str, *states: str, health: Sequence[str] = ("idle",)) -> Publication:
        """Wait for one of these states, at rest."""

        def found() -> Publication | None:
            assert self.worker.poll() is None, self.log.read_text()[-3000:]
            now = self.get(key)
            return now if now.state in states and now.health in health else None

        return until(found, f"{key} never reaches {states}: {self.get(key)}")
