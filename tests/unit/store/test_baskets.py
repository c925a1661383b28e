"""Baskets and holders on both databases."""

from __future__ import annotations

import pytest

from excudit.domain.publication import Sight
from excudit.store import baskets, migrate, publications, users
from excudit.store.baskets import Picked, Total
from excudit.store.database import Database


@pytest.fixture
def database(database_url):
    made = Database(database_url)
    migrate.upgrade(made)
    with made.write() as connection:
        for name in ("ada", "eve"):
            users.put(connection, name, email="", roles=[])
    yield made
    made.close()


def picked(*refs, source="shelf", files=None, size=None):
    return [Picked(source, ref, f"Title of {ref} 🌊 سطح", files, size) for ref in refs]


def test_what_is_added_twice_is_there_once_and_counts_add_up(database):
    with database.write() as connection:
        assert baskets.add(connection, "ada", picked("a", "b", files=2, size=10)) == 2
        assert baskets.add(connection, "ada", picked("b", "c")) == 1
        assert baskets.add(connection, "ada", picked("a", source="other")) == 1
        assert baskets.add(connection, "eve", picked("a")) == 1
        assert baskets.totals(connection, "ada") == [
            Total("other", 1, 0, 0, 0),
            Total("shelf", 3, 2, 4, 20),
        ]
        baskets.counted(connection, "ada", "shelf", "c", 7, 5_000_000_000_000)
        assert baskets.totals(connection, "ada")[1].bytes == 5_000_000_000_020
        assert baskets.there(connection, "ada", "shelf", ["a", "x"]) == {"a"}


def test_ten_thousand_are_added_paged_and_taken_out(database):
    refs = [f"/data/{i:05}/ü" for i in range(10_000)]
    with database.write() as connection:
        assert baskets.add(connection, "ada", picked(*refs)) == 10_000
    found, after = [], None
    while True:
        with database.read() as connection:
            page = baskets.page(connection, "ada", after=after, limit=3_000)
        if not page:
            break
        found += [p.ref for p in page]
        after = (page[-1].source, page[-1].ref)
    assert found == refs
    with database.write() as connection:
        assert baskets.remove(connection, "ada", [("shelf", r) for r in refs[:4_000]]) == 4_000
        assert baskets.count(connection, "ada") == 6_000
        assert baskets.clear(connection, "ada", source="other") == 0
        assert baskets.clear(connection, "ada") == 6_000


def test_holders_are_told_as_far_as_one_may_see(database, add_publication):
    held = add_publication(database, ref="/data/a", owner="eve", state="in_review")
    draft = add_publication(database, ref="/data/b", owner="ada")
    add_publication(database, ref="/data/c", owner="eve")
    with database.write() as connection:
        publications.claim(connection, publications.get(connection, held))
    with database.read() as connection:
        ada = baskets.held(connection, "folders", ["/data/a", "/data/b", "/data/c"], Sight("ada"))
        eve = baskets.held(connection, "folders", ["/data/a"], Sight("eve"))
        curator = baskets.held(connection, "folders", ["/data/a"], Sight("c", everything=True))
    assert set(ada) == {"/data/a", "/data/b"}, "drafts of others are nobody's business"
    assert (ada["/data/a"].state, ada["/data/a"].mine_to_see) == ("in_review", False)
    assert (ada["/data/b"].publication, ada["/data/b"].mine_to_see) == (draft, True)
    assert eve["/data/a"].mine_to_see
    assert curator["/data/a"].mine_to_see
