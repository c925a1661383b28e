"""What is asked of every page: WCAG 2.2 AA by axe-core in light and dark, one h1, no side scroll,
no word in the console."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

AXE = Axe()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROWEST_PX = 320
HEAVIEST_BYTES = 150_000
# The browser says so of every answer ≥ 400; error pages are looked at on purpose.
_EXPECTED = "Failed to load resource: the server responded with a status of "


class Watch:
    """Hears the console of a page: errors, warnings of the security policy, broken scripts.

    `failing` when the service is to fail on purpose."""

    def __init__(self, page: Page, *, failing: bool = False) -> None:
        self.heard: list[str] = []
        self._expected = tuple(_EXPECTED + n for n in ("45" if failing else "4"))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.heard.append(f"script: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(self._expected):
            self.heard.append(message.text)


def judge(page: Page) -> None:
    """Assert that axe-core finds nothing in light and in dark, that there is one h1 and a title,
    and that nothing scrolls sideways at 320 px; afterwards the page looks as before."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = violations(page)
        assert not found, f"{page.url} in {scheme}:\n" + "\n".join(found)
    page.emulate_media(color_scheme="light")
    assert page.locator("h1").count() == 1, f"{page.url}: not one h1"
    assert page.title().strip(), f"{page.url}: no title"
    assert not too_wide(page), f"{page.url}: wider than {NARROWEST_PX} px: {too_wide(page)}"


def violations(page: Page) -> list[str]:
    """What axe-core finds now, a line for each place."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    answer = AXE.run(page, options=options).response
    return [
        f"{rule['id']}: {node['html'][:200]} – {node.get('failureSummary', '')}"
        for rule in answer["violations"]
        for node in rule["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """What stands out of a window of 320 px (a screen at 400 % zoom), outside of named regions."""
    size = page.viewport_size
    page.set_viewport_size({"width": NARROWEST_PX, "height": 800})
    found: list[str] = page.evaluate(
        """(width) => {
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((e) => !e.closest("[role=region]"))
            .filter((e) => e.getBoundingClientRect().right > width + 1)
            .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5)
            .concat(`scrolls to ${document.documentElement.scrollWidth} px`);
        }""",
        NARROWEST_PX,
    )
    if size:
        page.set_viewport_size(size)
    return found


def weight(page: Page, url: str) -> dict[str, int]:
    """Bytes of a page and of all that it loads, by address, as they come over the wire."""
    loaded: dict[str, int] = {}

    def note(request: Request) -> None:
        # What comes from the browser's own store counts for nothing.
        loaded[request.url] = max(0, request.sizes()["responseBodySize"])

    page.on("requestfinished", note)
    page.goto(url, wait_until="networkidle")
    page.remove_listener("requestfinished", note)
    return loaded
