"""Every page, in normal, empty and error state: for all eyes, on a phone, and without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser_house import BrowserHouse
from judging import HEAVIEST_BYTES, NARROWEST_PX, Watch, judge, too_small, unreachable, weight
from page_list import NO_PAGES, PAGES, Look, Scene, addresses
from playwright.sync_api import Browser, Page, Response, expect

# The stylesheet and the two scripts, which a browser loads once.
HEAVIEST_LOOKS_BYTES = 60_000
HEAVIEST_SCRIPTS_BYTES = 120_000
LOOKS = [look for looks in PAGES.values() for look in looks]
# What a page says and offers, whoever reads it: headings, and forms with their buttons.
CORE = """() => {
  const words = (e) => (e.getAttribute("aria-label") || e.textContent).replace(/\\s+/g, " ").trim();
  const shown = (e) => !e.hidden && !e.closest("[hidden], [aria-hidden=true]");
  const buttons = [...document.querySelectorAll("main button")].filter(shown)
    .map((e) => `${e.form ? e.formAction || e.form.action : ""} ${words(e)}`);
  const fields = [...document.querySelectorAll(
    "main input:not([type=hidden]), main select, main textarea")]
    .filter((e) => shown(e) && e.name).map((e) => e.name);
  const headings = [...document.querySelectorAll("h1, h2, h3")].map(words);
  return {buttons, fields, headings};
}"""


@pytest.fixture(scope="session")
def scene(served: BrowserHouse) -> Scene:
    return Scene(served)


def opened(page: Page, scene: Scene, look: Look) -> int:
    """Go there, press the button if there is one, and be on the page in question; its bytes."""
    answer: Response | None = page.goto(look.path.format_map(scene.names))
    if look.press:
        button = page.locator("main").get_by_role("button", name=look.press, exact=True).first
        with page.expect_navigation() as pressed:
            button.click()
        answer = pressed.value
        expect(page).to_have_title(re.compile("^Error: "))
    assert answer is not None
    assert answer.status == look.status, f"{look}: {answer.status}"
    return len(answer.body())


def test_every_address_of_a_page_has_its_row() -> None:
    assert addresses() == {*PAGES, *NO_PAGES}
    assert not {*PAGES} & {*NO_PAGES}


class People:
    """A page of each person with scripts, and one without, for all tests of this module: a
    browser context for each of them would take longer than the looks."""

    def __init__(self, house: BrowserHouse, chromium: Browser) -> None:
        self.house, self.chromium = house, chromium
        self.kept: dict[tuple[str, bool], Page] = {}

    def page(self, name: str, *, javascript: bool = True) -> Page:
        """Theirs, in a window of the usual size."""
        if (name, javascript) not in self.kept:
            context = self.chromium.new_context(
                base_url=self.house.url, java_script_enabled=javascript, reduced_motion="reduce"
            )
            context.set_default_timeout(15_000)
            if name:
                context.add_cookies([self.house.cookie(name)])  # type: ignore[list-item]
            self.kept[name, javascript] = context.new_page()
        page = self.kept[name, javascript]
        page.set_viewport_size({"width": 1280, "height": 900})
        return page


@pytest.fixture(scope="module")
def people(served: BrowserHouse, chromium: Browser) -> Iterator[People]:
    made = People(served, chromium)
    yield made
    for page in made.kept.values():
        page.context.close()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_page_is_sound_with_and_without_scripts(look: Look, people: People, scene: Scene) -> None:
    page = people.page(look.who)
    watch = Watch(page)
    html = opened(page, scene, look)
    assert html < HEAVIEST_BYTES, f"{look} weighs {html} bytes"
    with_scripts = page.evaluate(CORE)
    judge(page)
    assert too_small(page) == []
    page.set_viewport_size({"width": NARROWEST_PX, "height": 256})
    assert unreachable(page) == []
    assert watch.heard == []

    plain = people.page(look.who, javascript=False)
    opened(plain, scene, look)
    assert plain.evaluate(CORE) == with_scripts


def test_the_looks_and_scripts_of_all_pages_weigh_little(stranger: Page) -> None:
    loaded = weight(stranger, "/help")
    looks = sum(size for url, size in loaded.items() if url.endswith(".css"))
    scripts = sum(size for url, size in loaded.items() if url.endswith(".js"))
    assert 0 < looks < HEAVIEST_LOOKS_BYTES, loaded
    assert 0 < scripts < HEAVIEST_SCRIPTS_BYTES, loaded
