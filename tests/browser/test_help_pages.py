"""Help and the accessibility statement, for anybody."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from excudit.domain.lifecycle import STATE_WORDS


@pytest.mark.parametrize("who", ["", "carl"])
@pytest.mark.parametrize("path", ["/help", "/accessibility"])
def test_pages_about_the_service_are_for_everybody(
    who: str, path: str, browse: Any, judged: Any
) -> None:
    page = browse(who)
    assert page.goto(path).status == 200
    judged(page)


def test_help_explains_every_state(stranger: Page) -> None:
    stranger.goto("/help")
    rows = stranger.get_by_role("rowheader")
    assert rows.all_inner_texts() == list(STATE_WORDS.values())


def test_every_page_leads_to_help_and_to_the_statement(owner: Page, stranger: Page) -> None:
    for page, path in ((owner, "/desk"), (stranger, "/nowhere"), (stranger, "/")):
        page.goto(path)
        expect(
            page.get_by_role("contentinfo").get_by_role("link", name="Accessibility")
        ).to_be_visible()
    owner.get_by_role("banner").get_by_role("link", name="Help").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text("Help")
