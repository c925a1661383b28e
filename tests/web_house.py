"""A wired service on a real database, with a source and a target that live in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, ClassVar, Literal

from blanks import copied, keep_blank
from excudit.domain.errors import NotFound, Unavailable
from excudit.domain.model import (
    Actor,
    Claim,
    Dataset,
    Deposit,
    FileEntry,
    Outcome,
    Receipt,
    Snapshot,
    Tombstone,
)
from excudit.domain.problem import Problem
from excudit.domain.publication import Publication
from excudit.engine.client import EngineClient
from excudit.ports import Capabilities, Watch
from excudit.service import verbs
from excudit.service.parts import Parts
from excudit.service.plans import queue_of
from excudit.settings import Settings
from excudit.store import deposits, migrate, publications, runs, sessions, snapshots, users
from excudit.store.database import Database
from excudit.web.visitors import COOKIE

RECORD: dict[str, Any] = {
    "creators": [
        {
            "name": "Carberry, Josiah",
            "nameType": "Personal",
            "givenName": "Josiah",
            "familyName": "Carberry",
            "nameIdentifiers": [
                {
                    "nameIdentifier": "https://orcid.org/0000-0002-1825-0097",
                    "nameIdentifierScheme": "ORCID",
                }
            ],
            "affiliation": [
                {
                    "name": "Example Institute",
                    "affiliationIdentifier": "https://ror.org/01hhn8329",
                    "affiliationIdentifierScheme": "ROR",
                }
            ],
        }
    ],
    "titles": [{"title": "Sea surface temperature, station Alpha, 2024"}],
    "publisher": {"name": "Example Repository"},
    "publicationYear": 2026,
    "types": {"resourceTypeGeneral": "Dataset"},
    "language": "en",
    "version": "1.0",
    "subjects": [{"subject": "sea temperature"}],
    "rightsList": [
        {
            "rights": "Creative Commons Attribution 4.0 International",
            "rightsUri": "https://creativecommons.org/licenses/by/4.0/",
            "rightsIdentifier": "CC-BY-4.0",
            "rightsIdentifierScheme": "SPDX",
        }
    ],
    "descriptions": [
        {
            "description": "Daily mean sea surface temperature at station Alpha, quality checked.",
            "descriptionType": "Abstract",
        }
    ],
}


class Shelf:
    """A source with a few datasets in memory."""

    name = "shelf"
    custody: ClassVar[Literal["", "submit", "publish"]] = ""
    reports = False

    def __init__(self) -> None:
        self.titles = {"alpha": "Station Alpha", "beta": "Station Beta"}
        self.is_down = False

    def search(self, text: str, *, actor: Actor, limit: int = 50) -> Iterator[Dataset]:
        if self.is_down:
            raise Unavailable("The shelf does not answer.", remote="ECONNREFUSED")
        found = [r for r, title in self.titles.items() if text.lower() in title.lower()]
        return (self.look(ref) for ref in found[:limit])

    def ready(self) -> Iterator[Dataset]:
        return iter(())

    def look(self, ref: str) -> Dataset:
        if ref not in self.titles:
            raise NotFound(f"There is no dataset {ref} on the shelf.", hint="Look for another.")
        metadata = {k: v for k, v in RECORD.items() if k != "titles"}
        return Dataset(self.name, ref, self.titles[ref], "r1", metadata=metadata)

    def describe(self, ref: str, watch: Watch | None = None) -> Dataset:
        return replace(self.look(ref), files=(FileEntry("a.csv", 3, "0" * 64),))

    def open(self, ref: str, file: FileEntry, *, offset: int = 0) -> BinaryIO:
        return io.BytesIO(b"abc"[offset:])

    def claim(self, ref: str, *, key: str) -> Claim:
        return Claim(self.name, ref, key)

    def renew(self, claim: Claim) -> Claim:
        return claim

    def release(self, claim: Claim) -> None:
        return None

    def report(self, ref: str, outcome: Outcome, *, key: str) -> None:
        return None


class Registry:
    """A target of which the web only asks what it can do."""

    name = "registry"
    capabilities: ClassVar[Capabilities] = Capabilities(
        "registry", "a findable DOI is never deleted", identifier=True, amend=True, withdraw=True
    )

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        return ()

    def find(self, snapshot: Snapshot) -> Deposit | None:
        return None

    def name_doi(self) -> str:
        return "10.5072/alpha"

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        return Deposit(self.name, key, snapshot.doi, "draft")

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        return Receipt(file.path, file.size)

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        return replace(deposit, state="findable")

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        return ()

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        return deposit

    def discard(self, deposit: Deposit) -> None:
        return None

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        return deposit

    def probe(self) -> Sequence[Problem]:
        return ()


class Repository(Registry):
    """A target that keeps files."""

    name = "repository"
    capabilities: ClassVar[Capabilities] = Capabilities("repository", "it is public", files=True)


@dataclass
class House:
    """The service under test, and hands to arrange what stands in its database."""

    parts: Parts
    shelf: Shelf
    registry: Registry
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, name: str, *roles: str) -> dict[str, str]:
        """Headers of a caller with these roles."""
        if name not in self.tokens:
            with self.parts.database.write() as connection:
                users.put(connection, name, email=f"{name}@example.org", roles=list(roles))
                self.tokens[name] = users.issue_token(connection, name, "test", None)[1]
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    def signed_in(self, name: str, *roles: str) -> tuple[dict[str, str], str]:
        """Headers of this person's browser, and the mark that its forms must carry."""
        self.token(name, *roles)
        with self.parts.database.write() as connection:
            cookie, _ = sessions.begin(connection, user=name, lasts=timedelta(hours=1))
            found = sessions.find(connection, cookie)
        assert found is not None
        return {"Cookie": f"{COOKIE}={cookie}"}, found.csrf

    def parked(self, connection: Any, run: str) -> None:
        """Let a run stand still, as a worker does when a person is needed."""
        runs.change(connection, run, status="parked", position="check")

    def opened(
        self,
        record: Mapping[str, Any] = RECORD,
        *,
        doi: str = "10.5072/alpha",
        doi_state: str = "findable",
        files: Sequence[FileEntry] = (FileEntry("sst/2024.csv", 1007, "ab" * 32, "text/csv"),),
        previous: Publication | None = None,
        elsewhere: Deposit | None = None,
        **columns: Any,
    ) -> Publication:
        """A publication whose page is open, as the runs of a worker leave it."""
        owner = Actor("ada", frozenset(), "ada@example.org")
        made = (
            verbs.new_version(self.parts, owner, previous.id)
            if previous
            else verbs.create(self.parts, owner, "to-doi", "alpha", record=record)
        )
        frozen = snapshots.freeze(
            self.parts.database,
            made.id,
            source="shelf",
            ref="alpha",
            revision="r1",
            record=record,
            files=files,
        )
        values = {
            "state": "published",
            "published_at": datetime(2026, 3, 14, tzinfo=UTC),
            "page_open": True,
            "snapshot": frozen.id,
            **columns,
        }
        with self.parts.database.write() as connection:
            publications.change(connection, made.id, **values)
            if doi:
                deposits.choose_doi(connection, made.id, "registry", doi)
                remote = Deposit(
                    "registry",
                    made.id,
                    doi,
                    doi_state,
                    doi=doi,
                    doi_state=doi_state,  # type: ignore[arg-type]
                )
                deposits.save(connection, made.id, remote)
            if elsewhere:
                deposits.save(connection, made.id, elsewhere)
            return publications.get(connection, made.id)


SETTINGS = Settings.model_validate(
    {
        "site": {
            "name": "Example Repository",
            "base_url": "https://data.example.org",
            "contact": "help@example.org",
        },
        "sources": {"shelf": {"kind": "shelf"}},
        "targets": {"registry": {"kind": "registry"}, "repository": {"kind": "repository"}},
        "routes": {"to-doi": {"title": "To a DOI", "source": "shelf", "targets": ["registry"]}},
    }
)


def prepare(database: Database) -> EngineClient:
    """An empty database made ready for application and engine."""
    if not copied(database):
        migrate.upgrade(database)
        queues = {queue_of(route) for route in SETTINGS.routes.values()}
        EngineClient(database.engine).prepare(queues)
        keep_blank(database)
    return EngineClient(database.engine)


def furnished(database: Database) -> House:
    """A service on a prepared database: the route `to-doi` from the shelf to the registry, with
    one reviewer."""
    shelf, registry = Shelf(), Registry()
    parts = Parts(
        settings=SETTINGS,
        database=database,
        client=EngineClient(database.engine),
        sources={"shelf": shelf},
        targets={"registry": registry, "repository": Repository()},
        look_at=lambda url: (200, url),
    )
    return House(parts, shelf, registry)
