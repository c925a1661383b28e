"""A real browser in front of a real service, for all tests of pages.

Fixtures, for every test_*.py in this folder:

`house` (one per run)  the served service, `browser_house.BrowserHouse`: SQLite, a real worker, the
    sandbox registry and mailbox. `house.url`; `house.parts`; `house.actor(NAME)`; publications in
    every state: `house.draft()`, `.in_review()`, `.returned()`, `.approved()`, `.published()`,
    `.stuck()`, `.waiting()` (registry down until `house.desk.mend()`), each with a title of your
    own if you like; `house.dataset()` makes a folder;
    `house.desk` has the registry's fault switches (`house.desk.mend()` is called after each test).
    GET and POST `/fails/STATUS` always fail so (tests/failing.py).
    Titles and counts are shared by all tests of a run: look for what you made, not for totals.
`browse(NAME, …)`  a new page in a browser context of its own, signed in as "ada" or "bea"
    (authors), "rita" (reviewer), "carl" (curator), "adam" (admin); "" = nobody. Keywords:
    `javascript=False`, `width=…` px, `failing=True` where the service
    is to answer with a status of 5xx. Paths work: `page.goto("/desk")`. After the test it fails
    when the console told of an error or of a violation of the content security policy.
`owner`, `reviewer`, `curator`, `admin`, `stranger`  such a page, for ada, rita, carl, adam, nobody.
`judged(page)`  asserts zero axe-core violations (WCAG 2.2 AA and best practice) in light and dark,
    one h1, and no side scroll at 320 px. Call it on every page in normal, empty and error state.

Without any Chromium all of these tests are skipped, with one loud line.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_house import BrowserHouse
from judging import Watch, judge
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from excudit.sandbox.datacite import Registry
from excudit.sandbox.smtp import Mailbox
from registries import OTHER, REPO

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_MS = 15_000


def _found(own: str) -> str | None:
    """The browser to use: EXCUDIT_CHROMIUM, one on the PATH, or Playwright's own."""
    named = os.environ.get("EXCUDIT_CHROMIUM")
    places = [named, *map(shutil.which, NAMES), own]
    return next((p for p in places if p and Path(p).is_file()), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the run."""
    with sync_playwright() as playwright:
        place = _found(playwright.chromium.executable_path)
        if place is None:
            why = "SKIPPED for want of Chromium: install it, or set EXCUDIT_CHROMIUM to its path"
            warnings.warn(why, stacklevel=1)
            pytest.skip(why)
        browser = playwright.chromium.launch(
            executable_path=place, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserHouse]:
    """The service, its registry and its mailbox."""
    place = tmp_path_factory.mktemp("browser")
    with (
        Registry(place / "registry.db", index_lag_s=0, accounts=(REPO, OTHER)) as registry,
        Mailbox(place / "mailbox") as mailbox,
    ):
        made = BrowserHouse(place / "house", registry, mailbox)
        yield made
        made.close()


@pytest.fixture
def house(served: BrowserHouse) -> Iterator[BrowserHouse]:
    """The service, with all fault switches taken back afterwards."""
    yield served
    served.desk.mend()


@pytest.fixture
def browse(chromium: Browser, house: BrowserHouse) -> Iterator[Callable[..., Page]]:
    """Pages of people, each in a context of its own."""
    contexts: list[BrowserContext] = []
    watches: list[tuple[str, Watch]] = []

    def opened(
        name: str = "", *, javascript: bool = True, width: int = 1280, failing: bool = False
    ) -> Page:
        context = chromium.new_context(
            base_url=house.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            locale="en-GB",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if name:
            context.add_cookies([house.cookie(name)])  # type: ignore[list-item]
        page = context.new_page()
        watches.append((name or "nobody", Watch(page, failing=failing)))
        return page

    yield opened
    for context in contexts:
        context.close()
    heard = [f"{name}: {words}" for name, watch in watches for words in watch.heard]
    assert not heard, "the console told of errors:\n" + "\n".join(heard)


@pytest.fixture
def owner(browse: Any) -> Page:
    """Ada, who asks."""
    return browse("ada")


@pytest.fixture
def reviewer(browse: Any) -> Page:
    """Rita, who reviews."""
    return browse("rita")


@pytest.fixture
def curator(browse: Any) -> Page:
    """Carl, who curates."""
    return browse("carl")


@pytest.fixture
def admin(browse: Any) -> Page:
    """Adam, who operates."""
    return browse("adam")


@pytest.fixture
def stranger(browse: Any) -> Page:
    """Nobody whom the service knows."""
    return browse()


@pytest.fixture
def judged() -> Callable[[Page], None]:
    """Asserts what is asked of every page."""
    return judge
