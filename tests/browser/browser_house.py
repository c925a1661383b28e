"""A served service for browsers: real app, real worker, sandbox registry and mailbox."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "fault"))

from serving import work
from sqlalchemy import update

from excudit import app
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.sandbox.datacite import Registry
from excudit.sandbox.smtp import Mailbox
from excudit.service import verbs
from excudit.settings import load
from excudit.store import publications, sessions, users
from excudit.store import tables_people as t
from excudit.web import create_app, serve_in_thread
from excudit.web.visitors import COOKIE
from failing import add_failures
from forked import Forked
from house import RECORD, free_port, until
from registries import OTHER, PASSWORD, REPO, Desk

ROLES = {
    "ada": (),
    "bea": (),
    "rita": ("reviewer",),
    "carl": ("curator",),
    "adam": ("admin",),
}
"""Who there is: two authors, and one person for each role."""
FULL_NAMES = {
    "ada": "Ada Lovelace",
    "bea": "Bea Strand",
    "rita": "Rita Jensen",
    "carl": "Carl Ek",
    "adam": "Adam Voss",
}

CONFIG = """
[site]
name = "Institute of the Sea"
base_url = "http://127.0.0.1:{port}"
contact = "desk@example.org"
[service]
data_dir = {data}
port = {port}
[mail]
host = "127.0.0.1"
port = {smtp}
gather_s = 1
[sources.folders]
kind = "folder"
roots = [{roots}]
[targets.datacite]
kind = "datacite"
url = "{api}"
resolver_url = "{resolver}"
username = "{account.symbol}"
password = {{ file = {password} }}
prefix = "{account.prefixes[0]}"
per_second = 0
timeout_s = 5
[targets.elsewhere]
kind = "datacite"
url = "{api}"
resolver_url = "{resolver}"
username = "{other.symbol}"
password = {{ file = {password} }}
prefix = "{other.prefixes[0]}"
per_second = 0
timeout_s = 5
[routes.at-once]
title = "A folder to DataCite, at once"
source = "folders"
targets = ["datacite"]
review = "auto"
[routes.reviewed]
title = "A folder to DataCite, with review"
source = "folders"
targets = ["datacite"]
review = "one"
publish = "manual"
notify = ["curation@example.org"]
[routes.refused]
title = "A folder to an account that refuses"
source = "folders"
targets = ["elsewhere"]
review = "auto"
on_refusal = "stay"
"""


class BrowserHouse:
    """The service that browsers look at. `url` is where it answers; `parts` are its own."""

    def __init__(self, folder: Path, registry: Registry, mailbox: Mailbox) -> None:
        self.registry, self.mailbox = registry, mailbox
        self.desk = Desk(registry.api_url)
        self.roots = folder / "cruises"
        self.roots.mkdir(parents=True)
        password = folder / "password"
        password.write_text(PASSWORD)
        port = free_port()
        config = folder / "excudit.toml"
        config.write_text(
            CONFIG.format(
                port=port,
                data=json.dumps(str(folder / "data")),
                roots=json.dumps(str(self.roots)),
                smtp=mailbox.smtp_port,
                account=REPO,
                other=OTHER,
                api=registry.api_url,
                resolver=registry.resolver_url,
                password=json.dumps(str(password)),
            )
        )
        self.parts = app.build(load(config))
        served = create_app(self.parts)
        add_failures(served)
        self.running = serve_in_thread(served, "127.0.0.1", port)
        self.url = self.running.url
        # In a process of its own: this one lives on to tests that start a worker here.
        self.log = folder / "worker.log"
        self.worker = Forked(work, config, log=self.log)
        self.numbers = itertools.count(1)
        for name, roles in ROLES.items():
            self.person(name, *roles)

    def close(self) -> None:
        self.running.stop()
        self.worker.terminate()
        self.worker.wait(20)
        self.parts.database.close()

    def person(self, name: str, *roles: str) -> Actor:
        """A user with these roles."""
        with self.parts.database.write() as connection:
            users.put(connection, name, email=f"{name}@example.org", roles=list(roles))
            whole = FULL_NAMES.get(name, "")
            connection.execute(
                update(t.users).where(t.users.c.name == name).values(full_name=whole)
            )
        return Actor(name, frozenset(roles), f"{name}@example.org")

    def actor(self, name: str) -> Actor:
        """One of the people of `ROLES`, or another one without a role."""
        return Actor(name, frozenset(ROLES.get(name, ())), f"{name}@example.org")

    def cookie(self, name: str) -> dict[str, str]:
        """A new session of this person, as a cookie for a browser context."""
        with self.parts.database.write() as connection:
            value, _ = sessions.begin(connection, user=name, lasts=timedelta(hours=1))
        return {"name": COOKIE, "value": value, "url": self.url}

    def dataset(self, title: str = "", *, record: dict[str, Any] | None = None) -> Path:
        """A new folder with a record and two small files."""
        number = next(self.numbers)
        place = self.roots / f"cruise-{number:03}"
        (place / "data").mkdir(parents=True)
        told = {**RECORD, "titles": [{"title": title or f"Surface CO2, cruise {number}"}]}
        (place / "datacite.json").write_text(json.dumps({**told, **(record or {})}))
        (place / "data" / "co2.csv").write_text("time,co2\n1,410.2\n")
        (place / "data" / "sst.csv").write_text("time,sst\n1,11.5\n")
        return place

    def draft(self, title: str = "", *, owner: str = "ada", route: str = "reviewed") -> Publication:
        """A draft, prefilled from a new folder."""
        return verbs.create(self.parts, self.actor(owner), route, str(self.dataset(title)))

    def in_review(self, title: str = "", *, owner: str = "ada") -> Publication:
        """A submission that passed its checks and waits for a reviewer."""
        made = self.draft(title, owner=owner)
        verbs.submit(self.parts, self.actor(owner), made.id)
        return self.reaches(made.id, "in_review")

    def returned(self, title: str = "", *, reason: str = "Please add the units.") -> Publication:
        """A submission that Rita sent back."""
        made = self.in_review(title)
        verbs.turn_down(self.parts, self.actor("rita"), made.id, "return", reason)
        return self.reaches(made.id, "changes_requested")

    def approved(self, title: str = "", *, owner: str = "ada") -> Publication:
        """A submission that Rita approved; the button is still to be pressed."""
        made = self.in_review(title, owner=owner)
        verbs.approve(self.parts, self.actor("rita"), made.id)
        return self.reaches(made.id, "approved")

    def published(self, title: str = "", *, owner: str = "ada") -> Publication:
        """A publication that went well."""
        made = self.approved(title, owner=owner)
        verbs.publish(self.parts, self.actor(owner), made.id)
        return self.reaches(made.id, "published")

    def stuck(self, title: str = "", *, owner: str = "ada") -> Publication:
        """A publication that needs attention: the registry refused to make it findable, because
        this account's pages must be elsewhere. A draft DOI exists."""
        made = self.draft(title, owner=owner, route="refused")
        verbs.submit(self.parts, self.actor(owner), made.id)
        return self.has_health(made.id, "needs_attention")

    def waiting(self, title: str = "", *, owner: str = "ada") -> Publication:
        """A publication that waits because the registry is down, until `desk.mend()`."""
        made = self.approved(title, owner=owner)
        self.desk.fault("html-5xx", count=None, when="before", status=503)
        verbs.publish(self.parts, self.actor(owner), made.id)
        return self.has_health(made.id, "waiting")

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

    def has_health(self, key: str, health: str) -> Publication:
        """Wait for a health."""

        def found() -> Publication | None:
            now = self.get(key)
            return now if now.health == health else None

        return until(found, f"{key} never is {health}: {self.get(key)}")
