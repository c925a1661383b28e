"""A whole house for fault tests: registry, mailbox, database, folder, and a service to kill."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from serving import serve

from blanks import copied, keep_blank
from excudit import app
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.sandbox.datacite import Account, Registry
from excudit.sandbox.smtp import Mailbox
from excudit.service import queries, verbs
from excudit.service.parts import Parts
from excudit.settings import Settings, load
from excudit.store import publications
from excudit.store.database import Database
from forked import Forked
from registries import PASSWORD, REPO, Desk

OWNER = Actor("Ada", frozenset(), "ada@example.org")
CURATOR = Actor("Carl", frozenset({"curator", "admin"}), "carl@example.org")
PATIENCE_S = 60.0

RECORD = {
    "titles": [{"title": "Surface CO2, cruise 7"}],
    "creators": [{"name": "Lovelace, Ada", "givenName": "Ada", "familyName": "Lovelace"}],
    "publisher": {"name": "Institute of the Sea"},
    "publicationYear": 2026,
    "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Measurements"},
    "descriptions": [{"description": "Measured underway.", "descriptionType": "Abstract"}],
}

CONFIG = """
[site]
name = "Test house"
base_url = "http://127.0.0.1:{page_port}"
contact = "desk@example.org"
[service]
data_dir = {data}
database = {database}
port = {port}
[mail]
host = "127.0.0.1"
port = {smtp}
[sources.folders]
kind = "folder"
roots = [{data}]
[targets.datacite]
kind = "datacite"
url = "{api}"
resolver_url = "{resolver}"
username = "{account.symbol}"
password = {{ file = {password} }}
prefix = "{account.prefixes[0]}"
per_second = 0
timeout_s = 0.5
[routes.folder-doi]
source = "folders"
targets = ["datacite"]
review = "auto"
[routes.reviewed]
source = "folders"
targets = ["datacite"]
review = "one"
publish = "manual"
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: Callable[[], Any], why: str, seconds: float = PATIENCE_S) -> Any:
    """Wait on a condition; its value once it is true."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        pause.wait(0.03)
    raise AssertionError(f"waited {seconds} s in vain: {why}")


def _built(settings: Settings) -> Parts:
    """The service's parts, on a copy of a prepared database where there is one yet."""
    empty = Database(app.database_url(settings))
    fresh = not copied(empty, "house")
    parts = app.build(settings)
    if fresh:
        keep_blank(parts.database, "house")
    empty.close()
    return parts


class House:
    """`publish` a fresh folder under a fault, and `judge` what became of it."""

    def __init__(
        self,
        folder: Path,
        database: str,
        registry: Registry,
        mailbox: Mailbox,
        *,
        pageless: bool = False,
        account: Account = REPO,
        more: str = "",
    ) -> None:
        self.folder, self.registry, self.mailbox = folder, registry, mailbox
        self.account = account
        self.port = free_port()
        self.child: Forked | None = None
        self.desk = Desk(registry.api_url)
        folder.mkdir(parents=True, exist_ok=True)
        password = folder / "password"
        password.write_text(PASSWORD)
        self.config = folder / "excudit.toml"
        self.config.write_text(
            CONFIG.format(
                port=self.port,
                # Where nobody answers, a run waits at the step that opens the landing page.
                page_port=free_port() if pageless else self.port,
                data=json.dumps(str(folder)),
                database=json.dumps("" if database.startswith("sqlite") else database),
                smtp=mailbox.smtp_port,
                account=account,
                api=registry.api_url,
                resolver=registry.resolver_url,
                password=json.dumps(str(password)),
            )
            + more
        )
        self.parts = _built(load(self.config))
        self.log = folder / "service.log"
        self.made = 0

    def serve(self, deadly: str = "") -> None:
        """Start the service; returns when it is ready."""
        self.child = Forked(serve, self.config, deadly, log=self.log)

        def ready() -> bool:
            assert self.child is not None
            assert self.child.poll() is None, self.log.read_text()[-3000:]
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        until(ready, "the service does not start")

    def died(self) -> bool:
        """Whether the service was killed."""
        return self.child is not None and self.child.poll() == -9

    def stop(self) -> None:
        """End the service, politely."""
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()
            self.child.wait(20)
        self.child = None

    def close(self) -> None:
        # At once: nobody will look at what it leaves.
        if self.child is not None:
            self.child.kill()
            self.child.wait(20)
        self.parts.database.close()

    def dataset(self) -> Path:
        """A new small folder with a record in it."""
        self.made += 1
        place = self.folder / f"cruise-{self.made}"
        (place / "data").mkdir(parents=True)
        (place / "datacite.json").write_text(json.dumps(RECORD))
        (place / "data" / "co2.csv").write_text("time,co2\n1,410.2\n")
        return place

    def ask(self, route: str = "folder-doi") -> Publication:
        """Ask for the publication of a new folder."""
        return verbs.create(self.parts, OWNER, route, str(self.dataset()), submitting=True)

    def get(self, key: str) -> Publication:
        with self.parts.database.read() as connection:
            return publications.get(connection, key)

    def detail(self, key: str) -> dict[str, Any]:
        return queries.detail(self.parts, key, OWNER)

    def still(self, key: str) -> Publication:
        """Wait until nothing runs and nothing waits; a killed service is started again."""

        def found() -> Publication | None:
            if self.died():
                self.serve()
            now = self.get(key)
            return now if now.health not in ("running", "waiting") else None

        return until(found, f"{key} never stands still: {self.words(key)}")

    def settled(self, key: str, health: str) -> Publication:
        """Wait for a health."""

        def found() -> Publication | None:
            now = self.get(key)
            return now if now.health == health else None

        return until(found, f"{key} never is {health}: {self.words(key)}")

    def waits_at_its_page(self) -> Publication:
        """A publication whose draft is there and whose page does not answer."""
        asked = self.ask()

        def waiting() -> bool:
            run = self.detail(asked.id)["run"]
            return bool(run and run["status"] == "waiting" and run["position"] == "page")

        until(waiting, f"it never waits at its page: {self.words(asked.id)}")
        assert self.marked(asked.id) == ["draft"]
        return asked

    def published(self) -> Publication:
        """A publication that went well."""
        if self.child is None:
            self.serve()
        before = self.dois()
        asked = self.ask()
        self.published_once(asked.id, dois_before=before)
        self.forget_requests()
        return asked

    def at_registry(self, key: str) -> dict[str, Any]:
        """What the registry holds for a publication."""
        return self.desk.doi(self.detail(key)["doi"])

    def dois(self) -> int:
        """How many DOIs our account has, drafts included."""
        return sum(self.desk.counts(self.account.symbol).values())

    def requests(self) -> list[dict[str, Any]]:
        """What the registry and its resolver were asked."""
        return list(self.desk.log())

    def forget_requests(self) -> None:
        """Count requests from here."""
        self.desk.forget()

    def mend(self, *, fired: bool) -> None:
        """Take all switches back, when each has gone off and every late request has landed."""
        self.desk.quiet()
        assert not fired or all(f["fired"] for f in self.desk.faults()), "no fault went off"
        self.desk.mend()

    def subjects(self, key: str) -> list[str]:
        """The subjects of all mails of a publication, first to last."""
        return [m["subject"] for m in queries.sent_mails(self.parts, key, CURATOR)]

    def words(self, key: str) -> str:
        """What happened, for a failing test to tell."""
        run = self.detail(key)["run"] or {}
        steps = [(s["key"], s["status"], s["error"]) for s in run.get("steps", ())]
        return f"{run.get('status')} {run.get('error')} {steps}"

    def marked(self, key: str) -> list[str]:
        """The DOIs that the registry itself holds for a publication: [state]."""
        found = []
        for name in self.detail(key)["identifiers"]:
            there = self.desk.doi(name["doi"], self.account)
            if any(i["identifier"] == key for i in there.get("identifiers", ())):
                found.append(there["state"])
        return found

    def published_once(self, key: str, *, dois_before: int) -> None:
        """Exactly one findable DOI, no orphan, nothing lost, everybody told once."""
        now = self.still(key)
        assert (now.state, now.health) == ("published", "idle"), self.words(key)
        assert self.marked(key) == ["findable"]
        assert self.dois() == dois_before + 1, "an orphan at the registry"
        assert self.detail(key)["identifiers"][-1]["state"] == "findable"
        actions = [e["action"] for e in queries.timeline(self.parts, key, CURATOR)]
        assert actions.count("settle") == 1
        assert actions.count("published") == 1
        mails = [
            m for m in queries.sent_mails(self.parts, key, CURATOR) if m["kind"] == "published"
        ]
        assert len(mails) == 1

    def nothing_left(self, key: str, *, dois_before: int) -> None:
        """Undone: no DOI, no draft, no open page."""
        now = self.still(key)
        assert now.state in ("approved", "draft", "changes_requested"), self.words(key)
        assert not now.page_open
        assert self.marked(key) == []
        assert self.dois() == dois_before, "an orphan at the registry"
