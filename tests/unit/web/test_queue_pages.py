"""The review queue in a browser's requests, and decisions on many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from excudit.service import labels
from excudit.store import publications, queue
from excudit.web import create_app
from reviewing_house import now, person, told, waiting, with_help_of
from web_house import RECORD, House

NASTY = "<script>alert(1)</script> {{ 7*7 }} %s مرحبا 🌊"


@pytest.fixture
def browser(house: House) -> Iterator[TestClient]:
    """A browser that does not follow where a form leads."""
    app = create_app(house.parts)
    base = "https://data.example.org"
    with TestClient(app, base_url=base, follow_redirects=False) as client:
        yield client


def titled(house: House, title: str, **columns: object) -> str:
    record = {**RECORD, "titles": [{"title": title}]}
    return waiting(house, record=record, **columns).id


def titles(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a id="t\d+" [^>]*><bdi>(.*?)</bdi>', page)


def test_shows_nobodys_and_mine_oldest_first(house: House, browser: TestClient) -> None:
    rita, _ = house.signed_in("rita", "reviewer")
    person(house, "bob", "reviewer")
    for title, columns in (
        ("one", {}),
        ("two", {"reviewer": "rita"}),
        ("three", {"reviewer": "bob"}),
        ("four", {"state": "changes_requested", "reviewer": "rita"}),
        ("five", {"state": "published"}),
        ("six", {"state": "submitted"}),
    ):
        titled(house, title, **columns)
    page = browser.get("/queue", headers=rita)
    assert page.status_code == 200
    assert titles(page.text) == ["one", "two", "four", "six"]
    for words in (
        "Submitted, not taken yet",
        "In review with you",
        "Waiting for author",
        "being checked",
    ):
        assert words in page.text
    others = browser.get("/queue?reviewer=bob", headers=rita)
    assert titles(others.text) == ["three"]
    assert "In review with bob" in others.text
    assert len(page.content) < 150_000


def test_the_address_keeps_the_filters_and_says_which_are_set(
    house: House, browser: TestClient
) -> None:
    rita, _ = house.signed_in("rita", "reviewer")
    labels.define(house.parts, person(house, "carl", "curator"), "Late & lost")
    titled(house, "one", label="Late & lost")
    titled(house, "two")
    page = browser.get("/queue?label=Late+%26+lost&title=o", headers=rita)
    assert titles(page.text) == ["one"]
    assert "Late &amp; lost" in page.text
    assert "Clear filters" in page.text
    assert '<option value="Late &amp; lost" selected>' in page.text
    empty = browser.get("/queue?title=nothing+of+the+kind", headers=rita)
    assert "Nothing matches these filters" in empty.text
    assert empty.text.count("Clear filters") == 2
    for odd in ("state=x", "older=x", "older=-1", "health=x", "title=%00%27", "older=99999999999"):
        assert browser.get(f"/queue?{odd}", headers=rita).status_code == 200
    assert browser.get("/queue?after=nonsense", headers=rita).status_code == 422


def test_is_read_page_by_page(house: House, browser: TestClient) -> None:
    rita, _ = house.signed_in("rita", "reviewer")
    for number in range(53):
        titled(house, f"n{number}")
    first = browser.get("/queue?title=n", headers=rita).text
    following = re.search(r'href="([^"]*after=[^"]*)" rel="next"', first)
    assert following
    second = browser.get(following[1].replace("&amp;", "&"), headers=rita).text
    assert "53 requests" in first
    assert titles(first) + titles(second) == [f"n{n}" for n in range(53)]
    assert 'rel="first"' in second


def test_is_for_those_who_review_and_only_for_their_routes(
    house: House, browser: TestClient
) -> None:
    made = titled(house, "one")
    ada, _ = house.signed_in("ada")
    assert browser.get("/queue", headers=ada).status_code == 403
    assert browser.get("/queue").status_code == 303
    olga, csrf = house.signed_in("olga", "curator:other")
    assert titles(browser.get("/queue?reviewer=anyone&state=all", headers=olga).text) == []
    assert titles(browser.get("/queue?route=to-doi", headers=olga).text) == []
    form = {"csrf": csrf, "action": "label", "chosen": made}
    assert browser.post("/queue/bulk", headers=olga, data=form).status_code == 404
    vera, _ = house.signed_in("vera", "curator:to-doi")
    assert titles(browser.get("/queue", headers=vera).text) == ["one"]


def test_says_that_somebody_else_decides_on_ones_own(house: House, browser: TestClient) -> None:
    rita, _ = house.signed_in("rita", "reviewer")
    made = waiting(house)
    with_help_of(house, made, "rita")
    page = browser.get("/queue", headers=rita).text
    assert "Yours: somebody else decides." in page
    assert ">Claim<" not in page


def test_shows_texts_as_texts(house: House, browser: TestClient) -> None:
    rita, _ = house.signed_in("rita", "reviewer")
    titled(house, NASTY)
    page = browser.get("/queue", headers=rita).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} %s مرحبا 🌊" in page


def test_asks_the_database_as_often_for_many_rows_as_for_few(house: House) -> None:
    from sqlalchemy import event

    from excudit.service.queue import Filters, listing

    rita = person(house, "rita", "reviewer")
    counts = []
    for more in (2, 20):
        for _ in range(more):
            waiting(house)
        asked: list[str] = []

        def note(*args: object, asked: list[str] = asked) -> None:
            asked.append(str(args[2]))

        event.listen(house.parts.database._reader, "before_cursor_execute", note)
        listing(house.parts, rita, Filters())
        event.remove(house.parts.database._reader, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_many_are_returned_after_a_look_and_a_count(house: House, browser: TestClient) -> None:
    carl, csrf = house.signed_in("carl", "curator")
    made = [titled(house, f"n{n} {NASTY}") for n in range(3)]
    mine = waiting(house)
    with_help_of(house, mine, "carl")
    chosen = browser.post(
        "/queue/bulk",
        headers=carl,
        data={"csrf": csrf, "action": "return", "chosen": [*made, mine.id, "junk", ""]},
    )
    assert chosen.status_code == 303
    plan = chosen.headers["location"]
    look = browser.get(plan, headers=carl).text
    assert "Return 3 requests" in look
    assert "possible for 3 of the 4" in look
    assert "own publication" in look
    assert "<script>alert" not in look
    wrong = browser.post(plan, headers=carl, data={"csrf": csrf, "reason": NASTY, "count": "4"})
    assert wrong.status_code == 422
    assert "<title>Error:" in wrong.text
    assert "3 are affected" in wrong.text
    assert "&lt;script&gt;" in wrong.text
    form = {"csrf": csrf, "reason": NASTY, "count": "3"}
    assert browser.post(plan, headers=carl, data=form).headers["location"] == plan
    assert browser.post(plan, headers=carl, data=form).headers["location"] == plan
    result = browser.get(plan, headers=carl).text
    assert "Done: 3." in result
    assert "<script>alert" not in result
    for key in made:
        with house.parts.database.read() as connection:
            one = publications.get(connection, key)
        assert one.state == "changes_requested"
        assert [e.reason for e in told(house, one, "return")] == [NASTY]
    assert now(house, mine).state == "in_review"


def test_approving_many_says_which_become_public_where_and_for_ever(
    house: House, browser: TestClient
) -> None:
    carl, csrf = house.signed_in("carl", "curator")
    made = [titled(house, f"n{n}") for n in range(2)]
    later = publications.now() + timedelta(days=9)
    with house.parts.database.write() as connection:
        publications.change(connection, made[1], publish_at=later)
    form = {"csrf": csrf, "action": "approve", "chosen": made}
    plan = browser.post("/queue/bulk", headers=carl, data=form).headers["location"]
    look = browser.get(plan, headers=carl).text
    assert "1 of them becomes public at once. That cannot be taken back." in look
    assert "a findable DOI is never deleted" in look
    assert look.count("and it becomes public") == 1
    assert "Approve 2 requests and publish 1" in look


def test_all_that_match_are_chosen_at_once(house: House, browser: TestClient) -> None:
    carl, csrf = house.signed_in("carl", "curator")
    for number in range(60):
        titled(house, f"match {number}")
    titled(house, "other")
    form = {"csrf": csrf, "action": "assign", "every": "yes", "title": "match"}
    plan = browser.post("/queue/bulk", headers=carl, data=form).headers["location"]
    assert "Assign 60 requests" in browser.get(plan, headers=carl).text
    sent = {"csrf": csrf, "reviewer": "carl", "count": "60"}
    assert browser.post(plan, headers=carl, data=sent).status_code == 303
    with house.parts.database.read() as connection:
        mine = queue.Wanted(("in_review",), ("carl",))
        assert queue.count(connection, mine) == 60


@pytest.mark.parametrize("form", [{}, {"action": "return"}, {"action": "delete", "chosen": "x"}])
def test_choosing_nothing_says_so_above_the_queue(
    house: House, browser: TestClient, form: dict[str, str]
) -> None:
    carl, csrf = house.signed_in("carl", "curator")
    titled(house, "one")
    page = browser.post("/queue/bulk", headers=carl, data={"csrf": csrf, **form})
    assert page.status_code == 422
    assert 'id="summary"' in page.text
    assert titles(page.text) == ["one"]


def test_a_plan_is_ones_own(house: House, browser: TestClient) -> None:
    carl, csrf = house.signed_in("carl", "curator")
    form = {"csrf": csrf, "action": "label", "chosen": titled(house, "one")}
    plan = browser.post("/queue/bulk", headers=carl, data=form).headers["location"]
    rita, mark = house.signed_in("rita", "reviewer")
    assert browser.get(plan, headers=rita).status_code == 404
    sent = browser.post(plan, headers=rita, data={"csrf": mark, "count": "1"})
    assert sent.status_code == 404
    assert browser.get("/queue/bulk/%00", headers=carl).status_code == 404
