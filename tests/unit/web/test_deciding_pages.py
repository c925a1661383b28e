"""The pages of decisions: what they say, who gets them, and that a second press does nothing."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from deciding_house import Browser, approved, count_runs, parked, state
from excudit.domain.model import Actor
from excudit.service import verbs
from excudit.store import publications, runs
from excudit.store import tables_people as t
from web_house import House

ADA = Actor("ada", frozenset(), "ada@example.org")


@pytest.fixture
def browser(house: House, web: TestClient) -> Any:
    def open_for(name: str, *roles: str) -> Browser:
        return Browser(web, *house.signed_in(name, *roles))

    return open_for


def said(house: House, name: str) -> list[str]:
    with house.parts.database.read() as connection:
        return [str(k) for k in _kept(connection, name)]


def _kept(connection: Any, name: str) -> Any:
    rows = connection.execute(select(t.sessions.c.kept).where(t.sessions.c.user == name))
    return [words for (kept,) in rows for words in kept.get("said", ())]


def test_the_page_before_publishing_lists_what_becomes_public(house: House, browser: Any) -> None:
    found = approved(house)
    text = browser("ada").get(f"/publications/{found.id}/publish").text
    for words in (
        "Publish and register the DOI",
        "Sea surface temperature, station Alpha, 2024",
        "Josiah Carberry",
        "Creative Commons Attribution 4.0",
        f"/publications/{found.id}/files",
        "a findable DOI is never deleted",
        f"https://data.example.org/d/{found.slug}",
        found.approved_digest,
        "tombstone",
        "1 file",
    ):
        assert words in text


def test_the_button_stands_apart_and_nothing_is_typed_again(house: House, browser: Any) -> None:
    found = approved(house)
    text = browser("ada").get(f"/publications/{found.id}/publish").text
    main = text[text.index("<main") : text.index("</main")]
    assert re.findall(r"<button[^>]*>([^<]+)</button>", main) == ["Publish and register the DOI"]
    assert re.findall(r'<input(?![^>]*type="hidden")', main) == []
    assert main.index("Back, publish nothing") < main.index('class="irreversible"')


def test_pressing_publish_begins_one_run_and_again_lands_on_the_same_page(
    house: House, browser: Any
) -> None:
    found = approved(house)
    ada = browser("ada")
    here = f"/publications/{found.id}/publish"
    first = ada.post(here, digest=found.approved_digest)
    second = ada.post(here, digest=found.approved_digest)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert said(house, "ada") == [
        "Publishing has begun.",
        "It is being published already; once is enough.",
    ]
    assert count_runs(house, found, "publish") == 1
    assert ada.get(here).status_code == 303


def test_two_presses_at_the_same_moment_begin_one_run(house: House, browser: Any) -> None:
    found = approved(house)
    ada = browser("ada")
    start = threading.Barrier(2)
    answers: list[int] = []

    def press() -> None:
        start.wait()
        answer = ada.post(f"/publications/{found.id}/publish", digest=found.approved_digest)
        answers.append(answer.status_code)

    both = [threading.Thread(target=press) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert answers == [303, 303]
    assert count_runs(house, found, "publish") == 1


def test_a_page_that_showed_something_else_publishes_nothing(house: House, browser: Any) -> None:
    found = approved(house)
    answer = browser("ada").post(f"/publications/{found.id}/publish", digest="0" * 64)
    assert answer.status_code == 409
    assert "What you saw is not what is approved now." in answer.text
    assert browser("ada").post(f"/publications/{found.id}/publish").status_code == 422
    assert state(house, found) == "approved"


def test_what_drifted_from_the_approval_has_no_button(house: House, browser: Any) -> None:
    found = approved(house, approved_digest="0" * 64)
    text = browser("ada").get(f"/publications/{found.id}/publish").text
    assert "What is frozen is not what was approved" in text
    assert 'class="irreversible"' not in text


def test_with_a_date_the_page_says_so_and_publishing_lifts_it(house: House, browser: Any) -> None:
    found = approved(house, publish_at=publications.now() + timedelta(days=4))
    ada = browser("ada")
    here = f"/publications/{found.id}/publish"
    assert "Publishing now lifts it." in ada.get(here).text
    refused = ada.post(here, digest=found.approved_digest)
    assert refused.status_code == 409
    assert "not before" in refused.text
    assert ada.post(here, digest=found.approved_digest, lift="yes").status_code == 303
    assert state(house, found) == "publishing"


@pytest.mark.parametrize(
    ("name", "roles", "status"),
    [
        ("ada", (), 200),
        ("carl", ("curator",), 200),
        ("anna", ("admin",), 200),
        ("rita", ("reviewer",), 403),
        ("sam", (), 404),
    ],
)
def test_who_may_publish_sees_the_page(
    house: House, browser: Any, name: str, roles: tuple[str, ...], status: int
) -> None:
    found = approved(house)
    one = browser(name, *roles)
    here = f"/publications/{found.id}/publish"
    assert one.get(here).status_code == status
    posted = one.post(here, digest=found.approved_digest)
    assert posted.status_code == (303 if status == 200 else status)
    assert state(house, found) == ("publishing" if status == 200 else "approved")


def test_nobody_publishes_by_a_form_of_another_site(house: House, browser: Any) -> None:
    found = approved(house)
    ada = browser("ada")
    ada.csrf = "guessed"
    answer = ada.post(f"/publications/{found.id}/publish", digest=found.approved_digest)
    assert answer.status_code == 403
    assert state(house, found) == "approved"


def test_a_date_is_set_moved_and_lifted_with_the_zone_told(house: House, browser: Any) -> None:
    found = approved(house, state="in_review")
    ada = browser("ada")
    here = f"/publications/{found.id}/schedule"
    day = f"{publications.now() + timedelta(days=40):%Y-%m-%d}"
    assert ada.post(here, date=day, time="14:30").status_code == 303
    shown = ada.get(here).text
    assert f"{day} 14:30 UTC" in shown
    assert f'value="{day}"' in shown
    assert ada.post(here, lift="yes").status_code == 303
    assert "No date is set" in ada.get(here).text


@pytest.mark.parametrize("day", ["", "2020-01-01", "9999-12-31", "31.12.2030", "2030-13-45"])
def test_a_wrong_date_is_explained_and_kept(house: House, browser: Any, day: str) -> None:
    found = approved(house)
    answer = browser("ada").post(f"/publications/{found.id}/schedule", date=day, time="10:00")
    assert answer.status_code == 422
    assert "<title>Error: Publish date" in answer.text
    assert f'value="{day}"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_lifting_the_date_of_what_is_approved_leads_to_the_irreversible_page(
    house: House, browser: Any
) -> None:
    found = approved(house, publish_at=publications.now() + timedelta(days=4))
    answer = browser("ada").post(f"/publications/{found.id}/schedule", lift="yes")
    assert answer.headers["location"].endswith(f"/publications/{found.id}/publish")
    assert state(house, found) == "approved"


def test_cancelling_says_what_is_lost_and_asks_once(house: House, browser: Any) -> None:
    found = approved(house)
    ada = browser("ada")
    here = f"/publications/{found.id}/cancel"
    assert "What is lost" in ada.get(here).text
    assert ada.post(here).status_code == 200
    assert state(house, found) == "approved"
    assert ada.post(here, sure="yes").status_code == 303
    assert ada.post(here, sure="yes").status_code == 303
    assert state(house, found) == "cancelled"


def test_a_deleted_draft_leads_to_the_desk(house: House, browser: Any) -> None:
    draft = verbs.create(house.parts, ADA, "to-doi", "beta")
    ada = browser("ada")
    here = f"/publications/{draft.id}/delete"
    assert "What stays" in ada.get(here).text
    answer = ada.post(here, sure="yes")
    assert answer.headers["location"].endswith("/desk")
    assert "The draft is deleted." in ada.follow(answer)


def test_recalling_takes_one_press(house: House, browser: Any) -> None:
    found = approved(house)
    ada = browser("ada")
    assert ada.post(f"/publications/{found.id}/recall").status_code == 303
    assert ada.post(f"/publications/{found.id}/recall").status_code == 303
    assert state(house, found) == "draft"


def test_a_new_version_lands_on_its_draft(house: House, browser: Any) -> None:
    found = house.opened()
    ada = browser("ada")
    assert "DOI of its own" in ada.get(f"/publications/{found.id}/new-version").text
    answer = ada.post(f"/publications/{found.id}/new-version")
    assert answer.status_code == 303
    with house.parts.database.read() as connection:
        fresh = publications.versions(connection, found.concept)[-1]
    assert answer.headers["location"].endswith(f"/publications/{fresh.id}")
    again = ada.post(f"/publications/{found.id}/new-version")
    assert again.headers["location"].endswith(f"/publications/{fresh.id}")


def test_stopping_says_what_is_undone(house: House, browser: Any) -> None:
    found = approved(house)
    parked(house, found, position="reserve.registry")
    ada = browser("ada")
    here = f"/publications/{found.id}/stop"
    assert "Open a draft at registry" in ada.get(here).text
    assert ada.post(here, sure="yes").status_code == 303


def test_past_the_point_of_no_return_nothing_is_stopped(house: House, browser: Any) -> None:
    found = approved(house)
    run = parked(house, found, position="publish.registry", past_final=True)
    with house.parts.database.write() as connection:
        runs.change(connection, run, error={"kind": "Unavailable", "message": "down"})
    answer = browser("ada").post(f"/publications/{found.id}/stop", sure="yes")
    assert answer.status_code == 409
    assert "point of no return" in answer.text


def test_retrying_twice_begins_one_run_more(house: House, browser: Any) -> None:
    found = approved(house)
    parked(house, found, position="reserve.registry")
    ada = browser("ada")
    here = f"/publications/{found.id}/retry"
    page = ada.get(here).text
    assert "The registry refused us." in page
    assert "401 go away" in page
    assert ada.post(here).status_code == 303
    assert ada.post(here).status_code == 303
    assert count_runs(house, found, "publish") == 2


@pytest.mark.parametrize("odd", ["nothing", "%00", "..%2f..%2fetc", "x" * 500])
def test_an_odd_address_is_not_there(browser: Any, odd: str) -> None:
    for action in ("publish", "withdraw", "amend", "schedule", "cancel"):
        assert browser("ada").get(f"/publications/{odd}/{action}").status_code == 404
