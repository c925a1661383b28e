"""Lists of publications walk along indexes, and show everything once, whyever somebody sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from excudit.domain.lifecycle import STATES
from excudit.domain.publication import Publication, Sight
from excudit.store import collaborators, desk, migrate, publications, users
from excudit.store.database import Database, sqlite_url

MINE = Sight("ada")
ON_ROUTES = Sight("ada", routes=("a", "b"))
ALL = Sight("ada", everything=True)
HEALTHS = ("needs_attention", "out_of_sync")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    migrate.upgrade(made)
    with made.write() as connection:
        for name in ("ada", "bea"):
            users.put(connection, name, email="", roles=[])
    yield made
    made.close()


def filled(database: Database, count: int = 60) -> set[str]:
    """Publications on four routes, some of one moment; those that ada sees on routes a and b, as
    their owner or with their owner."""
    seen = set()
    with database.write() as connection:
        moment = publications.now()
        for number in range(count):
            owner, route = ("ada", "bea")[number % 3 > 0], "abcd"[number % 4]
            at = moment - timedelta(minutes=number // 4)
            key = publications.new_id()
            made = Publication(
                id=key,
                slug=publications.new_slug(),
                route=route,
                owner=owner,
                title=f"T{number}",
                state="draft",
                health="idle",
                concept=key,
                version=1,
                created_at=at,
                updated_at=at,
            )
            publications.add(connection, made)
            if number % 10 == 9:
                collaborators.add(connection, key, "ada", by="bea")
            if owner == "ada" or route in "ab" or number % 10 == 9:
                seen.add(key)
    return seen


def test_every_publication_is_listed_once_newest_first(database: Database) -> None:
    seen = filled(database)
    for sight, count in ((ON_ROUTES, len(seen)), (ALL, 60)):
        found: list[Any] = []
        after = None
        while True:
            with database.read() as connection:
                page = publications.listing(connection, sight=sight, after=after, limit=7)
            found += page
            if len(page) < 7:
                break
            after = (page[-1].updated_at, page[-1].id)
        keys = [(p.updated_at, p.id) for p in found]
        assert keys == sorted(set(keys), reverse=True)
        assert len(keys) == count
        if sight is ON_ROUTES:
            assert {p.id for p in found} == seen


def plan_of(database: Database, ask: Callable[[Connection], object]) -> str:
    """How SQLite would answer what is asked."""
    asked: list[tuple[str, Any]] = []
    with database.read() as connection:
        event.listen(
            connection,
            "before_cursor_execute",
            lambda c, cur, sql, par, *_: asked.append((sql, par)),
        )
        ask(connection)
        sql, given = max(asked, key=lambda one: len(one[0]))
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)
        return "\n".join(row[-1] for row in rows)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda c: desk.still(c, HEALTHS), "ix_publications_health "),
        (lambda c: desk.still(c, HEALTHS, owner="ada"), "ix_publications_owner_health "),
        (lambda c: desk.mine(c, "ada", STATES, title="x"), "ix_publications_owner_list "),
        (lambda c: publications.listing(c, sight=MINE), "ix_publications_owner_updated "),
        (lambda c: publications.listing(c, sight=ON_ROUTES), "ix_publications_route_updated "),
        (
            lambda c: publications.listing(c, sight=ALL, state="draft"),
            "ix_publications_state_updat",
        ),
    ],
    ids=["still", "still, own", "own by title", "own", "of a route", "of a state"],
)
def test_no_list_walks_along_all_publications(
    tmp_path: Any, ask: Callable[[Connection], object], index: str
) -> None:
    database = Database(sqlite_url(tmp_path / "excudit.db"))
    migrate.upgrade(database)
    plan = plan_of(database, ask)
    database.close()
    assert index in plan
    assert "SCAN publications" not in plan
    if index.endswith("owner_list "):
        assert "COVERING INDEX ix_publications_owner_list" in plan
