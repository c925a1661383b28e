"""The house with a route to a repository, and what must be there of a publication in the end."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from excudit.cli.routes import plans_of
from excudit.engine.plan import Plan
from excudit.sandbox.invenio import TOKEN, Invenio
from excudit.service import queries
from excudit.settings import load
from house import CURATOR, House

ROUTE = "folder-repository"
CONTENT = {"data/co2.csv": b"time,co2\n1,410.2\n"}
ROOM = """
[targets.repository]
kind = "invenio"
url = {url}
dialect = {dialect}
token = {{ file = {token} }}
default_license = "cc-by-4.0"
doi_url = {url}
per_second = 0
timeout_s = 2
find_lag_s = {lag_s}
publish_lag_s = {lag_s}
[routes.folder-repository]
source = "folders"
targets = ["repository"]
review = "auto"
"""


def tables(url: str, token: Path, *, zenodo: bool, lag_s: float = 0.3) -> str:
    """The tables of the target and its route."""
    return ROOM.format(
        url=json.dumps(url),
        dialect=json.dumps("zenodo-legacy" if zenodo else "rdm"),
        token=json.dumps(str(token)),
        lag_s=lag_s,
    )


@cache
def plan(name: str) -> Plan:
    """A plan of the route, from the product itself: the matrix is generated from it."""
    with TemporaryDirectory() as scratch:
        config = Path(scratch) / "excudit.toml"
        roots = f'[sources.folders]\nkind = "folder"\nroots = ["{scratch}"]\n'
        room = tables("http://127.0.0.1:9", config, zenodo=False)
        config.write_text(f'[service]\ndata_dir = "{scratch}"\n{roots}{room}')
        every = plans_of(config, ROUTE, lambda: load(config))
    return next(p for p in every if p.name == name)


class RepositoryHouse(House):
    """A house whose publications go to the sandbox repository."""

    repository: Invenio

    def deposits(self) -> list[dict[str, Any]]:
        """All records and drafts there."""
        return self.repository.records

    def deposited_once(self, key: str, *, before: int) -> None:
        """One published record with all files, no draft besides, everybody told once."""
        now = self.still(key)
        assert (now.state, now.health) == ("published", "idle"), self.words(key)
        there = self.deposits()
        assert [r["state"] for r in there[: len(there) - before]] == ["published"]
        record = there[0]
        assert sorted(record["files"]) == ["data/co2.csv", "datacite.json"]
        with self.repository.desk.records.store.open(
            record["files"]["data/co2.csv"]["blob"]
        ) as kept:
            assert kept.read() == CONTENT["data/co2.csv"]
        detail = self.detail(key)
        assert detail["doi"] == record["doi"]
        assert [i["state"] for i in detail["identifiers"]] == ["findable"]
        mails = [
            m for m in queries.sent_mails(self.parts, key, CURATOR) if m["kind"] == "published"
        ]
        assert len(mails) == 1

    def no_deposit(self, key: str, *, before: int) -> None:
        """Undone: no draft is left there."""
        now = self.still(key)
        assert now.state in ("approved", "draft", "changes_requested"), self.words(key)
        assert len(self.deposits()) == before
        assert self.detail(key)["doi"] == ""


def house_for(
    folder: Path, database: str, registry: Any, mailbox: Any, repository: Invenio, **how: Any
) -> RepositoryHouse:
    """A house beside that sandbox; the caller closes it."""
    folder.mkdir(parents=True, exist_ok=True)
    token = folder / "token"
    token.write_text(TOKEN)
    made = RepositoryHouse(
        folder,
        database,
        registry,
        mailbox,
        more=tables(repository.url, token, zenodo=repository.zenodo),
        **how,
    )
    made.repository = repository
    return made
