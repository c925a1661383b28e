"""Choosing which mails one gets."""

from __future__ import annotations

from fastapi.testclient import TestClient

from excudit.domain.model import Actor
from excudit.service import mail_choices
from excudit.service.mail import EVENTS
from excudit.web.pages.preferences import TITLES
from web_house import House


def test_every_mail_can_be_chosen_and_has_a_name() -> None:
    assert set(TITLES) == set(EVENTS)


def test_choices_are_kept_and_shown_again(house: House, web: TestClient) -> None:
    headers, csrf = house.signed_in("ada")
    data = {"csrf": csrf, "published": "off", "comment": "digest"}
    answer = web.post("/preferences", data=data, headers=headers, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/preferences")
    page = web.get("/preferences", headers=headers).text
    assert "Your choices are kept" in page
    assert page.count(" selected>Off") == 1
    assert page.count(" selected>Daily digest") == 1


def test_what_asks_to_act_cannot_be_off_and_the_page_says_why(
    house: House, web: TestClient
) -> None:
    headers, csrf = house.signed_in("ada")
    page = web.get("/preferences", headers=headers).text
    assert EVENTS["returned"].must in page
    data = {"csrf": csrf, "returned": "off", "published": "off"}
    answer = web.post("/preferences", data=data, headers=headers)
    assert answer.status_code == 422
    assert "This mail cannot be off" in answer.text
    assert "<title>Error: " in answer.text
    assert mail_choices.chosen(house.parts, Actor("ada"))["published"] == "now"


def test_strangers_and_forged_forms_choose_nothing(house: House, web: TestClient) -> None:
    assert web.get("/preferences", follow_redirects=False).status_code == 303
    headers, _ = house.signed_in("ada")
    answer = web.post("/preferences", data={"published": "off"}, headers=headers)
    assert answer.status_code == 403
