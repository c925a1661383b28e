"""Submitting where nobody looks at it afterwards: what becomes public is shown before."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from deciding_house import count_runs, with_route
from excudit.domain.errors import Unavailable
from excudit.domain.publication import Publication
from excudit.service import drafts, schedule, verbs
from excudit.store import publications
from form_visitor import ADA, Browser, at
from web_house import RECORD, House


@pytest.fixture
def draft(house: House, web: TestClient) -> Publication:
    """A draft on a route that publishes by itself."""
    house.parts = with_route(house.parts, review="auto")
    web.app.state.parts = house.parts  # type: ignore[attr-defined]
    return verbs.create(house.parts, ADA, "to-doi", "alpha", record=RECORD)


@pytest.fixture
def ada(house: House, web: TestClient) -> Browser:
    return Browser(house, web, "ada")


def here(found: Publication) -> str:
    return f"/publications/{found.id}/submit"


def state(house: House, found: Publication) -> str:
    return verbs.visible(house.parts, ADA, found.id).state


def test_the_form_says_that_a_page_comes_before_it_becomes_public(
    ada: Browser, draft: Publication
) -> None:
    page = ada.get(at(draft.id, "targets")).text
    assert "it is published at once, and that cannot be taken back" in page
    assert "Nothing becomes public by this" not in page


def test_the_first_press_publishes_nothing_and_shows_what_would_become_public(
    house: House, ada: Browser, draft: Publication
) -> None:
    answer = ada.post(here(draft), {})
    assert (answer.status_code, answer.headers["location"]) == (303, here(draft))
    assert state(house, draft) == "draft"
    page = html.unescape(ada.get(here(draft)).text)
    for words in (
        "Submit, publish and register the DOI",
        "that cannot be taken back",
        "Sea surface temperature, station Alpha, 2024",
        "Josiah Carberry",
        "Creative Commons Attribution 4.0",
        "a findable DOI is never deleted",
        f"https://data.example.org/d/{draft.slug}",
        "Station Alpha",
        "tombstone",
    ):
        assert words in page
    main = page[page.index("<main") : page.index("</main")]
    buttons = re.findall(r"<button[^>]*>([^<]+)</button>", main)
    assert buttons == ["Submit, publish and register the DOI"]
    assert main.index("submit nothing") < main.index('class="irreversible"')


def test_the_button_of_that_page_submits_it_once(
    house: House, ada: Browser, draft: Publication
) -> None:
    seen = {"edition": str(draft.edition)}
    answer = ada.post(here(draft), seen)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/publications/{draft.id}")
    assert state(house, draft) == "submitted"
    assert ada.post(here(draft), seen).status_code == 409
    assert count_runs(house, draft, "take-in") == 1


def test_a_draft_that_was_changed_meanwhile_is_shown_again_and_not_submitted(
    house: House, ada: Browser, draft: Publication
) -> None:
    other = {**RECORD, "titles": [{"title": "Another title"}]}
    drafts.replace(house.parts, ADA, draft.id, other)
    answer = ada.post(here(draft), {"edition": str(draft.edition)})
    assert answer.status_code == 409
    assert "The draft was changed since you looked" in answer.text
    assert "Another title" in answer.text
    assert state(house, draft) == "draft"


def test_what_is_missing_is_told_before_what_becomes_public(
    house: House, ada: Browser, draft: Publication
) -> None:
    drafts.replace(house.parts, ADA, draft.id, {"version": "0"})
    for answer in (ada.get(here(draft)), ada.post(here(draft), {})):
        assert answer.status_code == 422
        assert "Not submitted: this is still missing or wrong" in answer.text


def test_a_publish_date_that_is_to_come_makes_it_an_ordinary_submission(
    house: House, ada: Browser, draft: Publication
) -> None:
    schedule.settle(house.parts, ADA, draft.id, publications.now() + timedelta(days=9))
    assert "publishes it by itself on the publish date" in ada.get(at(draft.id, "targets")).text
    assert ada.get(here(draft)).headers["location"] == at(draft.id, "targets")
    assert ada.post(here(draft), {}).headers["location"] == f"/publications/{draft.id}"
    assert state(house, draft) == "submitted"


def test_whoever_may_not_submit_does_not_see_the_page(
    house: House, web: TestClient, draft: Publication
) -> None:
    assert Browser(house, web, "rita", "reviewer").get(here(draft)).status_code == 403
    assert Browser(house, web, "rita", "reviewer").post(here(draft), {}).status_code == 403
    assert Browser(house, web, "eve").get(here(draft)).status_code == 404


def test_a_source_that_does_not_answer_leaves_the_page_whole(
    house: House, web: TestClient, ada: Browser, draft: Publication
) -> None:
    gone = replace(house.parts, sources={"shelf": _Silent()})
    web.app.state.parts = gone  # type: ignore[attr-defined]
    page = ada.get(here(draft)).text
    assert "1 dataset is not counted yet" in page
    assert 'class="irreversible"' in page


class _Silent:
    """A source that is down."""

    name = "shelf"

    def look(self, ref: str) -> None:
        raise Unavailable("The shelf does not answer.")
