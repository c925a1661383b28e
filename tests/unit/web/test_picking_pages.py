"""Choosing datasets with a browser: routes, search, the basket, what would become public."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from excudit.domain.model import Actor
from excudit.service import basket, picking, queries, verbs
from excudit.store import baskets
from excudit.store.baskets import Picked

LONG = "ا" * 60
HOSTILE = {
    "rtl": f"سطح البحر {LONG}",
    "emoji": "🌊 CO₂ 👩🏽‍🔬",
    "markup": '<script>alert(1)</script> "quoted" & co',
    "template": "{{ 7 * 7 }} {% if %}",
    "control": "a\x07b\u202ec\x00d",
}


@pytest.fixture
def browser(house, web):
    """Ada's browser: its headers, and a way to send forms."""
    cookie, csrf = house.signed_in("ada")

    class Browser:
        headers = cookie

        def get(self, path, **more):
            return web.get(path, headers=cookie, follow_redirects=False, **more)

        def post(self, path, fields):
            body = urlencode([("csrf", csrf), *fields])
            kind = {"content-type": "application/x-www-form-urlencoded"}
            return web.post(path, content=body, headers={**cookie, **kind}, follow_redirects=False)

    return Browser()


ADA = Actor("ada", frozenset(), "ada@example.org")


def in_basket(house, name="ada"):
    with house.parts.database.read() as connection:
        return [(p.source, p.ref) for p in baskets.page(connection, name, limit=20_000)]


def test_one_route_alone_leads_straight_to_its_datasets(browser):
    answer = browser.get("/publications/new")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/publications/new/to-doi"


def test_strangers_are_led_to_the_sign_in_page(web):
    for path in ("/publications/new", "/publications/new/to-doi", "/basket"):
        answer = web.get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")


def test_the_list_tells_how_many_datasets_there_are(browser):
    page = browser.get("/publications/new/to-doi").text
    assert "Station Alpha" in page
    assert "2 datasets" in page
    assert browser.get("/publications/new/no-such-route").status_code == 404


def test_a_search_without_match_offers_to_clear_it(browser):
    page = browser.get("/publications/new/to-doi?q=zzz").text
    assert "Nothing in shelf has “zzz”" in page
    assert "Clear filters" in page


def told_by(house, *told):
    """Let the shelf tell these owners and accesses, one for each of its datasets."""
    look, named = house.shelf.look, dict(zip(house.shelf.titles, told, strict=True))

    def seen(ref):
        owner, access = named[ref]
        return replace(look(ref), owner=owner, access=access)

    house.shelf.look = seen


def test_a_search_is_narrowed_by_what_the_source_tells_and_the_address_keeps_it(house, browser):
    told_by(house, ("Ada & Co", "open"), ("Bea", "restricted"))
    here = "/publications/new/to-doi"
    every = browser.get(here).text
    for words in ('<option value="Ada &amp; Co">', '<option value="restricted">', "2 datasets"):
        assert words in every
    one = browser.get(f"{here}?owner=Ada+%26+Co").text
    assert "Station Alpha" in one
    assert "Station Beta" not in one
    assert "1 dataset<" in one
    none = browser.get(f"{here}?owner=Bea&access=open&q=station").text
    assert "Nothing fits: “station”, Bea, open." in none
    assert "Clear filters" in none
    fields = [("owner", "Bea"), ("do", "all")]
    answer = browser.post(f"{here}/pick", fields)
    assert answer.headers["location"] == f"{here}?q=&owner=Bea&begin=0"
    assert in_basket(house) == [("shelf", "beta")]


def test_what_somebody_publishes_already_can_be_left_out(house, browser):
    found = house.opened()
    with house.parts.database.write() as connection:
        queries.publications.claim(connection, found)
    here = "/publications/new/to-doi"
    assert "Station Alpha" in browser.get(here).text
    free = browser.get(f"{here}?free=yes").text
    assert "Station Alpha" not in free
    assert "Station Beta" in free
    assert 'value="yes" checked' in free


def test_ticked_datasets_go_into_the_basket_once(house, browser):
    for _ in range(2):
        answer = browser.post(
            "/publications/new/to-doi/pick", [("do", "ticked"), ("ref", "alpha"), ("ref", "beta")]
        )
        assert answer.status_code == 303
    assert in_basket(house) == [("shelf", "alpha"), ("shelf", "beta")]
    assert "In your basket" in browser.get("/publications/new/to-doi").text


def test_nothing_ticked_is_told_and_what_was_searched_stays(browser):
    answer = browser.post("/publications/new/to-doi/pick", [("do", "ticked"), ("q", "Alpha")])
    assert answer.status_code == 422
    assert "Nothing is ticked" in answer.text
    assert 'value="Alpha"' in answer.text
    assert "<title>Error: " in answer.text


def test_all_matches_are_taken_with_their_total_stated(house, browser):
    house.shelf.titles = {f"d{i:03}": f"Dataset {i}" for i in range(120)}
    page = browser.get("/publications/new/to-doi?q=Dataset").text
    assert "Put all 120 matches into the basket" in page
    assert "1 to 50" in page
    browser.post("/publications/new/to-doi/pick", [("do", "page"), ("q", "Dataset")])
    assert len(in_basket(house)) == 50
    browser.post("/publications/new/to-doi/pick", [("do", "all"), ("q", "Dataset")])
    assert len(in_basket(house)) == 120


def test_more_matches_than_the_cap_are_said_to_be_more(house, browser):
    house.shelf.titles = {f"d{i:05}": f"Dataset {i}" for i in range(picking.MATCHES + 5)}
    page = browser.get("/publications/new/to-doi").text
    assert "More than 1000 datasets; the first 1000" in page
    assert "Put the first 1000 into the basket" in page


def test_a_source_that_is_down_is_named_and_the_basket_kept(house, browser):
    basket.add(house.parts, ADA, "shelf", ["alpha"])
    house.shelf.is_down = True
    answer = browser.get("/publications/new/to-doi")
    assert answer.status_code == 503
    assert "The shelf does not answer." in answer.text
    assert "Try again" in answer.text
    assert "Your basket is kept." in answer.text
    assert in_basket(house) == [("shelf", "alpha")]


def test_references_of_other_places_are_refused_and_sound_ones_still_taken(house, browser):
    wish = [("do", "ticked"), ("ref", "../../etc/passwd"), ("ref", "alpha")]
    answer = browser.post("/publications/new/to-doi/pick", wish)
    assert answer.status_code == 422
    assert "There is no dataset ../../etc/passwd" in answer.text
    assert "1 dataset is now in your basket" in answer.text
    assert in_basket(house) == [("shelf", "alpha")]
    for ref in ("alpha\0", "al\rpha", "x\u202ey"):
        refused = browser.post("/publications/new/to-doi/pick", [("do", "ticked"), ("ref", ref)])
        assert refused.status_code == 422
    assert in_basket(house) == [("shelf", "alpha")]


def test_hostile_titles_are_shown_as_text(house, browser):
    house.shelf.titles = dict(HOSTILE)
    page = browser.get("/publications/new/to-doi").text
    assert "<script>alert" not in page
    assert "{{ 7 * 7 }}" in page
    answer = browser.post("/publications/new/to-doi/pick", [("do", "page")])
    assert answer.status_code == 303
    kept = browser.get("/basket").text
    assert "<script>alert" not in kept
    assert "\x00" not in kept
    assert "🌊" in kept
    assert browser.get("/publications/new/to-doi/summary").status_code == 200


def test_taking_one_out_leads_to_the_row_that_follows(house, browser):
    basket.add(house.parts, ADA, "shelf", ["alpha", "beta"])
    page = browser.get("/basket").text
    marks = re.findall(r'id="(out-[0-9a-f]+)"', page)
    answer = browser.post("/basket/remove", [("source", "shelf"), ("ref", "alpha")])
    assert answer.headers["location"] == f"/basket#{marks[1]}"
    last = browser.post("/basket/remove", [("source", "shelf"), ("ref", "beta")])
    assert last.headers["location"] == "/basket#main"
    assert "Your basket is empty" in browser.get("/basket").text


def test_emptying_asks_first(house, browser):
    basket.add(house.parts, ADA, "shelf", ["alpha", "beta"])
    assert "2 datasets leave your basket" in browser.get("/basket/empty").text
    assert len(in_basket(house)) == 2
    assert browser.post("/basket/empty", []).status_code == 303
    assert in_basket(house) == []


def test_nobody_reaches_into_the_basket_of_another(house, web, browser):
    basket.add(house.parts, ADA, "shelf", ["alpha"])
    cookie, csrf = house.signed_in("eve")
    page = web.get("/basket", headers=cookie)
    assert "Your basket is empty" in page.text
    fields = {"csrf": csrf, "source": "shelf", "ref": "alpha"}
    web.post("/basket/remove", data=fields, headers=cookie, follow_redirects=False)
    web.post("/basket/empty", data=fields, headers=cookie, follow_redirects=False)
    assert in_basket(house) == [("shelf", "alpha")]


def test_a_form_without_its_mark_changes_nothing(house, web):
    cookie, _ = house.signed_in("ada")
    basket.add(house.parts, ADA, "shelf", ["alpha"])
    for path in ("/basket/empty", "/basket/remove", "/publications/new/to-doi/summary"):
        answer = web.post(path, data={"ref": "alpha"}, headers=cookie)
        assert answer.status_code == 403
    assert in_basket(house) == [("shelf", "alpha")]


def test_ten_thousand_datasets_are_paged_and_totalled(house, browser):
    many = [Picked("shelf", f"r{i:05}", f"Dataset {i}", 1, 1000) for i in range(10_000)]
    with house.parts.database.write() as connection:
        assert baskets.add(connection, "ada", many) == 10_000
    page = browser.get("/basket")
    assert "10000 datasets; 10000 files, 10.0 MB" in page.text
    assert len(page.content) < 150_000
    following = re.search(r'href="(\?[^"]+)" rel="next"', page.text)
    assert following is not None
    second = browser.get("/basket" + following[1].replace("&amp;", "&")).text
    assert "Dataset 100<" in second
    answer = browser.post("/publications/new/to-doi/pick", [("do", "ticked"), ("ref", "alpha")])
    assert answer.status_code == 422
    assert "at most 10,000 datasets" in answer.text
    assert ("shelf", "alpha") not in in_basket(house)


def test_the_check_tells_what_becomes_public_before_there_is_a_draft(house, browser):
    basket.add(house.parts, ADA, "shelf", ["alpha", "beta"])
    page = browser.get("/publications/new/to-doi/summary").text
    for words in (
        "Station Alpha and 1 more",
        "Carberry, Josiah",
        "Creative Commons Attribution 4.0 International",
        "a findable DOI is never deleted",
        "https://data.example.org/d/",
        "as alpha/",
    ):
        assert words in page, words
    assert queries.listing(house.parts, ADA) == []


def test_a_draft_is_made_of_the_basket_which_gives_it_away(house, browser):
    basket.add(house.parts, ADA, "shelf", ["alpha", "beta"])
    answer = browser.post("/publications/new/to-doi/summary", [])
    (made,) = queries.listing(house.parts, ADA)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/publications/{made.id}/edit"
    assert in_basket(house) == []
    detail = queries.detail(house.parts, made.id, ADA)
    assert [d["ref"] for d in detail["datasets"]] == ["alpha", "beta"]


def test_what_is_gone_or_published_already_blocks_before_there_is_a_draft(house, browser):
    house.opened()
    basket.add(house.parts, ADA, "shelf", ["alpha", "beta"])
    with house.parts.database.write() as connection:
        found = queries.publications.get(connection, queries.listing(house.parts, ADA)[0].id)
        queries.publications.claim(connection, found)
    del house.shelf.titles["beta"]
    page = browser.get("/publications/new/to-doi/summary").text
    assert "2 problems stand against it." in page
    assert "It is already published" in page
    assert "There is no dataset beta" in page
    answer = browser.post("/publications/new/to-doi/summary", [])
    assert answer.status_code == 422
    assert 'href="#dataset-0"' in answer.text
    assert len(in_basket(house)) == 2
    assert len(queries.listing(house.parts, ADA)) == 1


def test_what_others_prepare_is_not_told(house, browser):
    bob = Actor("bob", frozenset(), "bob@example.org")
    house.token("bob")
    verbs.create(house.parts, bob, "to-doi", "alpha", record={"titles": [{"title": "Secret"}]})
    with house.parts.database.write() as connection:
        (draft,) = queries.listing(house.parts, bob)
        whole = queries.publications.get(connection, draft.id)
        queries.publications.claim(connection, whole)
    page = browser.get("/publications/new/to-doi").text
    assert "Being published by somebody else" in page
    assert "Secret" not in page
    assert draft.id not in page


def test_an_earlier_record_can_be_the_beginning(house, browser):
    earlier = house.opened()
    basket.add(house.parts, ADA, "shelf", ["beta"])
    assert earlier.title in browser.get("/publications/new/to-doi/summary").text
    answer = browser.post("/publications/new/to-doi/summary", [("record", earlier.id)])
    assert answer.status_code == 303
    made = queries.listing(house.parts, ADA, state="draft")[0]
    detail = queries.detail(house.parts, made.id, ADA)
    assert detail["record"]["titles"] == earlier.record["titles"]
    assert [d["ref"] for d in detail["datasets"]] == ["beta"]
    assert made.concept == made.id


def test_a_thousand_datasets_are_checked_on_one_small_page_problems_first(house, browser):
    house.shelf.titles = {f"d{i:04}": f"Dataset {i}" for i in range(1001)}
    many = [Picked("shelf", ref, title) for ref, title in house.shelf.titles.items()]
    house.token("ada")
    with house.parts.database.write() as connection:
        baskets.add(connection, "ada", many)
    page = browser.get("/publications/new/to-doi/summary")
    assert "1,001 datasets are chosen; one publication holds at most 1,000." in page.text
    basket.remove(house.parts, ADA, "shelf", "d0000")
    for number in range(900, 1001):
        del house.shelf.titles[f"d{number:04}"]
    page = browser.get("/publications/new/to-doi/summary")
    assert len(page.content) < 150_000
    assert "There is no dataset d0900" in page.text
    assert "Dataset 5<" not in page.text
    assert "and 900 more datasets" in page.text
    refused = browser.post("/publications/new/to-doi/summary", [])
    assert "… and 71 more problems." in refused.text
    assert len(in_basket(house)) == 1000


def test_a_slow_source_is_told_to_be_incomplete_instead_of_waited_for(house):
    gate = threading.Event()

    class Slow:
        name = "shelf"

        def search(self, text, *, actor, limit=50):
            yield house.shelf.look("alpha")
            gate.wait(20)
            yield house.shelf.look("beta")

    object.__setattr__(house.parts, "sources", {"shelf": Slow()})
    try:
        found = picking.search(house.parts, ADA, "shelf", "", seconds=0.2)
        assert [d.ref for d in found.datasets] == ["alpha"]
        assert found.late
    finally:
        gate.set()
