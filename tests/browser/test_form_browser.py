"""The metadata form in a browser: it saves itself, two windows lose nothing, keys are enough."""

from __future__ import annotations

import re
from typing import Any

import pytest
from judging import HEAVIEST_BYTES, weight
from playwright.sync_api import Page, expect

from excudit.service import drafts, verbs
from excudit.store import publications

SECTIONS = ("basics", "people", "rights", "subjects", "related", "funding", "files", "targets")
SAVED = re.compile(r"Saved \d\d:\d\d UTC")


def edit(publication: Any, section: str = "basics", query: str = "") -> str:
    return f"/publications/{publication.id}/edit/{section}{query}"


def record(house: Any, publication: Any) -> dict[str, Any]:
    with house.parts.database.read() as connection:
        return dict(publications.get(connection, publication.id).record)


def broken(house: Any, publication: Any) -> None:
    """Something wrong in every section."""
    bad = {
        "version": "0",
        "titles": [{"title": " ", "titleType": "Nonsense"}],
        "dates": [{"date": "2024-13"}],
        "contributors": [{"name": ""}],
        "rightsList": [{"rightsIdentifier": "nonsense", "rightsIdentifierScheme": "SPDX"}],
        "geoLocations": [{"geoLocationPoint": {"pointLatitude": "north"}}],
        "relatedIdentifiers": [{"relatedIdentifier": "x"}],
        "relatedItems": [{"titles": [{"title": ""}]}],
        "fundingReferences": [{"funderIdentifier": "x"}],
        "unheard": 1,
    }
    drafts.replace(house.parts, house.actor("ada"), publication.id, bad)


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_sound_in_normal_and_in_error_state(
    house: Any, owner: Page, judged: Any, section: str
) -> None:
    made = house.draft()
    owner.goto(edit(made, section))
    judged(owner)
    assert sum(weight(owner, edit(made, section)).values()) < HEAVIEST_BYTES
    broken(house, made)
    owner.goto(edit(made, section))
    expect(owner.locator("#problems")).to_have_count(0 if section == "files" else 1)
    judged(owner)


def test_what_is_typed_is_saved_a_moment_later_and_found_again(
    house: Any, owner: Page, browse: Any
) -> None:
    made = house.draft()
    owner.goto(edit(made))
    owner.get_by_label("Version").fill("4.2")
    expect(owner.locator("#saved")).to_have_text(SAVED, timeout=5_000)
    expect(owner.locator("#saved")).to_have_attribute("role", "status")
    assert record(house, made)["version"] == "4.2"
    owner.get_by_label("Version").fill("4.3")
    expect(owner.locator("#citation")).to_contain_text("Version 4.3")
    later = browse("ada")
    later.goto(edit(made))
    expect(later.get_by_label("Version")).to_have_value("4.3")
    assert [e.since is None for e in drafts.history(house.parts, made.id)] == [False, True]


def test_two_windows_keep_both_changes_and_ask_where_they_meet(
    house: Any, browse: Any, judged: Any
) -> None:
    made = house.draft()
    one, other = browse("ada"), browse("ada")
    one.goto(edit(made))
    other.goto(edit(made))
    one.get_by_label("Version").fill("one")
    expect(one.locator("#saved")).to_have_text(SAVED)
    other.get_by_label("Type in your own words").fill("Time series")
    expect(other.locator("#saved")).to_contain_text("Both changes are kept.")
    assert record(house, made)["version"] == "one"
    other.get_by_label("Version").fill("other")
    expect(other.locator("#saved")).to_contain_text("Press Save to see both")
    other.locator(".sheet-do").get_by_role("button", name="Save").click()
    expect(other.locator("h1")).to_have_text("Two people changed the same field")
    expect(other.locator("#summary")).to_be_focused()
    expect(other).to_have_title(re.compile("^Error: "))
    judged(other)
    other.get_by_label("Yours other").check()
    other.get_by_role("button", name="Save this choice").click()
    expect(other.get_by_label("Version")).to_have_value("other")
    after = record(house, made)
    assert (after["version"], after["types"]["resourceType"]) == ("other", "Time series")


def test_one_author_is_filled_in_with_the_keyboard_alone(house: Any, owner: Page) -> None:
    made = house.draft()
    owner.goto(edit(made, "people"))
    owner.get_by_role("button", name="Add creator", exact=True).focus()
    owner.keyboard.press("Enter")
    field = owner.locator(":focus")
    expect(field).to_have_attribute("name", re.compile(r"^creators\.\d+\.name$"))
    row = re.sub(r"\D", "", field.get_attribute("name") or "")
    for text in ("", "", "Marie", "Curie"):
        owner.keyboard.type(text)
        owner.keyboard.press("Tab")
    owner.keyboard.type("0000-0002-1825-0097")
    expect(owner.locator(f"#creators-{row}-name")).to_have_value("Curie, Marie")
    expect(owner.locator("#saved")).to_have_text(SAVED)
    owner.locator(f"#creators-{row}-name").press("Enter")
    up = owner.locator(f"#creators-{row}-up")
    up.focus()
    owner.keyboard.press("Enter")
    moved = int(row) - 1
    there = owner.locator(f"#creators-{moved}-up, #creators-{moved}-down")
    expect(there.and_(owner.locator(":focus"))).to_have_count(1)
    after = record(house, made)["creators"]
    assert after[moved]["name"] == "Curie, Marie"
    assert after[moved]["nameIdentifiers"][0]["nameIdentifierScheme"] == "ORCID"


def test_submitting_too_early_leads_to_each_field_that_is_missing(
    house: Any, owner: Page, judged: Any
) -> None:
    made = house.draft()
    broken(house, made)
    owner.goto(edit(made))
    owner.get_by_role("button", name="Submit").focus()
    owner.keyboard.press("Enter")
    expect(owner.locator("#summary")).to_be_focused()
    expect(owner).to_have_title(re.compile("^Error: "))
    judged(owner)
    owner.locator("#summary a", has_text="Creators").first.focus()
    owner.keyboard.press("Enter")
    expect(owner).to_have_url(re.compile(r"/edit/people\?checked=1#creators-0-name$"))
    assert verbs.visible(house.parts, house.actor("ada"), made.id).state == "draft"


def test_a_link_of_the_problems_leads_into_the_field(house: Any, owner: Page) -> None:
    made = house.draft()
    broken(house, made)
    owner.goto(edit(made, "funding"))
    owner.locator("#problems a").first.focus()
    owner.keyboard.press("Enter")
    expect(owner.locator("#fundingReferences-0-funderName")).to_be_focused()
    owner.keyboard.type("Example Fund")
    expect(owner.locator("#fundingReferences-0-funderName-error")).to_have_count(0)


def test_it_all_works_without_javascript(house: Any, browse: Any) -> None:
    made = house.draft()
    page = browse("ada", javascript=False)
    page.goto(edit(made, "people"))
    page.get_by_role("button", name="Add creator", exact=True).click()
    last = page.locator("#creators > fieldset").last
    last.get_by_label("Family name").fill("Curie")
    page.get_by_role("button", name="Save and go on to Rights and access").click()
    expect(page.locator("h2.section-title")).to_have_text("Rights and access")
    assert any(c.get("familyName") == "Curie" for c in record(house, made)["creators"])


def test_leaving_warns_only_while_something_is_not_saved(house: Any, owner: Page) -> None:
    made = house.draft()
    asked: list[str] = []
    owner.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    owner.goto(edit(made))
    owner.get_by_label("Version").fill("5")
    expect(owner.locator("#saved")).to_have_text(SAVED)
    owner.goto("/help")
    assert asked == []
    owner.goto(edit(made))
    owner.get_by_label("Version").fill("6")
    owner.goto("/help")
    assert asked == ["beforeunload"]


def test_a_section_link_waits_for_what_was_typed(house: Any, owner: Page) -> None:
    made = house.draft()
    owner.goto(edit(made))
    owner.get_by_label("Version").fill("7")
    owner.locator(".sections").get_by_role("link", name="Funding").click()
    expect(owner.locator("h2.section-title")).to_have_text("Funding")
    assert record(house, made)["version"] == "7"


def test_a_lost_sign_in_keeps_what_was_typed_in_the_page(house: Any, owner: Page) -> None:
    made = house.draft()
    owner.goto(edit(made))
    owner.context.clear_cookies()
    owner.get_by_label("Version").fill("8")
    expect(owner.locator("#saved")).to_contain_text("Your sign-in has ended")
    expect(owner.get_by_label("Version")).to_have_value("8")
    assert record(house, made).get("version") != "8"


def test_the_preview_and_the_reserved_name_are_sound(house: Any, owner: Page, judged: Any) -> None:
    made = house.draft()
    owner.goto(edit(made, "targets"))
    owner.get_by_role("button", name="Reserve a DOI").click()
    expect(owner.get_by_text("Reserved – does not resolve yet")).to_be_visible()
    judged(owner)
    owner.goto(f"/publications/{made.id}/edit/preview")
    judged(owner)
